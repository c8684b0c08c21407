"""Which map is drawn: the detailed one takes a while, and until it is there a first sketch stands in for it."""

import numpy as np
import streamlit as st

from imgcluster.jobs import JobState
from imgcluster.stages import place_on_map
from imgcluster.ui.background import Grouping, forget_map, map_job
from imgcluster.ui.hosting import workspace_of
from imgcluster.ui.messages import show_error
from imgcluster.ui.state import Source

__all__ = ["choose_map", "drawn_map"]

_MAPS = {"umap": "Detailed", "pca": "Simple"}


def choose_map() -> str:
    """Offer the maps, and return the method of the chosen one."""
    return st.segmented_control(
        "Map",
        list(_MAPS),
        format_func=_MAPS.get,
        default="umap",
        required=True,
        key="map_method",
        persist_state="session",
        help="Detailed: UMAP, which keeps neighbours together. Simple: PCA, the two directions of most variation.",
    )


def drawn_map(source: Source, grouping: Grouping, method: str) -> np.ndarray:
    """Return where each image is drawn, (n_images, 2); say so where that is not the chosen map."""
    if method != "umap":
        return place_on_map(grouping.space, method, workspace=workspace_of(source))
    job = map_job(source, grouping.space, method)
    if job.state is JobState.DONE:
        return job.result
    if job.state is JobState.RUNNING:
        _wait(source, grouping, method)
    else:
        if job.error is not None:
            show_error(job.error)
        st.button("Draw the detailed map", on_click=forget_map, args=(source, grouping.space, method))
    return place_on_map(grouping.space, "diffusion", workspace=workspace_of(source))


@st.fragment(run_every=1)
def _wait(source: Source, grouping: Grouping, method: str) -> None:
    """Show the map as soon as it is there."""
    if map_job(source, grouping.space, method).state is not JobState.RUNNING:
        st.rerun()
    st.caption(":material/hourglass_top: The detailed map is being drawn; a first sketch is shown until it is there.")
