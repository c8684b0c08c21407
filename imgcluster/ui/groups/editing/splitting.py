"""Splitting one group: into parts of pictures that are alike, or where its own tree divides it."""

import numpy as np
import streamlit as st

from imgcluster.editing.edits import Split
from imgcluster.finding.summary import summarize
from imgcluster.grouping.clustering import kmeans, number_by_size
from imgcluster.grouping.trees.hierarchy import cut_by_number, fit_tree
from imgcluster.palette import cluster_colors
from imgcluster.ui.components.gallery import gallery
from imgcluster.ui.groups.data import texts_of
from imgcluster.ui.groups.partition import Partition
from imgcluster.ui.messages import count
from imgcluster.ui.project.grouped import Grouping

__all__ = ["offer_to_split"]

_MOST_PARTS = 10
_WAYS = {"alike": "Into parts that are alike", "tree": "Where the tree divides it"}


def offer_to_split(grouping: Grouping, partition: Partition, label: int) -> Split | None:
    """Offer to split a group, with what comes of it; return the change when it is asked for."""
    inside = partition.groups.members(label)
    if len(inside) < 2:
        st.caption("One picture cannot be split.")
        return None
    if partition.groups.locked[label]:
        st.caption("It is locked. Unlock it first.")
        return None
    way = st.segmented_control(
        "How",
        list(_WAYS),
        format_func=_WAYS.get,
        default="alike",
        required=True,
        key="split-way",
        help="KMeans makes parts of about the same width; Ward's tree divides where the gap is widest.",
    )
    most = min(_MOST_PARTS, len(inside))
    n_parts = st.number_input("Parts", 2, most, min(2, most), key=f"split-into-{most}")
    labels = _parts(grouping.space.fingerprint, partition.key, label, way, n_parts, grouping, inside)
    n_found = int(labels.max()) + 1
    if n_found < 2:
        st.caption("All its pictures are the same to the program: there is nothing to tell them apart.")
        return None
    sizes = np.bincount(labels)
    st.markdown(
        "Parts of " + ", ".join(f"{size:,}" for size in sizes[:-1]) + f" and {count(int(sizes[-1]), 'picture')}"
    )
    medoids = inside[summarize(grouping.space.coordinates[inside], labels).medoids]
    gallery(
        medoids.tolist(),
        key="split-preview",
        collection=grouping.features.fingerprint,
        texts=texts_of(grouping, partition, medoids),
        colors=cluster_colors(range(n_found)),
        medoids=medoids.tolist(),
        label="The most typical picture of each part",
    )
    if st.button(f"Split into {n_found}", icon=":material/call_split:", type="primary", key="do-split"):
        parts = tuple(tuple(inside[labels == part].tolist()) for part in range(n_found))
        return Split(group=tuple(inside.tolist()), parts=parts)
    return None


@st.cache_resource(max_entries=32, show_spinner="Dividing the group")
def _parts(
    fingerprint: str, key: str, label: int, way: str, n_parts: int, _grouping: Grouping, _inside: np.ndarray
) -> np.ndarray:
    """Return which part each of a group's pictures is in, the largest part first."""
    coordinates = _grouping.space.coordinates[_inside]
    if way == "alike":
        return kmeans(coordinates, n_parts).labels
    tree = fit_tree(coordinates)
    return number_by_size(cut_by_number(tree, min(n_parts, tree.n_leaves)))
