"""How long it will take, at once from what is known and soon by the first pictures of this folder."""

import streamlit as st

from imgcluster.errors import ImgClusterError
from imgcluster.features.embedding import TimeEstimate
from imgcluster.features.options import FeatureOptions
from imgcluster.jobs import Job, JobState
from imgcluster.pictures.collection import Collection
from imgcluster.progress import Progress
from imgcluster.ui.background import expected_time_of, measuring_job
from imgcluster.ui.messages import duration
from imgcluster.ui.project.source import Source
from imgcluster.ui.register import jobs

__all__ = [
    "ask_for_time",
    "measured_job",
    "show_time",
    "source_of_time",
    "stop_measuring",
    "time_of",
]

# Kept per session: the store is asked about every picture, and a page runs often.
_TIMES = "similar_times"
# The features of which somebody asked for the time, by choosing them.
_ASKED = "similar_asked"
_JOB = "similar_measuring"
_N_FIRST = 32


def time_of(source: Source, found: Collection, features: FeatureOptions) -> TimeEstimate | None:
    """Return how long features will take; None where the store cannot say."""
    state = (found, _is_measured())
    before, times = st.session_state.get(_TIMES, (None, {}))
    if before is None or before[0] is not found or before[1] != state[1]:
        times = {}
        st.session_state[_TIMES] = (state, times)
    if features.text not in times:
        try:
            times[features.text] = expected_time_of(source, found, features)
        except ImgClusterError:
            times[features.text] = None
    return times[features.text]


def ask_for_time(features: FeatureOptions) -> None:
    """Note that somebody chose these features, so that the work on the first pictures may begin."""
    stop_measuring()
    st.session_state[_ASKED] = features.text


def stop_measuring() -> None:
    """End the work on the first pictures, and forget what was expected: something else begins."""
    job = st.session_state.pop(_JOB, None)
    if job is not None:
        jobs().drop(job)
    st.session_state.pop(_ASKED, None)
    st.session_state.pop(_TIMES, None)


def measured_job(source: Source, found: Collection, features: FeatureOptions) -> Job[TimeEstimate] | None:
    """Return the job that works through the first pictures; None where nobody asked, or the speed is known.

    Nor where there is something to know first, such as that weights have to be fetched: that begins with Start alone.
    """
    job = st.session_state.get(_JOB)
    if job is None and st.session_state.get(_ASKED) == features.text:
        estimate = time_of(source, found, features)
        noted = any(extractor.note for extractor in features.extractors())
        if estimate is not None and not estimate.measured and not noted:
            job = st.session_state[_JOB] = measuring_job(source, found, features)
    return job


def show_time(source: Source, found: Collection, features: FeatureOptions, *, title: str) -> None:
    """Say in one line what is used, how long it will take, and how that is known, or how far it is measured."""
    job = measured_job(source, found, features)
    estimate = time_of(source, found, features)
    if estimate is None or not estimate.n_new:
        st.caption(title)
    elif job is not None and job.state is JobState.RUNNING:
        _watch(job, f"{title} · {duration(estimate.seconds)}")
    else:
        st.caption(f"{title} · {duration(estimate.seconds)}, {source_of_time(features, estimate)}")


def source_of_time(features: FeatureOptions, estimate: TimeEstimate) -> str:
    """Return how the time is known."""
    if _is_measured() and st.session_state.get(_ASKED) == features.text and estimate.measured:
        return f"measured on the first {_N_FIRST} pictures"
    return "measured on this computer" if estimate.measured else "estimated"


def _is_measured() -> bool:
    job = st.session_state.get(_JOB)
    return job is not None and job.state is JobState.DONE


@st.fragment(run_every=0.5)
def _watch(job: Job[TimeEstimate], line: str) -> None:
    if job.state is not JobState.RUNNING:
        st.rerun()
    progress = job.progress or Progress(stage="", done=0, total=0)
    so_far = f", {progress.done} of {progress.total}" if progress.done else ""
    st.caption(f"{line}, being measured on the first pictures{so_far}")
