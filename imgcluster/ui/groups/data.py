"""What the Groups screen draws, made from a `Grouping` and kept: a move of the slider is a look-up."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from imgcluster.features.store import Store
from imgcluster.finding.summary import ClusterSummary, summarize
from imgcluster.ui.components.gallery import StripRow
from imgcluster.ui.fingerprints import collection_key
from imgcluster.ui.groups.partition import Partition
from imgcluster.ui.hosting import workspace_of
from imgcluster.ui.messages import count
from imgcluster.ui.project.grouped import Grouping
from imgcluster.ui.project.source import Source

__all__ = [
    "PER_STRIP",
    "cohesion_word",
    "label_of",
    "members",
    "number_of",
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


def number_of(partition: Partition, label: int) -> int:
    """Return what a group is known by while others come and go; -1 for no group."""
    return partition.groups.numbers[int(label)] if label >= 0 else -1


def label_of(partition: Partition, number: int) -> int | None:
    """Return the label of the group with a number, -1 for no group; None where that is not there."""
    if number < 0:
        return -1 if partition.n_noise else None
    numbers = partition.groups.numbers
    return numbers.index(number) if number in numbers else None


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


def texts_of(grouping: Grouping, partition: Partition, indices: Sequence[int]) -> list[str]:
    """Return what stands for each image where it is not seen: its name and its group."""
    images = grouping.collection.images
    return [f"{images[index].path.rpartition('/')[2]}, {partition.name(partition.labels[index])}" for index in indices]


def strip_rows(grouping: Grouping, partition: Partition) -> tuple[StripRow, ...]:
    """Return one strip for each cluster, its most typical images in it, and one for those in none.

    They go by the numbers of the groups, see `number_of`.
    """
    key = f"{collection_key(grouping.collection)}/{grouping.space.fingerprint}/{partition.key}"
    return _strips(key, grouping, partition)


@st.cache_resource(max_entries=64, show_spinner=False)
def _strips(key: str, _grouping: Grouping, _partition: Partition) -> tuple[StripRow, ...]:
    summary = summary_of(_grouping, _partition)
    # All members of all groups at once, as `members` has them: one group after the other would take k times as long.
    order = np.lexsort((summary.distances, _partition.labels))
    starts = np.searchsorted(_partition.labels[order], np.arange(-1, _partition.n_clusters))

    def strip(label: int, size: int, note: str) -> StripRow:
        start = starts[label + 1]
        return _strip(_grouping, _partition, label, order[start : start + min(size, PER_STRIP)], size, note)

    rows = [
        strip(label, int(size), cohesion_word(float(cohesion)) if size > 1 else "")
        for label, (size, cohesion) in enumerate(zip(summary.sizes, summary.cohesion, strict=True))
    ]
    if _partition.n_noise:
        rows.append(strip(-1, _partition.n_noise, "unlike all groups"))
    return tuple(rows)


def _strip(grouping: Grouping, partition: Partition, label: int, indices: np.ndarray, size: int, note: str) -> StripRow:
    shown = tuple(indices.tolist())
    return StripRow(
        cluster=number_of(partition, label),
        name=partition.name(label),
        color=partition.color(label),
        size=count(size, "picture"),
        note=note,
        indices=shown,
        texts=tuple(texts_of(grouping, partition, shown)),
        is_locked=label >= 0 and partition.groups.locked[label],
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
