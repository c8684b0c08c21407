"""What the screen Tree is made of."""
