"""The files that faces are called: after their photo, in a folder like its own, and no two alike."""

import itertools
import re
from collections.abc import Iterable
from pathlib import PurePosixPath

__all__ = ["CropNames", "safe_name"]

# What some system does not take in a file's name, and names that Windows keeps for itself.
_UNSAFE = re.compile(r'[<>:"\\|?*\x00-\x1f\x7f]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_MOST_BYTES = 180  # of a name; systems take 255, and "-face12.jpg" is added


class CropNames:
    """Gives every face a path of its own.

    Parameters
    ----------
    photos : iterable of str
        The shown paths of all photos of the collection: the names of their folders are taken.
    """

    def __init__(self, photos: Iterable[str]) -> None:
        self._taken: set[str] = set()
        for photo in photos:
            self._taken.update(str(parent).casefold() for parent in _safe_path(photo).parents)

    def name(self, photo: str, number: int) -> str:
        """Return where the ``number``-th face of a photo is kept, relative, with "/", such as "2019/anna-face1.jpg"."""
        path = _safe_path(photo)
        # With its ending where two photos differ in that alone.
        others = (f"{path.name} ({copy})" for copy in itertools.count(2))
        for stem in itertools.chain((path.stem, path.name), others):
            name = str(path.with_name(f"{stem}-face{number}.jpg"))
            if name.casefold() not in self._taken:
                break
        self._taken.add(name.casefold())
        return name


def safe_name(name: str) -> str:
    """Return a name that every system takes for a file, and that is not hidden."""
    name = _UNSAFE.sub("_", name).rstrip(". ")
    name = name.encode()[:_MOST_BYTES].decode(errors="ignore").strip()
    return f"_{name}" if not name or name.startswith(".") or _RESERVED.fullmatch(name) else name


def _safe_path(path: str) -> PurePosixPath:
    parts = [part for part in path.split("/") if part not in ("", ".", "..")]
    return PurePosixPath(*map(safe_name, parts or ["photo"]))
