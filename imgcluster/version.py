"""The version of this package: part of the name of everything that is kept on disk."""

__all__ = ["__version__"]

__version__ = "0.7.0"
