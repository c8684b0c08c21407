"""The screen Groups: how many, the map, and the pictures of each group."""

import streamlit as st

from imgcluster.jobs import JobState
from imgcluster.palette import cluster_colors
from imgcluster.pipeline import place_on_map
from imgcluster.ui.background import map_job
from imgcluster.ui.components.gallery import strips
from imgcluster.ui.components.map import image_map
from imgcluster.ui.components.thumbs import thumb_feed
from imgcluster.ui.groups_data import group_name, strip_rows, thumbnail_loader
from imgcluster.ui.guards import require_grouping
from imgcluster.ui.hosting import workspace_of
from imgcluster.ui.messages import count, plain
from imgcluster.ui.picture_view import open_picture, picture_view
from imgcluster.ui.router import ensure_frame
from imgcluster.ui.shelf import show_shelf
from imgcluster.ui.state import chosen_clusters, publish, remember_source

ensure_frame()
source, grouping = require_grouping()
n_images, fingerprint = len(grouping.collection), grouping.features.fingerprint
most = len(grouping.series)
MAPS = {"umap": "Detailed", "pca": "Simple"}


@st.fragment(run_every=1)
def wait_for_map() -> None:
    """Say that the detailed map is being drawn, and show it when it is there."""
    if map_job(source, grouping.space, "umap").state is not JobState.RUNNING:
        st.rerun()
    st.caption(":material/hourglass_top: The detailed map is being drawn; a first sketch is shown until it is there.")


@st.fragment
def groups() -> None:
    """Everything that follows the slider."""
    left, right = st.columns([3, 1], vertical_alignment="bottom", gap="large")
    if most > 1:
        st.session_state["n_clusters"] = chosen_clusters(most)
        left.slider(
            "How many groups",
            1,
            most,
            key="n_clusters",
            help="Fewer groups are coarser, more are finer. A group that stays keeps its number and its colour.",
        )
    with right:
        method = st.segmented_control(
            "Map",
            list(MAPS),
            format_func=MAPS.get,
            default="umap",
            required=True,
            key="map_method",
            persist_state="session",
            help="Detailed: UMAP, which keeps neighbours together. Simple: PCA, the two directions of most variation.",
        )
    n_clusters = chosen_clusters(most)
    labels = grouping.series[n_clusters - 1]
    publish()
    remember_source(source, n_images)

    job = map_job(source, grouping.space, "umap") if method == "umap" else None
    if job is not None and job.state is JobState.DONE:
        coordinates = job.result
    else:
        coordinates = place_on_map(grouping.space, "diffusion" if job else "pca", workspace=workspace_of(source))
    events = image_map(
        coordinates,
        labels,
        key="map",
        collection=fingerprint,
        colors=cluster_colors(range(n_clusters)),
        names=[group_name(label) for label in range(n_clusters)],
        marked=st.session_state.get("marked", ()),
        selected=st.session_state.get("selected", ()),
    )
    if events.selected is not None:
        st.session_state["selected"] = events.selected
        st.session_state["shelf"] = "selection" if events.selected else None
    if events.picked is not None:
        open_picture(events.picked)

    if st.session_state.get("shelf") is None:
        event = strips(strip_rows(grouping, n_clusters), key="strips", collection=fingerprint)
        if event is not None and event.index is None:
            st.session_state["shelf"] = event.cluster
            st.rerun(scope="fragment")
        elif event is not None:
            open_picture(event.index)
            st.rerun(scope="fragment")
    else:
        show_shelf(grouping, n_clusters)
    picture_view(source, grouping, n_clusters)


st.markdown(f"### {plain(source.name)}&ensp;:gray[{count(n_images, 'picture')}]")
for note in grouping.notes:
    st.caption(f":material/info: {plain(note)}")
thumb_feed(thumbnail_loader(source, grouping), collection=fingerprint, n_images=n_images)
if (
    st.session_state.get("map_method", "umap") == "umap"
    and map_job(source, grouping.space, "umap").state is JobState.RUNNING
):
    wait_for_map()
groups()
