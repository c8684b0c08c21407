"""The space in which the groups are found, for those who want another than the usual one."""

import streamlit as st

from imgcluster import figures
from imgcluster.spaces.options import SCALINGS, SPACES, SpaceOptions, space_method
from imgcluster.spaces.space import explained_variance_sentence
from imgcluster.ui.messages import unbroken
from imgcluster.ui.project.grouped import Grouping
from imgcluster.ui.state import choose_space, chosen_space
from imgcluster.ui.theme import is_dark

__all__ = ["space_panel"]

_SCALINGS = {
    "auto": "auto",
    "none": "none",
    "l2": "unit length (L2)",
    "zscore": "z-score",
    "hellinger": "square roots, unit length (Hellinger)",
}


def space_panel(grouping: Grouping) -> None:
    """Offer the spaces behind a button, and say what the one in use keeps."""
    chosen = chosen_space()
    name = space_method(chosen.method).title
    with st.popover(f"Space: {name}", icon=":material/hub:"):
        method = st.selectbox(
            "Pictures are compared in",
            [method.name for method in SPACES],
            format_func=lambda each: space_method(each).title,
            index=[method.name for method in SPACES].index(chosen.method),
            key="space_method",
        )
        entry = space_method(method)
        st.caption(entry.explanation)
        if entry.beyond and len(grouping.collection) > (entry.max_exact or 0):
            st.caption(f":material/info: {entry.beyond}")
        n_dims = None
        if method not in ("none", "map"):
            n_dims = st.number_input(
                "Dimensions",
                1,
                max(200, chosen.n_dims or 0),
                value=chosen.n_dims,
                step=1,
                placeholder="auto",
                key="space_dims",
                help=f"Empty: chosen by the app. {unbroken(entry.n_dims_rule)}",
            )
        scaling = st.selectbox(
            "Scaling of the features",
            ["auto", *SCALINGS],
            format_func=_SCALINGS.get,
            index=["auto", *SCALINGS].index(chosen.scaling),
            key="space_scaling",
            help="auto is Hellinger: square roots keep a few strong features from drowning all others.",
        )
        wanted = SpaceOptions(method=method, n_dims=n_dims, scaling=scaling)
        if st.button("Use this space", type="primary", disabled=wanted == chosen, key="use-space"):
            choose_space(wanted)
            st.rerun()
        _show_variance(grouping)


def _show_variance(grouping: Grouping) -> None:
    space = grouping.space
    if len(space.explained_variance_ratio) == 0:
        return
    st.markdown(unbroken(explained_variance_sentence(space)))
    st.plotly_chart(
        figures.explained_variance_figure(space.explained_variance_ratio, dark=is_dark()),
        key="explained-variance",
        config={"displayModeBar": False},
        alt="Share of the differences that each direction holds",
    )
