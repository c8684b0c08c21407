"""The map alone with all that can be asked of it, for the browser tests of its modes.

Query parameters: `n` is the number of pictures (300). The line at the end says what Python knows.
"""

import io
import json

import numpy as np
import streamlit as st
from PIL import Image, ImageDraw

from imgcluster.palette import cluster_color, cluster_colors
from imgcluster.ui.components import MapEvents, image_map, thumb_feed
from imgcluster.ui.sending import send_all

N_BLOBS = 12


@st.cache_data
def points(n: int, n_dims: int) -> np.ndarray:
    """A blob for each twelfth of the pictures; the first twelve dots lie where the next twelve do: who covers whom?"""
    rng = np.random.default_rng(0)
    centers = rng.uniform(-8, 8, (N_BLOBS, n_dims))
    places = (centers[np.arange(n) % N_BLOBS] + rng.normal(0, 0.6, (n, n_dims))).astype("float32")
    places[:N_BLOBS] = places[N_BLOBS : 2 * N_BLOBS]
    return places


@st.fragment
def screen(n: int) -> None:
    known = st.session_state.setdefault("known", {"picked": None, "selected": []})
    columns = st.columns(5)
    n_dims = columns[0].segmented_control("Dimensions", [2, 3], default=2, required=True)
    by = columns[1].segmented_control("Colour", ["Groups", "Value"], default="Groups", required=True)
    dot_scale = columns[2].slider("Dots", 0.5, 2.0, 1.0, 0.5)
    with_landmarks = columns[3].checkbox("Landmarks")
    k = columns[4].slider("Groups", 2, N_BLOBS, N_BLOBS, key="k")

    labels = np.arange(n) % N_BLOBS % k
    labels[N_BLOBS : 2 * N_BLOBS] = -1
    labels[5 * N_BLOBS] = -1
    values = np.linspace(0, 1, n)
    values[N_BLOBS : 2 * N_BLOBS] = np.nan
    image_map(
        points(n, n_dims),
        labels,
        key="map",
        collection=f"modes-{n}",
        colors=cluster_colors(range(k)),
        names=[f"Group {cluster + 1}" for cluster in range(k)],
        values=values if by == "Value" else None,
        dot_scale=dot_scale,
        landmarks=range(2 * N_BLOBS, 4 * N_BLOBS) if with_landmarks else (),
        marked=[] if known["picked"] is None else [known["picked"]],
        selected=known["selected"],
        on_event=remember,
    )
    st.button("Select some", on_click=lambda: known.update(selected=list(range(N_BLOBS, 4 * N_BLOBS))))
    st.code(json.dumps(known), language=None)


def remember(events: MapEvents) -> None:
    known = st.session_state.known
    if events.selected is not None:
        known["selected"] = list(events.selected)
    if events.picked is not None:
        known["picked"] = events.picked


def load(indices):
    return [thumbnail(index) for index in indices]


def thumbnail(index: int) -> bytes:
    image = Image.new("RGB", (160, 160), cluster_color(index % N_BLOBS))
    ImageDraw.Draw(image).text((80, 80), str(index), fill="white", font_size=64, anchor="mm")
    buffer = io.BytesIO()
    image.save(buffer, "JPEG")
    return buffer.getvalue()


send_all()
st.set_page_config(layout="wide", page_title="Modes of the map")
n_images = int(st.query_params.get("n", 300))
thumb_feed(load, collection=f"modes-{n_images}", n_images=n_images)
screen(n_images)
