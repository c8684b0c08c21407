"""The map: every image a dot, coloured by its cluster, drawn by the plotly.js that ships inside the plotly wheel.

What is big travels once: Plotly (gzipped), and the coordinates, which the browser keeps by their fingerprint. A new
clustering sends two bytes per image. Should the browser lack something after all, it asks (trigger "need").
"""

import base64
import gzip
import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files

import numpy as np
import streamlit as st
from numpy.typing import ArrayLike, NDArray

from imgcluster.palette import NOISE_COLOR
from imgcluster.ui.components._shared import deliver, event, frame, no_op, source
from imgcluster.ui.components.map_colors import VALUE_COLORS, value_codes

__all__ = ["MapEvents", "image_map"]

_component = st.components.v2.component(
    "imgcluster_map",
    html='<div class="imgcluster-map"></div>',
    css=source("map.css"),
    js=source(
        "shared.js",
        "map_card.js",
        "map_toolbar.js",
        "map_landmarks.js",
        "map_outlines.js",
        "map_plot.js",
        "map_recolor.js",
        "map_flat.js",
        "map_solid.js",
        "map.js",
    ),
    # Plotly's own style sheet lives in the document's head and does not reach into a shadow root.
    isolate_styles=False,
)
_SENT = "imgcluster-map-sent"  # session state: names of the big things that this browser was given
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
_SMOOTH_CANVAS = re.compile(rb"antialias:!\w+\.pick\b")  # in plotly.js, for the canvases of its flat WebGL traces
_DOT_SCALES = (0.25, 4.0)


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
    unnamed: str = "No group",
    values: ArrayLike | None = None,
    colorscale: Sequence[str] = VALUE_COLORS,
    dot_scale: float = 1.0,
    landmarks: Sequence[int] = (),
    sample: ArrayLike | None = None,
    besides: Sequence[int] = (),
    marked: Sequence[int] = (),
    selected: Sequence[int] | None = None,
    on_event: Callable[[MapEvents], None] | None = None,
    height: int = 560,
    category: str = "group",
) -> MapEvents:
    """Draw the map. View, selection and tool stay as they are when anything but the coordinates changes.

    Parameters
    ----------
    coordinates : array-like, (n_images, 2) or (n_images, 3)
        Any finite numbers; sent as float32, once. With three columns the map turns, and has neither lasso nor box.
    labels : array-like of int, (n_images,)
        Category of each image (its cluster, or its folder), below ``len(colors)``; -1 for none: those dots are grey and
        lie beneath the others.
    key : str
        Streamlit's key, unique on the page.
    collection : str
        Fingerprint of the collection, as given to `thumb_feed`, which serves the pictures shown under the pointer.
    colors, names : sequence of str, (n_categories,)
        Colour ("#rrggbb") and name of each category. The name is shown under the pointer, also when ``values`` colour
        the dots.
    unnamed : str
        The name of label -1.
    values : array-like of float, (n_images,), optional
        A number for each image (its fit, its date), which colours its dot instead of the label; the scale spans all of
        them. NaN where there is none: grey, and beneath the others.
    colorscale : sequence of str
        Colours ("#rrggbb") from the lowest value to the highest, at equal distances: a legend is a linear gradient.
    dot_scale : float
        Size of the dots as a multiple of what suits their number; 0.25 to 4.
    landmarks : sequence of int
        Images whose pictures are drawn at their dots, as far as they do not cover one another at the present zoom: the
        first has the first choice. Best the medoids, the largest cluster first; a few hundred at most.
    sample : array-like of int, (n_drawn,), optional
        The images that get a dot, each once, where all would be too many. It belongs to the coordinates: with another
        one the map is drawn anew. A lasso selects what is inside it, drawn or not.
    besides : sequence of int
        Images that get a dot too, each once, none of them in the sample, and only where there is one. They may change
        with the labels; a few thousand at most.
    marked : sequence of int
        Images that get a ring.
    selected : sequence of int, optional
        The selection to show, which belongs to the page: store `MapEvents.selected` when it is not None, and pass it
        here on the next run. What was selected in this very run is shown whatever is passed.
    on_event : callable, optional
        Called with the events *before* the page runs, as Streamlit's callbacks are: for what is drawn above the map.
    height : int
        Pixels.
    category : str
        What ``labels`` are, in the singular, for the description of the map ("Map of 9 pictures in 2 groups").

    Returns
    -------
    MapEvents

    Raises
    ------
    ValueError
        If shapes, labels, values or colours do not fit each other, or an image would get two dots.
    """
    points = np.ascontiguousarray(np.asarray(coordinates, dtype="<f4").T)  # all x, then all y, then all z
    codes = np.asarray(labels)
    _check(points, codes, colors, names)
    _check_looks(colorscale, dot_scale, len(codes), landmarks=landmarks, besides=besides)
    drawn = _checked_sample(sample, besides, len(codes))
    codes = np.ascontiguousarray(codes, dtype="<i2")
    painted, paints = codes, list(colors)
    if values is not None:
        painted, paints = value_codes(values, colorscale)
        if painted.shape != codes.shape:
            raise ValueError(f"values have shape {painted.shape}, labels {codes.shape}")
        painted = painted.astype("<i2")
    n_images = len(codes)
    events = _events(key, n_images) or MapEvents()
    shown = events.selected if events.selected is not None else (selected or ())
    layout = f"{len(points)}-{_fingerprint(points)}" + ("" if drawn is None else f"-{_fingerprint(drawn)}")
    big = _to_send(key, layout)
    header = {
        "collection": collection,
        "layout": layout,
        "dims": len(points),
        "painted": _fingerprint(painted),
        "paints": [NOISE_COLOR, *paints],
        "names": [unnamed, *names],
        "dotScale": float(dot_scale),
        "landmarks": [int(index) for index in dict.fromkeys(landmarks)],
        "besides": [int(index) for index in besides],
        "marked": [int(index) for index in marked],
        "height": height,
        "description": _description(codes, len(colors), dims=len(points), category=category, unnamed=unnamed),
    }
    blobs = [
        codes.tobytes(),
        painted.tobytes() if painted is not codes else None,
        np.packbits(_mask(shown, n_images), bitorder="little").tobytes(),
        points.tobytes() if layout in big else None,
        drawn.tobytes() if layout in big and drawn is not None else None,
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
    if points.ndim != 2 or len(points) not in (2, 3) or codes.shape != points.shape[1:]:
        raise ValueError(f"coordinates.T has shape {points.shape}, labels {codes.shape}; expected (2 or 3, n) and (n,)")
    if not np.isfinite(points).all():
        raise ValueError("coordinates must be finite")
    if len(colors) != len(names):
        raise ValueError(f"{len(colors)} colors for {len(names)} names")
    if codes.size and not -1 <= codes.min() <= codes.max() < len(colors):
        raise ValueError(f"labels are {codes.min()} to {codes.max()}; expected -1 to {len(colors) - 1}")
    _check_colors(colors)


def _check_looks(colorscale: Sequence[str], dot_scale: float, n_images: int, **some: Sequence[int]) -> None:
    _check_colors(colorscale)
    low, high = _DOT_SCALES
    if not low <= dot_scale <= high:
        raise ValueError(f"dot_scale is {dot_scale}; expected {low} to {high}")
    for name, indices in some.items():
        wrong = [index for index in indices if not 0 <= index < n_images]
        if wrong:
            raise ValueError(f"{name}: {wrong[0]} is none of the {n_images} images")


def _checked_sample(sample: ArrayLike | None, besides: Sequence[int], n_images: int) -> NDArray[np.int32] | None:
    """Return the sample as the browser takes it, None for all; refuse one that would draw a dot twice, or none."""
    if sample is None:
        if len(besides):
            raise ValueError("besides: without a sample all images are drawn already")
        return None
    drawn = np.ascontiguousarray(sample, dtype="<i4")
    taken = np.zeros(n_images, dtype=bool)
    if drawn.ndim != 1 or (drawn.size and not 0 <= drawn.min() <= drawn.max() < n_images):
        raise ValueError(f"sample: expected indices of the {n_images} images")
    taken[drawn] = True
    taken[np.asarray(besides, dtype=np.intp)] = True
    if taken.sum() < len(drawn) + len(besides):
        raise ValueError("an image would be drawn twice")
    return drawn


def _fingerprint(array: NDArray) -> str:
    return hashlib.blake2b(array.tobytes(), digest_size=12).hexdigest()


def _check_colors(colors: Sequence[str]) -> None:
    """The browser takes colours apart: it must not meet a name."""
    wrong = [color for color in colors if not _COLOR.fullmatch(color)]
    if wrong:
        raise ValueError(f'"{wrong[0]}" is no colour of the form "#rrggbb"')


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
    """plotly.js of the wheel, gzipped: 1.4 instead of 4.8 MB for those who are not on this computer.

    Its shaders smooth the dots; smoothing the canvas too would, without a GPU, take three quarters of the time to draw.
    """
    script = (files("plotly") / "package_data" / "plotly.min.js").read_bytes()
    return gzip.compress(_SMOOTH_CANVAS.sub(b"antialias:!1", script), compresslevel=6, mtime=0)


def _description(
    codes: NDArray, n_categories: int, *, dims: int = 2, category: str = "group", unnamed: str = "No group"
) -> str:
    """Say in one sentence what is drawn, for those who do not see it."""
    n_noise = int((codes < 0).sum())
    parts = f"{n_categories:,} {category}" + ("s" if n_categories != 1 else "")
    pictures = f"{len(codes):,} picture" + ("s" if len(codes) != 1 else "")
    kind = "Map" if dims == 2 else "Map in 3-D"
    return f"{kind} of {pictures} in {parts}" + (f", {n_noise:,} in {unnamed.lower()}" if n_noise else "")


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
