"""The files that faces are called: after their photo, in a folder like its own, and no two alike."""

import itertools
from collections.abc import Iterable

from imgcluster.pictures.names import name_key, safe_path

__all__ = ["CropNames"]


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
            self._taken.update(name_key(parent) for parent in safe_path(photo).parents)

    def name(self, photo: str, number: int) -> str:
        """Return where the ``number``-th face of a photo is kept, relative, with "/", such as "2019/anna-face1.jpg"."""
        path = safe_path(photo)
        # With its ending where two photos differ in that alone.
        others = (f"{path.name} ({copy})" for copy in itertools.count(2))
        for stem in itertools.chain((path.stem, path.name), others):
            name = str(path.with_name(f"{stem}-face{number}.jpg"))
            if name_key(name) not in self._taken:
                break
        self._taken.add(name_key(name))
        return name
