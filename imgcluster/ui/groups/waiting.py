"""What is shown in place of groups that are not there yet."""

import streamlit as st

from imgcluster.jobs import Job, JobState
from imgcluster.ui.job_panel import show_until_done
from imgcluster.ui.register import jobs

__all__ = ["wait_for"]


def wait_for(job: Job, *, key: str) -> bool:
    """Return whether a job is done; where it is not, show it, and offer to try again where it ended otherwise."""
    if job.state is JobState.DONE:
        return True
    show_until_done(job, key=key)
    if job.state is not JobState.RUNNING:
        st.button("Try again", key=f"again-{key}", icon=":material/refresh:", on_click=jobs().drop, args=(job,))
    return False
