"""The screen Groups: how many, the map, and the pictures of each group."""

import streamlit as st

from imgcluster.ui.components.thumbs import thumb_feed
from imgcluster.ui.groups.current import remember_partition
from imgcluster.ui.groups.data import summary_of, thumbnail_loader
from imgcluster.ui.groups.editing.advice import chosen_advice, show_advice
from imgcluster.ui.groups.editing.group_dialog import group_dialog
from imgcluster.ui.groups.editing.names import proposed_names
from imgcluster.ui.groups.editing.rows import editable_strips
from imgcluster.ui.groups.editing.toolbar import show_hidden, toolbar
from imgcluster.ui.groups.map_panel import map_controls, show_map
from imgcluster.ui.groups.picture_view import picture_view
from imgcluster.ui.groups.shelf import chosen_shelf, show_shelf
from imgcluster.ui.groups.similar_panel import similar_panel
from imgcluster.ui.groups.space_panel import space_panel
from imgcluster.ui.groups.way import choose_way, is_by_number, steer
from imgcluster.ui.guards import require_grouping
from imgcluster.ui.how_many.advice import show_hint
from imgcluster.ui.messages import count, plain, public
from imgcluster.ui.project.projects import edited
from imgcluster.ui.project.session import keep_project
from imgcluster.ui.router import ensure_frame
from imgcluster.ui.state import keep_choices_of, publish

ensure_frame()
source, grouping = require_grouping()
n_images, fingerprint = len(grouping.collection), grouping.features.fingerprint
keep_choices_of(fingerprint)


@st.fragment
def groups() -> None:
    """Everything that follows the slider."""
    left, right = st.columns([3, 2], vertical_alignment="bottom", gap="large")
    with left:
        way = choose_way()
    with right, st.container(horizontal=True, vertical_alignment="center"):
        space_panel(grouping)
        map_controls(grouping)
        if is_by_number(way):
            show_hint(source, grouping)
    found = steer(source, grouping, way)
    publish(key="address-of-groups")
    cover = () if found is None else summary_of(grouping, found).medoids[:4].tolist()
    keep_project(source, grouping, cover)
    if found is None:
        return
    remember_partition(source, grouping, found)
    partition = edited(source, grouping, found)
    for note in found.notes:
        st.caption(f":material/info: {plain(public(note))}")
    show_map(source, grouping, partition, key="map")
    proposed = proposed_names(source, grouping, partition)
    above = st.container()
    shelf = chosen_shelf(partition)
    if chosen_advice() is not None:
        show_advice(source, grouping, partition)
    elif shelf is not None:
        show_shelf(source, grouping, partition, shelf, can_edit=True)
    else:
        editable_strips(source, grouping, partition, proposed)
        show_hidden(source, grouping, partition)
    with above:  # last, since what is below may have found out how many pictures may not belong
        toolbar(source, grouping, found, partition, proposed)
    if not group_dialog(source, grouping, partition, proposed):
        picture_view(source, grouping, partition)


with st.container(horizontal=True, vertical_alignment="center"):
    st.markdown(f"## {plain(source.name)}&ensp;:gray[{count(n_images, 'picture')}]", width="content")
    similar_panel(source)
for note in grouping.notes:
    st.caption(f":material/info: {plain(public(note))}")
thumb_feed(thumbnail_loader(source, grouping), collection=fingerprint, n_images=n_images)
groups()
