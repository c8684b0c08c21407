"""The cut through the tree: by number of groups or by height."""

import numpy as np
import streamlit as st

from imgcluster.grouping.trees.hierarchy import heights_for_number, number_at_height
from imgcluster.ui.groups.auto import clamp
from imgcluster.ui.groups.cuts import GrownTree
from imgcluster.ui.groups.partition import plural
from imgcluster.ui.groups.slider import slider_of_groups
from imgcluster.ui.state import choose_clusters

__all__ = ["faithfulness", "steer_cut"]


def steer_cut(grown: GrownTree) -> tuple[int, float]:
    """Show the slider of the cut; return the number of groups and the height."""
    most = min(len(grown.series), grown.tree.n_leaves)
    left, right = st.columns([1, 4], vertical_alignment="bottom", gap="large")
    with left:
        by = st.segmented_control(
            "Cut by", ["number", "height"], format_func=str.capitalize, default="number", required=True, key="cut_by"
        )
    with right:
        if by == "number" or most < 2:
            n_clusters = slider_of_groups(len(grown.series))
            low, high = heights_for_number(grown.tree, min(n_clusters, grown.tree.n_leaves))
            return n_clusters, float(low + high) / 2 if np.isfinite(high) else float(low) * 1.05
        top = heights_for_number(grown.tree, 1)[0]
        lowest = heights_for_number(grown.tree, most)[0]
        key = f"height-{grown.name}"
        st.session_state.setdefault(key, float(lowest + top) / 2)
        clamp(key, float(lowest), float(top) * 1.05)
        height = st.slider("Height of the cut", float(lowest), float(top) * 1.05, key=key, format="%.3g")
        n_clusters = max(1, min(most, number_at_height(grown.tree, height)))
        choose_clusters(n_clusters)
        st.caption(plural(n_clusters))
        return n_clusters, height


def faithfulness(cophenetic: float) -> str:
    """Say how faithful the tree is, in one line."""
    if not np.isfinite(cophenetic):
        return ""
    word = "very" if cophenetic >= 0.85 else "fairly" if cophenetic >= 0.7 else "only roughly"
    return (
        f"The tree is {word} faithful ({cophenetic:.2f}): the heights at which two pictures meet in it, compared with "
        "their distances (cophenetic correlation; 1 is perfect)."
    )
