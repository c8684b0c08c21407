"""Which tree: how the distance of two groups is measured."""

import streamlit as st

__all__ = ["choose_linkage"]

_LINKAGES = {
    ("ward", "euclidean"): "Ward: groups of like size and spread",
    ("average", "euclidean"): "Average distance",
    ("complete", "euclidean"): "Complete: the farthest two of a pair of groups",
    ("single", "euclidean"): "Single: the nearest two of a pair of groups",
    ("average", "cosine"): "Average angle",
    ("complete", "cosine"): "Complete, by angle",
    ("single", "cosine"): "Single, by angle",
}


def choose_linkage() -> tuple[str, str]:
    """Offer the linkages, and return the chosen one with its metric."""
    return st.selectbox(
        "How is the distance of two groups measured?",
        list(_LINKAGES),
        format_func=_LINKAGES.get,
        key="linkage",
        persist_state="session",
        help="The tree joins the two nearest groups again and again. Ward is the safe choice; single follows chains of "
        "pictures each of which is like the next.",
    )
