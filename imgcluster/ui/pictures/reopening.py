"""From the list of projects to the groups, where these are known."""

import streamlit as st

from imgcluster.ui.background import start_finding
from imgcluster.ui.project.session import open_source, was_grouped
from imgcluster.ui.project.source import Source
from imgcluster.ui.router import page_of

__all__ = ["go_on", "reopen", "stay"]

_REOPENS = "reopens"  # session state: the source that is being opened where it was left


def reopen(source: Source) -> None:
    """Open a project, look for its pictures, and go on to its groups when they are there; see `go_on`."""
    open_source(source)
    start_finding(source, again=True)
    st.session_state[_REOPENS] = source.id


def stay() -> None:
    """Do not go on: something is asked here first."""
    st.session_state.pop(_REOPENS, None)


def go_on(source: Source) -> None:
    """Go on to the groups of a source that was just opened from the list and was grouped before, once."""
    if st.session_state.pop(_REOPENS, None) == source.id and was_grouped(source):
        st.switch_page(page_of("groups"))
