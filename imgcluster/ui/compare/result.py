"""What two groupings have in common: in words, as a table, and the pictures that changed."""

import streamlit as st

from imgcluster import figures
from imgcluster.choosing.comparing import Comparison, compare, in_words
from imgcluster.ui.compare.sides import Side
from imgcluster.ui.groups.shelf import paged_gallery
from imgcluster.ui.messages import count, percent, plain
from imgcluster.ui.project.grouped import Grouping
from imgcluster.ui.theme import is_dark

__all__ = ["show_result"]


def show_result(grouping: Grouping, first: Side, second: Side) -> None:
    """Show how far the two agree, where they do not, and on which pictures."""
    comparison = _comparison(grouping.space.fingerprint, first.partition.key, second.partition.key, first, second)
    st.title(f"{percent(comparison.percent)} alike", anchor=False)
    st.markdown(plain(in_words(comparison, first_names=first.names, second_names=second.names)))
    left, right = st.columns(2)
    left.metric(
        "Adjusted Rand index",
        f"{comparison.ari:.2f}",
        help="Of all pairs of pictures: how often both say the same, together or apart, beyond chance. 1: the same "
        "groups; 0: no more than chance.",
    )
    right.metric(
        "Normalised mutual information",
        f"{comparison.nmi:.2f}",
        help="How much knowing one grouping tells of the other, from 0 to 1. Finer groups raise it.",
    )
    st.header("How the groups fall into each other", anchor=False)
    st.caption("Each row is a group of the first, each column one of the second; the number counts pictures in both.")
    st.plotly_chart(
        figures.contingency_figure(comparison, row_names=first.names, column_names=second.names, dark=is_dark()),
        key="contingency",
        config={"displayModeBar": False},
        alt=f"Table of {first.partition.title} against {second.partition.title}",
    )
    n_changed = len(comparison.changed)
    st.header(f"{count(n_changed, 'picture')} changed" if n_changed else "No picture changed", anchor=False)
    if n_changed:
        st.caption("Not in the counterpart of their group. The colour and the name are those of the second grouping.")
        paged_gallery(grouping, second.partition, comparison.changed, key="changed", label="Pictures that changed")


@st.cache_resource(max_entries=32, show_spinner=False)
def _comparison(fingerprint: str, first: str, second: str, _first: Side, _second: Side) -> Comparison:
    return compare(_first.partition.labels, _second.partition.labels)
