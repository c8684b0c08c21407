"""The three lists of the screen Tidy: what is on each, and which of them is looked at."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from imgcluster.finding.copies.groups import DEFAULT_NEAR, CopyGroup, group_copies
from imgcluster.keeping.decisions import Decisions, images_to_keep, pairs_not_same
from imgcluster.ui.fingerprints import collection_key
from imgcluster.ui.groups.partition import Partition
from imgcluster.ui.messages import PERCENT, percent
from imgcluster.ui.project.grouped import Grouping
from imgcluster.ui.project.source import Source
from imgcluster.ui.tidy.decided import decisions_of
from imgcluster.ui.tidy.looking import CloseLook, close_look
from imgcluster.ui.tidy.odd import odd_job, odd_remarks
from imgcluster.ui.tidy.quality import quality_remarks
from imgcluster.ui.tidy.review import Remark, open_remarks

__all__ = [
    "COPIES",
    "LEAST_NEAR",
    "ODD",
    "QUALITY",
    "Lists",
    "choose_kind",
    "choose_list",
    "copies_of",
    "lists_of",
    "near_slider",
]

COPIES, ODD, QUALITY = "copies", "odd", "quality"
_TITLES = {COPIES: "Copies", ODD: "Odd ones", QUALITY: "Quality"}
_NEAR = "tidy-near"

LEAST_NEAR = 0.8
"""Where the slider begins: what is less alike is no copy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists:
    """What is on the lists.

    Attributes
    ----------
    decisions : Decisions
        What the user has said.
    look : CloseLook or None
        None where nobody looked closely yet.
    copies : tuple of CopyGroup, or None
        Of indices in the collection; None without the close look.
    listed : tuple of CopyGroup
        The same, of indices in ``look``.
    odd, quality : tuple of Remark, or None
        All of them, also those that were found fine; None while they are not known.
    """

    decisions: Decisions
    look: CloseLook | None
    copies: tuple[CopyGroup, ...] | None
    listed: tuple[CopyGroup, ...]
    odd: tuple[Remark, ...] | None
    quality: tuple[Remark, ...] | None


def lists_of(source: Source, grouping: Grouping, partition: Partition) -> Lists:
    """Return what is on the lists now, after all that was decided."""
    decisions = decisions_of(source, grouping)
    look = close_look(source, grouping)
    odd = odd_job(source, grouping, partition).result
    listed = () if look is None else _copies(grouping, look, decisions)
    return Lists(
        decisions=decisions,
        look=look,
        copies=None if look is None else tuple(_of_collection(group, look.rows) for group in listed),
        listed=listed,
        odd=None if odd is None else tuple(odd_remarks(odd)),
        quality=None if look is None else tuple(quality_remarks(grouping, look)),
    )


def copies_of(source: Source, grouping: Grouping) -> tuple[CopyGroup, ...] | None:
    """Return the copies, of indices in the collection, after all that was decided; None without the close look."""
    look = close_look(source, grouping)
    if look is None:
        return None
    listed = _copies(grouping, look, decisions_of(source, grouping))
    return tuple(_of_collection(group, look.rows) for group in listed)


def choose_list(grouping: Grouping, lists: Lists) -> str:
    """Offer the lists with the numbers of what is on them."""
    numbers = {
        COPIES: None if lists.copies is None else len(lists.copies),
        ODD: _n_open(grouping, lists.odd, lists.decisions, ODD),
        QUALITY: _n_open(grouping, lists.quality, lists.decisions, QUALITY),
    }
    return st.segmented_control(
        "List",
        list(_TITLES),
        format_func=lambda name: _TITLES[name] + ("" if numbers[name] is None else f" {numbers[name]:,}"),
        default=COPIES,
        required=True,
        key="tidy-list",
        persist_state="session",
        label_visibility="collapsed",
    )


def near_slider() -> float:
    """Offer how alike copies must be; return it as a share."""
    return (
        st.slider(
            "How alike must copies be",
            round(100 * LEAST_NEAR),
            100,
            round(100 * DEFAULT_NEAR),
            key=_NEAR,
            persist_state="session",
            format=PERCENT,
            help=f"{percent(100)}: the same pixels. Below {percent(90)} pictures are merely alike, such as two taken "
            "one after the other.",
        )
        / 100
    )


def choose_kind(
    grouping: Grouping, remarks: Sequence[Remark], decisions: Decisions, *, name: str, titles: Mapping[str, str]
) -> Callable[[Remark], bool]:
    """Offer the kinds of remarks that there are, with their numbers; return what tells whether one is to be shown."""
    kinds = [kind for kind in titles if any(kind in remark.kinds for remark in remarks)]
    if len(kinds) < 2:
        return lambda remark: True
    still_open, _ = open_remarks(grouping, remarks, decisions, name=name)
    numbers = {kind: sum(kind in remark.kinds for remark in still_open) for kind in kinds}
    chosen = st.pills(
        "Show only",
        kinds,
        format_func=lambda kind: f"{titles[kind]} {numbers[kind]:,}",
        key=f"tidy-kind-{name}",
        label_visibility="collapsed",
    )
    return lambda remark: chosen is None or chosen in remark.kinds


def _n_open(grouping: Grouping, remarks: Sequence[Remark] | None, decisions: Decisions, name: str) -> int | None:
    return None if remarks is None else len(open_remarks(grouping, remarks, decisions, name=name)[0])


def _copies(grouping: Grouping, look: CloseLook, decisions: Decisions) -> tuple[CopyGroup, ...]:
    near = st.session_state.get(_NEAR, round(100 * DEFAULT_NEAR)) / 100
    hashes = [grouping.features.hashes[row] for row in look.rows.tolist()]
    keep, apart = tuple(sorted(images_to_keep(decisions, hashes))), pairs_not_same(decisions, hashes)
    of = f"{collection_key(grouping.collection)}/{grouping.features.fingerprint}/{len(look.rows)}"
    return _groups(of, near, apart, keep, look)


@st.cache_resource(max_entries=16, show_spinner=False)
def _groups(
    of: str,
    near: float,
    apart: tuple[tuple[int, int], ...],
    keep: tuple[int, ...],
    _look: CloseLook,
) -> tuple[CopyGroup, ...]:
    return group_copies(_look.pairs, _look.looks, images=_look.collection.images, near=near, not_same=apart, keep=keep)


def _of_collection(group: CopyGroup, rows: np.ndarray) -> CopyGroup:
    """Return a group of rows of the close look as one of indices in the whole collection."""
    return replace(
        group,
        images=tuple(rows[list(group.images)].tolist()),
        best=int(rows[group.best]),
        kept=tuple(rows[list(group.kept)].tolist()),
    )
