"""The scores of one number of clusters, and what those of all numbers share."""

import threading
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
from imgcluster.grouping.silhouette import SilhouetteDistances
from imgcluster.grouping.ward_kmeans import (
    KMeansFit,
    WardTree,
    fit_kmeans,
    ward_tree,
)
from imgcluster.progress import raise_if_cancelled
from imgcluster.threads import one_thread

__all__ = [
    "GAP_ROWS",
    "MAX_SILHOUETTES",
    "STABILITY_ROWS",
    "KScore",
    "ScanData",
    "prepare_scan",
    "score_k",
    "score_one",
]

# Rows of the gap statistic and its references, and of the data whose halves are compared.
GAP_ROWS, STABILITY_ROWS, _N_SPLITS = 1000, 1000, 5

# References that silhouettes are computed of at most: their mean hardly changes with more.
MAX_SILHOUETTES = 10

_lock = threading.Lock()
_prepared: dict[tuple[str, int, int], "ScanData"] = {}  # of one space: what all k share takes longer than one k


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
class _Reference:
    """Rows without clusters, and the distances for their silhouettes where those are wanted."""

    tree: WardTree
    distances: SilhouetteDistances | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanData:
    """What the scores of all k share.

    Attributes
    ----------
    points : ndarray, shape (n_images, n_dims), float64
        The space.
    distances : SilhouetteDistances
        Of ``points``, for their silhouettes.
    gap_sample : WardTree
        Of the points that the gap statistic is computed of: all of them, or 1,000 drawn at random.
    boxes : tuple of _Reference, length n_references
        Drawn in the box of ``gap_sample``, each of as many rows as that; with distances for silhouettes where there are
        no chains, in the first 10.
    chains : tuple of _Reference, length min(n_references, 10) or 0
        With distances for silhouettes; empty where there were no ``column_scales``.
    stability_sample : ndarray, shape (min(n_images, 1000), n_dims), float64
        The points that are given to clusters of their halves.
    halves : tuple of (WardTree, WardTree), length 5
        Two random halves of ``stability_sample``, (m + 1) // 2 and m // 2 of its m rows; twice the same where m is 1.
    """

    points: np.ndarray
    distances: SilhouetteDistances
    gap_sample: WardTree
    boxes: tuple[_Reference, ...]
    chains: tuple[_Reference, ...]
    stability_sample: np.ndarray
    halves: tuple[tuple[WardTree, WardTree], ...]


def prepare_scan(
    points: np.ndarray,
    column_scales: np.ndarray | None,
    n_references: int,
    random_state: int,
    cancel: threading.Event | None,
) -> ScanData:
    """Work out what the scores of all k need.

    Parameters
    ----------
    points : ndarray, shape (n_images, n_dims), float64
        The space, as `~imgcluster.choosing.scan.scan_k` takes it as ``coordinates``; at least one row.
    column_scales : ndarray, shape (n_dims,), or None
        As there: None for silhouettes of references in a box in place of a chain.
    n_references : int
        From 1 to 50.
    random_state : int
        Seeds the samples, the references and the halves.
    cancel : threading.Event or None
        See `imgcluster.progress`; looked at before each reference and each pair of halves.

    Returns
    -------
    ScanData

    Raises
    ------
    Cancelled
    """
    generator = np.random.default_rng(random_state)
    gap_rows = _sample(points, GAP_ROWS, generator)
    stability_rows = _sample(points, STABILITY_ROWS, generator)
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
    return ScanData(
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


def score_k(data: ScanData, labels: np.ndarray, k: int) -> KScore:
    """Return the scores of one k.

    Parameters
    ----------
    data : ScanData
    labels : ndarray, shape (n_images,)
        The clustering at this k: 0 to k - 1.
    k : int
        From 1 to n_images.

    Returns
    -------
    KScore
        nan where a score is not defined: nearly all of them at k = 1, and those of references and samples that have
        fewer different rows than k.

    Raises
    ------
    ValueError
        ``labels`` are not as many as the points.
    """
    from sklearn import config_context

    plain = config_context(assume_finite=True, skip_parameter_validation=True)
    with one_thread(), plain:  # hundreds of small calls
        return _scores(data, labels, k)


def _scores(data: ScanData, labels: np.ndarray, k: int) -> KScore:
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


def score_one(
    coordinates: np.ndarray,
    column_scales: np.ndarray | None,
    n_references: int,
    random_state: int,
    fingerprint: str,
    labels: np.ndarray,
    k: int,
) -> KScore:
    """Return the scores of one k, the same that `~imgcluster.choosing.scan.scan_k` finds for it.

    What all k share is worked out for the first, and kept by this process until another space comes.

    Parameters
    ----------
    coordinates, column_scales, n_references, random_state
        See `~imgcluster.choosing.scan.scan_k`.
    fingerprint : str
        Stands for ``coordinates`` and ``column_scales``.
    labels : ndarray, shape (n_images,)
        The clustering at this k.
    k : int

    Returns
    -------
    KScore
    """
    key = (fingerprint, n_references, random_state)
    with _lock:
        if key not in _prepared:
            points = np.asarray(coordinates, dtype=np.float64)
            data = prepare_scan(points, column_scales, n_references, random_state, None)
            _prepared.clear()
            _prepared[key] = data
        data = _prepared[key]
    return score_k(data, labels, k)
