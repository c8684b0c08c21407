"""The groups that are looked at, for the screens that do not make any: those that were shown last."""

import streamlit as st

from imgcluster.ui.groups.methods import chosen_partition
from imgcluster.ui.groups.partition import Partition
from imgcluster.ui.project.grouped import Grouping
from imgcluster.ui.project.projects import edited
from imgcluster.ui.project.source import Source

__all__ = ["current_partition", "remember_partition", "shown_partition"]

_SHOWN = "shown_partition"  # the source and the space, and the groups; labels of one say nothing in another


def remember_partition(source: Source, grouping: Grouping, partition: Partition) -> None:
    """Note which groups a screen shows, before the edits."""
    st.session_state[_SHOWN] = (source.id, grouping.space.fingerprint), partition


def shown_partition(source: Source, grouping: Grouping) -> Partition:
    """Return the groups that were shown last, before the edits; otherwise, those of the way that was chosen.

    While these are computed, that is shown and the page stops.
    """
    shown_of, partition = st.session_state.get(_SHOWN, (None, None))
    if shown_of != (source.id, grouping.space.fingerprint) or partition.method == "kmeans":
        partition = chosen_partition(source, grouping)  # by the number that is chosen now, on any screen
    if partition is None:
        st.stop()
    return partition


def current_partition(source: Source, grouping: Grouping) -> Partition:
    """Return the groups that were shown last, with all edits; see `shown_partition`."""
    return edited(source, grouping, shown_partition(source, grouping))
