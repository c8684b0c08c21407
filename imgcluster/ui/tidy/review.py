"""A list of pictures with something to be said about each, to be looked at one by one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import streamlit as st

from imgcluster.keeping.decisions import Decisions
from imgcluster.ui.components.gallery import gallery
from imgcluster.ui.components.side_by_side import Side, SideEvent, side_by_side
from imgcluster.ui.groups.data import texts_of
from imgcluster.ui.groups.partition import Partition
from imgcluster.ui.groups.picture_view import open_picture
from imgcluster.ui.groups.shelf import PER_PAGE
from imgcluster.ui.messages import count
from imgcluster.ui.project.grouped import Grouping
from imgcluster.ui.project.source import Source
from imgcluster.ui.tidy.decided import say_fine, unsay_fine
from imgcluster.ui.tidy.sides import FINE, OPEN, large_loader, side_of
from imgcluster.ui.tidy.turning import go, place, stand, step

__all__ = ["Remark", "open_remarks", "show_fine", "show_review"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """What is to be said about one picture.

    Attributes
    ----------
    image : int
        Its index.
    kinds : tuple of str
        For the filter, such as "blurred".
    reasons : tuple of str
        A sentence each.
    """

    image: int
    kinds: tuple[str, ...]
    reasons: tuple[str, ...]


def open_remarks(
    grouping: Grouping, remarks: Sequence[Remark], decisions: Decisions, *, name: str
) -> tuple[list[Remark], list[Remark]]:
    """Return the remarks nobody has found fine yet, and the others."""
    hashes = grouping.features.hashes
    fine = [(name, hashes[remark.image]) in decisions.fine for remark in remarks]
    return (
        [remark for remark, done in zip(remarks, fine, strict=True) if not done],
        [remark for remark, done in zip(remarks, fine, strict=True) if done],
    )


def show_review(
    source: Source,
    grouping: Grouping,
    partition: Partition,
    remarks: Sequence[Remark],
    *,
    name: str,
    beside: Callable[[int], Sequence[Side]],
    badge: Callable[[Remark], str],
) -> None:
    """Show one picture of the list large, what it is to be compared with beside it, and all of them small below.

    Parameters
    ----------
    source, grouping, partition
    remarks : sequence of Remark
        At least one.
    name : str
        Of the list, in the decisions and on the screen.
    beside : callable
        Takes the index of a picture, returns those to be shown beside it.
    badge : callable
        Takes a remark, returns what stands on its picture.
    """
    kept = place(grouping.features.fingerprint)
    entries = [(remark.image,) for remark in remarks]
    at = stand(kept, name, entries)
    remark = remarks[at]
    first = side_of(grouping, remark.image, badge=badge(remark), lines=remark.reasons, actions=(FINE, OPEN))
    side_by_side(
        [first, *beside(remark.image)],
        key=f"review-{name}",
        load=large_loader(grouping),
        scene=str(remark.image),
        title=f"{at + 1:,} of {len(remarks):,}",
        label="The picture, and what to compare it with",
        moves=[
            *(("previous", "back") if at else ()),
            *(("next", "onward") if at + 1 < len(remarks) else ()),
        ],
        on_event=partial(_follow, source, grouping, name, entries),
    )
    st.caption("Keys: arrows for the next picture, space when it is fine, Enter to open it, + − 0 to zoom.")
    page = at // PER_PAGE
    shown = [remark.image for remark in remarks[page * PER_PAGE : (page + 1) * PER_PAGE]]
    part = "" if len(remarks) <= PER_PAGE else f" :gray[({page * PER_PAGE + 1:,} to {page * PER_PAGE + len(shown):,})]"
    st.markdown(f"**{count(len(remarks), 'picture')}**{part}")
    gallery(
        shown,
        key=f"all-{name}",
        collection=grouping.features.fingerprint,
        texts=texts_of(grouping, partition, shown),
        colors=partition.colors(partition.labels[shown]),
        pressed=(remark.image,),
        label="All pictures of the list",
        on_event=lambda image: go(kept, name, entries, entries.index((image,))),
    )


def show_fine(source: Source, grouping: Grouping, partition: Partition, fine: Sequence[Remark], *, name: str) -> None:
    """Offer the way back for pictures that were found fine."""
    if not fine:
        return
    with st.popover(f"Found fine: {len(fine):,}", icon=":material/check:"):
        st.caption("Click a picture to put it back on the list.")
        shown = [remark.image for remark in fine[:PER_PAGE]]
        gallery(
            shown,
            key=f"fine-{name}",
            collection=grouping.features.fingerprint,
            texts=texts_of(grouping, partition, shown),
            colors=partition.colors(partition.labels[shown]),
            label="Pictures found fine",
            on_event=partial(unsay_fine, source, grouping, name),
        )


def _follow(source: Source, grouping: Grouping, name: str, entries: Sequence[tuple[int]], event: SideEvent) -> None:
    if event.action == "fine":
        say_fine(source, grouping, name, event.index)
    elif event.action == "open":
        open_picture(event.index)
    else:
        back = event.action in ("previous", "back")
        step(place(grouping.features.fingerprint), name, entries, -1 if back else 1)
