"""The clusters as a person sees them: with numbers that stay, names, and locks."""

import re
from dataclasses import dataclass

import numpy as np

from imgcluster.errors import ParameterError

__all__ = ["NO_GROUP", "Groups", "groups_of", "is_unnamed_title"]

NO_GROUP = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """Which image is in which group, what the groups are called, and which of them nothing may change.

    Attributes
    ----------
    labels : ndarray, shape (n_images,), int32
        0 to n_groups - 1, none of them unused; -1 is in no group.
    numbers : tuple of int, length n_groups
        What a group is known by: its colour, and its name where it has none of its own. Unlike a label, it stays when
        other groups come or go.
    names : tuple of str, length n_groups
        As the person named them, no two the same; empty where they did not.
    locked : tuple of bool, length n_groups
        Whether a group is to stay as it is.
    hidden_below : int
        Groups with fewer images are not shown; 0 shows all.
    """

    labels: np.ndarray
    numbers: tuple[int, ...]
    names: tuple[str, ...]
    locked: tuple[bool, ...]
    hidden_below: int = 0

    def __post_init__(self) -> None:
        self.labels.setflags(write=False)

    @property
    def n_groups(self) -> int:
        """Number of groups; "no group" is none."""
        return len(self.numbers)

    @property
    def sizes(self) -> np.ndarray:
        """Images in each group, shape (n_groups,), int64."""
        return np.bincount(self.labels[self.labels >= 0], minlength=self.n_groups)

    def title(self, label: int) -> str:
        """Return the name of a group, or what it is called without one: "Group 3"; "No group" for -1."""
        if label == NO_GROUP:
            return "No group"
        return self.names[label] or f"Group {self.numbers[label] + 1}"

    def members(self, label: int) -> np.ndarray:
        """Return the indices of a group's images, ascending."""
        return np.flatnonzero(self.labels == label)

    def is_member_of(self, members: np.ndarray) -> int | None:
        """Return the label of the group that these images are, or nearly: None where no group is it.

        No image is to be among them twice. It is the group which shares more than half of all images that are in one of
        the two (Jaccard 1901); there is at most one.
        """
        inside = self.labels[members]
        inside = inside[inside >= 0]
        if len(inside) == 0:
            return None
        shared = np.bincount(inside, minlength=self.n_groups)
        label = int(shared.argmax())
        either = len(members) + np.count_nonzero(self.labels == label) - int(shared[label])
        return label if 2 * shared[label] > either else None


def is_unnamed_title(name: str) -> bool:
    """Return whether this is what a group without a name is called, now or after other changes: no name can be it."""
    return re.fullmatch("no group|group [0-9]+", name.casefold()) is not None


def groups_of(labels: np.ndarray) -> Groups:
    """Return the groups that a method found, before anybody changed anything.

    Parameters
    ----------
    labels : ndarray of int, shape (n_images,)
        0 to k - 1, none of them unused; -1 is noise.

    Raises
    ------
    ParameterError
        When a number between is not used.
    """
    labels = np.array(labels, dtype=np.int32)
    n_groups = int(labels.max(initial=-1)) + 1
    unused = np.flatnonzero(np.bincount(labels[labels >= 0], minlength=n_groups) == 0)
    if len(unused) or labels.min(initial=0) < NO_GROUP:
        raise ParameterError(f"The labels should go from 0 to {n_groups - 1} without a gap, with -1 for no group.")
    return Groups(labels=labels, numbers=tuple(range(n_groups)), names=("",) * n_groups, locked=(False,) * n_groups)
