"""Moving pictures from where they are to another group: those that are chosen one by one, or all that are shown."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import partial

import numpy as np
import streamlit as st

from imgcluster.editing.edits import Move
from imgcluster.ui.distinct import distinct_titles
from imgcluster.ui.groups.data import label_of
from imgcluster.ui.groups.partition import Partition
from imgcluster.ui.messages import count
from imgcluster.ui.project.grouped import Grouping
from imgcluster.ui.project.projects import edit
from imgcluster.ui.project.source import Source

__all__ = ["Choice", "choose_and_move", "keep_chosen", "members_of"]

_NEW, _NONE = "new", "none"
_SWITCH, _CHOSEN, _NUMBER, _TARGET = "choosing", "chosen_pictures", "choice_number", "move_to"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which pictures of a gallery are chosen.

    Attributes
    ----------
    images : frozenset of int
    number : int or None
        Of the choice, for the gallery; None where a click on a picture opens it.
    """

    images: frozenset[int] = frozenset()
    number: int | None = None


def members_of(partition: Partition, label: int) -> tuple[int, ...]:
    """Return the images of a group, as an edit names it."""
    return tuple(partition.groups.members(label).tolist())


def choose_and_move(
    source: Source, grouping: Grouping, partition: Partition, indices: np.ndarray, shown: np.ndarray, *, own: int | None
) -> Choice:
    """Offer to choose pictures, and to move them.

    Parameters
    ----------
    source, grouping, partition
    indices : ndarray of int
        All pictures that can be chosen.
    shown : ndarray of int
        Those on this page.
    own : int or None
        The label of the group that they are of; None for a selection, of which all are moved unless some are chosen.
    """
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chooses = st.toggle(
            "Select",
            key=_SWITCH,
            help="A click then marks a picture in place of opening it; with Shift, all up to the one before.",
        )
        chosen = frozenset(st.session_state.get(_CHOSEN, ())) & frozenset(indices.tolist()) if chooses else frozenset()
        if chooses:
            every = frozenset(shown.tolist())
            st.button("All on this page", on_click=_choose, args=(chosen | every,), disabled=every <= chosen)
            st.button("None", on_click=_choose, args=(frozenset(),), disabled=not chosen)
        if chooses or own is None:
            moved = chosen or (frozenset(indices.tolist()) if own is None else frozenset())
            _offer_to_move(source, grouping, partition, tuple(sorted(moved)), own)
    return Choice(images=chosen, number=st.session_state.get(_NUMBER, 0) if chooses else None)


def keep_chosen(shown: Collection[int], chosen: Collection[int]) -> None:
    """Note which of the pictures of a page are chosen; those of the other pages stay as they are."""
    others = frozenset(st.session_state.get(_CHOSEN, ())) - frozenset(shown)
    st.session_state[_CHOSEN] = others | frozenset(chosen)


def _offer_to_move(
    source: Source, grouping: Grouping, partition: Partition, images: tuple[int, ...], own: int | None
) -> None:
    groups = partition.groups
    targets: list[int | str] = [_NEW] if own == -1 else [_NEW, _NONE]  # first: of many groups, a list shows few
    targets += [number for label, number in enumerate(groups.numbers) if label != own and not groups.locked[label]]
    if st.session_state.get(_TARGET) not in targets:
        st.session_state[_TARGET] = None
    sizes = groups.sizes

    def title(target: int | str) -> str:
        if isinstance(target, str):
            return "A new group" if target == _NEW else "No group"
        label = groups.numbers.index(target)
        return f"{partition.name(label)} ({sizes[label]:,})"

    target = st.selectbox(
        f"Move {count(len(images), 'picture')} to",
        targets,
        format_func=distinct_titles(targets, title),
        key=_TARGET,
        placeholder="Choose a group",
        width=260,
    )
    st.button(
        "Move",
        icon=":material/drive_file_move:",
        type="primary",
        disabled=target is None or not images,
        on_click=partial(_move, source, grouping, partition, images),
    )


def _move(source: Source, grouping: Grouping, partition: Partition, images: tuple[int, ...]) -> None:
    """Move the pictures to what is chosen now: a group that went meanwhile is none any more."""
    target = st.session_state.get(_TARGET)
    if isinstance(target, int):
        label = label_of(partition, target)
        if label is None:
            return
        place = members_of(partition, label)
    else:
        place = _NEW if target == _NEW else None
    if edit(source, grouping, partition, Move(images=images, target=place)):
        _choose(frozenset())


def _choose(images: frozenset[int]) -> None:
    """Choose exactly these, whatever the browser knows of."""
    st.session_state[_CHOSEN] = images
    st.session_state[_NUMBER] = st.session_state.get(_NUMBER, 0) + 1
