"""What a screen needs before it can show anything; where it is missing, the guard says what to do next and stops."""

from typing import NoReturn

import streamlit as st

from imgcluster.jobs import JobState
from imgcluster.ui.background import found_job, grouping_job, start_finding, start_grouping
from imgcluster.ui.job_panel import show_until_done
from imgcluster.ui.messages import plain
from imgcluster.ui.project.grouped import Grouping
from imgcluster.ui.project.session import current_source, was_grouped
from imgcluster.ui.project.source import Source
from imgcluster.ui.router import page_of
from imgcluster.ui.state import chosen_features, chosen_space, usual_space

__all__ = ["require_grouping"]


def require_grouping() -> tuple[Source, Grouping]:
    """Return what this session looks at, grouped; after a restart of the program it is read from the store at once."""
    source = current_source()
    if source is None:
        _stop("No pictures yet", "Choose a sample or a folder of your own first.", link="Choose pictures")
    options, features = chosen_space(), chosen_features()
    job = grouping_job(source, options, features)
    if job is None and (was_grouped(source) or grouping_job(source, usual_space(features), features) is not None):
        scan = found_job(source) or start_finding(source)
        job = start_grouping(source, scan.result, options, features) if scan.state is JobState.DONE else scan
    if job is None:
        _stop(f"{plain(source.name)} is not grouped yet", "Start it on the screen Pictures.", link="Go to Pictures")
    if job.state is not JobState.DONE or not isinstance(job.result, Grouping):
        st.header(plain(source.name), anchor=False)
        show_until_done(job, key="groups")
        st.page_link(page_of("pictures"), label="Choose other pictures", icon=":material/arrow_back:")
        st.stop()
    return source, job.result


def _stop(title: str, body: str, *, link: str) -> NoReturn:
    st.info(body, title=title, icon=":material/photo_library:")
    st.page_link(page_of("pictures"), label=link, icon=":material/arrow_forward:")
    st.stop()
