"""A map that draws some of its pictures, for the browser tests. The line at the end says what Python knows."""

import io
import json

import numpy as np
import streamlit as st
from PIL import Image

from imgcluster.palette import cluster_color, cluster_colors
from imgcluster.ui.components import MapEvents, image_map, thumb_feed
from imgcluster.ui.sending import send_all

N_IMAGES, N_BLOBS = 600, 10


@st.cache_data
def points(n_dims: int) -> np.ndarray:
    """A blob for each tenth of the pictures."""
    rng = np.random.default_rng(0)
    centers = rng.uniform(-8, 8, (N_BLOBS, n_dims))
    return (centers[np.arange(N_IMAGES) % N_BLOBS] + rng.normal(0, 0.7, (N_IMAGES, n_dims))).astype("float32")


def sample() -> np.ndarray:
    """Every third picture of each blob."""
    return np.flatnonzero(np.arange(N_IMAGES) // N_BLOBS % 3 == 0)


def besides(k: int) -> list[int]:
    """One picture of each group that the sample has not."""
    return [N_BLOBS + cluster for cluster in range(k)]


def remember(events: MapEvents) -> None:
    known = st.session_state.known
    if events.selected is not None:
        known["selected"] = list(events.selected)
    if events.picked is not None:
        known["picked"] = events.picked


@st.fragment
def screen() -> None:
    known = st.session_state.setdefault("known", {"picked": None, "selected": []})
    n_dims = st.segmented_control("Dimensions", [2, 3], default=2, required=True)
    sampled = st.checkbox("Sample")
    k = st.slider("Groups", 2, N_BLOBS, 5)
    image_map(
        points(n_dims),
        np.arange(N_IMAGES) % N_BLOBS % k,
        key="map",
        collection="sampled",
        colors=cluster_colors(range(k)),
        names=[f"Group {cluster + 1}" for cluster in range(k)],
        sample=sample() if sampled else None,
        besides=besides(k) if sampled else (),
        selected=known["selected"],
        on_event=remember,
    )
    st.code(json.dumps(known), language=None)


def load(indices):
    buffer = io.BytesIO()
    Image.new("RGB", (40, 40), cluster_color(1)).save(buffer, "JPEG")
    return [buffer.getvalue() for _ in indices]


send_all()
st.set_page_config(layout="wide", page_title="A sample on the map")
thumb_feed(load, collection="sampled", n_images=N_IMAGES)
screen()
