"""The screen Groups: how many, the map, and the pictures of each group."""

import streamlit as st

from imgcluster.ui.components.gallery import strips
from imgcluster.ui.components.thumbs import thumb_feed
from imgcluster.ui.groups.current import remember_partition
from imgcluster.ui.groups.data import strip_rows, thumbnail_loader
from imgcluster.ui.groups.map_panel import map_controls, show_map
from imgcluster.ui.groups.picture_view import picture_view
from imgcluster.ui.groups.shelf import chosen_shelf, follow_strip, show_shelf
from imgcluster.ui.groups.similar_panel import similar_panel
from imgcluster.ui.groups.space_panel import space_panel
from imgcluster.ui.groups.way import choose_way, is_by_number, steer
from imgcluster.ui.guards import require_grouping
from imgcluster.ui.how_many.advice import show_hint
from imgcluster.ui.messages import count, plain, public
from imgcluster.ui.router import ensure_frame
from imgcluster.ui.state import keep_choices_of, publish, remember_source

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
    partition = steer(source, grouping, way)
    publish(key="address-of-groups")
    remember_source(source, n_images)
    if partition is None:
        return
    remember_partition(grouping, partition)
    for note in partition.notes:
        st.caption(f":material/info: {plain(public(note))}")
    show_map(source, grouping, partition, key="map")
    shelf = chosen_shelf(partition)
    if shelf is None:
        strips(strip_rows(grouping, partition), key="strips", collection=fingerprint, on_event=follow_strip)
    else:
        show_shelf(source, grouping, partition, shelf)
    picture_view(source, grouping, partition)


with st.container(horizontal=True, vertical_alignment="center"):
    st.markdown(f"## {plain(source.name)}&ensp;:gray[{count(n_images, 'picture')}]", width="content")
    similar_panel(source)
for note in grouping.notes:
    st.caption(f":material/info: {plain(public(note))}")
thumb_feed(thumbnail_loader(source, grouping), collection=fingerprint, n_images=n_images)
groups()
