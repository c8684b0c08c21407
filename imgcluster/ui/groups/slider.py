"""The slider of the number of groups: the same on every screen."""

import streamlit as st

from imgcluster.ui.state import choose_clusters, chosen_clusters

__all__ = ["slider_of_groups"]


def slider_of_groups(most: int) -> int:
    """Let the number of groups be chosen, from 1 to ``most``, and return it; one group alone leaves no choice."""
    if most > 1:
        choose_clusters(chosen_clusters(most))
        st.slider(
            "How many groups",
            1,
            most,
            key="n_clusters",
            persist_state="session",
            help="Fewer groups are coarser, more are finer. A group that stays keeps its number and its colour.",
        )
    return chosen_clusters(most)
