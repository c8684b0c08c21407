"""What the screen Tidy is made of."""
