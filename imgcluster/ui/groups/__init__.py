"""What the screen Groups is made of."""
