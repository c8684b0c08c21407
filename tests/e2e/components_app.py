"""A small app around our components, with synthetic pictures, for the browser tests.

Query parameters: `n` is the number of pictures (400). The line at the end says what Python knows.
"""

import io
import json

import numpy as np
import streamlit as st
from PIL import Image, ImageDraw

from imgcluster.palette import cluster_color, cluster_colors
from imgcluster.ui.components import MapEvents, StripRow, gallery, image_map, strips, thumb_feed
from imgcluster.ui.sending import send_all

WITHOUT_THUMBNAIL = 49  # the last of each 50


@st.cache_data
def points(n: int) -> np.ndarray:
    """A blob for each tenth of the pictures; nothing here depends on the number of groups."""
    rng = np.random.default_rng(0)
    centers = rng.uniform(-8, 8, (10, 2))
    return (centers[np.arange(n) % 10] + rng.normal(0, 0.7, (n, 2))).astype("float32")


def thumbnail(index: int) -> bytes | None:
    """A square whose colour and number tell which it is."""
    if index % 50 == WITHOUT_THUMBNAIL:
        return None
    paper, ink = [("white", "black"), ("black", "white"), (cluster_color(index % 10), "white")][index % 3]
    image = Image.new("RGB", (160, 160), paper)
    draw = ImageDraw.Draw(image)
    draw.ellipse((30, 30, 130, 130), outline=ink, width=10)
    draw.text((80, 80), str(index), fill=ink, font_size=28, anchor="mm")
    buffer = io.BytesIO()
    image.save(buffer, "JPEG")
    return buffer.getvalue()


def load(indices):
    st.session_state.setdefault("loaded", []).extend(indices)
    return [thumbnail(index) for index in indices]


def groups_page() -> None:
    n = int(st.query_params.get("n", 400))
    thumb_feed(load, collection=f"test-{n}", n_images=n)
    groups(n)


@st.fragment
def groups(n: int) -> None:
    state = st.session_state
    state.setdefault("known", {"picked": None, "selected": [], "clicked": None})
    known = state.known
    k = st.slider("Groups", 2, 10, 5, key="k", persist_state="session")
    labels = (np.arange(n) % 10 % k).astype("int16")
    labels[10:15] = -1
    marked = [] if known["picked"] is None else [known["picked"]]

    image_map(
        points(n),
        labels,
        key="map",
        collection=f"test-{n}",
        colors=cluster_colors(range(k)),
        names=[f"Group {cluster + 1}" for cluster in range(k)],
        marked=marked,
        selected=known["selected"],
        on_event=remember,
    )
    st.button("Select none", on_click=lambda: known.update(selected=[]))

    shown = (known["selected"] or range(48))[:48]
    gallery(
        shown,
        key="gallery",
        collection=f"test-{n}",
        texts=[text(index, labels[index]) for index in shown],
        colors=cluster_colors(labels[shown]),
        pressed=marked,
        medoids=shown[:2],
        on_event=lambda index: known.update(picked=index),
    )
    clicked = strips([strip(cluster, labels) for cluster in range(k)], key="strips", collection=f"test-{n}")
    if clicked:
        known["clicked"] = [clicked.cluster, clicked.index]
    st.code(json.dumps(known), language=None)
    if n <= 1000:
        st.code(json.dumps(state.get("loaded", [])), language=None)


def remember(events: MapEvents) -> None:
    known = st.session_state.known
    if events.selected is not None:
        known["selected"] = list(events.selected)
    if events.picked is not None:
        known["picked"] = events.picked


def text(index: int, label: int) -> str:
    return f"picture-{index:04d}.png, in " + (f"group {label + 1}" if label >= 0 else "no group")


def strip(cluster: int, labels: np.ndarray) -> StripRow:
    members = np.flatnonzero(labels == cluster)
    return StripRow(
        cluster=cluster,
        name=["Dogs", "Apples on tables", "Beaches", "A group with a long name that does not fit"][cluster % 4],
        color=cluster_color(cluster),
        size=f"{len(members):,} pictures",
        note=["tight", "loose", ""][cluster % 3],
        indices=tuple(members[:24]),
        texts=tuple(text(index, cluster) for index in members[:24]),
    )


def other_page() -> None:
    st.title("Another page")
    st.button("Run again")


send_all()
st.set_page_config(layout="wide", page_title="Components")
st.navigation([st.Page(groups_page, title="Groups", default=True), st.Page(other_page, title="Other")]).run()
