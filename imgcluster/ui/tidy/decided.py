"""What the user says of pictures on this screen: kept on the disk at once, and taken back as easily."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import streamlit as st

from imgcluster.errors import ImgClusterError
from imgcluster.keeping.decisions import (
    Decisions,
    add_fine,
    add_kept,
    add_not_same,
    load_decisions,
    remove_fine,
    remove_kept,
    remove_not_same,
)
from imgcluster.ui.hosting import decisions_directory
from imgcluster.ui.messages import plain, show_error
from imgcluster.ui.project.grouped import Grouping
from imgcluster.ui.project.source import Source
from imgcluster.ui.tidy.turning import come_back, place

__all__ = [
    "decisions_of",
    "say_fine",
    "say_not_same",
    "show_not_same",
    "switch_kept",
    "undo_button",
    "unsay_fine",
]

_HISTORY, _PROBLEM = "history", "problem"
_MOST_LISTED = 30

_ADD: dict[str, Callable[..., Decisions]] = {"not_same": add_not_same, "kept": add_kept, "fine": add_fine}
_REMOVE: dict[str, Callable[..., Decisions]] = {
    "not_same": remove_not_same,
    "kept": remove_kept,
    "fine": remove_fine,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """One thing that was said, or taken back.

    Attributes
    ----------
    of : {"not_same", "kept", "fine"}
    items : tuple of tuple of str
        The arguments of the functions that add and remove such decisions.
    is_added : bool
    where : (str, int), optional
        The list that it was said on, and the picture: where it is taken back, one sees it again.
    """

    of: str
    items: tuple[tuple[str, ...], ...]
    is_added: bool
    where: tuple[str, int] | None = None


def decisions_of(source: Source, grouping: Grouping) -> Decisions:
    """Return what was decided until now; say so where it cannot be read, or the last decision could not be kept."""
    problem = place(grouping.features.fingerprint).pop(_PROBLEM, None)
    if problem is not None:
        show_error(problem)
    try:
        return load_decisions(decisions_directory(source))
    except ImgClusterError as error:
        if problem is None:
            show_error(error)
        return Decisions()


def say_not_same(source: Source, grouping: Grouping, image: int, others: Sequence[int]) -> None:
    """Remember that a picture is no copy of the others."""
    hashes = grouping.features.hashes
    pairs = {tuple(sorted((hashes[image], hashes[other]))) for other in others} - {(hashes[image],) * 2}
    where = ("copies", image)
    _do(source, grouping, _Change(of="not_same", items=tuple(sorted(pairs)), is_added=True, where=where))


def switch_kept(source: Source, grouping: Grouping, image: int, *, keep: bool) -> None:
    """Remember that a picture is to be kept among its copies, or leave that to the program again."""
    items = ((grouping.features.hashes[image],),)
    _do(source, grouping, _Change(of="kept", items=items, is_added=keep, where=("copies", image)))


def say_fine(source: Source, grouping: Grouping, name: str, image: int) -> None:
    """Remember that a picture on a list is as it should be."""
    items = ((name, grouping.features.hashes[image]),)
    _do(source, grouping, _Change(of="fine", items=items, is_added=True, where=(name, image)))


def unsay_fine(source: Source, grouping: Grouping, name: str, image: int) -> None:
    """Put a picture back on a list."""
    _do(source, grouping, _Change(of="fine", items=((name, grouping.features.hashes[image]),), is_added=False))


def undo_button(source: Source, grouping: Grouping) -> None:
    """Offer to take back the last thing that was said in this session."""
    history = place(grouping.features.fingerprint).get(_HISTORY, ())
    st.button(
        "Undo",
        key="tidy-undo",
        icon=":material/undo:",
        disabled=not history,
        on_click=partial(_undo, source, grouping),
    )


def show_not_same(source: Source, grouping: Grouping, decisions: Decisions) -> None:
    """List the pairs of this collection that were said to be no copies, each with the way back."""
    name_of = dict(zip(reversed(grouping.features.hashes), reversed(grouping.collection.paths), strict=True))
    pairs = sorted(
        (pair for pair in decisions.not_same if pair[0] in name_of and pair[1] in name_of),
        key=lambda pair: sorted((name_of[pair[0]], name_of[pair[1]])),
    )
    if not pairs:
        return
    with st.popover(f"Marked as not the same: {len(pairs):,}", icon=":material/call_split:"):
        for pair in pairs[:_MOST_LISTED]:
            first, second = sorted((name_of[pair[0]], name_of[pair[1]]))
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"{plain(first)} and {plain(second)}")
                st.button(
                    "They are copies",
                    key=f"copies-{pair[0]}-{pair[1]}",
                    on_click=partial(_do, source, grouping, _Change(of="not_same", items=(pair,), is_added=False)),
                )
        if len(pairs) > _MOST_LISTED:
            st.caption(f"and {len(pairs) - _MOST_LISTED:,} more")
        if len(pairs) > 1:
            back = _Change(of="not_same", items=tuple(pairs), is_added=False)
            st.button("Take all of them back", key="copies-all", on_click=partial(_do, source, grouping, back))


def _do(source: Source, grouping: Grouping, change: _Change) -> None:
    """Make a change, and note what of it was new."""
    kept = place(grouping.features.fingerprint)
    try:
        there = _items(load_decisions(decisions_directory(source)), change.of)
        new = replace(change, items=tuple(item for item in change.items if (item in there) != change.is_added))
        _apply(source, new)
    except ImgClusterError as error:
        kept[_PROBLEM] = error
        return
    if new.items:
        kept[_HISTORY] = (*kept.get(_HISTORY, ()), new)


def _undo(source: Source, grouping: Grouping) -> None:
    kept = place(grouping.features.fingerprint)
    history = kept.get(_HISTORY, ())
    if not history:
        return
    last = history[-1]
    try:
        _apply(source, replace(last, is_added=not last.is_added))
    except ImgClusterError as error:
        kept[_PROBLEM] = error
    else:
        kept[_HISTORY] = history[:-1]
        if last.where is not None:
            come_back(kept, *last.where)


def _apply(source: Source, change: _Change) -> None:
    functions = _ADD if change.is_added else _REMOVE
    for item in change.items:
        functions[change.of](decisions_directory(source), *item)


def _items(decisions: Decisions, of: str) -> frozenset[tuple[str, ...]]:
    return frozenset((content,) for content in decisions.kept) if of == "kept" else getattr(decisions, of)
