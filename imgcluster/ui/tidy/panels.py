"""What lies below the choice of a list: its controls, its pictures, and a plain word where it is empty."""

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from imgcluster.ui.components.side_by_side import Side
from imgcluster.ui.groups.partition import Partition
from imgcluster.ui.groups.waiting import wait_for
from imgcluster.ui.messages import count, file_size, percent
from imgcluster.ui.project.grouped import Grouping
from imgcluster.ui.project.source import Source
from imgcluster.ui.tidy.copies import show_copies
from imgcluster.ui.tidy.decided import show_not_same, undo_button
from imgcluster.ui.tidy.lists import LEAST_NEAR, ODD, QUALITY, Lists, choose_kind, near_slider
from imgcluster.ui.tidy.looking import offer_close_look
from imgcluster.ui.tidy.odd import KINDS as ODD_KINDS
from imgcluster.ui.tidy.odd import odd_job, sides_beside
from imgcluster.ui.tidy.quality import KINDS as QUALITY_KINDS
from imgcluster.ui.tidy.review import Remark, open_remarks, show_fine, show_review
from imgcluster.ui.tidy.taking import spare_images, take_away

__all__ = ["copies_panel", "odd_panel", "quality_panel"]


def copies_panel(source: Source, grouping: Grouping, partition: Partition, lists: Lists) -> None:
    """Show the groups of copies, what was said of them, and what can be taken away."""
    if lists.copies is None:
        offer_close_look(source, grouping)
        return
    left, right = st.columns([3, 2], vertical_alignment="bottom", gap="large")
    with left:
        near = near_slider()
    with right, st.container(horizontal=True, vertical_alignment="center"):
        undo_button(source, grouping)
        show_not_same(source, grouping, lists.decisions)
    if lists.copies:
        st.markdown(_how_many(grouping, lists))
        show_copies(source, grouping, partition, lists.copies, lists.decisions)
    else:
        st.info(_no_copies(near, more=bool(lists.decisions.not_same)), icon=":material/check_circle:")
    take_away(source, grouping, lists.look, lists.copies, listed=lists.listed)


def odd_panel(source: Source, grouping: Grouping, partition: Partition, lists: Lists) -> None:
    """Show the pictures that fit nowhere."""
    if lists.odd is None:
        wait_for(odd_job(source, grouping, partition), key="odd")
        return
    st.caption(f"Odd among these groups: {partition.title}.")
    _review(
        source,
        grouping,
        partition,
        lists,
        lists.odd,
        name=ODD,
        titles=ODD_KINDS,
        empty="No picture is odd: each has others like it, and lies in the group that is nearest.",
        beside=lambda image: sides_beside(grouping, partition, image),
    )


def quality_panel(source: Source, grouping: Grouping, partition: Partition, lists: Lists) -> None:
    """Show the pictures with flaws."""
    if lists.quality is None:
        offer_close_look(source, grouping)
        return
    _review(
        source,
        grouping,
        partition,
        lists,
        lists.quality,
        name=QUALITY,
        titles=QUALITY_KINDS,
        empty="No picture is blurred, too dark or too bright, nearly one colour, very small or of an odd shape.",
        beside=lambda image: (),
    )


def _review(
    source: Source,
    grouping: Grouping,
    partition: Partition,
    lists: Lists,
    remarks: Sequence[Remark],
    *,
    name: str,
    titles: Mapping[str, str],
    empty: str,
    beside: Callable[[int], Sequence[Side]],
) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        is_wanted = choose_kind(grouping, remarks, lists.decisions, name=name, titles=titles)
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            undo_button(source, grouping)
            still_open, fine = open_remarks(grouping, remarks, lists.decisions, name=name)
            show_fine(source, grouping, partition, fine, name=name)
    shown = [remark for remark in still_open if is_wanted(remark)]
    if not shown:
        body = "You have looked at all of them." if remarks else empty
        st.info(body, icon=":material/check_circle:")
        return
    show_review(
        source,
        grouping,
        partition,
        shown,
        name=name,
        beside=beside,
        badge=lambda remark: ", ".join(titles[kind] for kind in remark.kinds).capitalize(),
    )


def _how_many(grouping: Grouping, lists: Lists) -> str:
    images = grouping.collection.images
    spare = spare_images(lists.copies)
    size = file_size(sum(images[image].size for image in spare))
    n_pictures = sum(len(group.images) for group in lists.copies)
    return f"{count(n_pictures, 'picture')} in {count(len(lists.copies), 'group')}; {len(spare):,} spare, {size}."


def _no_copies(near: float, *, more: bool) -> str:
    """Say that there is no group; with ``more``, some pairs were said to be no copies."""
    two = "No other two pictures" if more else "No two pictures"
    if near <= LEAST_NEAR:
        return f"{two} are alike enough to be copies."
    alike = "the same" if near == 1 else f"{percent(round(100 * near))} alike"
    return f"{two} are {alike}. Move the slider to the left to see what is merely alike."
