"""Pictures side by side, large, zoomed and moved together; below each what it is, and what can be said of it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial

import streamlit as st

from imgcluster.ui.components._shared import deliver, event, frame, no_op, source

__all__ = ["MAX_SIDES", "MOVES", "Side", "SideAction", "SideEvent", "side_by_side"]

MAX_SIDES = 6
"""So many pictures are shown at most: each is some 500 KB."""

MOVES = ("previous", "next", "back", "onward")
"""What can be asked of the whole: another group by the buttons, or by an arrow key beyond the pictures shown."""

_SENT = "imgcluster_large_sent"  # contents of the large pictures that this session's browser was sent

_component = st.components.v2.component(
    "imgcluster_side_by_side",
    html='<section class="imgcluster-sides"></section>',
    css=source("side_by_side.css"),
    js=source("shared.js", "pictures.js", "side_zoom.js", "side_by_side.js"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SideAction:
    """What can be said of a picture: a button below it.

    Attributes
    ----------
    name : str
        What the event is called.
    label : str
        What the button is called.
    key : str
        The key that does the same, as the browser names it (" ", "n"); empty for none.
    pressed : bool or None
        Whether it is on; None for a button that is not switched.
    """

    name: str
    label: str
    key: str = ""
    pressed: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the pictures.

    Attributes
    ----------
    index : int
        In the collection.
    content : str
        Names what is seen; the browser keeps the large picture by it.
    name : str
        The file's name.
    badge : str
        Stands on the picture, such as "Best"; may be empty.
    lines : tuple of str
        What stands below the name.
    actions : tuple of SideAction
    """

    index: int
    content: str
    name: str
    badge: str = ""
    lines: tuple[str, ...] = ()
    actions: tuple[SideAction, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SideEvent:
    """What the user did, reported once: in the run that it caused.

    Attributes
    ----------
    action : str
        One of `MOVES`, or the name of a `SideAction`.
    index : int or None
        The picture whose action it is; None for a move.
    """

    action: str
    index: int | None = None


def side_by_side(
    sides: Sequence[Side],
    *,
    key: str,
    load: Callable[[int], bytes | None],
    scene: str,
    title: str,
    label: str,
    moves: Collection[str] = (),
    on_event: Callable[[SideEvent], None] | None = None,
) -> SideEvent | None:
    """Show 1 to 6 pictures side by side, one below the other where it is narrow.

    Wheel, pinch, double click and the keys + and - zoom all of them at the same relative place, dragging and the arrow
    keys with Shift move all, 0 brings back the whole pictures. Arrow keys go from picture to picture, and beyond.

    Parameters
    ----------
    sides : sequence of Side
        In the order shown, each picture once.
    key : str
        Streamlit's key, unique on the page.
    load : callable
        Takes the index of one of the sides, returns a JPEG for the large view, None where it cannot be shown. Called
        only for what the browser lacks.
    scene : str
        The zoom stays as long as this stays.
    title : str
        Stands above, such as "Group 3 of 17".
    label : str
        What this is, for those who do not see it.
    moves : collection of str
        Those of `MOVES` that lead somewhere.
    on_event : callable, optional
        Called with what is returned *before* the page runs, as Streamlit's callbacks are: for what is drawn above.

    Returns
    -------
    SideEvent or None

    Raises
    ------
    ValueError
        When a picture comes twice, there are too many, or a move is not known.
    """
    by_index = {int(side.index): side for side in sides}
    if len(by_index) != len(sides):
        raise ValueError("an image comes twice")
    if len(sides) > MAX_SIDES:
        raise ValueError(f"{len(sides)} images side by side; at most {MAX_SIDES} can be shown")
    if not set(moves) <= set(MOVES):
        raise ValueError(f"moves are {sorted(moves)}; expected some of {MOVES}")
    lacking = _to_send(key, sides)
    header = {
        "sides": [{**asdict(side), "index": int(side.index)} for side in sides],
        "sent": list(lacking),
        "scene": scene,
        "title": title,
        "label": label,
        "moves": sorted(moves),
    }
    read = partial(_did, key, by_index, frozenset(moves))
    _component(
        key=key,
        data=frame(header, [load(index) for index in lacking.values()]),
        on_did_change=deliver(read, on_event),
        on_need_change=no_op,
    )
    return read()


def _to_send(key: str, sides: Sequence[Side]) -> dict[str, int]:
    """Return contents, each with the index of an image that has it: those new to this session, or asked for again."""
    sent = st.session_state.setdefault(_SENT, set())
    need = event(key, "need")
    asked = {name for name in need if isinstance(name, str)} if isinstance(need, list) else set()
    lacking = {side.content: int(side.index) for side in sides if side.content in asked or side.content not in sent}
    sent.update(lacking)
    return lacking


def _did(key: str, sides: Mapping[int, Side], moves: Collection[str]) -> SideEvent | None:
    """Read a move or an action of a picture that is shown: a browser can send anything."""
    value = event(key, "did")
    if not isinstance(value, dict) or type(value.get("action")) is not str:
        return None
    action, index = value["action"], value.get("index")
    if index is None:
        return SideEvent(action=action) if action in moves else None
    if type(index) is not int or index not in sides:
        return None
    offered = {each.name for each in sides[index].actions}
    return SideEvent(action=action, index=index) if action in offered else None
