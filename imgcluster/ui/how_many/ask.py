"""Before, during and after the work: what it will do and take, that it was stopped, and a wider range."""

import streamlit as st

from imgcluster.choosing.scan import KScan, estimate_seconds
from imgcluster.jobs import Job
from imgcluster.ui.background import first_range, start_k_scan
from imgcluster.ui.how_many.data import asked_range
from imgcluster.ui.messages import count, duration, show_error
from imgcluster.ui.project.grouped import Grouping
from imgcluster.ui.project.source import Source

__all__ = ["ask_for_range", "ask_to_go_on", "ask_wider"]

_RANGE = "k_range"


def ask_for_range(source: Source, grouping: Grouping, job: Job[KScan] | None) -> None:
    """Offer to compare; say why where it failed before."""
    if job is not None and job.error is not None:
        show_error(job.error)
    with st.container(border=True):
        st.header("How many groups fit?", anchor=False)
        st.markdown("Every number of groups is tried and scored; then you read which one fits, why, and what changes.")
        _choose_range(source, grouping, first=first_range(grouping))


def ask_to_go_on(source: Source, grouping: Grouping, job: Job[KScan], scan: KScan) -> None:
    """Say how far the work got before it ended, and offer to go on: only what is missing is computed."""
    if job.error is not None:
        show_error(job.error)
    low, high = asked_range(job, scan)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f":material/pause: Stopped: {low} to {int(scan.ks[-1])} groups are compared, of {low} to {high}.",
            width="content",
        )
        st.button(
            "Go on",
            icon=":material/play_arrow:",
            key="go-on",
            on_click=_start,
            args=(source, grouping, (low, high)),
        )


def ask_wider(source: Source, grouping: Grouping, job: Job[KScan], scan: KScan) -> None:
    """Offer another range; what was compared before is not computed again."""
    with st.popover("Compare another range", icon=":material/tune:"):
        _choose_range(source, grouping, first=asked_range(job, scan))


def _choose_range(source: Source, grouping: Grouping, *, first: tuple[int, int]) -> None:
    most = len(grouping.series)
    low, high = st.session_state.get(_RANGE) or first
    st.session_state[_RANGE] = (min(max(2, low), most), min(max(2, high), most))
    low, high = st.slider("Numbers of groups to compare", 2, most, key=_RANGE, persist_state="session")
    n_ks = high - low + 1
    seconds = estimate_seconds(len(grouping.collection), n_ks)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            f"Compare {low} to {high} groups",
            type="primary",
            key="compare",
            icon=":material/play_arrow:",
            disabled=n_ks < 2,
            on_click=_start,
            args=(source, grouping, (low, high)),
        )
        takes = f"{count(len(grouping.collection), 'picture')}, takes {duration(seconds)}"
        st.caption(takes if n_ks > 1 else "Choose a wider range.", width="content")


def _start(source: Source, grouping: Grouping, ends: tuple[int, int]) -> None:
    st.session_state[_RANGE] = ends
    start_k_scan(source, grouping, range(ends[0], ends[1] + 1))
