"""The source that is open: what was found in it, or why not, and the way on from there."""

import streamlit as st

from imgcluster.jobs import JobState
from imgcluster.pictures.collection import Collection
from imgcluster.ui.background import found_job, start_finding
from imgcluster.ui.job_panel import show_until_done
from imgcluster.ui.messages import plain
from imgcluster.ui.pictures.relocating import ask_where, can_be_elsewhere, show_relocated
from imgcluster.ui.pictures.reopening import go_on, stay
from imgcluster.ui.pictures.start import show_start
from imgcluster.ui.project.source import Source
from imgcluster.ui.router import page_of

__all__ = ["show_opened"]


def show_opened(source: Source) -> None:
    """Show the source by its name, with all that can be done with it here."""
    scan = found_job(source) or start_finding(source)
    with st.container(border=True):
        st.header(plain(source.name), anchor=False)
        if scan.state is not JobState.DONE:
            show_until_done(scan, key="scan")
            if scan.state is JobState.FAILED and can_be_elsewhere(source):
                stay()
                ask_where(source)
            return
        go_on(source)
        if show_relocated(source):
            return
        if source.kind == "file":
            _show_sent(source, scan.result)
        else:
            show_start(source, scan.result)


def _show_sent(source: Source, found: Collection) -> None:
    """Show a project whose pictures are elsewhere."""
    st.metric("Pictures", f"{len(found):,}", width="content")
    st.markdown(
        "Somebody sent this project. Its groups and thumbnails are here; to see the pictures in full size, or to "
        "compare them in another way, say where they are."
    )
    st.page_link(page_of("groups"), label="See the groups", icon=":material/arrow_forward:")
    if can_be_elsewhere(source):
        ask_where(source)
