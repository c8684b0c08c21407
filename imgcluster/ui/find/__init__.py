"""What the screen Find is made of."""
