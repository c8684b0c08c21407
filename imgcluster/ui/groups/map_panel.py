"""Which map is drawn, and how: the detailed ones take a while, and until one is there a sketch stands in for it."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from imgcluster.jobs import JobState
from imgcluster.maps.options import MAPS, MapOptions, map_method, resolve_map_options
from imgcluster.maps.sampling import MAX_DRAWN, drawn_besides, drawn_sample
from imgcluster.stages.grouping import place_on_map
from imgcluster.ui.background import forget_map, map_job
from imgcluster.ui.components.map import image_map
from imgcluster.ui.groups.data import summary_of
from imgcluster.ui.groups.map_colors import Look, choose_colors, look_of
from imgcluster.ui.groups.partition import Partition
from imgcluster.ui.groups.shelf import follow_map
from imgcluster.ui.hosting import workspace_of
from imgcluster.ui.messages import count, show_error
from imgcluster.ui.project.choices import LIMITS
from imgcluster.ui.project.grouped import Grouping
from imgcluster.ui.project.source import Source

__all__ = ["chosen_map", "map_controls", "show_map"]

_OPTIONS, _SIZE, _LANDMARKS = "map_options", "dot_scale", "landmarks"

# A selection of more is shown by those of it that are in the sample.
_MOST_BESIDES = 2_000

_DECIMALS = {"n_neighbors": None, "min_dist": 0.05, "perplexity": 1.0}
_WORDS = {
    "n_neighbors": ("Neighbours", "n_neighbors: few show fine structure, many the large one."),
    "min_dist": ("Least distance", "min_dist: how near to each other dots may be drawn, from 0 to 1."),
    "perplexity": ("Perplexity", "About how many neighbours each picture minds."),
}


def map_controls(grouping: Grouping) -> None:
    """Offer the maps, what their colours mean, and how they are drawn, behind a button."""
    with st.popover("Map", icon=":material/map:"):
        method = st.segmented_control(
            "Map",
            [each.name for each in MAPS],
            format_func=lambda name: map_method(name).title,
            default="umap",
            required=True,
            key="map_method",
            persist_state="session",
            help="\n\n".join(f"**{each.title}**: {each.explanation}" for each in MAPS),
        )
        st.caption(map_method(method).explanation)
        solid = st.toggle("In three dimensions", key="map_3d", persist_state="session", help="Drag to turn it.")
        choose_colors(grouping)
        st.slider("Size of the dots", *LIMITS[_SIZE], 1.0, 0.25, key=_SIZE, persist_state="session", format="%.2f x")
        st.toggle(
            "Pictures on the map",
            key=_LANDMARKS,
            persist_state="session",
            help="The most typical picture of each group is drawn at its dot, where there is room.",
        )
        st.session_state[_OPTIONS] = MapOptions(
            method=method, n_components=3 if solid else 2, **_advanced(grouping, method)
        )


def _advanced(grouping: Grouping, method: str) -> dict[str, float | None]:
    """Offer the parameters of a map; one that is empty is chosen by the app."""
    names = map_method(method).parameters
    if not names:
        return {}
    usual = _usual(grouping.space.fingerprint, method, grouping)
    values = {}
    with st.expander("Advanced"):
        for name in names:
            label, help = _WORDS[name]
            auto = getattr(usual, name)
            values[name] = st.number_input(
                label,
                *LIMITS[f"map_{name}"],
                value=None,
                step=_DECIMALS[name] or 1,
                placeholder="auto" if auto is None else f"auto: {auto:g}",
                key=f"map_{name}",
                persist_state="session",
                help=f"{help} Empty: chosen by the app.",
            )
    return values


@st.cache_resource(max_entries=16, show_spinner=False)
def _usual(fingerprint: str, method: str, _grouping: Grouping) -> MapOptions:
    return resolve_map_options(MapOptions(method=method), _grouping.space)


def chosen_map() -> MapOptions:
    """Return the map that this session looks at."""
    return st.session_state.get(_OPTIONS, MapOptions())


def show_map(source: Source, grouping: Grouping, partition: Partition, *, key: str, height: int = 560) -> None:
    """Draw the chosen map in the colours that were chosen."""
    options = chosen_map()
    place = _place(source, grouping, options)
    look: Look = look_of(source, grouping, partition)
    if look.legend:
        st.caption(look.legend)
    summary = summary_of(grouping, partition)
    landmarks = ()
    if st.session_state.get(_LANDMARKS):
        landmarks = summary.medoids[np.argsort(-summary.sizes, kind="stable")].tolist()
    marked, selected = st.session_state.get("marked", ()), st.session_state.get("selected", ())
    besides = ()
    if place.sample is not None:
        st.caption(
            f"About {len(place.sample):,} of {count(len(look.labels), 'picture')} are drawn; groups and counts are of "
            "all, and what you draw around selects all inside."
        )
        always = [*summary.medoids, *marked, *(selected if len(selected) <= _MOST_BESIDES else ())]
        besides = drawn_besides(place.sample, look.labels, always=always)
    image_map(
        place.coordinates,
        look.labels,
        key=key,
        collection=grouping.features.fingerprint,
        colors=look.colors,
        names=look.names,
        unnamed=look.unnamed,
        category=look.category,
        values=look.values,
        dot_scale=st.session_state.get(_SIZE, 1.0),
        landmarks=landmarks,
        sample=place.sample,
        besides=besides,
        marked=marked,
        selected=selected,
        on_event=follow_map,
        height=height,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where each image is drawn, (n_images, 2 or 3), and which are; None: all."""

    coordinates: np.ndarray
    sample: np.ndarray | None


def _place(source: Source, grouping: Grouping, options: MapOptions) -> _Place:
    """Return where each image is drawn; say so where that is not the chosen map."""
    if map_method(options.method).quick:
        return _quick(grouping.space.fingerprint, options, source, grouping)
    job = map_job(source, grouping.space, options)
    if job.state is JobState.DONE:
        return _sampled(grouping.space.fingerprint, options, job.result, grouping)
    if job.state is JobState.RUNNING:
        _wait(source, grouping, options)
    else:
        if job.error is not None:
            show_error(job.error)
        st.button("Draw the detailed map", on_click=forget_map, args=(source, grouping.space, options))
    sketch = MapOptions(method="diffusion", n_components=options.n_components)
    return _quick(grouping.space.fingerprint, sketch, source, grouping)


@st.cache_resource(max_entries=4, show_spinner=False)
def _quick(fingerprint: str, options: MapOptions, _source: Source, _grouping: Grouping) -> _Place:
    coordinates = place_on_map(_grouping.space, options, workspace=workspace_of(_source))
    return _sampled(fingerprint, options, coordinates, _grouping)


@st.cache_resource(max_entries=8, show_spinner=False)
def _sampled(fingerprint: str, options: MapOptions, _coordinates: np.ndarray, _grouping: Grouping) -> _Place:
    """Add which images are drawn: of each of the smallest groups that there are its share."""
    whole = len(_coordinates) <= MAX_DRAWN
    sample = None if whole else drawn_sample(_coordinates, _grouping.series[-1], limit=MAX_DRAWN)
    return _Place(coordinates=_coordinates, sample=sample)


@st.fragment(run_every=1)
def _wait(source: Source, grouping: Grouping, options: MapOptions) -> None:
    """Show the map as soon as it is there."""
    if map_job(source, grouping.space, options).state is not JobState.RUNNING:
        st.rerun()
    st.caption(":material/hourglass_top: The detailed map is being drawn; a first sketch is shown until it is there.")
