"""Several new pictures at once: how many go where, each in a line, and one of them to look at."""

import base64
from functools import partial

import numpy as np
import streamlit as st

from imgcluster.features.extraction import Extraction
from imgcluster.features.store import Store
from imgcluster.predicting.predict import Prediction
from imgcluster.ui.distinct import distinct_titles
from imgcluster.ui.find.query import ARRIVAL
from imgcluster.ui.find.words import is_negligible
from imgcluster.ui.groups.partition import Partition
from imgcluster.ui.hosting import workspace_of
from imgcluster.ui.messages import count, percent, plain
from imgcluster.ui.project.source import Source

__all__ = ["NONE_OF_THESE", "arrivals_table", "destinations", "show_arrivals"]

NONE_OF_THESE = -2  # beside the labels: -1 is "no group"
_PER_PAGE = 50
_TURN = "arrivals_turn"  # session state: a table whose chosen line is out of date is followed by a new one


def show_arrivals(place: Source, partition: Partition, arrivals: Extraction, places: Prediction | None) -> int | None:
    """Show where new pictures go, and return the row of the one to look at, None where none was chosen.

    Parameters
    ----------
    place : Source
        Where they come from.
    partition : Partition
        The groups that they may belong to.
    arrivals : Extraction
    places : Prediction or None
        Row i belongs to image i of ``arrivals``; None where it cannot be said.
    """
    n_images, name = len(arrivals.collection), arrivals.features.fingerprint[:8]
    st.header(count(n_images, "new picture"), anchor=False)
    rows, chosen = np.arange(n_images), None
    if places is not None:
        goals = destinations(places)
        chosen = _choose_destination(partition, goals, key=f"where-{name}")
        rows = rows if chosen is None else np.flatnonzero(goals == chosen)
    n_pages = -(-len(rows) // _PER_PAGE)
    page = st.pagination(n_pages, key=f"arrivals-page-{name}-{chosen}") if n_pages > 1 else 1
    shown = rows[(page - 1) * _PER_PAGE : page * _PER_PAGE]
    if places is not None:
        key = f"arrivals-{name}-{chosen}-{page}-{st.session_state.get(_TURN, 0)}"
        _table(place, partition, arrivals, places, shown, key=key)
    return _choose_one(arrivals, shown)


def destinations(places: Prediction) -> np.ndarray:
    """Return the label of each new image's cluster, -1 for no group, `NONE_OF_THESE`; shape (n_images,), int."""
    return np.where(places.is_none, NONE_OF_THESE, places.labels).astype(np.int64)


def arrivals_table(partition: Partition, arrivals: Extraction, places: Prediction, rows: np.ndarray) -> dict[str, list]:
    """Return the lines of some new images, by column; the pictures aside."""
    goals = destinations(places)[rows]
    others = zip(places.runners_up[rows], places.runner_up_probabilities[rows], strict=True)
    return {
        "File": [arrivals.collection.paths[row] for row in rows],
        "Group": [_name(partition, goal) for goal in goals],
        "Sure": [
            None if goal == NONE_OF_THESE else float(value)
            for goal, value in zip(goals, places.probabilities[rows], strict=True)
        ],
        "Otherwise": [
            "" if goal == NONE_OF_THESE or is_negligible(share) else partition.name(other)
            for goal, (other, share) in zip(goals, others, strict=True)
        ],
        "Distance": [float(value) for value in places.novelties[rows]],
        "Limit": [float(value) for value in places.thresholds[rows]],
    }


def _name(partition: Partition, goal: int) -> str:
    return "None of these" if goal == NONE_OF_THESE else partition.name(goal)


def _choose_destination(partition: Partition, goals: np.ndarray, *, key: str) -> int | None:
    found, sizes = np.unique(goals, return_counts=True)
    order = np.argsort(np.where(found < 0, found.max() - found + 1, found))  # those in no group last
    options = found[order].tolist()
    numbers = dict(zip(found.tolist(), sizes.tolist(), strict=True))
    return st.pills(
        "Where they go",
        options,
        format_func=distinct_titles(options, lambda goal: f"{plain(_name(partition, goal))} ({numbers[goal]:,})"),
        key=key,
        help="So many go into each group. A click shows those alone.",
    )


def _table(
    place: Source, partition: Partition, arrivals: Extraction, places: Prediction, shown: np.ndarray, *, key: str
) -> None:
    hashes = [arrivals.features.hashes[row] for row in shown]
    with Store(workspace_of(place).store_path) as store:
        thumbnails = store.thumbnails(hashes)
    pictures = [_data_uri(thumbnails.get(each)) for each in hashes]
    st.dataframe(
        {"Picture": pictures, **arrivals_table(partition, arrivals, places, shown)},
        key=key,
        hide_index=True,
        row_height=56,
        placeholder="",
        on_select=partial(_follow_table, key, shown),
        selection_mode="single-row",
        column_config={
            "Picture": st.column_config.ImageColumn("Picture", width="small"),
            "Sure": st.column_config.NumberColumn(
                "Sure", format="percent", help=f"How sure the group is, from 0 to {percent(100)}."
            ),
            "Otherwise": st.column_config.TextColumn("Otherwise", help="The group that comes next."),
            "Distance": st.column_config.NumberColumn(
                "Distance", format="%.2f", help="How far it is, on average, from the pictures nearest to it."
            ),
            "Limit": st.column_config.NumberColumn(
                "Limit", format="%.2f", help="Farther out, a picture is none of these; see How strict."
            ),
        },
        alt="The new pictures, with the group of each",
    )


def _data_uri(jpeg: bytes | None) -> str | None:
    return None if jpeg is None else f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"


def _follow_table(key: str, shown: np.ndarray) -> None:
    rows = st.session_state[key]["selection"]["rows"]
    st.session_state[ARRIVAL] = int(shown[rows[0]]) if rows and rows[0] < len(shown) else None


def _choose_one(arrivals: Extraction, shown: np.ndarray) -> int | None:
    """Offer the pictures of this page, and the one that is looked at already."""
    paths = arrivals.collection.paths
    now = st.session_state.get(ARRIVAL)
    others = [now] if now is not None and now < len(paths) and now not in shown else []
    rows = [*shown.tolist(), *others]
    return st.selectbox(
        "Look at one of them",
        rows,
        index=None,
        format_func=distinct_titles(rows, paths.__getitem__),
        key=ARRIVAL,
        on_change=_renew_table,
        persist_state="session",
        placeholder="Choose one here, or a line of the table",
        help="It is shown below, with the pictures that are like it.",
    )


def _renew_table() -> None:
    st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1
