"""Two clusterings of the same images: how the clusters of one fall into those of the other, and how to say it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from imgcluster.choosing.changes import Change, changes_between
from imgcluster.errors import ParameterError

__all__ = ["Comparison", "compare", "folder_labels", "in_words"]

# Of the adjusted Rand index. Steinley (2004) calls 0.9 excellent and less than 0.65 poor; 0 is what chance gives.
_CLOSE, _MOSTLY, _PARTLY = 0.9, 0.65, 0.1
_INSIDE = 0.95  # share of the images that lie with the others of their cluster in one cluster of the other
_MAX_CELLS = 4_000_000
_MAX_CHANGES, _MAX_LISTED, _MIN_TOLD = 2, 6, 0.01
_SIDES = ("the first", "the second")


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two clusterings side by side.

    Attributes
    ----------
    table : ndarray, shape (n_rows, n_columns), int64
        Images that are in this cluster of the first and in that of the second.
    row_labels, column_labels : ndarray of int32, shapes (n_rows,) and (n_columns,)
        Labels of the first and of the second, ascending; noise, -1, is last where there is any.
    matching : ndarray, shape (n_rows,), int32
        The column that is the counterpart of each row, -1 where there is none. At most one row has a given column, and
        of all such matchings it is one that most images agree with. Noise goes with noise alone.
    changed : ndarray, shape (n_changed,), intp
        Indices of the images that are not in the counterpart of their cluster, ascending.
    changes : tuple of Change
        What becomes of the clusters of the first in the second: ``before`` holds labels of the first, ``after`` labels
        of the second.
    ari : float
        Adjusted Rand index (Hubert and Arabie 1985): 1 for the same partition, about 0 for two that know nothing of
        each other, at worst -0.5.
    nmi : float
        Normalised mutual information (Strehl and Ghosh 2002, with the arithmetic mean), from 0 to 1; not adjusted for
        chance, so that it grows with the numbers of clusters. For both, each image of the noise stands alone.
    """

    table: np.ndarray
    row_labels: np.ndarray
    column_labels: np.ndarray
    matching: np.ndarray
    changed: np.ndarray
    changes: tuple[Change, ...]
    ari: float
    nmi: float

    def __post_init__(self) -> None:
        for array in (self.table, self.row_labels, self.column_labels, self.matching, self.changed):
            array.setflags(write=False)

    @property
    def n_images(self) -> int:
        """Number of images."""
        return int(self.table.sum())

    @property
    def agreement(self) -> float:
        """Share of the images that are in the counterpart of their cluster, from 0 to 1."""
        return 1 - len(self.changed) / self.n_images

    @property
    def percent(self) -> int:
        """The same in percent, rounded, but neither to all nor to nothing."""
        share = self.agreement
        return int(np.clip(round(100 * share), 0 if share == 0 else 1, 100 if share == 1 else 99))


def compare(first_labels: np.ndarray, second_labels: np.ndarray) -> Comparison:
    """Compare two clusterings of the same images; their numbers need not have anything to do with each other.

    Parameters
    ----------
    first_labels, second_labels : ndarray of int, shape (n_images,)
        -1 is noise.

    Returns
    -------
    Comparison
        Clusters are matched so that the most images stay (Kuhn 1955, the Hungarian method).

    Raises
    ------
    ParameterError
        When there are no images, not equally many labels, labels that are no whole numbers, or so many clusters that
        their table would have more than 4 million cells.
    """
    from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

    first, second = np.asarray(first_labels), np.asarray(second_labels)
    _check(first, second)
    row_labels, rows = _positions(first)
    column_labels, columns = _positions(second)
    if len(row_labels) * len(column_labels) > _MAX_CELLS:
        raise ParameterError(
            f"{len(row_labels):,} groups and {len(column_labels):,} groups are too many to compare.",
            hint="Compare groupings that have fewer groups, 2,000 each at most.",
        )
    table = np.zeros((len(row_labels), len(column_labels)), dtype=np.int64)
    np.add.at(table, (rows, columns), 1)
    matching = _match(table, row_labels, column_labels)
    singles = [_noise_alone(labels) for labels in (first, second)]
    return Comparison(
        table=table,
        row_labels=row_labels,
        column_labels=column_labels,
        matching=matching,
        changed=np.flatnonzero(matching[rows] != columns),
        changes=_changes(row_labels[rows], columns, column_labels, row_labels, matching),
        ari=float(adjusted_rand_score(*singles)),
        nmi=float(normalized_mutual_info_score(*singles)),
    )


def in_words(
    comparison: Comparison, *, first_names: Sequence[str] | None = None, second_names: Sequence[str] | None = None
) -> str:
    """Say in a few plain sentences how far two clusterings agree, and where they do not.

    Parameters
    ----------
    comparison : Comparison
    first_names, second_names : sequence of str, optional
        What the clusters of each are called, by label, such as names of folders; numbers by default.

    Returns
    -------
    str
        The verdict is that of the adjusted Rand index: from 0.9 on they agree closely, from 0.65 for the most part,
        from 0.1 in part, below hardly more than by chance. Where it is below 0.65, and 95 % of the images lie with the
        others of their cluster in one cluster of the other, that one divides them further, which is said instead. The
        share is that of the images in the counterpart of their cluster. The two largest changes follow, moves from 1 %
        of the images on, and how many images have a cluster in one alone.
    """
    alone = _where_one_has_no_groups(comparison)
    if alone:
        return alone
    if len(comparison.changed) == 0:
        return "Both have the same groups."
    sentences = [_verdict(comparison).format(f"{comparison.percent} % of the pictures")]
    told = [change for change in comparison.changes if _is_worth_a_word(change, comparison)]
    names = (first_names, second_names)
    sentences += [_sentence(change, names) for change in told[:_MAX_CHANGES]]
    sentences += _on_noise(comparison)
    return " ".join(sentences)


def folder_labels(paths: Sequence[str]) -> tuple[np.ndarray, tuple[str, ...]] | None:
    """Take the folders that images lie in for a clustering.

    Parameters
    ----------
    paths : sequence of str
        Relative, with "/", such as ``Collection.paths``.

    Returns
    -------
    tuple of (ndarray of int32, shape (n_images,); tuple of str), or None
        Labels, and the name of each folder in the order in which they first come. The folders are those of the topmost
        level that has more than one; images that lie above it are noise, -1. None where no level has more than one.
    """
    folders = [path.split("/")[:-1] for path in paths]
    for level in range(max(map(len, folders), default=0)):
        here = [parts[level] if len(parts) > level else None for parts in folders]
        number = {name: i for i, name in enumerate(dict.fromkeys(name for name in here if name is not None))}
        if len(number) > 1:
            return np.array([number.get(name, -1) for name in here], dtype=np.int32), tuple(number)
    return None


def _check(first: np.ndarray, second: np.ndarray) -> None:
    if first.shape != second.shape or first.ndim != 1:
        raise ParameterError(
            f"{first.size:,} and {second.size:,} pictures are not the same pictures.",
            hint="Compare two groupings of one collection.",
        )
    if len(first) == 0:
        raise ParameterError("There are 0 pictures, and it takes at least 1.", hint="Open a folder with pictures.")
    if first.dtype.kind not in "iu" or second.dtype.kind not in "iu":
        raise ParameterError(
            f"Groups are whole numbers, not {first.dtype} and {second.dtype}.", hint="Give each group a number."
        )


def _positions(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the different labels, noise last, and where each image's is among them."""
    different, positions = np.unique(labels, return_inverse=True)
    n_noise = int((different < 0).any())
    return np.roll(different, -n_noise).astype(np.int32), (positions - n_noise) % len(different)


def _noise_alone(labels: np.ndarray) -> np.ndarray:
    return np.where(labels < 0, int(labels.max()) + 1 + np.arange(len(labels)), labels)


def _match(table: np.ndarray, row_labels: np.ndarray, column_labels: np.ndarray) -> np.ndarray:
    from scipy.optimize import linear_sum_assignment

    n_rows, n_columns = int((row_labels >= 0).sum()), int((column_labels >= 0).sum())
    rows, columns = linear_sum_assignment(table[:n_rows, :n_columns], maximize=True)
    matching = np.full(len(row_labels), -1, dtype=np.int32)
    matching[rows] = np.where(table[rows, columns] > 0, columns, -1)  # nothing in common is no counterpart
    if n_rows < len(row_labels) and n_columns < len(column_labels):
        matching[-1] = n_columns if table[-1, -1] else -1
    return matching


def _changes(
    first: np.ndarray, columns: np.ndarray, column_labels: np.ndarray, row_labels: np.ndarray, matching: np.ndarray
) -> tuple[Change, ...]:
    """Find the changes as if the clusters of the second had the numbers of their counterparts in the first."""
    n_columns = int((column_labels >= 0).sum())
    number = np.full(len(column_labels), -1)
    number[:n_columns] = row_labels.max(initial=-1) + 1 + np.arange(n_columns)
    clusters = np.flatnonzero((matching >= 0) & (row_labels >= 0))
    number[matching[clusters]] = row_labels[clusters]
    label_of = dict(zip(number.tolist(), column_labels.tolist(), strict=True))
    return tuple(
        Change(
            kind=change.kind,
            before=change.before,
            after=tuple(sorted(label_of[label] for label in change.after)),
            n_images=change.n_images,
        )
        for change in changes_between(first, number[columns])
    )


def _where_one_has_no_groups(comparison: Comparison) -> str:
    """Return the sentence for a clustering that has one cluster or noise alone: there is nothing to measure."""
    sizes = [int((labels >= 0).sum()) for labels in (comparison.row_labels, comparison.column_labels)]
    trivial = [len(labels) == 1 for labels in (comparison.row_labels, comparison.column_labels)]
    if all(trivial) and sizes[0] == sizes[1]:
        return "Both put all pictures into one group." if sizes[0] else "Both leave every picture without a group."
    parts = [
        f"{side} {_one_or_none(size) if is_trivial else f'has {size:,} group' + 's' * (size > 1)}"
        for side, size, is_trivial in zip(_SIDES, sizes, trivial, strict=True)
    ]
    return f"{_capital(', '.join(parts))}." if any(trivial) else ""


def _one_or_none(size: int) -> str:
    return "puts all pictures into one group" if size else "leaves every picture without a group"


def _verdict(comparison: Comparison) -> str:
    n_rows, n_columns = (comparison.row_labels >= 0).sum(), (comparison.column_labels >= 0).sum()
    if comparison.ari >= _CLOSE:
        return "The two agree closely: on {}."
    if comparison.ari >= _MOSTLY:
        return "The two agree for the most part: on {}."
    if n_columns > n_rows and _inside(comparison.table[:, :n_columns]) >= _INSIDE:
        return "The second divides the groups of the first further: they agree on {}."
    if n_rows > n_columns and _inside(comparison.table[:n_rows].T) >= _INSIDE:
        return "The first divides the groups of the second further: they agree on {}."
    if comparison.ari >= _PARTLY:
        return "The two agree in part: on {}."
    return "The two agree on {}, hardly more than by chance."


def _inside(table: np.ndarray) -> float:
    """Return the share of the images of the columns' clusters that lie in the main row of their column."""
    return table.max(axis=0).sum() / table.sum()


def _is_worth_a_word(change: Change, comparison: Comparison) -> bool:
    """Return whether to tell a change: where chance rules, there is a move between any two clusters."""
    if -1 in (*change.before, *change.after):  # all of the noise has one sentence
        return False
    if change.kind != "move":
        return True
    return comparison.ari >= _PARTLY and change.n_images >= _MIN_TOLD * comparison.n_images


def _sentence(change: Change, names: tuple[Sequence[str] | None, Sequence[str] | None]) -> str:
    before, after = (
        _called(labels, side, known)
        for labels, side, known in zip((change.before, change.after), _SIDES, names, strict=True)
    )
    if change.kind == "split":
        text = f"{before} is divided into {after}"
    elif change.kind == "merge":
        text = f"{before} are together in {after}"
    else:
        pictures = "picture of" if change.n_images == 1 else "pictures of"
        text = f"{change.n_images:,} {pictures} {before} {'is' if change.n_images == 1 else 'are'} in {after}"
    return f"{_capital(text)}."


def _called(labels: Sequence[int], side: str, names: Sequence[str] | None) -> str:
    if len(labels) > _MAX_LISTED:
        return f"{len(labels)} groups of {side}"
    known = [f"Group {label + 1}" if names is None else names[label] for label in labels]
    numbers = [number[1] for number in (re.fullmatch(r"[Gg]roup (\d+)", name) for name in known) if number]
    if not numbers:
        return _listed([f"“{name}”" for name in known])
    if len(numbers) < len(known):
        return f"{_listed([f'“{name}”' for name in known])} of {side}"
    return f"group{'s' * (len(numbers) > 1)} {_listed(numbers)} of {side}"


def _listed(words: list[str]) -> str:
    return " and ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)


def _on_noise(comparison: Comparison) -> list[str]:
    def only_in(table: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> int:
        return int(table[np.ix_(rows >= 0, columns < 0)].sum())

    counts = (
        only_in(comparison.table, comparison.row_labels, comparison.column_labels),
        only_in(comparison.table.T, comparison.column_labels, comparison.row_labels),
    )
    return [
        f"{n:,} picture{' has' if n == 1 else 's have'} a group in {here} and none in {there}."
        for n, here, there in zip(counts, _SIDES, reversed(_SIDES), strict=True)
        if n
    ]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
