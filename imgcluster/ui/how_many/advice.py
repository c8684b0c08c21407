"""The answer: how many groups fit, in a sentence, and what each score says."""

import re

import streamlit as st

from imgcluster.choosing.recommendation import Recommendation
from imgcluster.choosing.wording import sentence
from imgcluster.jobs import JobState
from imgcluster.ui.background import resumed_k_scan
from imgcluster.ui.how_many.data import comparable, recommendation_of
from imgcluster.ui.how_many.words import SCORES, reason_line
from imgcluster.ui.messages import plain
from imgcluster.ui.project.grouped import Grouping
from imgcluster.ui.project.source import Source
from imgcluster.ui.router import page_of
from imgcluster.ui.state import choose_clusters

__all__ = ["show_advice", "show_hint"]


def show_advice(recommendation: Recommendation, n_clusters: int) -> None:
    """Show the sentence, a button that follows it, and the reasons."""
    answer, evidence = _answer(recommendation)
    left, right = st.columns([3, 2], gap="large", vertical_alignment="center")
    with left:
        st.title(plain(answer), anchor=False)
        if evidence:
            st.markdown(plain(evidence))
        with st.container(horizontal=True, vertical_alignment="center"):
            _follow(recommendation.k, n_clusters)
            st.page_link(page_of("groups"), label="See the groups", icon=":material/arrow_forward:")
    with right, st.container(gap="xxsmall"):
        for reason in recommendation.reasons:
            icon = "check_circle" if reason.agrees else "radio_button_unchecked"
            st.markdown(f":material/{icon}: {reason_line(reason)}", help=SCORES[reason.score].meaning, width="content")


def show_hint(source: Source, grouping: Grouping) -> None:
    """Say on another screen how many groups fit, the whole sentence within reach; or where to find out."""
    if not comparable(grouping):
        return
    job = resumed_k_scan(source, grouping)
    label, text = "How many groups fit?", None
    if job is not None and job.state is JobState.DONE:
        recommendation = recommendation_of(grouping, job.result)
        label, text = f"{plain(_answer(recommendation)[0])}\\. See why", plain(sentence(recommendation))
    st.page_link(page_of("how_many"), label=label, icon=":material/insights:", help=text)


def _answer(recommendation: Recommendation) -> tuple[str, str]:
    """Return the sentence in two parts: how many, without its full stop, and why."""
    answer, evidence = re.split("[.:] ", f"{sentence(recommendation)} ", maxsplit=1)
    return answer, evidence[:1].upper() + evidence[1:].rstrip()


def _follow(k: int | None, n_clusters: int) -> None:
    if k is None:
        return
    if k == n_clusters:
        st.markdown(f":material/check: You use {k} groups.", width="content")
    else:
        st.button(f"Use {k} groups", type="primary", key="use-recommended", on_click=choose_clusters, args=(k,))
