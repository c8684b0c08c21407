"""Extractors that are neural networks, and the reading of their weights."""
