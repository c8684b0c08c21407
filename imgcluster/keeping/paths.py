"""Where this program keeps its own files: the user's cache directory, never beside the pictures."""

import os
from pathlib import Path

import platformdirs

__all__ = ["cache_directory"]


def cache_directory() -> Path:
    """Return the directory for stores and caches, made when it is missing.

    The environment variable ``IMGCLUSTER_CACHE`` overrides the platform's usual place.
    """
    chosen = os.environ.get("IMGCLUSTER_CACHE")
    path = Path(chosen) if chosen else Path(platformdirs.user_cache_dir("imgcluster", appauthor=False))
    path.mkdir(parents=True, exist_ok=True)
    return path
