"""Work of this screen while it goes on, and when it ended without a result."""

from collections.abc import Sequence

import streamlit as st

from imgcluster.jobs import Job, JobState
from imgcluster.pictures.collection import SkippedImage
from imgcluster.ui.job_panel import job_panel
from imgcluster.ui.messages import count, plain

__all__ = ["left_out", "show_work"]


def show_work(job: Job | None, *, key: str, stopped: str) -> bool:
    """Return whether a job is still at work, which is shown; say why where it failed, or that it was stopped.

    Parameters
    ----------
    job : Job or None
    key : str
        Streamlit's key, unique on the page.
    stopped : str
        What is true after it was stopped, in a sentence.
    """
    if job is None:
        return False
    if job.state is JobState.CANCELLED:
        st.info(stopped, title="Stopped", icon=":material/pause:")
    else:
        job_panel(job, key=key)
    return job.state is JobState.RUNNING


def left_out(skipped: Sequence[SkippedImage]) -> None:
    """Say which pictures could not be taken along, the first of them with the reason."""
    if skipped:
        first = skipped[0]
        st.warning(
            f"{count(len(skipped), 'picture')} left out, such as {plain(first.path)}: {plain(first.reason)}.",
            icon=":material/hide_image:",
        )
