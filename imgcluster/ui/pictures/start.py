"""From what was found to its groups: what should count as similar, the button that starts, and the way there."""

import streamlit as st

from imgcluster.jobs import Job, JobState
from imgcluster.pictures.collection import Collection
from imgcluster.ui.background import grouping_job, start_grouping
from imgcluster.ui.job_panel import show_until_done
from imgcluster.ui.pictures.found import show_found
from imgcluster.ui.pictures.similar.choice import choose_similar
from imgcluster.ui.pictures.similar.timing import stop_measuring
from imgcluster.ui.project.grouped import Grouping
from imgcluster.ui.project.source import Source
from imgcluster.ui.router import page_of
from imgcluster.ui.state import chosen_features, usual_space

__all__ = ["show_start"]

_LEADS_TO_GROUPS = "go_to_groups"


def show_start(source: Source, found: Collection) -> None:
    """Show what was found, ask what should count as similar, and start; what was grouped before is there at once."""
    counts = st.container()  # filled when it is known what should count as similar
    job = _job_of(source)
    running = job is not None and job.state is JobState.RUNNING
    usable = len(found) > 0 and choose_similar(source, found, disabled=running)
    job = _job_of(source)
    with counts:
        show_found(source, found, job, startable=usable)
    if not usable:
        return
    waiting = job is None or job.state in (JobState.CANCELLED, JobState.FAILED)
    if waiting and st.button("Start", type="primary", icon=":material/play_arrow:", key="start"):
        st.session_state[_LEADS_TO_GROUPS] = source.id
        stop_measuring()
        features = chosen_features()
        start_grouping(source, found, usual_space(features), features)
        st.rerun()
    if job is not None and job.state is not JobState.DONE:
        show_until_done(job, key="grouping")
    elif job is not None:
        if st.session_state.pop(_LEADS_TO_GROUPS, None) == source.id:
            st.switch_page(page_of("groups"))
        st.page_link(page_of("groups"), label="See the groups", icon=":material/arrow_forward:")


def _job_of(source: Source) -> Job[Grouping] | None:
    features = chosen_features()
    return grouping_job(source, usual_space(features), features)
