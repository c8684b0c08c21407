"""What the screen Pictures is made of."""
