"""The tree of all pictures, and its cuts."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from imgcluster.grouping.methods import MethodOptions
from imgcluster.grouping.trees.hierarchy import (
    Tree,
    branches,
    cut_series,
    heights_for_number,
    number_at_height,
    split_branch,
)
from imgcluster.ui.background import tree_job
from imgcluster.ui.groups.partition import Partition, found_partition, plural
from imgcluster.ui.groups.waiting import wait_for
from imgcluster.ui.project.grouped import Grouping
from imgcluster.ui.project.source import Source

__all__ = [
    "GrownTree",
    "divided_partition",
    "grown_tree",
    "height_of_similarity",
    "number_of_similarity",
    "tree_partition",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class GrownTree:
    """A tree with its cuts into every number of groups.

    Attributes
    ----------
    tree : Tree
    series : ndarray of int16, shape (max_clusters, n_images)
        Row k - 1 holds the labels of the cut into k.
    name : str
        Linkage and metric.
    """

    tree: Tree
    series: np.ndarray
    name: str


def grown_tree(source: Source, grouping: Grouping, linkage: str, metric: str) -> GrownTree | None:
    """Return the tree; None while it is built, which is shown."""
    job = tree_job(source, grouping, linkage, metric)
    if not wait_for(job, key="tree"):
        return None
    name = f"{linkage}-{metric}"
    series = _series(grouping.space.fingerprint, name, len(grouping.series), job.result)
    return GrownTree(tree=job.result, series=series, name=name)


@st.cache_resource(max_entries=4, show_spinner=False)
def _series(fingerprint: str, name: str, most: int, _tree: Tree) -> np.ndarray:
    return cut_series(_tree, most)


def tree_partition(grown: GrownTree, n_clusters: int) -> Partition:
    """Return the cut into a number of groups."""
    return found_partition(
        grown.series[n_clusters - 1],
        key=f"tree-{grown.name}-{n_clusters}",
        title=f"{grown.name.split('-')[0].capitalize()} tree, {plural(n_clusters)}",
        method="agglomerative",
        notes=grown.tree.notes,
        options=MethodOptions(
            method="agglomerative", n_clusters=n_clusters, linkage=grown.tree.kind, metric=grown.tree.metric
        ),
    )


def divided_partition(grown: GrownTree, n_clusters: int, divided: tuple[int, ...]) -> Partition:
    """Return the cut with some branches, named by their nodes, divided once more; those that are no group are left."""
    partition = tree_partition(grown, n_clusters)
    labels, done = partition.labels.astype(np.int32), []
    for node in divided:
        nodes = branches(grown.tree, labels)
        if node in nodes and node >= grown.tree.n_leaves:
            labels = split_branch(grown.tree, labels, nodes.index(node))
            done.append(node)
    if not done:
        return partition
    return found_partition(
        labels,
        key=f"{partition.key}-{'-'.join(map(str, done))}",
        title=f"{partition.title}, {len(done)} divided",
        method=partition.method,
        notes=partition.notes,
    )


def height_of_similarity(grown: GrownTree, similarity: float) -> float:
    """Return the height of the cut for a similarity from 0 (one group) to 100 (as many groups as are shown).

    Equal steps of the slider divide the height by equal factors: near the root a step would else pass many groups.
    """
    top = heights_for_number(grown.tree, 1)[0]
    lowest = heights_for_number(grown.tree, min(len(grown.series), grown.tree.n_leaves))[0]
    if top <= 0:
        return 0.0
    lowest = max(lowest, 1e-3 * top)
    return float(top * (lowest / top) ** (similarity / 100))


def number_of_similarity(grown: GrownTree, similarity: float) -> int:
    """Return how many groups the cut for a similarity makes."""
    return max(1, min(len(grown.series), number_at_height(grown.tree, height_of_similarity(grown, similarity))))
