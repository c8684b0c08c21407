"""The screen How many groups: the answer, its reasons, and what the pictures look like around it."""

import streamlit as st

from imgcluster.jobs import JobState
from imgcluster.ui.background import resumed_k_scan
from imgcluster.ui.components.thumbs import thumb_feed
from imgcluster.ui.groups.data import thumbnail_loader
from imgcluster.ui.groups.partition import kmeans_partition
from imgcluster.ui.groups.picture_view import picture_view
from imgcluster.ui.groups.slider import slider_of_groups
from imgcluster.ui.guards import require_grouping
from imgcluster.ui.how_many.advice import show_advice
from imgcluster.ui.how_many.ask import ask_for_range, ask_to_go_on, ask_wider
from imgcluster.ui.how_many.curves import more_curves, show_curves, watch_curves
from imgcluster.ui.how_many.data import comparable, recommendation_of, sample_note, shown_scan, table_csv
from imgcluster.ui.how_many.fit import show_fit
from imgcluster.ui.how_many.neighbours import show_neighbours
from imgcluster.ui.job_panel import job_panel
from imgcluster.ui.messages import count, plain
from imgcluster.ui.project.session import keep_project
from imgcluster.ui.router import ensure_frame, page_of
from imgcluster.ui.state import chosen_clusters, keep_choices_of, publish

ensure_frame()
source, grouping = require_grouping()
n_images, fingerprint = len(grouping.collection), grouping.features.fingerprint
most = len(grouping.series)
keep_choices_of(fingerprint)


@st.fragment
def how_many() -> None:
    """Everything that follows the number of groups."""
    job = resumed_k_scan(source, grouping)
    scan, running = shown_scan(job), job is not None and job.state is JobState.RUNNING
    if scan is None and not running:
        ask_for_range(source, grouping, job)
        return
    recommendation = None
    with st.container(border=not running, key="answer"):
        if running:
            job_panel(job, key="k-scan")
        else:
            recommendation = recommendation_of(grouping, scan)
            show_advice(recommendation, chosen_clusters(most))
            if job.state is not JobState.DONE:
                ask_to_go_on(source, grouping, job, scan)
    n_clusters = slider_of_groups(most)
    publish(key="address-of-how-many")
    keep_project(source, grouping)
    if running:
        watch_curves(job, n_clusters, most=most)
    else:
        show_curves(scan, n_clusters, most=most, recommendation=recommendation)
        with st.expander("More scores"):
            more_curves(scan, n_clusters, most=most)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.download_button(
                "All scores as a table",
                table_csv(scan),
                file_name="how-many-groups.csv",
                mime="text/csv",
                on_click="ignore",
                icon=":material/download:",
            )
            ask_wider(source, grouping, job, scan)
        if note := sample_note(scan):
            st.caption(note)
    show_neighbours(grouping, n_clusters)
    if not running:
        show_fit(source, grouping, scan, n_clusters)
    picture_view(source, grouping, kmeans_partition(grouping, n_clusters), has_map=False)


st.markdown(f"## {plain(source.name)}&ensp;:gray[{count(n_images, 'picture')}]")
thumb_feed(thumbnail_loader(source, grouping), collection=fingerprint, n_images=n_images)
if comparable(grouping):
    how_many()
else:
    st.info("With fewer than three pictures there is nothing to compare.", icon=":material/photo_library:")
    st.page_link(page_of("groups"), label="See the groups", icon=":material/arrow_forward:")
