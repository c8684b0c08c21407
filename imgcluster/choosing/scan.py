"""Scores for every number of clusters: each k is fitted once, and that fit serves every score."""

import functools
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from imgcluster.choosing.one_k import GAP_ROWS, STABILITY_ROWS, KScore, ScanData, prepare_scan, score_k
from imgcluster.errors import ParameterError
from imgcluster.grouping.clustering import kmeans_series
from imgcluster.grouping.silhouette import SilhouetteDistances
from imgcluster.grouping.ward_kmeans import count_distinct
from imgcluster.progress import raise_if_cancelled

__all__ = ["MAX_REFERENCES", "KScan", "estimate_seconds", "scan_k"]

MAX_REFERENCES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class KScan:
    """The scores of several k.

    Attributes
    ----------
    scores : tuple of KScore
        In the order of k, the first of them k = 1.
    labels : ndarray, shape (n_scores, n_images), int16
        The clustering at each k, with numbers that stay put.
    n_distinct : int
        Different images: more clusters than these cannot be.
    n_silhouette : int
        Images to which the distances for the silhouettes were measured: a sample where it is less than n_images.
    n_gap : int
        Images that the gap statistic was computed on.
    n_stability : int
        Images that were halved.
    n_references : int
        References without clusters.
    reference : {"box", "chain"}
        What the silhouettes are compared with: `uniform_reference` or `chain_reference`.
    n_dims : int
        Columns of the space.
    """

    scores: tuple[KScore, ...]
    labels: np.ndarray
    n_distinct: int
    n_silhouette: int
    n_gap: int
    n_stability: int
    n_references: int
    reference: str
    n_dims: int

    def __post_init__(self) -> None:
        self.labels.setflags(write=False)

    @property
    def n_images(self) -> int:
        """Number of images."""
        return self.labels.shape[1]

    @property
    def ks(self) -> np.ndarray:
        """The scanned numbers of clusters, shape (n_scores,)."""
        return np.array([score.k for score in self.scores])

    def curve(self, name: str) -> np.ndarray:
        """Return one score at every k, shape (n_scores,), float64; ``name`` is an attribute of `KScore`."""
        return np.array([getattr(score, name) for score in self.scores], dtype=np.float64)

    def at(self, k: int) -> KScore | None:
        """Return the scores of one k, None where it was not scanned."""
        return next((score for score in self.scores if score.k == k), None)


def scan_k(
    coordinates: np.ndarray,
    ks: Iterable[int],
    *,
    series: np.ndarray | None = None,
    column_scales: np.ndarray | None = None,
    n_references: int = 10,
    random_state: int = 0,
    remember: Callable[[int, Callable[[], KScore]], KScore] | None = None,
    callback: Callable[[KScan], None] | None = None,
    cancel: threading.Event | None = None,
) -> KScan:
    """Score clusterings into every number of clusters.

    Parameters
    ----------
    coordinates : ndarray, shape (n_images, n_dims)
        The space.
    ks : iterable of int
        From 1 to n_images; 1 is always scanned too, since the gap statistic needs it.
    series : ndarray of int16, shape (at least max(ks), n_images), optional
        What `~imgcluster.grouping.clustering.kmeans_series` returned; computed where it is missing.
    column_scales : ndarray, shape (n_dims,), optional
        Of a diffusion map, what its columns were multiplied with. The silhouettes are then compared with those of a
        chain (`chain_reference`) in place of those of a box (`uniform_reference`).
    n_references : int, default 10
        References without clusters, from 1 to 50.
    random_state : int, default 0
    remember : callable, optional
        ``remember(k, compute)`` returns the score of k, from where it was kept, or from ``compute()``.
    callback : callable, optional
        Called with all that is there after each k.
    cancel : threading.Event, optional
        See `imgcluster.progress`.

    Returns
    -------
    KScan

    Raises
    ------
    ParameterError
        When a k is not between 1 and n_images, ``n_references`` not between 1 and 50, or ``series`` too short.
    Cancelled
        What was finished went to ``callback`` and ``remember``.

    Notes
    -----
    Beyond 1,000 images the gap statistic and the stability are those of a random sample, silhouettes are measured
    against one beyond 6,324 (`SilhouetteDistances.error_of`).
    """
    points = np.asarray(coordinates, dtype=np.float64)
    ks = _checked(ks, len(points), n_references)
    if series is None:
        series = kmeans_series(points, ks[-1], random_state=random_state, cancel=cancel)
    if len(series) < ks[-1]:
        raise ParameterError(f"{ks[-1]} groups are to be tried, and the series ends at {len(series)}.")

    @functools.cache
    def data() -> ScanData:
        return prepare_scan(points, column_scales, n_references, random_state, cancel)

    def compute(k: int) -> KScore:
        return score_k(data(), series[k - 1], k)

    n_images, n_distinct, scores = len(points), count_distinct(points), []
    for k in ks:  # one after the other: the parts are so small that threads would wait for each other
        raise_if_cancelled(cancel)
        scores.append(remember(k, functools.partial(compute, k)) if remember else compute(k))
        scan = KScan(
            scores=tuple(scores),
            labels=series[np.array(ks[: len(scores)]) - 1],
            n_distinct=n_distinct,
            n_silhouette=SilhouetteDistances.size_of_reference(n_images),
            n_gap=min(n_images, GAP_ROWS),
            n_stability=min(n_images, STABILITY_ROWS),
            n_references=n_references,
            reference="box" if column_scales is None else "chain",
            n_dims=points.shape[1],
        )
        if callback is not None:
            callback(scan)
    return scan


def estimate_seconds(n_images: int, n_ks: int, n_references: int = 10) -> float:
    """Return about how long a scan takes, in seconds, as measured on two cores (docs/benchmarks.md)."""
    return 0.5 + n_ks * (0.03 + 0.008 * n_references * min(1, n_images / GAP_ROWS) + 2e-6 * n_images)


def _checked(ks: Iterable[int], n_images: int, n_references: int) -> list[int]:
    ks = sorted({1, *map(int, ks)})
    if ks[0] < 1 or ks[-1] > n_images:
        raise ParameterError(
            f"{ks[0] if ks[0] < 1 else ks[-1]} groups are to be tried, and there are {n_images} pictures.",
            hint=f"Choose numbers from 1 to {n_images}.",
        )
    if not 1 <= n_references <= MAX_REFERENCES:
        raise ParameterError(
            f"n_references={n_references} should be between 1 and {MAX_REFERENCES}.", hint="10 is enough in most cases."
        )
    return ks
