"""The shelf below the map when it does not show all groups: the pictures of a selection or of one group, by pages."""

import numpy as np
import streamlit as st

from imgcluster.palette import cluster_colors
from imgcluster.ui.background import Grouping
from imgcluster.ui.components.gallery import gallery
from imgcluster.ui.groups_data import group_name, members, summary_of, texts_of
from imgcluster.ui.messages import count
from imgcluster.ui.picture_view import open_picture

__all__ = ["PER_PAGE", "show_shelf"]

PER_PAGE = 60


def show_shelf(grouping: Grouping, n_clusters: int) -> None:
    """Show the pictures that the session chose: the lasso's ("selection"), or those of a cluster (its label)."""
    chosen, labels = st.session_state["shelf"], grouping.series[n_clusters - 1]
    if chosen == "selection":
        indices = np.asarray(st.session_state.get("selected", ()), dtype=np.intp)
        title, hint = f"{count(len(indices), 'picture')} selected", "in the order of their names"
    elif chosen < n_clusters:
        indices = members(grouping, n_clusters, chosen)
        title, hint = f"{group_name(chosen)}: {count(len(indices), 'picture')}", "the most typical first"
    else:  # a move of the slider took this group away
        st.session_state["shelf"] = None
        st.rerun(scope="fragment")
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f"**{title}**&ensp;:gray[{hint}]", width="content")
        st.button("Back to all groups", icon=":material/arrow_back:", on_click=_clear)
    n_pages = max(1, -(-len(indices) // PER_PAGE))
    page = st.pagination(n_pages, key=f"page-{chosen}-{len(indices)}") if n_pages > 1 else 1
    shown = indices[(page - 1) * PER_PAGE : page * PER_PAGE]
    picked = gallery(
        shown.tolist(),
        key="gallery",
        collection=grouping.features.fingerprint,
        texts=texts_of(grouping, labels, shown),
        colors=cluster_colors(labels[shown]),
        pressed=st.session_state.get("marked", ()),
        medoids=summary_of(grouping, n_clusters).medoids,
        label=title,
    )
    if picked is not None:
        open_picture(picked)
        st.rerun(scope="fragment")


def _clear() -> None:
    st.session_state["shelf"] = None
    st.session_state["selected"] = ()
