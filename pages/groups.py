"""The screen Groups: how many, the map, and the pictures of each group."""

import streamlit as st

from imgcluster.palette import cluster_colors
from imgcluster.ui.components.gallery import strips
from imgcluster.ui.components.map import image_map
from imgcluster.ui.components.thumbs import thumb_feed
from imgcluster.ui.groups.data import group_name, strip_rows, thumbnail_loader
from imgcluster.ui.groups.map_panel import choose_map, drawn_map
from imgcluster.ui.groups.picture_view import picture_view
from imgcluster.ui.groups.shelf import chosen_shelf, follow_map, follow_strip, show_shelf
from imgcluster.ui.groups.slider import slider_of_groups
from imgcluster.ui.guards import require_grouping
from imgcluster.ui.how_many.advice import show_hint
from imgcluster.ui.messages import count, plain, public
from imgcluster.ui.router import ensure_frame
from imgcluster.ui.state import keep_choices_of, publish, remember_source

ensure_frame()
source, grouping = require_grouping()
n_images, fingerprint = len(grouping.collection), grouping.features.fingerprint
most = len(grouping.series)
keep_choices_of(fingerprint)


@st.fragment
def groups() -> None:
    """Everything that follows the slider."""
    left, right = st.columns([3, 1], vertical_alignment="bottom", gap="large")
    with left:
        n_clusters = slider_of_groups(most)
    with right:
        method = choose_map()
    show_hint(source, grouping)
    labels = grouping.series[n_clusters - 1]
    publish(key="address-of-groups")
    remember_source(source, n_images)

    image_map(
        drawn_map(source, grouping, method),
        labels,
        key="map",
        collection=fingerprint,
        colors=cluster_colors(range(n_clusters)),
        names=[group_name(label) for label in range(n_clusters)],
        marked=st.session_state.get("marked", ()),
        selected=st.session_state.get("selected", ()),
        on_event=follow_map,
    )
    shelf = chosen_shelf(n_clusters)
    if shelf is None:
        strips(strip_rows(grouping, n_clusters), key="strips", collection=fingerprint, on_event=follow_strip)
    else:
        show_shelf(grouping, n_clusters, shelf)
    picture_view(source, grouping, n_clusters)


st.markdown(f"## {plain(source.name)}&ensp;:gray[{count(n_images, 'picture')}]")
for note in grouping.notes:
    st.caption(f":material/info: {plain(public(note))}")
thumb_feed(thumbnail_loader(source, grouping), collection=fingerprint, n_images=n_images)
groups()
