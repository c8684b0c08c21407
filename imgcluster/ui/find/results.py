"""What Find shows for what was asked: one picture, or first the table of several new ones."""

import streamlit as st

from imgcluster.errors import ImgClusterError
from imgcluster.features.extraction import Extraction
from imgcluster.features.options import FeatureOptions
from imgcluster.ui.find.arrivals import arrivals_job
from imgcluster.ui.find.belongs import choose_strictness, show_own_place, show_place, strictness
from imgcluster.ui.find.model import model_key, model_of, places_of
from imgcluster.ui.find.query import Query
from imgcluster.ui.find.similar import show_similar
from imgcluster.ui.find.subject import arriving, of_collection, show_subject
from imgcluster.ui.find.table import show_arrivals
from imgcluster.ui.find.take_away import offer_predictions
from imgcluster.ui.groups.partition import Partition
from imgcluster.ui.groups.waiting import wait_for
from imgcluster.ui.messages import count, plain, public, show_error
from imgcluster.ui.project.grouped import Grouping
from imgcluster.ui.project.source import Source

__all__ = ["show_results"]


def show_results(
    source: Source, grouping: Grouping, partition: Partition, features: FeatureOptions, query: Query
) -> None:
    """Show what is like the picture that was asked for, and where it belongs."""
    if query.image is not None:
        subject = of_collection(grouping, query.image)
        left, right = st.columns([1, 2], gap="large")
        with left:
            show_subject(subject)
            show_own_place(partition, query.image)
        with right:
            show_similar(source, grouping, partition, subject)
    elif not features.vectors:
        job = arrivals_job(source, grouping, features, query.arrivals)
        if wait_for(job, key="arrivals"):
            _show_new(source, grouping, partition, query.arrivals, job.result)


def _show_new(source: Source, grouping: Grouping, partition: Partition, place: Source, arrivals: Extraction) -> None:
    _show_skipped(arrivals)
    model = places = None
    try:
        model = model_of(source, grouping, partition)
        places = places_of(model, model_key(grouping, partition), arrivals, strictness())
    except ImgClusterError as error:  # what is like them can be found all the same
        show_error(error)
    is_one, row = len(arrivals.collection) == 1, 0
    if not is_one:
        row = show_arrivals(place, partition, arrivals, places)
        if places is not None:
            offer_predictions(model, arrivals, places)
            choose_strictness()
    if row is None:
        return
    subject = arriving(arrivals, row)
    left, right = st.columns([1, 2], gap="large")
    with left:
        show_subject(subject)
        if places is not None:
            show_place(grouping, partition, places, row)
            if is_one:
                choose_strictness()
    with right:
        show_similar(source, grouping, partition, subject)


def _show_skipped(arrivals: Extraction) -> None:
    for note in arrivals.notes:
        st.caption(f":material/info: {plain(public(note))}")
    skipped = arrivals.collection.skipped
    if skipped:
        with st.expander(f"{count(len(skipped), 'file')} that cannot be read", icon=":material/hide_image:"):
            st.dataframe(
                {"File": [image.path for image in skipped], "Why": [image.reason for image in skipped]},
                hide_index=True,
                alt="New files that cannot be read, with the reason for each",
            )
