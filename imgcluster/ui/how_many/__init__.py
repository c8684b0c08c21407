"""What the screen How many groups is made of."""
