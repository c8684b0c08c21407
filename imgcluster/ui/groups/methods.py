"""The groups that each method finds, without the controls of the screen Groups, and those of the chosen one."""

import streamlit as st

from imgcluster.grouping.density import propose_min_cluster_size
from imgcluster.grouping.methods import MethodOptions
from imgcluster.ui.background import clustering_job, series_job
from imgcluster.ui.groups.cuts import grown_tree, number_of_similarity, tree_partition
from imgcluster.ui.groups.linkages import chosen_linkage
from imgcluster.ui.groups.partition import Partition, found_partition, kmeans_partition, plural
from imgcluster.ui.groups.waiting import wait_for
from imgcluster.ui.messages import count
from imgcluster.ui.project.grouped import Grouping
from imgcluster.ui.project.source import Source
from imgcluster.ui.state import chosen_clusters

__all__ = [
    "SIMILARITY",
    "chosen_partition",
    "dbscan_partition",
    "hdbscan_partition",
    "spherical_partition",
]

SIMILARITY = 40
"""Where the slider that cuts the tree by similarity begins."""


def chosen_partition(source: Source, grouping: Grouping) -> Partition | None:
    """Return the groups of the way that was chosen, with its parameters; None while they are computed, which is shown.

    The choices are those of the widgets of the screen Groups, also where they came from a project and none was drawn.
    """
    return _CHOSEN.get(st.session_state.get("way"), _kmeans)(source, grouping)


def spherical_partition(source: Source, grouping: Grouping, n_clusters: int) -> Partition | None:
    """Return what spherical k-means makes of the pictures; None while it is computed, which is shown."""
    job = series_job(source, grouping, "spherical")
    if not wait_for(job, key="spherical"):
        return None
    return found_partition(
        job.result[n_clusters - 1],
        key=f"spherical-{n_clusters}",
        title=f"Spherical k-means, {plural(n_clusters)}",
        method="spherical",
        options=MethodOptions(method="spherical", n_clusters=n_clusters),
    )


def hdbscan_partition(source: Source, grouping: Grouping, smallest: int | None, *, assign: bool) -> Partition | None:
    """Return what HDBSCAN finds; None while it is computed, which is shown.

    Parameters
    ----------
    source, grouping
    smallest : int or None
        So many pictures make a group; None is an automatic value.
    assign : bool
        Whether pictures in no group are put into the nearest one.
    """
    options = MethodOptions(method="hdbscan", min_cluster_size=smallest, assign_noise=assign)
    least = smallest or propose_min_cluster_size(len(grouping.collection))
    title = f"HDBSCAN, groups of at least {count(least, 'picture')}"
    return _by_density(source, grouping, options, key=f"hdbscan-{smallest}-{assign}", title=title)


def dbscan_partition(
    source: Source, grouping: Grouping, eps: float | None, min_samples: int | None, *, assign: bool
) -> Partition | None:
    """Return what DBSCAN finds; None while it is computed, which is shown.

    Parameters
    ----------
    source, grouping
    eps : float or None
        Pictures closer than this are neighbours; None is an automatic value.
    min_samples : int or None
        So many neighbours make a picture the core of a group; None is an automatic value.
    assign : bool
        Whether pictures in no group are put into the nearest one.
    """
    options = MethodOptions(method="dbscan", eps=eps, min_samples=min_samples, assign_noise=assign)
    return _by_density(source, grouping, options, key=f"dbscan-{eps}-{min_samples}-{assign}", title="DBSCAN")


def _by_density(
    source: Source, grouping: Grouping, options: MethodOptions, *, key: str, title: str
) -> Partition | None:
    job = clustering_job(source, grouping, options)
    if not wait_for(job, key=key):
        return None
    result = job.result
    return found_partition(
        result.labels, key=key, title=title, method=result.method, notes=result.notes, options=options
    )


def _kmeans(source: Source, grouping: Grouping) -> Partition:
    return kmeans_partition(grouping, chosen_clusters(len(grouping.series)))


def _spherical(source: Source, grouping: Grouping) -> Partition | None:
    return spherical_partition(source, grouping, chosen_clusters(len(grouping.series)))


def _agglomerative(source: Source, grouping: Grouping) -> Partition | None:
    grown = grown_tree(source, grouping, *chosen_linkage())
    if grown is None:
        return None
    n_clusters = chosen_clusters(len(grouping.series))
    if st.session_state.get("by") == "similarity":
        n_clusters = number_of_similarity(grown, st.session_state.get("similarity", SIMILARITY))
    return tree_partition(grown, n_clusters)


def _hdbscan(source: Source, grouping: Grouping) -> Partition | None:
    return hdbscan_partition(source, grouping, st.session_state.get("chosen-min_cluster_size"), assign=_assigns())


def _dbscan(source: Source, grouping: Grouping) -> Partition | None:
    min_samples = st.session_state.get("min_samples")
    if min_samples is not None:
        min_samples = min(max(1, min_samples), len(grouping.collection))
    return dbscan_partition(source, grouping, st.session_state.get("chosen-eps"), min_samples, assign=_assigns())


def _assigns() -> bool:
    return bool(st.session_state.get("assign_noise"))


_CHOSEN = {
    "kmeans": _kmeans,
    "spherical": _spherical,
    "agglomerative": _agglomerative,
    "hdbscan": _hdbscan,
    "dbscan": _dbscan,
}
