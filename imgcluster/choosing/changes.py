"""What becomes of the clusters from one labeling to another of the same images, and how to say it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

__all__ = ["Change", "changes_between", "describe"]

_MIN_MOVED, _MIN_SHARE_MOVED = 2, 0.02
_MAX_SENTENCES, _MAX_LISTED = 3, 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Something that happened to clusters.

    Attributes
    ----------
    kind : {"split", "merge", "move"}
    before, after : tuple of int
        Labels, ascending. A split has one before and several after, a merge several before and one after, a move one
        of each, of which one may be -1, noise.
    n_images : int
        Images that went this way.
    """

    kind: Literal["split", "merge", "move"]
    before: tuple[int, ...]
    after: tuple[int, ...]
    n_images: int


def changes_between(before: np.ndarray, after: np.ndarray) -> tuple[Change, ...]:
    """Find what becomes of the clusters from one labeling to another.

    Parameters
    ----------
    before, after : ndarray of int, shape (n_images,)
        Labels of the same images that stay put: a cluster that is still there still has its number. -1 is noise.

    Returns
    -------
    tuple of Change
        The largest first. Of a cluster that is split, more than half lies in two or more clusters of which it makes up
        more than half each; a merge is the same the other way round. The images of other clusters that change their
        label are a move, where they are at least two and 2 % of the smaller of the two clusters.
    """
    old, old_index = np.unique(before, return_inverse=True)
    new, new_index = np.unique(after, return_inverse=True)
    table = np.zeros((len(old), len(new)), dtype=np.int64)
    np.add.at(table, (old_index, new_index), 1)
    old_sizes, new_sizes = table.sum(axis=1), table.sum(axis=0)
    clusters = (old[:, None] >= 0) & (new >= 0)  # noise is no cluster: it is neither split nor merged
    splits = _parts(table, clusters & (2 * table > new_sizes), old_sizes)
    merges = _parts(table.T, (clusters & (2 * table > old_sizes[:, None])).T, new_sizes).T

    changes = [_change("split", old[[row]], new[splits[row]], table[row, splits[row]]) for row in _any(splits)]
    changes += [
        _change("merge", old[merges[:, column]], new[[column]], table[merges[:, column], column])
        for column in _any(merges.T)
    ]
    smaller = np.minimum(old_sizes[:, None], new_sizes)
    moved = (old[:, None] != new) & ~splits & ~merges
    moved &= table >= np.maximum(_MIN_MOVED, _MIN_SHARE_MOVED * smaller)
    changes += [_change("move", old[[row]], new[[column]], table[row, column]) for row, column in np.argwhere(moved)]
    return tuple(sorted(changes, key=lambda change: -change.n_images))


def describe(changes: tuple[Change, ...], *, name: Callable[[int], str] = lambda label: f"group {label + 1}") -> str:
    """Say the changes in plain words, in three sentences at most.

    Parameters
    ----------
    changes : tuple of Change
        As `changes_between` returns them.
    name : callable, optional
        What to call the cluster of a label from 0 on; "group 1" and so on by default.
    """
    if not changes:
        return "Nothing changes."
    sentences = [_sentence(change, name) for change in changes[:_MAX_SENTENCES]]
    rest = ", and smaller changes." if len(changes) > _MAX_SENTENCES else "."
    return ". ".join(sentences) + rest


def _parts(table: np.ndarray, candidates: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Keep the candidates of those rows that have several, with more than half of the row in them."""
    enough = (candidates.sum(axis=1) > 1) & (2 * (table * candidates).sum(axis=1) > sizes)
    return candidates & enough[:, None]


def _any(mask: np.ndarray) -> np.ndarray:
    return np.flatnonzero(mask.any(axis=1))


def _change(kind: str, before: np.ndarray, after: np.ndarray, counts: np.ndarray) -> Change:
    return Change(kind=kind, before=tuple(before.tolist()), after=tuple(after.tolist()), n_images=int(np.sum(counts)))


def _sentence(change: Change, name: Callable[[int], str]) -> str:
    before, after = (
        [name(label) if label >= 0 else "no group" for label in labels] for labels in (change.before, change.after)
    )
    if change.kind == "split":
        text = f"{before[0]} splits into {_listed(_numbers(after) or after)}"
    elif change.kind == "merge":
        numbers = _numbers(before)
        plural = "groups " if numbers and len(numbers) <= _MAX_LISTED else ""
        text = f"{plural}{_listed(numbers or before)} become {after[0]}"
    else:
        text = f"{change.n_images:,} pictures go from {before[0]} to {after[0]}"
    return text[:1].upper() + text[1:]


def _numbers(names: list[str]) -> list[str]:
    """Return "4" for "group 4" and so on; nothing when one of them has a name of its own."""
    matches = [re.fullmatch(r"[Gg]roup (\d+)", name) for name in names]
    return [match[1] for match in matches if match] if all(matches) else []


def _listed(names: list[str]) -> str:
    if len(names) > _MAX_LISTED:
        return f"{len(names)} groups"
    return f"{', '.join(names[:-1])} and {names[-1]}"
