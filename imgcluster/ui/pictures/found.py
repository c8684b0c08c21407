"""What was found in a source before the long work begins."""

import streamlit as st

from imgcluster.jobs import Job, JobState
from imgcluster.pictures.collection import Collection
from imgcluster.ui.messages import count, duration
from imgcluster.ui.pictures.similar.timing import source_of_time, time_of
from imgcluster.ui.project.grouped import Grouping
from imgcluster.ui.project.source import Source
from imgcluster.ui.state import chosen_features

__all__ = ["show_found"]


def show_found(source: Source, found: Collection, job: Job[Grouping] | None, *, startable: bool) -> None:
    """Show how many pictures there are, how many cannot be read and why, and how long it will take.

    Parameters
    ----------
    source : Source
    found : Collection
    job : Job or None
        The one that groups them by what should count as similar, None when it was not started.
    startable : bool
        Whether there is a time to be told.
    """
    grouped = job is not None and job.state is JobState.DONE
    skipped = job.result.collection.skipped if grouped else found.skipped
    n_images = len(found) + len(found.skipped) - len(skipped)
    with st.container(horizontal=True, gap="medium"):
        st.metric("Pictures found", f"{n_images:,}", width="content")
        st.metric(
            "Cannot be read", f"{len(skipped):,}", help="They are left out; the list below says why.", width="content"
        )
        if startable and not grouped:
            _show_time(source, found)
    if not n_images:
        st.error("The list says why. Choose other pictures.", title="None of these files can be used")
    if skipped:
        with st.expander(
            f"{count(len(skipped), 'file')} that cannot be read", expanded=not n_images, icon=":material/hide_image:"
        ):
            st.dataframe(
                {"File": [image.path for image in skipped], "Why": [image.reason for image in skipped]},
                hide_index=True,
                alt="Files that cannot be read, with the reason for each",
            )


def _show_time(source: Source, found: Collection) -> None:
    features = chosen_features()
    estimate = time_of(source, found, features)
    if estimate is None:
        return
    st.metric(
        "Time",
        duration(estimate.seconds).removeprefix("about "),
        help=f"About so long, {source_of_time(features, estimate)}. {count(estimate.n_new, 'picture')} must be looked "
        "at; the others are known already.",
        width="content",
    )
