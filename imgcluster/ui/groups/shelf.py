"""What lies below the map: all groups, or on the shelf the pictures of a selection or of one group, by pages."""

from collections.abc import Callable
from functools import partial

import numpy as np
import streamlit as st

from imgcluster.ui.components.gallery import StripEvent, gallery
from imgcluster.ui.components.map import MapEvents
from imgcluster.ui.groups.data import label_of, members, number_of, summary_of, texts_of
from imgcluster.ui.groups.editing.advice import close_advice
from imgcluster.ui.groups.editing.group_dialog import edit_group
from imgcluster.ui.groups.editing.moving import Choice, choose_and_move, keep_chosen
from imgcluster.ui.groups.in_short import show_in_short
from imgcluster.ui.groups.partition import Partition
from imgcluster.ui.groups.picture_view import open_picture
from imgcluster.ui.messages import count, plain
from imgcluster.ui.project.grouped import Grouping
from imgcluster.ui.project.source import Source

__all__ = ["PER_PAGE", "chosen_shelf", "follow_map", "follow_strip", "paged_gallery", "show_shelf"]

PER_PAGE = 60


def follow_map(events: MapEvents) -> None:
    """Put what was selected on the map on the shelf; open what was clicked."""
    if events.selected is not None:
        st.session_state["selected"] = events.selected
        st.session_state["shelf"] = "selection" if events.selected else None
        close_advice()
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
    if not isinstance(chosen, int):
        return chosen
    label = label_of(partition, chosen)
    if label is None:  # a move of the slider, or a change, took this group away
        st.session_state["shelf"] = None
    return label


def show_shelf(
    source: Source, grouping: Grouping, partition: Partition, chosen: int | str, *, can_edit: bool = False
) -> None:
    """Show the pictures of the lasso ("selection"), or those of a cluster (its label); let them be moved on wish."""
    if chosen == "selection":
        indices = np.asarray(st.session_state.get("selected", ()), dtype=np.intp)
        title, hint = f"{count(len(indices), 'picture')} selected", "in the order of their names"
    else:
        indices = members(grouping, partition, chosen)
        hint = "the most typical first" if chosen >= 0 else "in the order of their names"
        title = f"{plain(partition.name(chosen))}: {count(len(indices), 'picture')}"
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f"**{title}**&ensp;:gray[{hint}]", width="content")
        with st.container(horizontal=True, width="content"):
            if can_edit and chosen != "selection" and chosen >= 0:
                number = number_of(partition, chosen)
                st.button("Edit group", icon=":material/edit:", on_click=edit_group, args=(number,))
            st.button("Back to all groups", icon=":material/arrow_back:", on_click=_clear)
    if chosen != "selection":
        show_in_short(source, grouping, partition, chosen)
    choose = None
    if can_edit and len(indices):
        own = None if chosen == "selection" else chosen
        choose = partial(choose_and_move, source, grouping, partition, indices, own=own)
    label = "Selected pictures" if chosen == "selection" else f"Pictures of {partition.name(chosen)}"
    paged_gallery(grouping, partition, indices, key=str(chosen), label=label, choose=choose)


def paged_gallery(
    grouping: Grouping,
    partition: Partition,
    indices: np.ndarray,
    *,
    key: str,
    label: str,
    choose: Callable[[np.ndarray], Choice] | None = None,
) -> None:
    """Show pictures by pages, in the order given; one that is clicked is opened.

    With ``choose``, what it shows of the pictures of a page stands above them, and says which are chosen.
    """
    above = st.container()
    n_pages = max(1, -(-len(indices) // PER_PAGE))
    page = st.pagination(n_pages, key=f"page-{key}-{len(indices)}") if n_pages > 1 else 1
    shown = indices[(page - 1) * PER_PAGE : page * PER_PAGE]
    choice = Choice()
    if choose is not None:
        with above:
            choice = choose(shown)
    gallery(
        shown.tolist(),
        key="gallery",
        collection=grouping.features.fingerprint,
        texts=texts_of(grouping, partition, shown),
        colors=partition.colors(partition.labels[shown]),
        pressed=st.session_state.get("marked", ()) if choice.number is None else choice.images,
        medoids=summary_of(grouping, partition).medoids,
        label=label,
        choosing=choice.number,
        on_event=open_picture,
        on_chosen=partial(keep_chosen, shown.tolist()),
    )


def _clear() -> None:
    st.session_state["shelf"] = None
    st.session_state["selected"] = ()
