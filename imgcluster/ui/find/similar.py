"""The pictures that are most like one, and how far that is from usual."""

import math

import numpy as np
import streamlit as st

from imgcluster import figures
from imgcluster.finding.significance import SimilarImages
from imgcluster.ui.components.gallery import gallery
from imgcluster.ui.find.model import similar_to
from imgcluster.ui.find.subject import Subject
from imgcluster.ui.find.words import significance_in_words
from imgcluster.ui.groups.data import texts_of
from imgcluster.ui.groups.partition import Partition
from imgcluster.ui.groups.picture_view import open_picture, picture_view
from imgcluster.ui.groups.shelf import PER_PAGE
from imgcluster.ui.messages import count
from imgcluster.ui.project.grouped import Grouping
from imgcluster.ui.project.source import Source
from imgcluster.ui.router import page_of
from imgcluster.ui.theme import is_dark

__all__ = ["show_similar"]

_MOST, _USUAL = 60, 12
_ALPHAS = (0.01, 0.05, 0.1)
_METRICS = {"cosine": "by direction (cosine)", "euclidean": "by distance (euclidean)"}


@st.fragment
def show_similar(source: Source, grouping: Grouping, partition: Partition, subject: Subject) -> None:
    """Show the pictures nearest to one, with what chooses them; the large view of one that is clicked."""
    st.header(
        "Similar pictures",
        anchor=False,
        help="The nearest first. Point at one to read how far it is (0 for a copy), and how often chance alone would "
        "bring one so near (p).",
    )
    if len(grouping.collection) - (subject.index is not None) < 1:
        st.markdown("There is no other picture to compare it with.")
        return
    n_neighbors, metric, alpha, also_near = _controls()
    similar = similar_to(grouping, subject, metric=metric, n_neighbors=n_neighbors, alpha=alpha)
    n_shown = len(similar.indices) if also_near else min(n_neighbors, len(similar.indices))
    st.markdown(significance_in_words(similar, alpha))
    _gallery(grouping, partition, similar, n_shown)
    if st.button("Show on the map", icon=":material/my_location:", help="Rings mark them there."):
        own = () if subject.index is None else (subject.index,)
        st.session_state["marked"] = (*own, *similar.indices[:n_shown].tolist())
        st.switch_page(page_of("groups"))
    st.plotly_chart(
        figures.distance_figure(
            similar.all_distances,
            similar.fit,
            threshold=similar.threshold,
            shown_limit=float(similar.distances[n_shown - 1]),
            dark=is_dark(),
        ),
        key="distances",
        config={"displayModeBar": False},
        alt=f"How far all pictures are from it. {significance_in_words(similar, alpha)}",
    )
    picture_view(source, grouping, partition, has_map=False)


def _controls() -> tuple[int, str, float, bool]:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        n_neighbors = st.slider(
            "How many",
            1,
            _MOST,
            _USUAL,
            key="n_similar",
            persist_state="session",
            width=240,
            help="So many of the nearest are shown.",
        )
        with st.popover("How near is measured", icon=":material/straighten:"):
            metric = st.selectbox(
                "Measure",
                list(_METRICS),
                format_func=_METRICS.__getitem__,
                key="similar_metric",
                persist_state="session",
                help="By direction, the strength of the features does not count; by distance, it does.",
            )
            alpha = st.selectbox(
                "Chance allowed (alpha)",
                _ALPHAS,
                index=1,
                format_func=lambda value: f"{value:g}",
                key="similar_alpha",
                persist_state="session",
                help="With so much chance a picture counts as near although none is. The number of pictures that "
                "were compared is allowed for.",
            )
    also_near = st.toggle(
        "Also all that are significantly near",
        key="also_near",
        persist_state="session",
        help="More than the number above, where more are nearer than chance allows.",
    )
    return n_neighbors, metric, alpha, also_near


def _gallery(grouping: Grouping, partition: Partition, similar: SimilarImages, n_shown: int) -> None:
    n_pages = -(-n_shown // PER_PAGE)
    page = st.pagination(n_pages, key=f"similar-page-{n_shown}") if n_pages > 1 else 1
    rows = np.arange(n_shown)[(page - 1) * PER_PAGE : page * PER_PAGE]
    indices = similar.indices[rows]
    names = texts_of(grouping, partition, indices)
    gallery(
        indices.tolist(),
        key="similar",
        collection=grouping.features.fingerprint,
        texts=[f"{name}, {_figures(similar, int(row))}" for name, row in zip(names, rows, strict=True)],
        colors=partition.colors(partition.labels[indices]),
        label=f"{count(n_shown, 'similar picture')}, the nearest first",
        on_event=open_picture,
    )


def _figures(similar: SimilarImages, row: int) -> str:
    p_value = float(similar.p_values[row])
    chance = "" if math.isnan(p_value) else f" (p = {p_value:.2g})"
    return f"distance {similar.distances[row]:.3g}{chance}"
