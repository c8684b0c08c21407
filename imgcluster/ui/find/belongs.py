"""Where a picture belongs: its group, how sure that is, and the pictures that are the reason."""

import streamlit as st

from imgcluster.predicting.predict import Prediction
from imgcluster.ui.components.gallery import gallery
from imgcluster.ui.find.words import in_percent, none_of_these, place_in_words
from imgcluster.ui.groups.chip import show_chip
from imgcluster.ui.groups.data import texts_of
from imgcluster.ui.groups.partition import Partition
from imgcluster.ui.groups.picture_view import open_picture
from imgcluster.ui.messages import PERCENT, count, plain
from imgcluster.ui.project.grouped import Grouping

__all__ = ["choose_strictness", "show_own_place", "show_place", "strictness"]

_STRICTNESS = "strictness"
_USUAL = 95  # per cent


def strictness() -> float:
    """Return how far out a picture may lie: as far as this share of the collection's own, in (0, 1)."""
    return st.session_state.get(_STRICTNESS, _USUAL) / 100


def choose_strictness() -> None:
    """Offer to say when a picture is "none of these"."""
    with st.expander("How strict", icon=":material/tune:"):
        st.slider(
            "Share of your own pictures that would pass",
            80,
            99,
            _USUAL,
            format=PERCENT,
            key=_STRICTNESS,
            persist_state="session",
            help="A new picture is none of these when it is farther from its nearest pictures than so many of yours "
            "are from theirs. With less, more is refused.",
        )


def show_own_place(partition: Partition, index: int) -> None:
    """Say in which group a picture of the collection is."""
    label = int(partition.labels[index])
    n_others = int((partition.labels == label).sum()) - 1
    _heading(partition)
    others = count(n_others, "other picture")
    show_chip(
        partition,
        label,
        f"with {others} that {'is' if n_others == 1 else 'are'} unlike all groups" if label < 0 else f"with {others}",
    )


def show_place(grouping: Grouping, partition: Partition, places: Prediction, row: int) -> None:
    """Say where a new picture belongs, how sure that is, and show the nearest pictures as the reason."""
    label, probability = int(places.labels[row]), float(places.probabilities[row])
    _heading(partition)
    if places.is_none[row]:
        st.markdown(f"**{none_of_these(strictness())}**")
        if label >= 0:
            st.caption(f"The nearest group would be {plain(partition.name(label))}.")
    elif label < 0:
        show_chip(partition, label, f"those around it are in none either ({in_percent(probability)})")
    else:
        runner_up, other = int(places.runners_up[row]), float(places.runner_up_probabilities[row])
        show_chip(partition, label, place_in_words(partition, probability, runner_up, other))
    _show_numbers(places, row)
    _show_reason(grouping, partition, places, row)


def _heading(partition: Partition) -> None:
    st.header(
        "Where it belongs", anchor=False, help=f"By the groups that you looked at last: {plain(partition.title)}."
    )


def _show_numbers(places: Prediction, row: int) -> None:
    with st.container(horizontal=True, gap="medium"):
        st.metric(
            "Distance",
            f"{places.novelties[row]:.2f}",
            help="How far it is, on average, from the pictures nearest to it: 0 for a copy, 1 for nothing in common.",
            width="content",
        )
        st.metric(
            "Limit",
            f"{places.thresholds[row]:.2f}",
            help=f"{in_percent(strictness())} of your own pictures lie nearer to theirs. Farther out, a picture is "
            "none of these.",
            width="content",
        )


def _show_reason(grouping: Grouping, partition: Partition, places: Prediction, row: int) -> None:
    nearest = [int(index) for index in places.neighbors[row] if index >= 0]
    if not nearest:
        return
    title = "Nearest all the same" if places.is_none[row] else "Because of these"
    st.markdown(f"**{title}**", help="The pictures nearest to it; their colours are those of their groups.")
    gallery(
        nearest,
        key="reason",
        collection=grouping.features.fingerprint,
        texts=texts_of(grouping, partition, nearest),
        colors=partition.colors(partition.labels[nearest]),
        label=title,
        on_event=open_picture,
    )
