"""What the colours of the map mean: the groups, the user's folders, how well each picture fits, or its date."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import streamlit as st

from imgcluster.choosing.comparing import folder_labels
from imgcluster.palette import cluster_colors
from imgcluster.pictures.collection import Collection
from imgcluster.stages.grouping import fit_silhouettes
from imgcluster.ui.fingerprints import collection_key
from imgcluster.ui.groups.partition import Partition
from imgcluster.ui.hosting import workspace_of
from imgcluster.ui.project.grouped import Grouping
from imgcluster.ui.project.source import Source

__all__ = ["COLORS", "Look", "choose_colors", "look_of"]

_KEY = "map_colors"
COLORS = {"group": "Groups", "folder": "Folders", "fit": "Fit", "date": "Date"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How the dots are coloured; the fields are arguments of the map, and ``legend`` says how to read the colours."""

    labels: np.ndarray
    colors: Sequence[str]
    names: Sequence[str]
    unnamed: str = "No group"
    category: str = "group"
    values: np.ndarray | None = None
    legend: str = ""


def choose_colors(grouping: Grouping) -> None:
    """Offer what the colours can mean."""
    folders = _folders(collection_key(grouping.collection), grouping.collection)
    offered = [name for name in COLORS if name != "folder" or folders is not None]
    if st.session_state.get(_KEY) not in offered:
        st.session_state[_KEY] = "group"
    st.segmented_control(
        "Colours",
        offered,
        format_func=COLORS.get,
        required=True,
        key=_KEY,
        persist_state="session",
        help="Groups; your own folders; how well each picture fits its group (silhouette); when its file was last "
        "changed.",
    )


def look_of(source: Source, grouping: Grouping, partition: Partition) -> Look:
    """Return the chosen colours."""
    groups = Look(labels=partition.labels, colors=partition.colors(range(partition.n_clusters)), names=partition.names)
    chosen = st.session_state.get(_KEY, "group")
    if chosen == "folder":
        return _folders(collection_key(grouping.collection), grouping.collection) or groups
    if chosen == "fit":
        return _by_fit(source, grouping, partition, groups)
    return _by_date(grouping, groups) if chosen == "date" else groups


@st.cache_resource(max_entries=4, show_spinner=False)
def _folders(key: str, _collection: Collection) -> Look | None:
    found = folder_labels(_collection.paths)
    if found is None:
        return None
    labels, names = found
    return Look(
        labels=labels, colors=cluster_colors(range(len(names))), names=names, unnamed="In no folder", category="folder"
    )


def _by_fit(source: Source, grouping: Grouping, partition: Partition, groups: Look) -> Look:
    if partition.n_clusters < 2:
        return groups
    silhouette = fit_silhouettes(
        grouping.space, partition.labels, key=partition.key, workspace=workspace_of(source)
    ).values
    values = np.where(partition.labels >= 0, silhouette, np.nan)
    low, high = np.nanmin(values), np.nanmax(values)
    return _valued(
        groups, values, f"Colours: silhouette, from {low:.2f} (dark: may not belong) to {high:.2f} (bright)."
    )


def _by_date(grouping: Grouping, groups: Look) -> Look:
    seconds = np.array([image.mtime_ns / 1e9 for image in grouping.collection.images])
    first, last = (datetime.fromtimestamp(each).strftime("%d %B %Y") for each in (seconds.min(), seconds.max()))
    if first == last:
        return _valued(groups, seconds, f"All files were last changed on {first}.")
    return _valued(
        groups, seconds, f"Colours: the day the file was last changed, from {first} (dark) to {last} (bright)."
    )


def _valued(groups: Look, values: np.ndarray, legend: str) -> Look:
    return Look(labels=groups.labels, colors=groups.colors, names=groups.names, values=values, legend=legend)
