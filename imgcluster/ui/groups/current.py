"""The groups that are looked at, for the screens that do not make any: those that were shown last."""

import streamlit as st

from imgcluster.ui.background import Grouping
from imgcluster.ui.groups.partition import Partition, kmeans_partition
from imgcluster.ui.state import chosen_clusters

__all__ = ["current_partition", "remember_partition"]

_SHOWN = "shown_partition"  # the space's fingerprint, and the groups; labels of one space say nothing in another


def remember_partition(grouping: Grouping, partition: Partition) -> None:
    """Note which groups a screen shows."""
    st.session_state[_SHOWN] = grouping.space.fingerprint, partition


def current_partition(grouping: Grouping) -> Partition:
    """Return the groups that were shown last in this space; otherwise, KMeans with the chosen number of groups."""
    fingerprint, partition = st.session_state.get(_SHOWN, ("", None))
    if fingerprint == grouping.space.fingerprint and partition.method != "kmeans":
        return partition
    return kmeans_partition(grouping, chosen_clusters(len(grouping.series)))
