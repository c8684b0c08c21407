"""What lies below the map: all groups, or on the shelf the pictures of a selection or of one group, by pages."""

import numpy as np
import streamlit as st

from imgcluster.palette import cluster_colors
from imgcluster.ui.background import Grouping
from imgcluster.ui.components.gallery import StripEvent, gallery
from imgcluster.ui.components.map import MapEvents
from imgcluster.ui.groups.data import members, summary_of, texts_of
from imgcluster.ui.groups.in_short import show_in_short
from imgcluster.ui.groups.partition import Partition, group_name
from imgcluster.ui.groups.picture_view import open_picture
from imgcluster.ui.messages import count
from imgcluster.ui.state import Source

__all__ = ["PER_PAGE", "chosen_shelf", "follow_map", "follow_strip", "paged_gallery", "show_shelf"]

PER_PAGE = 60


def follow_map(events: MapEvents) -> None:
    """Put what was selected on the map on the shelf; open what was clicked."""
    if events.selected is not None:
        st.session_state["selected"] = events.selected
        st.session_state["shelf"] = "selection" if events.selected else None
    if events.picked is not None:
        open_picture(events.picked)


def follow_strip(event: StripEvent) -> None:
    """Put all pictures of a group on the shelf, or open the one that was clicked."""
    if event.index is None:
        st.session_state["shelf"] = event.cluster
    else:
        open_picture(event.index)


def chosen_shelf(partition: Partition) -> int | str | None:
    """Return what is on the shelf: a cluster's label, "selection", or None where all groups are to be shown."""
    chosen = st.session_state.get("shelf")
    if isinstance(chosen, int) and chosen not in partition.labels:  # a move of the slider took this group away
        chosen = st.session_state["shelf"] = None
    return chosen


def show_shelf(source: Source, grouping: Grouping, partition: Partition, chosen: int | str) -> None:
    """Show the pictures of the lasso ("selection"), or those of a cluster (its label)."""
    if chosen == "selection":
        indices = np.asarray(st.session_state.get("selected", ()), dtype=np.intp)
        title, hint = f"{count(len(indices), 'picture')} selected", "in the order of their names"
    else:
        indices = members(grouping, partition, chosen)
        hint = "the most typical first" if chosen >= 0 else "in the order of their names"
        title = f"{group_name(chosen)}: {count(len(indices), 'picture')}"
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f"**{title}**&ensp;:gray[{hint}]", width="content")
        st.button("Back to all groups", icon=":material/arrow_back:", on_click=_clear)
    if chosen != "selection":
        show_in_short(source, grouping, partition, chosen)
    paged_gallery(grouping, partition, indices, key=str(chosen), label=title)


def paged_gallery(grouping: Grouping, partition: Partition, indices: np.ndarray, *, key: str, label: str) -> None:
    """Show pictures by pages, in the order given; one that is clicked is opened."""
    labels = partition.labels
    n_pages = max(1, -(-len(indices) // PER_PAGE))
    page = st.pagination(n_pages, key=f"page-{key}-{len(indices)}") if n_pages > 1 else 1
    shown = indices[(page - 1) * PER_PAGE : page * PER_PAGE]
    gallery(
        shown.tolist(),
        key="gallery",
        collection=grouping.features.fingerprint,
        texts=texts_of(grouping, labels, shown),
        colors=cluster_colors(labels[shown]),
        pressed=st.session_state.get("marked", ()),
        medoids=summary_of(grouping, partition).medoids,
        label=label,
        on_event=open_picture,
    )


def _clear() -> None:
    st.session_state["shelf"] = None
    st.session_state["selected"] = ()
