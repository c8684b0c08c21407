"""Why a group might be called so, whatever found it, and the measure of it: does something explain a group?"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

__all__ = ["Evidence", "Explained", "Source", "explained_groups"]

Source = Literal["folder", "files", "words", "date", "camera"]

LEAST_PURITY, LEAST_COVERAGE = 0.8, 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a group might be called, and why.

    Attributes
    ----------
    names : tuple of str
        The best first; longer ones follow, for the case that another group would be called the same.
    source : {"folder", "files", "words", "date", "camera"}
    reason : str
        One sentence with the numbers.
    """

    names: tuple[str, ...]
    source: Source
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A group nearly all of which has one value, and which has most of what has that value.

    Attributes
    ----------
    value : hashable
    n_inside : int
        Images of the group that have it.
    n_group : int
        Images of the group.
    """

    value: Hashable
    n_inside: int
    n_group: int


def explained_groups(
    values: Sequence[Hashable], labels: np.ndarray, weights: np.ndarray | None = None
) -> dict[int, Explained]:
    """Find the groups that a property of their images explains.

    That is where at least 80 % of the group have the same value, and at least 60 % of all images with this value are in
    the group. A value that all images have explains nothing.

    Parameters
    ----------
    values : sequence, length n_images
        A folder, a day, a camera; None where an image has none.
    labels : ndarray of int, shape (n_images,)
        -1 is in no group.
    weights : ndarray, shape (n_images,), optional
        For how many images each one stands, where they are a sample.

    Returns
    -------
    dict of int to Explained
        By label; numbers are those of the sample.
    """
    labels = np.asarray(labels)
    known = list(dict.fromkeys(value for value in values if value is not None))
    if not known or labels.max(initial=-1) < 0:
        return {}
    number = {value: index for index, value in enumerate(known)}
    columns = np.array([len(known) if value is None else number[value] for value in values])  # the last is for no value
    weights = np.ones(len(labels)) if weights is None else weights
    group_sizes = np.bincount(labels[labels >= 0])
    n_each, totals = np.bincount(columns), np.bincount(columns, weights)
    is_cell = (labels >= 0) & (columns < len(known))
    cells, cell_of = np.unique(labels[is_cell].astype(np.int64) * len(known) + columns[is_cell], return_inverse=True)
    counts, weighted = np.bincount(cell_of), np.bincount(cell_of, weights[is_cell])
    rows, values_of_cells = np.divmod(cells, len(known))
    order = np.lexsort((values_of_cells, -weighted, rows))  # the best of each group first
    found = {}
    for cell in order[np.unique(rows[order], return_index=True)[1]].tolist():
        label, value = int(rows[cell]), int(values_of_cells[cell])
        n_inside, n_group = int(counts[cell]), int(group_sizes[label])
        is_pure = n_inside >= LEAST_PURITY * n_group
        is_most = weighted[cell] >= LEAST_COVERAGE * totals[value]
        if is_pure and is_most and n_each[value] < len(labels):
            found[label] = Explained(value=known[value], n_inside=n_inside, n_group=n_group)
    return found
