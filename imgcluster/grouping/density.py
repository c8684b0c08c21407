"""Clusters as places where images lie close together, with empty space between them: DBSCAN and HDBSCAN.

Both leave images in no cluster (noise, -1) and find the number of clusters themselves. What they need instead has an
automatic value, which was chosen on pictures and digits in their spaces, whole, thinned, and with unequal classes.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from imgcluster.grouping.checking import checked_points
from imgcluster.grouping.clustering import Clustering, make_clustering, number_by_size
from imgcluster.grouping.reach import count_neighbors, evenly_spread, k_distances, nearest_among
from imgcluster.grouping.trees.micro import micro_clusters

__all__ = [
    "MAX_HDBSCAN",
    "MAX_NEIGHBORS",
    "KDistances",
    "assign_noise",
    "dbscan",
    "hdbscan",
    "noise_advice",
    "propose_eps",
    "propose_min_cluster_size",
    "propose_min_samples",
]

# Pairs of neighbours that DBSCAN may hold: 400 MB.
MAX_NEIGHBORS = 50_000_000

# Images of an exact HDBSCAN in 20 dimensions, which takes 10 s on 30,000 pictures and 35 s where nothing is clustered;
# in more dimensions as many as cost the same.
MAX_HDBSCAN, _USUAL_DIMS = 30_000, 20

# The rest of the k-distance curve belongs to outliers: the farthest of them would draw the knee to its end. At most so
# many points of the curve are looked at; with tens of thousands its smallest wiggles would count as bends.
_SHARE_WITHOUT_OUTLIERS, _MAX_CURVE_POINTS = 0.98, 1000

# Images within reach where the curve has no knee.
_SHARE_WITHIN_REACH = 0.95

# Of the extent of the data; what is nearer is the same place.
_SAME_PLACE = 1e-3

_LARGEST_MIN_CLUSTER = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class KDistances:
    """How far images have to look for their neighbours, and the distance for DBSCAN that follows from it.

    Attributes
    ----------
    curve : ndarray, shape (n_images,), float64
        Distance of each image to its ``min_samples``-th nearest, itself counted, in rising order.
    eps : float
        The proposed distance, above 0.
    knee : float or None
        The distance at which the curve turns upwards, where ``eps`` is taken from; None where it does not.
    """

    curve: np.ndarray
    eps: float
    knee: float | None

    def __post_init__(self) -> None:
        self.curve.setflags(write=False)


def propose_min_samples(n_images: int) -> int:
    """Return how many images, itself counted, should be near one that lies inside a cluster: ln n, at least 2.

    The rule of Birant & Kut (2007, "ST-DBSCAN"). That of Sander et al. (1998), twice the number of dimensions, is 40 in
    the 20 dimensions of a space, which may be all pictures of a kind there are: one cluster or none was left of most
    of our sets. In two dimensions it gives 4, and of thousands of points many have so many neighbours by chance.
    """
    return max(2, round(math.log(max(1, n_images))))


def propose_min_cluster_size(n_images: int) -> int:
    """Return the size below which a group of look-alikes is not called a cluster: 3/4 of the root of n, from 2 to 100.

    From half the root to the root itself results are alike; above, small classes are lost. Below, large ones crumble.
    """
    return min(_LARGEST_MIN_CLUSTER, max(2, round(0.75 * math.sqrt(n_images))))


def propose_eps(coordinates: np.ndarray, *, min_samples: int | None = None) -> KDistances:
    """Propose the distance for `dbscan` from the knee of the k-distance curve (Ester et al. 1996).

    The knee is where the curve bends upwards, away from the line between its ends (Satopaa et al. 2011, "Kneedle"),
    looked for among the 98 % of the images that lie closest. Where there is none, 95 % of the images are within reach.

    Parameters
    ----------
    coordinates : ndarray, shape (n_images, n_dims)
    min_samples : int, optional
        `propose_min_samples` by default.

    Returns
    -------
    KDistances

    Raises
    ------
    ParameterError
        When there are no rows, or a value is not finite.
    """
    points = checked_points(coordinates)
    curve = k_distances(points, min_samples or propose_min_samples(len(points)))
    smallest = _SAME_PLACE * (float(np.sqrt(points.var(axis=0).sum())) or 1.0)
    n_points = math.ceil(_SHARE_WITHOUT_OUTLIERS * len(curve))
    knee = _knee(curve[evenly_spread(n_points, _MAX_CURVE_POINTS)])
    if knee is not None and knee > smallest:
        return KDistances(curve=curve, eps=knee, knee=knee)
    eps = max(float(np.quantile(curve, _SHARE_WITHIN_REACH)), smallest)
    return KDistances(curve=curve, eps=eps, knee=None)


def dbscan(
    coordinates: np.ndarray,
    *,
    eps: float | None = None,
    min_samples: int | None = None,
    max_neighbors: int = MAX_NEIGHBORS,
    random_state: int = 0,
) -> Clustering:
    """Join all images that a chain of close neighbours connects (Ester et al. 1996), by scikit-learn.

    Parameters
    ----------
    coordinates : ndarray, shape (n_images, n_dims)
        The space.
    eps : float, optional
        Images at most so far apart are neighbours; above 0. `propose_eps` by default.
    min_samples : int, optional
        An image with so many neighbours, itself counted, is inside a cluster, and its neighbours are in the same one.
        `propose_min_samples` by default.
    max_neighbors : int, default 50,000,000
        Where there would be more pairs of neighbours (counted on 500 images), some 2,000 heaps of much alike images are
        clustered in place of the images, each with its weight, and a note says so.
    random_state : int, default 0
        Seeds the heaps.

    Returns
    -------
    Clustering
        -1 is noise; cluster 0 is the largest. ``parameters`` are ``eps`` and ``min_samples`` as they were used.

    Raises
    ------
    ParameterError
        When there are no rows, or a value is not finite.
    """
    from sklearn.cluster import DBSCAN

    points = checked_points(coordinates)
    min_samples = min_samples or propose_min_samples(len(points))
    eps = float(propose_eps(points, min_samples=min_samples).eps if eps is None else eps)
    model, notes = DBSCAN(eps=eps, min_samples=min_samples), _about_place(points)
    if len(points) ** 2 <= max_neighbors or (n_neighbors := count_neighbors(points, eps)) <= max_neighbors:
        labels = model.fit_predict(points)
    else:
        heaps = micro_clusters(points, random_state=random_state)
        labels = model.fit_predict(heaps.centers, sample_weight=heaps.sizes)[heaps.labels]
        notes += (
            f"Within {eps:.3g} there are about {n_neighbors:,} pairs of neighbours, more than the {max_neighbors:,} "
            f"that fit into memory: {len(heaps.sizes):,} bundles of similar pictures were grouped in place of the "
            f"{len(points):,} pictures.",
        )
    parameters = {"eps": eps, "min_samples": min_samples}
    return make_clustering(points, number_by_size(labels), method="dbscan", parameters=parameters, notes=notes)


def hdbscan(
    coordinates: np.ndarray,
    *,
    min_cluster_size: int | None = None,
    min_samples: int | None = None,
    max_exact: int = MAX_HDBSCAN,
    random_state: int = 0,
) -> Clustering:
    """Find the clusters that stay together longest as the distance shrinks (Campello et al. 2013), by scikit-learn.

    Each cluster may have a density of its own. It never makes one cluster of everything, but where all images are at
    the same place.

    Parameters
    ----------
    coordinates : ndarray, shape (n_images, n_dims)
        The space.
    min_cluster_size : int, optional
        Images of a cluster at least, 2 or more; `propose_min_cluster_size` by default.
    min_samples : int, optional
        Neighbours, the image itself counted, by which the density around an image is measured: more make more noise.
        `propose_min_samples` by default, but no more than ``min_cluster_size``.
    max_exact : int, default 30,000
        Of more images (in more than 20 dimensions: fewer, so that the time stays the same) so many are drawn at random,
        and each other one goes where the nearest of these is; a note says so.
    random_state : int, default 0
        Seeds the sample.

    Returns
    -------
    Clustering
        -1 is noise; cluster 0 is the largest. ``parameters`` are ``min_cluster_size`` and ``min_samples`` as used.

    Raises
    ------
    ParameterError
        When there are no rows, or a value is not finite.
    """
    points = checked_points(coordinates)
    n_images, n_dims = points.shape
    min_cluster_size = min_cluster_size or propose_min_cluster_size(n_images)
    min_samples = min_samples or min(propose_min_samples(n_images), min_cluster_size)
    n_exact = max(1, math.floor(max_exact * min(1.0, math.sqrt(_USUAL_DIMS / n_dims))))
    notes = _about_place(points)
    if n_images <= n_exact:
        labels = _sklearns_hdbscan(points, min_cluster_size, min_samples)
    else:
        chosen = np.sort(np.random.default_rng(random_state).choice(n_images, n_exact, replace=False))
        smallest = max(2, round(min_cluster_size * n_exact / n_images))
        found = _sklearns_hdbscan(points[chosen], smallest, min_samples)
        labels = found[nearest_among(points, points[chosen])]
        notes += (
            f"{n_images:,} pictures are too many for an exact HDBSCAN: {n_exact:,} of them were grouped, and each of "
            "the others went where the one most like it is.",
        )
    parameters = {"min_cluster_size": min_cluster_size, "min_samples": min_samples}
    return make_clustering(points, number_by_size(labels), method="hdbscan", parameters=parameters, notes=notes)


def assign_noise(coordinates: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Put each image of no cluster into that of the nearest image in one.

    Not into that of the nearest centre: clusters of density may be long and bent, and their centres lie elsewhere.

    Parameters
    ----------
    coordinates : ndarray, shape (n_images, n_dims)
    labels : ndarray, shape (n_images,)
        0 to k - 1; -1 is noise.

    Returns
    -------
    ndarray, shape (n_images,), same dtype
        Without noise, but where all was noise.
    """
    points, labels = checked_points(coordinates), np.array(labels)
    inside = labels >= 0
    if inside.any() and not inside.all():
        labels[~inside] = labels[inside][nearest_among(points[~inside], points[inside])]
    return labels


def noise_advice(labels: np.ndarray, parameters: Mapping[str, int | float | str] | None = None) -> str:
    """Say what to do where everything is noise, or everything is one cluster.

    Parameters
    ----------
    labels : ndarray, shape (n_images,)
    parameters : mapping, optional
        Those of the `Clustering`: with them the sentence has numbers, and one group that was asked for is none to mend.

    Returns
    -------
    str
        One sentence; empty where the clusters are neither.
    """
    known, labels = dict(parameters or {}), np.asarray(labels)
    n_clusters, n_noise = int(labels.max(initial=-1)) + 1, int((labels < 0).sum())
    if n_clusters == 0 and n_noise:
        return f"Everything is noise: {_how_to_get_more(known)}."
    if n_clusters == 1 and 2 * n_noise < len(labels) and (not known or "eps" in known):
        subject = f"Everything but {n_noise} pictures" if n_noise else "Everything"
        return f"{subject} is one group: {_how_to_get_less(known)}."
    return ""


def _how_to_get_more(known: dict[str, int | float | str]) -> str:
    if not known:
        return "make the distance larger, or ask for smaller groups"
    ways = []
    if "eps" in known:
        ways.append(f"raise eps above {known['eps']:.3g}")
    if known.get("min_cluster_size", 0) > 2:
        ways.append(f"lower min_cluster_size below {known['min_cluster_size']}")
    if known.get("min_samples", 0) > 1:
        ways.append(f"lower min_samples below {known['min_samples']}")
    return " or ".join(ways) or "these pictures form no groups"


def _how_to_get_less(known: dict[str, int | float | str]) -> str:
    if not known:
        return "make the distance smaller"
    return f"lower eps below {known['eps']:.3g} or raise min_samples above {known['min_samples']}"


def _sklearns_hdbscan(points: np.ndarray, min_cluster_size: int, min_samples: int) -> np.ndarray:
    if len(points) < max(min_cluster_size, min_samples):
        return np.full(len(points), -1)  # scikit-learn refuses, or says the same
    if _is_one_place(points):
        return np.zeros(len(points), dtype=np.intp)
    from sklearn.cluster import HDBSCAN

    return HDBSCAN(min_cluster_size=min_cluster_size, min_samples=min_samples, copy=True).fit_predict(points)


def _knee(curve: np.ndarray) -> float | None:
    """Return the value at the knee of a rising curve, None where there is none."""
    if len(curve) < 3 or curve[0] == curve[-1]:
        return None
    from kneed import KneeLocator

    knee = KneeLocator(np.arange(len(curve)), curve, curve="convex", direction="increasing").knee_y
    return None if knee is None else float(knee)


def _is_one_place(points: np.ndarray) -> bool:
    return not np.ptp(points, axis=0).any()


def _about_place(points: np.ndarray) -> tuple[str, ...]:
    return (f"All {len(points)} pictures are at the same place.",) if len(points) > 1 and _is_one_place(points) else ()
