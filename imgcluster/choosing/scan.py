"""Scores for every number of clusters: each k is fitted once, and that fit serves every score."""

import functools
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from imgcluster.choosing.references import chain_reference, uniform_reference
from imgcluster.choosing.scores import (
    agreement_of_halves,
    calinski_harabasz,
    davies_bouldin,
    inertia_and_distortion,
    log_dispersion,
)
from imgcluster.errors import ParameterError
from imgcluster.grouping.clustering import kmeans_series
from imgcluster.grouping.silhouette import SilhouetteDistances
from imgcluster.grouping.ward_kmeans import KMeansFit, WardTree, count_distinct, fit_kmeans, one_thread, ward_tree
from imgcluster.progress import raise_if_cancelled

__all__ = ["MAX_REFERENCES", "MAX_SILHOUETTES", "KScan", "KScore", "estimate_seconds", "scan_k"]

MAX_REFERENCES = 50

# Rows of the gap statistic and its references, and of the data whose halves are compared.
_GAP_ROWS, _STABILITY_ROWS, _N_SPLITS = 1000, 1000, 5

# References that silhouettes are computed of at most: their mean hardly changes with more.
MAX_SILHOUETTES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class KScore:
    """The scores of one k; nan where one is not defined.

    Attributes
    ----------
    k : int
    inertia : float
        Sum of squared distances to the own centre.
    distortion : float
        Mean distance to the own centre.
    silhouette : float
        Mean over the images, in [-1, 1].
    silhouette_samples : ndarray, shape (n_images,), float32
        In [-1, 1].
    silhouette_reference, silhouette_reference_std : float
        Mean and standard deviation of the mean silhouette over references without clusters.
    gap, gap_error : float
        Tibshirani, Walther & Hastie 2001: the mean of log W_k over the references minus that of the data, and s_k.
    davies_bouldin, calinski_harabasz : float
        0 or more; small is good in the one, large in the other.
    stability, stability_std : float
        Mean and standard deviation of the adjusted Rand index of the clusters that two random halves give to all.
    """

    k: int
    inertia: float
    distortion: float
    silhouette: float
    silhouette_samples: np.ndarray
    silhouette_reference: float
    silhouette_reference_std: float
    gap: float
    gap_error: float
    davies_bouldin: float
    calinski_harabasz: float
    stability: float
    stability_std: float

    def __post_init__(self) -> None:
        self.silhouette_samples.setflags(write=False)


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
    against one beyond 6,324.
    """
    points = np.asarray(coordinates, dtype=np.float64)
    ks = _checked(ks, len(points), n_references)
    if series is None:
        series = kmeans_series(points, ks[-1], random_state=random_state, cancel=cancel)
    if len(series) < ks[-1]:
        raise ParameterError(f"{ks[-1]} groups are to be tried, and the series ends at {len(series)}.")

    @functools.cache
    def data() -> _Data:
        return _prepare(points, column_scales, n_references, random_state, cancel)

    def compute(k: int) -> KScore:
        return _score(data(), series[k - 1], k)

    n_images, n_distinct, scores = len(points), count_distinct(points), []
    for k in ks:  # one after the other: the parts are so small that threads would wait for each other
        raise_if_cancelled(cancel)
        scores.append(remember(k, functools.partial(compute, k)) if remember else compute(k))
        scan = KScan(
            scores=tuple(scores),
            labels=series[np.array(ks[: len(scores)]) - 1],
            n_distinct=n_distinct,
            n_silhouette=SilhouetteDistances.size_of_reference(n_images),
            n_gap=min(n_images, _GAP_ROWS),
            n_stability=min(n_images, _STABILITY_ROWS),
            n_references=n_references,
            reference="box" if column_scales is None else "chain",
            n_dims=points.shape[1],
        )
        if callback is not None:
            callback(scan)
    return scan


def estimate_seconds(n_images: int, n_ks: int, n_references: int = 10) -> float:
    """Return about how long a scan takes, in seconds, as measured on two cores (docs/benchmarks.md)."""
    return 0.5 + n_ks * (0.03 + 0.008 * n_references * min(1, n_images / _GAP_ROWS) + 2e-6 * n_images)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reference:
    """Rows without clusters, and the distances for their silhouettes where those are wanted."""

    tree: WardTree
    distances: SilhouetteDistances | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Data:
    """What all k share."""

    points: np.ndarray
    distances: SilhouetteDistances
    gap_sample: WardTree
    boxes: tuple[_Reference, ...]
    chains: tuple[_Reference, ...]
    stability_sample: np.ndarray
    halves: tuple[tuple[WardTree, WardTree], ...]


def _prepare(
    points: np.ndarray,
    column_scales: np.ndarray | None,
    n_references: int,
    random_state: int,
    cancel: threading.Event | None,
) -> _Data:
    generator = np.random.default_rng(random_state)
    gap_rows = _sample(points, _GAP_ROWS, generator)
    stability_rows = _sample(points, _STABILITY_ROWS, generator)
    boxes, chains = [], []
    for number in range(n_references):
        raise_if_cancelled(cancel)
        wanted = number < MAX_SILHOUETTES
        box = uniform_reference(gap_rows, generator)
        distances = SilhouetteDistances(box) if wanted and column_scales is None else None
        boxes.append(_Reference(tree=ward_tree(box), distances=distances))
        if wanted and column_scales is not None:
            chain = chain_reference(len(gap_rows), column_scales, generator)
            chains.append(_Reference(tree=ward_tree(chain), distances=SilhouetteDistances(chain)))
    halves = []
    for _ in range(_N_SPLITS):
        raise_if_cancelled(cancel)
        first, second = np.array_split(generator.permutation(stability_rows), 2)
        halves.append((ward_tree(first), ward_tree(second if len(second) else first)))
    return _Data(
        points=points,
        distances=SilhouetteDistances(points, random_state=random_state),
        gap_sample=ward_tree(gap_rows),
        boxes=tuple(boxes),
        chains=tuple(chains),
        stability_sample=stability_rows,
        halves=tuple(halves),
    )


def _sample(points: np.ndarray, n_rows: int, generator: np.random.Generator) -> np.ndarray:
    if len(points) <= n_rows:
        return points
    return points[np.sort(generator.choice(len(points), n_rows, replace=False))]


def _score(data: _Data, labels: np.ndarray, k: int) -> KScore:
    from sklearn import config_context

    with one_thread(), config_context(assume_finite=True, skip_parameter_validation=True):  # hundreds of small calls
        return _scores(data, labels, k)


def _scores(data: _Data, labels: np.ndarray, k: int) -> KScore:
    inertia, distortion = inertia_and_distortion(data.points, labels)
    samples, several = data.distances.samples(labels), labels.max() > 0
    references = np.array([_reference_scores(reference, k) for reference in (*data.boxes, *data.chains)])
    log_w = references[: len(data.boxes), 0]
    silhouettes = references[-len(data.chains) :, 1] if data.chains else references[:MAX_SILHOUETTES, 1]
    stability = agreement_of_halves(data.stability_sample, data.halves, k)
    return KScore(
        k=k,
        inertia=inertia,
        distortion=distortion,
        silhouette=float(samples.mean()) if several else np.nan,
        silhouette_samples=samples,
        silhouette_reference=float(silhouettes.mean()) if several else np.nan,
        silhouette_reference_std=float(silhouettes.std()) if several else np.nan,
        gap=float(log_w.mean() - _log_w_of_data(data.gap_sample, k)),
        gap_error=float(log_w.std() * np.sqrt(1 + 1 / len(log_w))),
        davies_bouldin=davies_bouldin(data.points, labels),
        calinski_harabasz=calinski_harabasz(data.points, labels),
        stability=float(stability.mean()) if several else np.nan,
        stability_std=float(stability.std()) if several else np.nan,
    )


def _reference_scores(reference: _Reference, k: int) -> tuple[float, float]:
    """Return log W_k and the mean silhouette of one reference, from one fit."""
    if k > reference.tree.n_distinct:
        return np.nan, np.nan
    fit = fit_kmeans(reference.tree.rows, k, reference.tree)
    silhouette = float(reference.distances.samples(fit.labels).mean()) if reference.distances else np.nan
    return _log_w(reference.tree, fit), silhouette


def _log_w_of_data(sample: WardTree, k: int) -> float:
    return _log_w(sample, fit_kmeans(sample.rows, k, sample)) if k < sample.n_distinct else np.nan


def _log_w(tree: WardTree, fit: KMeansFit) -> float:
    """Return log W_k, nan where every different row is a cluster of its own."""
    return log_dispersion(tree.rows, fit.inertia) if len(fit.centers) < tree.n_distinct else np.nan
