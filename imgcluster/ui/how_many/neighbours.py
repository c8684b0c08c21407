"""The pictures at k - 1, k and k + 1 side by side, and what changes from one to the next."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import streamlit as st

from imgcluster.choosing.changes import Change, describe
from imgcluster.ui.components.gallery import StripEvent, StripRow, strips
from imgcluster.ui.groups.data import strip_rows
from imgcluster.ui.groups.partition import Partition, kmeans_partition
from imgcluster.ui.groups.picture_view import open_picture
from imgcluster.ui.how_many.data import changes_to
from imgcluster.ui.messages import count
from imgcluster.ui.project.grouped import Grouping
from imgcluster.ui.state import choose_clusters

__all__ = ["show_neighbours"]

_PER_STRIP, _FEW_ROWS = 5, 5
# Two lines of words in every column, so that the strips below begin at the same height.
_STYLE = """<style>
@media (min-width: 640px) { [class*="st-key-changes-"] { min-height: 3rem; } }
</style>"""


def show_neighbours(grouping: Grouping, n_clusters: int) -> None:
    """Show three columns of strips, the groups that change first."""
    most = len(grouping.series)
    fewer = changes_to(grouping, n_clusters, n_clusters - 1) if n_clusters > 1 else ()
    more = changes_to(grouping, n_clusters, n_clusters + 1) if n_clusters < most else ()
    st.html(_STYLE)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.header("What changes", anchor=False, width="content")
        everything = st.toggle("All groups", key="all_groups", persist_state="session")
    left, middle, right = st.columns(3, gap="medium")
    if n_clusters > 1:
        with left:
            _other(grouping, n_clusters - 1, fewer, everything)
    with middle:
        _heading(n_clusters, "The groups that change come first." if fewer or more else "", chosen=True)
        changed = [label for change in (*more, *fewer) for label in change.before]
        _column(grouping, n_clusters, changed, everything)
    if n_clusters < most:
        with right:
            _other(grouping, n_clusters + 1, more, everything)


def _other(grouping: Grouping, k: int, changes: tuple[Change, ...], everything: bool) -> None:
    """Show what there would be at another k."""
    _heading(k, describe(changes))
    _column(grouping, k, [label for change in changes for label in change.after], everything)


def _heading(k: int, words: str, *, chosen: bool = False) -> None:
    groups = count(k, "group")
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f"**{groups}**", width="content")
        if chosen:
            st.button("Chosen", key="use-none", icon=":material/check:", disabled=True)
        else:
            st.button(f"Use {groups}", key=f"use-{k}", on_click=choose_clusters, args=(k,))
    with st.container(key=f"changes-{k}"):
        st.caption(words or "&nbsp;")


def _column(grouping: Grouping, k: int, changed: Sequence[int], everything: bool) -> None:
    rows = {row.cluster: row for row in strip_rows(grouping, kmeans_partition(grouping, k))}
    first = [label for label in dict.fromkeys(changed) if label in rows]
    labels = [*first, *(label for label in rows if label not in first)]
    if not everything:
        labels = labels[: max(len(first), _FEW_ROWS)]
    strips(
        [_short(rows[label]) for label in labels],
        key=f"strips-{k}",
        collection=grouping.features.fingerprint,
        show_all=False,
        on_event=partial(_open, kmeans_partition(grouping, k)),
    )


def _short(row: StripRow) -> StripRow:
    return replace(row, indices=row.indices[:_PER_STRIP], texts=row.texts[:_PER_STRIP])


def _open(partition: Partition, event: StripEvent) -> None:
    if event.index is not None:
        open_picture(event.index, at=partition)
