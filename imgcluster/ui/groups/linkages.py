"""Which tree: how the distance of two groups is measured."""

import streamlit as st

__all__ = ["choose_linkage", "chosen_linkage"]

_KEY, _USUAL = "tree_linkage", "ward-euclidean"  # texts: what is chosen is kept with the project
_LINKAGES = {
    _USUAL: "Ward: groups of like size and spread",
    "average-euclidean": "Average distance",
    "complete-euclidean": "Complete: the farthest two of a pair of groups",
    "single-euclidean": "Single: the nearest two of a pair of groups",
    "average-cosine": "Average angle",
    "complete-cosine": "Complete, by angle",
    "single-cosine": "Single, by angle",
}


def choose_linkage() -> tuple[str, str]:
    """Offer the linkages, and return the chosen one with its metric."""
    chosen = st.selectbox(
        "How is the distance of two groups measured?",
        list(_LINKAGES),
        format_func=_LINKAGES.get,
        key=_KEY,
        persist_state="session",
        help="The tree joins the two nearest groups again and again. Ward is the safe choice; single follows chains of "
        "pictures each of which is like the next.",
    )
    return _parts(chosen)


def chosen_linkage() -> tuple[str, str]:
    """Return the linkage and the metric that were chosen."""
    return _parts(st.session_state.get(_KEY))


def _parts(chosen: str | None) -> tuple[str, str]:
    linkage, metric = (chosen if chosen in _LINKAGES else _USUAL).split("-")
    return linkage, metric
