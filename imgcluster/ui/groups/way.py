"""The way to group: a method chosen by goal, and the controls that it has."""

import streamlit as st

from imgcluster.grouping.density import noise_advice, propose_min_cluster_size
from imgcluster.grouping.methods import METHODS
from imgcluster.ui.background import clustering_job
from imgcluster.ui.groups.auto import auto_number, auto_slider
from imgcluster.ui.groups.cuts import grown_tree, height_of_similarity, number_of_similarity, tree_partition
from imgcluster.ui.groups.density import choose_eps
from imgcluster.ui.groups.linkages import choose_linkage
from imgcluster.ui.groups.methods import SIMILARITY, dbscan_partition, hdbscan_partition, spherical_partition
from imgcluster.ui.groups.partition import Partition, kmeans_partition, plural
from imgcluster.ui.groups.slider import slider_of_groups
from imgcluster.ui.messages import PERCENT
from imgcluster.ui.project.grouped import Grouping
from imgcluster.ui.project.source import Source
from imgcluster.ui.state import choose_clusters

__all__ = ["choose_way", "is_by_number", "steer"]

_BY_NAME = {method.name: method for method in METHODS}


def choose_way() -> str:
    """Offer the methods by what they are for, and return the name of the chosen one."""
    return st.selectbox(
        "What kind of groups?",
        list(_BY_NAME),
        format_func=_title,
        key="way",
        persist_state="session",
        help="\n\n".join(
            f"**{method.title}**: {method.explanation} Memory {method.memory}; time {method.time}."
            for method in METHODS
        ),
    )


def _title(way: str) -> str:
    method = _BY_NAME[way]
    return f"{method.goal[0].upper()}{method.goal[1:]} · {method.title}"


def is_by_number(way: str) -> bool:
    """Return whether a method is told how many groups to make."""
    return "number" in _BY_NAME[way].by


def steer(source: Source, grouping: Grouping, way: str) -> Partition | None:
    """Show the controls of a method, and return its groups; None while they are computed."""
    return _STEERS[way](source, grouping)


def _kmeans(source: Source, grouping: Grouping) -> Partition:
    return kmeans_partition(grouping, slider_of_groups(len(grouping.series)))


def _spherical(source: Source, grouping: Grouping) -> Partition | None:
    return spherical_partition(source, grouping, slider_of_groups(len(grouping.series)))


def _agglomerative(source: Source, grouping: Grouping) -> Partition | None:
    linkage, metric = choose_linkage()
    grown = grown_tree(source, grouping, linkage, metric)
    if grown is None:
        return None
    left, right = st.columns([1, 4], vertical_alignment="bottom", gap="large")
    with left:
        by = st.segmented_control(
            "Steer by",
            ["number", "similarity"],
            format_func=str.capitalize,
            default="number",
            required=True,
            key="by",
            persist_state="session",
        )
    with right:
        if by == "number":
            n_clusters = slider_of_groups(len(grouping.series))
        else:
            similarity = st.slider(
                "How alike must they be? From looser (few groups) to tighter (many)",
                0,
                100,
                SIMILARITY,
                key="similarity",
                persist_state="session",
                format=PERCENT,
                help="The tree is cut at the height that belongs to this similarity: 0 is one group, 100 the most.",
            )
            height, n_clusters = height_of_similarity(grown, similarity), number_of_similarity(grown, similarity)
            choose_clusters(n_clusters)
            st.caption(f"{plural(n_clusters)}, cut at height {height:.3g}")
    return tree_partition(grown, n_clusters)


def _hdbscan(source: Source, grouping: Grouping) -> Partition | None:
    n_images = len(grouping.collection)
    auto = propose_min_cluster_size(n_images)
    left, right = st.columns([3, 1], vertical_alignment="bottom", gap="large")
    with left:
        smallest = auto_slider(
            "Smallest group",
            key="min_cluster_size",
            auto=auto,
            low=2,
            high=max(3, min(n_images // 2, 10 * auto)),
            help="So many pictures make a group; smaller ones are no group. Larger: fewer and safer groups.",
        )
    with right:
        assign = _assign_noise()
    return _with_advice(source, grouping, hdbscan_partition(source, grouping, smallest, assign=assign))


def _dbscan(source: Source, grouping: Grouping) -> Partition | None:
    left, middle, right = st.columns([2, 1, 1], vertical_alignment="bottom", gap="large")
    with middle:
        min_samples = auto_number(
            "Neighbours needed",
            key="min_samples",
            low=1,
            high=len(grouping.collection),
            help="min_samples: so many pictures within the distance, itself included, make a picture the core of a "
            "group. More: groups must be denser.",
        )
    with left:
        eps = choose_eps(grouping, min_samples)
    with right:
        assign = _assign_noise()
    return _with_advice(source, grouping, dbscan_partition(source, grouping, eps, min_samples, assign=assign))


def _assign_noise() -> bool:
    return st.toggle(
        "No picture left over",
        key="assign_noise",
        persist_state="session",
        help="Put each picture that is in no group into the nearest one. How many there were is said below.",
    )


def _with_advice(source: Source, grouping: Grouping, partition: Partition | None) -> Partition | None:
    """Say what one might try where much is left over."""
    result = None if partition is None else clustering_job(source, grouping, partition.options).result
    if result is not None and (advice := noise_advice(result.labels, result.parameters)):
        st.info(advice, icon=":material/tune:")
    return partition


_STEERS = {
    "kmeans": _kmeans,
    "spherical": _spherical,
    "agglomerative": _agglomerative,
    "hdbscan": _hdbscan,
    "dbscan": _dbscan,
}
