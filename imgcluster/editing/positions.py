"""Edits whose images have other positions now, or are not there."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from imgcluster.editing.edits import Edit, Hide, Images, Lock, Merge, Move, Rename, Split

__all__ = ["GONE", "images_of_edit", "renumbered"]

GONE = -1
"""The position of an image that is not there."""


def images_of_edit(edit: Edit) -> Iterator[Sequence[int]]:
    """Yield the images that an edit is about, one tuple of them after the other."""
    match edit:
        case Rename(group=group) | Lock(group=group):
            yield group
        case Merge(groups=groups):
            yield from groups
        case Split(group=group, parts=parts):
            yield group
            yield from parts
        case Move(images=images, target=target):
            yield images
            if isinstance(target, tuple):
                yield target


def renumbered(edit: Edit, positions: np.ndarray) -> Edit | None:
    """Return an edit with its images at other positions; None where nothing is left that it could be done to.

    Images that are gone leave the edit. Nothing is left of a name or a lock without a picture, of a union of which one
    group is left, of a division of which one part is. Pictures that were moved to a group of which none is left are
    that group now: they are moved to a new one.

    Parameters
    ----------
    edit : Edit
    positions : ndarray, shape (n_old,), int
        Where each image is now; `GONE` where it is not.
    """

    def now(images: Images) -> Images | None:
        """Return where images are, None where there were some and are no more."""
        moved = positions[np.asarray(images, dtype=np.intp)]
        left = tuple(moved[moved != GONE].tolist())
        return left if left or not images else None

    match edit:
        case Rename(group=group) | Lock(group=group):
            return None if (left := now(group)) is None else replace(edit, group=left)
        case Merge(groups=groups):
            left = tuple(there for group in groups if (there := now(group)) is not None)
            return Merge(groups=left) if len(left) > 1 or len(left) == len(groups) else None
        case Split(group=group, parts=parts):
            left = tuple(there for part in parts if (there := now(part)) is not None)
            whole, n_left, n_parts = now(group), sum(map(bool, left)), sum(map(bool, parts))
            return None if whole is None or n_left < min(2, n_parts) else Split(group=whole, parts=left)
        case Move(images=images, target=target):
            if isinstance(target, tuple) and (target := now(target)) is None:
                target = "new"
            return None if (left := now(images)) is None else Move(images=left, target=target)
        case Hide():
            return edit
