"""What counts as similar, said beside the groups, with the way back to choose again."""

from dataclasses import replace

import streamlit as st

from imgcluster.features.options import FeatureOptions
from imgcluster.ui.background import found_job, grouping_job, start_grouping
from imgcluster.ui.messages import plain
from imgcluster.ui.pictures.similar.combine import weight_sliders
from imgcluster.ui.pictures.similar.goals import ELSE, goal_of, offered_goals
from imgcluster.ui.project.source import Source
from imgcluster.ui.register import jobs
from imgcluster.ui.router import page_of
from imgcluster.ui.state import choose_features, chosen_features, chosen_space, usual_space

__all__ = ["similar_panel"]

# So many seconds a page waits for other weights, rather than show that they are worked out.
_PATIENCE = 2.0


@st.fragment
def similar_panel(source: Source) -> None:
    """Say what counts as similar; offer other weights where several extractors are combined, and the way back."""
    features = chosen_features()
    goal = goal_of(features)
    name = plain(features.title) if goal == ELSE else offered_goals()[goal].title
    with st.popover(f"Similar: {name}", icon=":material/join_inner:"):
        steps = f", {features.preprocessing.text}" if features.preprocessing.text else ""
        st.caption(f"Pictures are compared by {plain(features.title + steps)}.")
        if len(features.parts) > 1 and not features.vectors:
            wanted = replace(features, parts=weight_sliders(features.parts, key="groups-weight"))
            if st.button("Use these weights", type="primary", disabled=wanted == features, key="use-weights"):
                _use(source, features, wanted)
                st.rerun()
        st.page_link(page_of("pictures"), label="Choose what counts as similar", icon=":material/arrow_back:")


def _use(source: Source, before: FeatureOptions, wanted: FeatureOptions) -> None:
    """Group by other weights; what is combined of the former ones would fill the memory, one after the other."""
    former = grouping_job(source, chosen_space(), before)
    choose_features(wanted)
    start_grouping(source, found_job(source).result, usual_space(wanted), wanted).wait(_PATIENCE)
    if former is not None:
        jobs().drop(former)
