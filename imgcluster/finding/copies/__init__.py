"""Copies of the same picture, in whatever file."""
