"""What the Groups screen draws, made from a `Grouping` and kept: a move of the slider is a look-up."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from imgcluster.features.store import Store
from imgcluster.finding.summary import ClusterSummary, summarize
from imgcluster.palette import cluster_color
from imgcluster.ui.background import Grouping
from imgcluster.ui.components.gallery import StripRow
from imgcluster.ui.groups.partition import Partition, group_name
from imgcluster.ui.hosting import workspace_of
from imgcluster.ui.messages import count
from imgcluster.ui.state import Source

__all__ = [
    "PER_STRIP",
    "cohesion_word",
    "members",
    "strip_rows",
    "summary_of",
    "texts_of",
    "thumbnail_loader",
]

PER_STRIP = 14


def cohesion_word(cohesion: float) -> str:
    """Return how alike the members of a cluster are, in a word; ``cohesion`` is a mean cosine similarity."""
    if cohesion >= 0.9:
        return "very alike"
    if cohesion >= 0.7:
        return "alike"
    return "mixed" if cohesion >= 0.4 else "very mixed"


def summary_of(grouping: Grouping, partition: Partition) -> ClusterSummary:
    """Return sizes, medoids and cohesion of the clusters."""
    return _summary(grouping.space.fingerprint, partition.key, grouping, partition)


@st.cache_resource(max_entries=128, show_spinner=False)
def _summary(fingerprint: str, key: str, _grouping: Grouping, _partition: Partition) -> ClusterSummary:
    return summarize(_grouping.space.coordinates, _partition.labels)


def members(grouping: Grouping, partition: Partition, label: int) -> np.ndarray:
    """Return the indices of a cluster's images, the most typical (nearest to its centre) first; -1 asks for noise."""
    inside = np.flatnonzero(partition.labels == label)
    if label < 0:
        return inside
    return inside[np.argsort(summary_of(grouping, partition).distances[inside], kind="stable")]


def texts_of(grouping: Grouping, labels: np.ndarray, indices: Sequence[int]) -> list[str]:
    """Return what stands for each image where it is not seen: its name and its group."""
    paths = grouping.collection.paths
    return [f"{paths[index].rpartition('/')[2]}, {group_name(int(labels[index]))}" for index in indices]


def strip_rows(grouping: Grouping, partition: Partition) -> tuple[StripRow, ...]:
    """Return one strip for each cluster, its most typical images in it, and one for those in none."""
    return _strips(grouping.space.fingerprint, partition.key, grouping, partition)


@st.cache_resource(max_entries=64, show_spinner=False)
def _strips(fingerprint: str, key: str, _grouping: Grouping, _partition: Partition) -> tuple[StripRow, ...]:
    summary = summary_of(_grouping, _partition)
    rows = [
        _strip(_grouping, _partition, label, int(size), cohesion_word(float(cohesion)) if size > 1 else "")
        for label, (size, cohesion) in enumerate(zip(summary.sizes, summary.cohesion, strict=True))
    ]
    if _partition.n_noise:
        rows.append(_strip(_grouping, _partition, -1, _partition.n_noise, "unlike all groups"))
    return tuple(rows)


def _strip(grouping: Grouping, partition: Partition, label: int, size: int, note: str) -> StripRow:
    shown = tuple(int(index) for index in members(grouping, partition, label)[:PER_STRIP])
    return StripRow(
        cluster=label,
        name=group_name(label),
        color=cluster_color(label),
        size=count(size, "picture"),
        note=note,
        indices=shown,
        texts=tuple(texts_of(grouping, partition.labels, shown)),
    )


def thumbnail_loader(source: Source, grouping: Grouping):
    """Return the function that the feed of thumbnails calls: indices to JPEGs."""
    path, hashes = workspace_of(source).store_path, grouping.features.hashes

    def load(indices: Sequence[int]) -> list[bytes | None]:
        wanted = [hashes[index] for index in indices]
        with Store(path) as store:
            found = store.thumbnails(wanted)
        return [found.get(each) for each in wanted]

    return load
