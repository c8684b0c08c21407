"""Copies: one group of them at a time, side by side, the best one proposed, and what the user says of them."""

from collections.abc import Collection, Sequence
from functools import partial

import streamlit as st

from imgcluster.finding.copies.groups import CopyGroup
from imgcluster.finding.copies.pairs import EXACT, PIXELS
from imgcluster.keeping.decisions import Decisions
from imgcluster.ui.components.gallery import gallery
from imgcluster.ui.components.side_by_side import Side, SideAction, SideEvent, side_by_side
from imgcluster.ui.groups.data import texts_of
from imgcluster.ui.groups.partition import Partition
from imgcluster.ui.groups.picture_view import open_picture
from imgcluster.ui.groups.shelf import PER_PAGE
from imgcluster.ui.messages import count, percent
from imgcluster.ui.project.grouped import Grouping
from imgcluster.ui.project.source import Source
from imgcluster.ui.tidy.decided import say_not_same, switch_kept
from imgcluster.ui.tidy.sides import OPEN, large_loader, side_of
from imgcluster.ui.tidy.turning import go, place, stand, step

__all__ = ["show_copies"]

_LIST, _PICKED, _ORDER = "copies", "picked", "order"
_BESIDE = 4  # a group of more is shown by its best and the one that was picked


def show_copies(
    source: Source, grouping: Grouping, partition: Partition, groups: Sequence[CopyGroup], decisions: Decisions
) -> None:
    """Show one group large, and all of them small below; ``groups`` are at least one, of indices in the collection."""
    kept = place(grouping.features.fingerprint)
    entries = [group.images for group in groups]
    at = stand(kept, _LIST, entries)
    group = groups[at]
    images = _steady(kept, group.images)
    shown = _shown(images, kept.get(_PICKED))
    before, after = at > 0, at + 1 < len(groups)
    more = _beyond(images, shown)
    pressed = [image for image in group.kept if grouping.features.hashes[image] in decisions.kept]
    side_by_side(
        [_side(grouping, group, image, is_kept=image in pressed) for image in shown],
        key="copies",
        load=large_loader(grouping),
        scene=str(min(group.images)),
        title=f"Group {at + 1:,} of {len(groups):,}",
        label=f"{count(len(group.images), 'picture')} that may be copies",
        moves=[
            *(("previous",) if before else ()),
            *(("next",) if after else ()),
            *(("back",) if before or more[0] is not None else ()),
            *(("onward",) if after or more[1] is not None else ()),
        ],
        on_event=partial(_follow, source, grouping, entries, images, shown, pressed),
    )
    st.caption("Keys: arrows for the next picture or group, space to keep it, n for not the same, + − 0 to zoom.")
    if len(group.images) > len(shown):
        _all_members(grouping, partition, group, shown)
    _all_groups(grouping, partition, groups, at)


def _side(grouping: Grouping, group: CopyGroup, image: int, *, is_kept: bool) -> Side:
    is_best = image == group.best
    badge = "You keep it" if is_kept else "Best" if is_best else ""
    lines = [] if is_best else [_relation(group, image)]
    if is_best and not is_kept:
        lines.append(f"{group.reason[0].upper()}{group.reason[1:]}")
    actions = _actions(group.images, image, grouping.features.hashes, is_kept=is_kept)
    return side_of(grouping, image, badge=badge, lines=lines, actions=(*actions, OPEN))


def _actions(images: Sequence[int], image: int, hashes: Sequence[str], *, is_kept: bool) -> list[SideAction]:
    """Return what can be said of a picture: nothing of files that are the same, where it cannot matter."""
    twins = [other for other in images if hashes[other] == hashes[image]]
    if len(twins) == len(images):
        return []
    actions = [SideAction(name="not_same", label="Not the same", key="n")]
    if image == min(twins):  # what is said of one of them holds for all
        actions.insert(0, SideAction(name="keep", label="Keep this one", key=" ", pressed=is_kept))
    return actions


def _relation(group: CopyGroup, image: int) -> str:
    at = group.images.index(image)
    if group.kinds[at] == EXACT:
        return "The same file, bit for bit"
    return "The same pixels" if group.kinds[at] == PIXELS else f"{percent(int(100 * group.similarities[at]))} alike"


def _steady(kept: dict[str, object], images: tuple[int, ...]) -> tuple[int, ...]:
    """Return the pictures of a group in the order in which one sees them: it stays while one chooses among them."""
    order = kept.get(_ORDER, ())
    if set(order) != set(images):
        order = kept[_ORDER] = images
    return order


def _shown(images: Sequence[int], picked: object) -> tuple[int, ...]:
    """Return those that are shown large: all of a few, of many the best and the one that was picked."""
    if len(images) <= _BESIDE:
        return tuple(images)
    return images[0], picked if picked in images[1:] else images[1]


def _beyond(images: Sequence[int], shown: Sequence[int]) -> tuple[int | None, int | None]:
    """Return the pictures of the group before and after the picked one, for the arrow keys."""
    if len(images) == len(shown):
        return None, None
    at = images.index(shown[1])
    return images[at - 1] if at > 1 else None, images[at + 1] if at + 1 < len(images) else None


def _all_members(grouping: Grouping, partition: Partition, group: CopyGroup, shown: Sequence[int]) -> None:
    kept = place(grouping.features.fingerprint)
    pages = -(-len(group.images) // PER_PAGE)
    st.markdown(f"**All {len(group.images):,} of this group** :gray[click one to see it beside the best]")
    page = st.pagination(pages, key=f"members-{min(group.images)}-{pages}") if pages > 1 else 1
    members = group.images[(page - 1) * PER_PAGE : page * PER_PAGE]
    gallery(
        members,
        key="copy-members",
        collection=grouping.features.fingerprint,
        texts=[f"{text}, {_relation(group, image)}" for image, text in _texts(grouping, partition, members)],
        colors=partition.colors(partition.labels[list(members)]),
        pressed=shown,
        label="All pictures of this group of copies",
        on_event=lambda image: kept.update({_PICKED: image}),
    )


def _all_groups(grouping: Grouping, partition: Partition, groups: Sequence[CopyGroup], at: int) -> None:
    """Show the best of each group, on the page where the current one is."""
    kept = place(grouping.features.fingerprint)
    entries = [group.images for group in groups]
    start = at // PER_PAGE * PER_PAGE
    listed = groups[start : start + PER_PAGE]
    bests = [group.best for group in listed]
    part = f" :gray[({start + 1:,} to {start + len(listed):,})]" if len(groups) > PER_PAGE else ""
    st.markdown(f"**{count(len(groups), 'group')} of copies**{part}")
    gallery(
        bests,
        key="copy-groups",
        collection=grouping.features.fingerprint,
        texts=[
            f"{text}, {count(len(group.images), 'picture')}"
            for group, (_, text) in zip(listed, _texts(grouping, partition, bests), strict=True)
        ],
        colors=partition.colors(partition.labels[bests]),
        pressed=(groups[at].best,),
        label="All groups of copies",
        on_event=lambda best: go(kept, _LIST, entries, start + bests.index(best)),
    )


def _texts(grouping: Grouping, partition: Partition, images: Sequence[int]) -> list[tuple[int, str]]:
    return list(zip(images, texts_of(grouping, partition, images), strict=True))


def _follow(
    source: Source,
    grouping: Grouping,
    entries: Sequence[tuple[int, ...]],
    images: Sequence[int],
    shown: Sequence[int],
    pressed: Collection[int],
    event: SideEvent,
) -> None:
    kept = place(grouping.features.fingerprint)
    if event.action == "open":
        open_picture(event.index)
    elif event.action == "keep":
        switch_kept(source, grouping, event.index, keep=event.index not in pressed)
    elif event.action == "not_same":
        say_not_same(source, grouping, event.index, images)
    else:
        back = event.action in ("previous", "back")
        beside = _beyond(images, shown)[0 if back else 1]
        if beside is not None and event.action in ("back", "onward"):
            kept[_PICKED] = beside
        else:
            step(kept, _LIST, entries, -1 if back else 1)
