"""The jobs of this server: one register for all sessions, so that a reload finds the work that it began."""

import streamlit as st

from imgcluster.jobs import Jobs

__all__ = ["jobs"]


@st.cache_resource(show_spinner=False)
def jobs() -> Jobs:
    """Return the register of all jobs."""
    return Jobs()
