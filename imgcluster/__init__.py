"""imgcluster: find the groups in a folder of pictures."""

__version__ = "0.1.0"
