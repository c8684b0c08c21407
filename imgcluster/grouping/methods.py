"""Every way to group, by what it is for, behind one call and one result type."""

import math
import threading
import time
from dataclasses import dataclass, fields

import numpy as np

from imgcluster.errors import ParameterError
from imgcluster.grouping.checking import check_n_clusters, checked_points, fewer_than_asked
from imgcluster.grouping.clustering import Clustering, kmeans, make_clustering, number_by_size
from imgcluster.grouping.density import MAX_HDBSCAN, MAX_NEIGHBORS, assign_noise, dbscan, hdbscan
from imgcluster.grouping.spherical import count_directions, spherical_kmeans
from imgcluster.grouping.trees.hierarchy import MAX_EXACT, cut_by_height, cut_by_number, fit_tree
from imgcluster.grouping.trees.linkages import LINKAGES, METRICS
from imgcluster.grouping.ward_kmeans import MAX_FULL_ROWS, count_distinct
from imgcluster.progress import Progress, ProgressCallback, raise_if_cancelled

__all__ = ["METHODS", "Method", "MethodOptions", "cluster", "is_by_number"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One way to group, in words for the screen.

    Attributes
    ----------
    name : str
        What `MethodOptions` calls it.
    goal : str
        What it is for, by which people choose.
    title : str
        What others call it.
    explanation : str
        One sentence on how it works.
    by : tuple of {"number", "height", "density"}
        By what it is steered.
    memory, time : str
        How both grow with the number of pictures n; reads on after "memory" and "time".
    max_exact : int or None
        Images up to which it is exact; None where that does not depend on their number alone.
    """

    name: str
    goal: str
    title: str
    explanation: str
    by: tuple[str, ...]
    memory: str
    time: str
    max_exact: int | None


METHODS = (
    Method(
        name="kmeans",
        goal="a fixed number of groups",
        title="KMeans",
        explanation="Each picture belongs to the nearest of k centres, and each centre is the middle of its pictures.",
        by=("number",),
        memory="grows with n",
        time=f"grows with n: exact up to {MAX_FULL_ROWS:,} pictures, in batches beyond",
        max_exact=MAX_FULL_ROWS,
    ),
    Method(
        name="spherical",
        goal="a fixed number, compared by direction",
        title="spherical k-means",
        explanation="As KMeans, but pictures are compared by the angle between them: how strong their features are "
        "does not count.",
        by=("number",),
        memory="grows with n",
        time="grows with n",
        max_exact=None,
    ),
    Method(
        name="agglomerative",
        goal="from coarse to fine",
        title="agglomerative",
        explanation="The two most similar groups are joined again and again, which makes a tree, and the tree is cut.",
        by=("number", "height"),
        memory=f"grows with n (average and complete linkage: with n squared, up to {MAX_EXACT['average']:,} pictures)",
        time=f"grows with n squared: exact up to {MAX_EXACT['ward']:,} pictures (average and complete linkage: "
        f"{MAX_EXACT['average']:,}), on bundles of similar ones beyond",
        max_exact=MAX_EXACT["ward"],
    ),
    Method(
        name="hdbscan",
        goal="tight look-alikes, leave the rest",
        title="HDBSCAN",
        explanation="Groups are pictures that stay together while the allowed distance shrinks; what joins none is "
        "left over.",
        by=("density",),
        memory="grows with n",
        time=f"grows with n squared: exact up to {MAX_HDBSCAN:,} pictures, on a sample beyond",
        max_exact=MAX_HDBSCAN,
    ),
    Method(
        name="dbscan",
        goal="everything closer than a distance",
        title="DBSCAN",
        explanation="Pictures that a chain of close neighbours connects are a group; what has too few neighbours is "
        "left over.",
        by=("density",),
        memory=f"grows with the pairs of neighbours: exact up to {MAX_NEIGHBORS:,} of them, on bundles of similar "
        "pictures beyond",
        time="grows with n squared",
        max_exact=None,
    ),
)
"""The ways to group, in the order in which they are offered."""

_Cancel = threading.Event | None

_BY_NAME = {method.name: method for method in METHODS}

_OPTIONS = {
    "kmeans": ("n_clusters",),
    "spherical": ("n_clusters",),
    "agglomerative": ("n_clusters", "height", "linkage", "metric"),
    "hdbscan": ("min_cluster_size", "min_samples", "assign_noise"),
    "dbscan": ("eps", "min_samples", "assign_noise"),
}

_SMALLEST = {"n_clusters": 1, "min_samples": 1, "min_cluster_size": 2, "height": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodOptions:
    """A way to group and what it is told; None is an automatic value.

    Attributes
    ----------
    method : {"kmeans", "spherical", "agglomerative", "hdbscan", "dbscan"}, default "kmeans"
    n_clusters : int or None
        For the methods that are told a number, 1 or more. They have no automatic value here:
        `imgcluster.choosing` recommends one.
    linkage : {"ward", "complete", "average", "single"}, default "ward"
    metric : {"euclidean", "cosine"}, default "euclidean"
    height : float or None
        Where the tree is cut, in place of ``n_clusters``; 0 or more.
    eps : float or None
        Above 0. See `imgcluster.grouping.density.dbscan`.
    min_samples : int or None
        1 or more. See `imgcluster.grouping.density`.
    min_cluster_size : int or None
        2 or more. See `imgcluster.grouping.density.hdbscan`.
    assign_noise : bool, default False
        Put each image of no cluster into that of the nearest image in one; a note says how many those were.

    Raises
    ------
    ParameterError
        When there is no such method, an option is out of range or not one of the method's, or two contradict.
    """

    method: str = "kmeans"
    n_clusters: int | None = None
    linkage: str = "ward"
    metric: str = "euclidean"
    height: float | None = None
    eps: float | None = None
    min_samples: int | None = None
    min_cluster_size: int | None = None
    assign_noise: bool = False

    def __post_init__(self) -> None:
        if self.method not in _BY_NAME:
            raise ParameterError(f"There is no method {self.method!r}.", hint=f"Choose one of: {', '.join(_BY_NAME)}.")
        self._check_belonging()
        self._check_ranges()
        if self.n_clusters is not None and self.height is not None:
            raise ParameterError(
                f"n_clusters={self.n_clusters} and height={self.height:g} were both given, and a tree is cut by one.",
                hint="Leave one of them out.",
            )
        if self.linkage not in LINKAGES or self.metric not in METRICS:
            raise ParameterError(
                f"There is no linkage {self.linkage!r} with the metric {self.metric!r}.",
                hint=f"Linkages are {', '.join(LINKAGES)}; metrics are {', '.join(METRICS)}.",
            )
        if (self.linkage, self.metric) == ("ward", "cosine"):
            raise ParameterError(
                "The linkage 'ward' needs Euclidean distances, and the metric is 'cosine'.",
                hint="Choose another linkage, or the metric euclidean.",
            )

    def _check_belonging(self) -> None:
        allowed = ("method", *_OPTIONS[self.method])
        for field in fields(self):
            value = getattr(self, field.name)
            if value != field.default and field.name not in allowed:
                raise ParameterError(
                    f"The method {self.method!r} has no {field.name}, and {field.name}={value} was given.",
                    hint=f"It has {', '.join(_OPTIONS[self.method])}.",
                )

    def _check_ranges(self) -> None:
        for name, smallest in _SMALLEST.items():
            value = getattr(self, name)
            if value is not None and not smallest <= value < math.inf:
                raise ParameterError(f"{name}={value} should be {smallest} or more.")
        if self.eps is not None and not 0 < self.eps < math.inf:
            raise ParameterError(f"eps={self.eps} should be above 0.", hint="Leave it out for an automatic value.")


def is_by_number(options: MethodOptions) -> bool:
    """Return whether the method is to be told a number of clusters, and these options do not say it."""
    return "number" in _BY_NAME[options.method].by and options.n_clusters is None and options.height is None


def cluster(
    coordinates: np.ndarray,
    options: MethodOptions,
    *,
    random_state: int = 0,
    progress: ProgressCallback | None = None,
    cancel: threading.Event | None = None,
) -> Clustering:
    """Group images by any of the `METHODS`.

    Parameters
    ----------
    coordinates : ndarray, shape (n_images, n_dims)
        The space.
    options : MethodOptions
    random_state : int, default 0
        Seeds the samples that many images are represented by.
    progress, cancel
        See `imgcluster.progress`; cancelling is looked at between the steps.

    Returns
    -------
    Clustering
        Cluster 0 is the largest; of equally large ones, the one that holds the earlier image comes first; -1 is noise.
        ``parameters`` are those that were used, automatic ones among them.

    Raises
    ------
    ParameterError
        When a coordinate is not finite, there are fewer images than ``n_clusters``, or the number of clusters is
        missing.
    Cancelled
    """
    points = checked_points(coordinates)
    if is_by_number(options):
        raise ParameterError(
            f"How many groups {_BY_NAME[options.method].title} should make of the {len(points)} pictures is not said.",
            hint="Set n_clusters.",
        )
    if options.n_clusters is not None:
        check_n_clusters(options.n_clusters, len(points))
    title, started = _BY_NAME[options.method].title, time.monotonic()
    _report(progress, title, started, done=0)
    raise_if_cancelled(cancel)
    found = _FUNCTIONS[options.method](np.asarray(coordinates), options, random_state, cancel)
    raise_if_cancelled(cancel)
    if options.assign_noise and found.n_noise:
        found = _without_noise(points, found)
    _report(progress, title, started, done=1)
    return found


def _report(progress: ProgressCallback | None, title: str, started: float, *, done: int) -> None:
    if progress is not None:
        seconds = time.monotonic() - started
        progress(Progress(stage="Finding groups", done=done, total=1, current=title, seconds=seconds))


def _kmeans(coordinates: np.ndarray, options: MethodOptions, random_state: int, cancel: _Cancel) -> Clustering:
    return kmeans(coordinates, options.n_clusters, random_state=random_state)


def _spherical(coordinates: np.ndarray, options: MethodOptions, random_state: int, cancel: _Cancel) -> Clustering:
    return spherical_kmeans(coordinates, options.n_clusters, random_state=random_state)


def _agglomerative(coordinates: np.ndarray, options: MethodOptions, random_state: int, cancel: _Cancel) -> Clustering:
    tree = fit_tree(
        coordinates, linkage=options.linkage, metric=options.metric, random_state=random_state, cancel=cancel
    )
    parameters = {"linkage": options.linkage, "metric": options.metric, "random_state": random_state}
    if options.n_clusters is None:
        labels, notes = cut_by_height(tree, options.height), ()
        parameters["height"] = float(options.height)
    else:
        # Ward's heights of identical images are 0 only up to rounding, so the tree is not asked how many differ.
        n_different = count_distinct(coordinates) if options.metric == "euclidean" else count_directions(coordinates)
        n_possible = min(tree.n_leaves, n_different)
        labels = cut_by_number(tree, min(options.n_clusters, n_possible))
        notes = fewer_than_asked(options.n_clusters, n_possible, "different places to put them")
        parameters["n_clusters"] = options.n_clusters
    return make_clustering(
        coordinates, labels, method="agglomerative", parameters=parameters, notes=(*tree.notes, *notes)
    )


def _hdbscan(coordinates: np.ndarray, options: MethodOptions, random_state: int, cancel: _Cancel) -> Clustering:
    return hdbscan(
        coordinates,
        min_cluster_size=options.min_cluster_size,
        min_samples=options.min_samples,
        random_state=random_state,
    )


def _dbscan(coordinates: np.ndarray, options: MethodOptions, random_state: int, cancel: _Cancel) -> Clustering:
    return dbscan(coordinates, eps=options.eps, min_samples=options.min_samples, random_state=random_state)


_FUNCTIONS = {
    "kmeans": _kmeans,
    "spherical": _spherical,
    "agglomerative": _agglomerative,
    "hdbscan": _hdbscan,
    "dbscan": _dbscan,
}


def _without_noise(points: np.ndarray, found: Clustering) -> Clustering:
    if found.n_clusters == 0:
        note = "There is no group that the pictures without one could be put into."
    else:
        note = (
            f"In no group were {found.n_noise} of {len(points)} pictures; each was put into the group of the picture "
            "nearest to it."
        )
    return make_clustering(
        points,
        number_by_size(assign_noise(points, found.labels)),
        method=found.method,
        parameters=found.parameters,
        notes=(*found.notes, note),
    )
