"""What the Groups screen draws, made from a `Grouping` and kept: a move of the slider is a look-up."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from imgcluster.features.store import Store
from imgcluster.finding.neighbors import ClusterSummary, summarize
from imgcluster.palette import cluster_color
from imgcluster.ui.background import Grouping
from imgcluster.ui.components.gallery import StripRow
from imgcluster.ui.hosting import workspace_of
from imgcluster.ui.messages import count
from imgcluster.ui.state import Source

__all__ = [
    "PER_STRIP",
    "cohesion_word",
    "group_name",
    "members",
    "strip_rows",
    "summary_of",
    "texts_of",
    "thumbnail_loader",
]

PER_STRIP = 14


def group_name(label: int) -> str:
    """Return what a cluster is called on screen: labels start at 0, groups at 1."""
    return f"Group {label + 1}" if label >= 0 else "No group"


def cohesion_word(cohesion: float) -> str:
    """Return how alike the members of a cluster are, in a word; ``cohesion`` is a mean cosine similarity."""
    if cohesion >= 0.9:
        return "very alike"
    if cohesion >= 0.7:
        return "alike"
    return "mixed" if cohesion >= 0.4 else "very mixed"


def summary_of(grouping: Grouping, n_clusters: int) -> ClusterSummary:
    """Return sizes, medoids and cohesion of the clusters at one k."""
    return _summary(grouping.space.fingerprint, n_clusters, grouping)


@st.cache_resource(max_entries=128, show_spinner=False)
def _summary(fingerprint: str, n_clusters: int, _grouping: Grouping) -> ClusterSummary:
    return summarize(_grouping.space.coordinates, _grouping.series[n_clusters - 1])


def members(grouping: Grouping, n_clusters: int, label: int) -> np.ndarray:
    """Return the indices of a cluster's images, the most typical (nearest to its centre) first."""
    inside = np.flatnonzero(grouping.series[n_clusters - 1] == label)
    return inside[np.argsort(summary_of(grouping, n_clusters).distances[inside], kind="stable")]


def texts_of(grouping: Grouping, labels: np.ndarray, indices: Sequence[int]) -> list[str]:
    """Return what stands for each image where it is not seen: its name and its group."""
    paths = grouping.collection.paths
    return [f"{paths[index].rpartition('/')[2]}, {group_name(int(labels[index]))}" for index in indices]


@st.cache_resource(max_entries=64, show_spinner=False)
def _strips(fingerprint: str, n_clusters: int, _grouping: Grouping) -> tuple[StripRow, ...]:
    labels, summary = _grouping.series[n_clusters - 1], summary_of(_grouping, n_clusters)
    rows = []
    for label, (size, cohesion) in enumerate(zip(summary.sizes, summary.cohesion, strict=True)):
        shown = tuple(int(index) for index in members(_grouping, n_clusters, label)[:PER_STRIP])
        rows.append(
            StripRow(
                cluster=label,
                name=group_name(label),
                color=cluster_color(label),
                size=count(int(size), "picture"),
                note=cohesion_word(float(cohesion)) if size > 1 else "",
                indices=shown,
                texts=tuple(texts_of(_grouping, labels, shown)),
            )
        )
    return tuple(rows)


def strip_rows(grouping: Grouping, n_clusters: int) -> tuple[StripRow, ...]:
    """Return one strip for each cluster, its most typical images in it."""
    return _strips(grouping.space.fingerprint, n_clusters, grouping)


def thumbnail_loader(source: Source, grouping: Grouping):
    """Return the function that the feed of thumbnails calls: indices to JPEGs."""
    path, hashes = workspace_of(source).store_path, grouping.features.hashes

    def load(indices: Sequence[int]) -> list[bytes | None]:
        wanted = [hashes[index] for index in indices]
        with Store(path) as store:
            found = store.thumbnails(wanted)
        return [found.get(each) for each in wanted]

    return load
