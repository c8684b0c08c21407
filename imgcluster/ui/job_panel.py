"""What a running job looks like: what is done, how fast, how long still, and a way to stop it."""

import numpy as np
import streamlit as st

from imgcluster import figures
from imgcluster.jobs import Job, JobState
from imgcluster.progress import Progress
from imgcluster.ui.messages import duration, plain, show_error
from imgcluster.ui.theme import is_dark

__all__ = ["job_panel", "show_until_done"]


def job_panel(job: Job, *, key: str) -> None:
    """Show a job until it ends, then run the page again; say why where it failed or was stopped."""
    if job.state is JobState.RUNNING:
        _watch(job, key)
    elif job.state is JobState.FAILED:
        show_error(job.error)
    elif job.state is JobState.CANCELLED:
        st.info("Press Start to go on; what was finished is kept.", title="Stopped", icon=":material/pause:")


def show_until_done(job: Job, *, key: str) -> None:
    """Show a job that was not done when it was asked; where it is by now, run the page again."""
    job_panel(job, key=key)
    if job.state is JobState.DONE:
        st.rerun()


@st.fragment(run_every=0.5)
def _watch(job: Job, key: str) -> None:
    if job.state is not JobState.RUNNING:
        st.rerun()
    progress = job.progress or Progress(stage="Getting ready", done=0, total=0)
    with st.container(border=True):
        left, right = st.columns([5, 1], vertical_alignment="center")
        left.markdown(f"**{plain(progress.stage)}** {_figures(progress)}")
        right.button(
            "Stopping" if job.stopping else "Cancel",
            key=f"cancel-{key}",
            on_click=job.cancel,
            disabled=job.stopping,
            icon=":material/close:",
            width="stretch",
        )
        st.progress(progress.fraction)
        st.caption(_detail(progress))
        if isinstance(progress.partial, np.ndarray) and len(progress.partial):
            st.plotly_chart(
                figures.loss_figure(progress.partial, dark=is_dark()),
                key=f"loss-{key}",
                config={"displayModeBar": False},
                alt="How the error falls while the network learns",
            )


def _figures(progress: Progress) -> str:
    return f"&ensp;{progress.done:,} of {progress.total:,}" if progress.total else ""


def _detail(progress: Progress) -> str:
    parts = []
    if progress.rate >= 0.05 and progress.total:
        parts.append(f"{progress.rate:,.0f} a second" if progress.rate >= 1 else f"{progress.rate:.1f} a second")
    if progress.seconds_left is not None and progress.seconds > 1:
        parts.append(f"{duration(progress.seconds_left)} left")
    if progress.current:
        parts.append(plain(progress.current[-80:]))
    return " · ".join(parts) or "&nbsp;"
