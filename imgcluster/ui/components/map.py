"""The map: every image a dot, coloured by its cluster, drawn by the plotly.js that ships inside the plotly wheel.

What is big travels once: Plotly (gzipped), and the coordinates, which the browser keeps by their fingerprint. A new
clustering sends two bytes per image. Should the browser lack something after all, it asks (trigger "need").
"""

import base64
import gzip
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files

import numpy as np
import streamlit as st
from numpy.typing import ArrayLike, NDArray

from imgcluster.palette import NOISE_COLOR
from imgcluster.ui.components._shared import deliver, event, frame, no_op, source

__all__ = ["MapEvents", "image_map"]

_component = st.components.v2.component(
    "imgcluster_map",
    html='<div class="imgcluster-map"></div>',
    css=source("map.css"),
    js=source("shared.js", "map_card.js", "map_toolbar.js", "map_plot.js", "map.js"),
    # Plotly's own style sheet lives in the document's head and does not reach into a shadow root.
    isolate_styles=False,
)
_SENT = "imgcluster-map-sent"  # session state: names of the big things that this browser was given


@dataclass(frozen=True, slots=True, kw_only=True)
class MapEvents:
    """What the user did on the map, reported once: in the run that it caused.

    Attributes
    ----------
    selected : tuple of int or None
        Indices inside a new lasso or box, ascending; empty when the selection was cleared. None: nothing new.
    picked : int or None
        Index of the dot that was clicked.
    """

    selected: tuple[int, ...] | None = None
    picked: int | None = None


def image_map(
    coordinates: ArrayLike,
    labels: ArrayLike,
    *,
    key: str,
    collection: str,
    colors: Sequence[str],
    names: Sequence[str],
    marked: Sequence[int] = (),
    selected: Sequence[int] | None = None,
    on_event: Callable[[MapEvents], None] | None = None,
    height: int = 560,
) -> MapEvents:
    """Draw the map. Zoom, selection and tool stay as they are when only the labels change.

    Parameters
    ----------
    coordinates : array-like, (n_images, 2)
        Any finite numbers; sent as float32.
    labels : array-like of int, (n_images,)
        Cluster of each image, -1 for noise, below ``len(colors)``.
    key : str
        Streamlit's key, unique on the page.
    collection : str
        Fingerprint of the collection, as given to `thumb_feed`, which serves the pictures shown under the pointer.
    colors, names : sequence of str, (n_clusters,)
        Hex colour ("#rrggbb") and name of each cluster.
    marked : sequence of int
        Images that get a ring.
    selected : sequence of int, optional
        The selection to show, which belongs to the page: store `MapEvents.selected` when it is not None, and pass it
        here on the next run. What was selected in this very run is shown whatever is passed.
    on_event : callable, optional
        Called with the events *before* the page runs, as Streamlit's callbacks are: for what is drawn above the map.
    height : int
        Pixels.

    Returns
    -------
    MapEvents

    Raises
    ------
    ValueError
        If shapes or label values do not fit each other.
    """
    points = np.ascontiguousarray(np.asarray(coordinates, dtype="<f4").T)  # all x, then all y
    codes = np.asarray(labels)
    _check(points, codes, colors, names)
    codes = np.ascontiguousarray(codes, dtype="<i2")
    n_images = len(codes)
    events = _events(key, n_images) or MapEvents()
    shown = events.selected if events.selected is not None else (selected or ())
    layout = hashlib.blake2b(points.tobytes(), digest_size=12).hexdigest()
    big = _to_send(key, layout)
    header = {
        "collection": collection,
        "layout": layout,
        "labelled": hashlib.blake2b(codes.tobytes(), digest_size=12).hexdigest(),
        "colors": [NOISE_COLOR, *colors],
        "names": ["No group", *names],
        "marked": [int(index) for index in marked],
        "height": height,
        "description": _description(codes, len(colors)),
    }
    blobs = [
        codes.tobytes(),
        np.packbits(_mask(shown, n_images), bitorder="little").tobytes(),
        points.tobytes() if layout in big else None,
        _plotly() if "plotly" in big else None,
    ]
    tell = deliver(partial(_events, key, n_images), on_event)
    _component(key=key, data=frame(header, blobs), on_selected_change=tell, on_picked_change=tell, on_need_change=no_op)
    return events


def _events(key: str, n_images: int) -> MapEvents | None:
    """Read what the user did, None if nothing. A browser can send anything: what makes no sense is no event."""
    selected = _unpack_indices(event(key, "selected"), n_images)
    picked = event(key, "picked")
    picked = picked if type(picked) is int and 0 <= picked < n_images else None
    return None if selected is None and picked is None else MapEvents(selected=selected, picked=picked)


def _check(points: NDArray, codes: NDArray, colors: Sequence[str], names: Sequence[str]) -> None:
    """Refuse arrays that the browser could only draw wrongly."""
    if points.ndim != 2 or len(points) != 2 or codes.shape != points.shape[1:]:
        raise ValueError(f"coordinates.T has shape {points.shape}, labels {codes.shape}; expected (2, n) and (n,)")
    if not np.isfinite(points).all():
        raise ValueError("coordinates must be finite")
    if len(colors) != len(names):
        raise ValueError(f"{len(colors)} colors for {len(names)} names")
    if codes.size and not -1 <= codes.min() <= codes.max() < len(colors):
        raise ValueError(f"labels are {codes.min()} to {codes.max()}; expected -1 to {len(colors) - 1}")


def _to_send(key: str, layout: str) -> set[str]:
    """Name the big things that this run sends: those new to this session, and those that the browser says it lacks."""
    sent = st.session_state.setdefault(_SENT, set())
    need = event(key, "need")
    asked = {name for name in need if isinstance(name, str)} if isinstance(need, list) else set()
    big = {"plotly", layout} & (asked | ({"plotly", layout} - sent))
    sent |= big
    return big


@cache
def _plotly() -> bytes:
    """plotly.js as the wheel has it, gzipped: 1.4 instead of 4.8 MB for those who are not on this computer."""
    return gzip.compress((files("plotly") / "package_data" / "plotly.min.js").read_bytes(), compresslevel=6, mtime=0)


def _description(codes: NDArray, n_clusters: int) -> str:
    """Say in one sentence what is drawn, for those who do not see it."""
    n_noise = int((codes < 0).sum())
    groups = f"{n_clusters:,} group" + ("s" if n_clusters != 1 else "")
    pictures = f"{len(codes):,} picture" + ("s" if len(codes) != 1 else "")
    return f"Map of {pictures} in {groups}" + (f", {n_noise:,} in no group" if n_noise else "")


def _mask(indices: Sequence[int], n_images: int) -> NDArray[np.bool_]:
    """Turn indices into a mask (n_images,): one bit per image, however many are selected."""
    mask = np.zeros(n_images, dtype=bool)
    mask[np.asarray(indices, dtype=np.intp)] = True
    return mask


def _unpack_indices(value: object, n_images: int) -> tuple[int, ...] | None:
    """Read the browser's selection: base64 of one bit per image. What is not that counts as nothing new."""
    if not isinstance(value, str):
        return None
    try:
        bits = np.frombuffer(base64.b64decode(value, validate=True), dtype=np.uint8)
    except ValueError:
        return None
    if len(bits) != (n_images + 7) // 8:
        return None
    return tuple(np.flatnonzero(np.unpackbits(bits, count=n_images, bitorder="little")).tolist())
