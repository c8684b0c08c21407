"""Names from what cameras write into files: a day, a month, a camera."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from imgcluster.naming.evidence import Evidence, explained_groups
from imgcluster.pictures.collection import ImageFile
from imgcluster.pictures.opening import ImageOrigin, image_origin
from imgcluster.progress import Progress, ProgressCallback, raise_if_cancelled

__all__ = ["Origins", "camera_evidence", "date_evidence", "read_origins"]

_PER_GROUP, _AT_MOST = 30, 3_000  # files that are opened
_FEWEST = 3  # dated images: a day is no name for two

_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September", "October"),
    *("November", "December"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Origins:
    """When and by what a sample of the images was taken.

    Attributes
    ----------
    images : ndarray, shape (n_sampled,), int64
        Ascending.
    origins : tuple of ImageOrigin, length n_sampled
    weights : ndarray, shape (n_sampled,), float64
        For how many images of its group each one stands.
    """

    images: np.ndarray
    origins: tuple[ImageOrigin, ...]
    weights: np.ndarray


def read_origins(
    images: Sequence[ImageFile],
    labels: np.ndarray,
    *,
    per_group: int = _PER_GROUP,
    progress: ProgressCallback | None = None,
    cancel: threading.Event | None = None,
) -> Origins:
    """Read the beginnings of up to 30 files of each group (and of those in none), evenly spread, 3,000 at most in all.

    With more than 1,000 groups these are 3 of each of the 500 largest, and of all others together the rest.

    Raises
    ------
    Cancelled
    """
    labels = np.asarray(labels)
    chosen, weights = [np.empty(0, dtype=np.int64)], [np.empty(0)]
    for members, n_chosen in _shares(labels, per_group):
        chosen.append(members[np.arange(n_chosen) * len(members) // n_chosen])
        weights.append(np.full(n_chosen, len(members) / n_chosen))
    index, weight = np.concatenate(chosen), np.concatenate(weights)
    order = np.argsort(index)
    origins = []
    for number, image in enumerate(index[order].tolist()):
        raise_if_cancelled(cancel)
        origins.append(image_origin(images[image]))
        if progress is not None:
            progress(Progress(stage="Looking for dates and cameras", done=number + 1, total=len(index)))
    return Origins(images=index[order], origins=tuple(origins), weights=weight[order])


def _shares(labels: np.ndarray, per_group: int) -> Iterator[tuple[np.ndarray, int]]:
    """Yield the images of each group, or of many small ones together, and how many of them are looked at."""
    used, sizes = np.unique(labels, return_counts=True)
    each = max(_FEWEST, min(per_group, _AT_MOST // max(1, len(used))))
    rest, n_left = np.empty(0, dtype=labels.dtype), _AT_MOST
    if each * len(used) > _AT_MOST:
        used, rest = np.split(used[np.argsort(-sizes, kind="stable")], [_AT_MOST // (2 * _FEWEST)])
    for label in used:
        members = np.flatnonzero(labels == label)
        n_chosen = min(each, len(members))
        n_left -= n_chosen
        yield members, n_chosen
    if len(rest):
        members = np.flatnonzero(np.isin(labels, rest))
        yield members, min(n_left, len(members))


def date_evidence(sample: Origins, labels: np.ndarray) -> dict[int, Evidence]:
    """Find the groups that were taken on one day, or else in one month, three months, or year.

    Seasons have no names here: it is summer in July on one half of the earth only.

    Returns
    -------
    dict of int to Evidence
        By label.
    """
    found: dict[int, Evidence] = {}
    for when, period in (("on", _day), ("in", _month), ("from", _quarter), ("in", _year)):
        for label, name, reason in _explained(
            sample, labels, lambda origin, of=period: origin.taken and of(origin.taken)
        ):
            found.setdefault(label, Evidence(names=(name,), source="date", reason=f"{reason} {when} {name}."))
    return found


def camera_evidence(sample: Origins, labels: np.ndarray) -> dict[int, Evidence]:
    """Find the groups that were taken with one camera, which took few of the others.

    Returns
    -------
    dict of int to Evidence
        By label.
    """
    return {
        label: Evidence(names=(name,), source="camera", reason=f"{reason} with this camera.")
        for label, name, reason in _explained(sample, labels, lambda origin: origin.camera or None)
    }


def _explained(
    sample: Origins, labels: np.ndarray, value_of: Callable[[ImageOrigin], str | None]
) -> list[tuple[int, str, str]]:
    """Return label, value and the beginning of the reason, for each group that is explained."""
    values = [value_of(origin) for origin in sample.origins]
    found = explained_groups(values, np.asarray(labels)[sample.images], sample.weights)
    return [
        (label, each.value, f"{each.n_inside:,} of {each.n_group:,} pictures looked at were taken")
        for label, each in found.items()
        if each.n_inside >= _FEWEST
    ]


def _day(taken: datetime) -> str:
    return f"{taken.day} {_month(taken)}"


def _month(taken: datetime) -> str:
    return f"{_MONTHS[taken.month - 1]} {taken.year}"


def _quarter(taken: datetime) -> str:
    """Return the three months that are one season: "June to August 2024"."""
    first = taken.month // 3 * 3 % 12 or 12
    year = taken.year - (taken.month < 3)
    until = f"{_MONTHS[(first + 1) % 12]} {year + (first == 12)}"
    return f"{_MONTHS[first - 1]} {f'{year} ' if first == 12 else ''}to {until}"


def _year(taken: datetime) -> str:
    return str(taken.year)
