"""The two groupings that are compared: by any method, or the user's own folders."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from imgcluster.choosing.comparing import folder_labels
from imgcluster.grouping.methods import MethodOptions
from imgcluster.pictures.collection import Collection
from imgcluster.ui.background import clustering_job
from imgcluster.ui.fingerprints import collection_key
from imgcluster.ui.groups.auto import clamp
from imgcluster.ui.groups.cuts import grown_tree, tree_partition
from imgcluster.ui.groups.methods import spherical_partition
from imgcluster.ui.groups.partition import Partition, found_partition, kmeans_partition
from imgcluster.ui.groups.waiting import wait_for
from imgcluster.ui.project.grouped import Grouping
from imgcluster.ui.project.source import Source
from imgcluster.ui.state import chosen_clusters

__all__ = ["Side", "choose_side"]

_WAYS = {
    "kmeans": "KMeans",
    "spherical": "Spherical k-means",
    "ward": "Ward tree",
    "average": "Average-linkage tree",
    "hdbscan": "HDBSCAN",
    "dbscan": "DBSCAN",
    "folders": "Your folders",
}
_BY_NUMBER = ("kmeans", "spherical", "ward", "average")


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two groupings.

    Attributes
    ----------
    partition : Partition
    names : tuple of str
        What its groups are called, by label.
    """

    partition: Partition
    names: tuple[str, ...]


def choose_side(source: Source, grouping: Grouping, *, first: bool) -> Side | None:
    """Let one of the two be chosen, and return it; None while it is computed, which is shown."""
    number, title = ("first", "First") if first else ("second", "Second")
    folders = _folders(collection_key(grouping.collection), grouping.collection)
    ways = [way for way in _WAYS if way != "folders" or folders is not None]
    key = f"compare-{number}"
    if st.session_state.get(key) not in ways:
        st.session_state[key] = "folders" if first and folders is not None else "ward" if first else "kmeans"
    left, right = st.columns([2, 1], vertical_alignment="bottom")
    with left:
        way = st.selectbox(title, ways, format_func=_WAYS.get, key=key, persist_state="session")
    n_clusters = None
    if way in _BY_NUMBER:
        most = len(grouping.series)
        st.session_state.setdefault(f"{key}-k", chosen_clusters(most))
        clamp(f"{key}-k", 1, most)
        with right:
            n_clusters = st.number_input("Groups", 1, most, step=1, key=f"{key}-k", persist_state="session")
    if way == "folders":
        return folders
    partition = _COMPUTE[way](source, grouping, n_clusters)
    return None if partition is None else Side(partition=partition, names=tuple(partition.names))


@st.cache_resource(max_entries=4, show_spinner=False)
def _folders(key: str, _collection: Collection) -> Side | None:
    found = folder_labels(_collection.paths)
    if found is None:
        return None
    labels, names = found
    partition = found_partition(labels, key=f"folders-{key}", title=_WAYS["folders"], method="folders")
    return Side(partition=partition, names=names)


def _kmeans(source: Source, grouping: Grouping, n_clusters: int) -> Partition:
    return kmeans_partition(grouping, n_clusters)


def _tree(linkage: str) -> Callable[[Source, Grouping, int], Partition | None]:
    def cut(source: Source, grouping: Grouping, n_clusters: int) -> Partition | None:
        grown = grown_tree(source, grouping, linkage, "euclidean")
        return None if grown is None else tree_partition(grown, n_clusters)

    return cut


def _by_density(method: str) -> Callable[[Source, Grouping, None], Partition | None]:
    def find(source: Source, grouping: Grouping, n_clusters: None) -> Partition | None:
        options = MethodOptions(method=method)
        job = clustering_job(source, grouping, options)
        if not wait_for(job, key=f"compare-{method}"):
            return None
        result = job.result
        return found_partition(
            result.labels,
            key=method,
            title=_WAYS[method],
            method=result.method,
            notes=result.notes,
            options=options,
        )

    return find


_COMPUTE = {
    "kmeans": _kmeans,
    "spherical": spherical_partition,
    "ward": _tree("ward"),
    "average": _tree("average"),
    "hdbscan": _by_density("hdbscan"),
    "dbscan": _by_density("dbscan"),
}
