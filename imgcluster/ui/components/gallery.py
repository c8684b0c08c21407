"""Pictures in rows and columns: a responsive gallery of buttons, and one strip of pictures per cluster."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import partial

import streamlit as st

from imgcluster.ui.components._shared import deliver, event, frame, source
from imgcluster.ui.components.thumbs import LoadThumbnails, not_sent

__all__ = ["StripEvent", "StripRow", "gallery", "strips"]

_gallery = st.components.v2.component(
    "imgcluster_gallery",
    html='<div class="imgcluster-gallery" role="group"></div>',
    css=source("pictures.css", "gallery.css"),
    js=source("shared.js", "pictures.js", "gallery.js"),
)
_strips = st.components.v2.component(
    "imgcluster_strips",
    html='<ul class="imgcluster-strips" role="list"></ul>',
    css=source("pictures.css", "strips.css"),
    js=source("shared.js", "pictures.js", "strips.js"),
)


# Of the strips, what a screen shows of them beneath a map.
_FIRST_ROWS, _FIRST_PICTURES = 5, 12


@dataclass(frozen=True, slots=True, kw_only=True)
class StripRow:
    """One cluster as a strip shows it.

    Attributes
    ----------
    cluster : int
        Its number: rows are matched by it from run to run, so that a strip changes only where its cluster did.
    name, color : str
        Name, and hex colour ("#rrggbb").
    size : str
        The size in words, such as "182 pictures".
    note : str
        A second remark, such as "tight"; may be empty.
    indices : tuple of int
        The images to show, the medoid first.
    texts : tuple of str
        Alternative text of each image, such as "cat-0012.png, in group 3".
    proposed : str
        A name that the program proposes, marked as such; may be empty.
    is_locked : bool
        Whether the row has a sign that its cluster stays as it is.
    can_edit : bool
        Whether the row has a button to change its cluster.
    """

    cluster: int
    name: str
    color: str
    size: str
    note: str = ""
    indices: tuple[int, ...]
    texts: tuple[str, ...]
    proposed: str = ""
    is_locked: bool = False
    can_edit: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StripEvent:
    """What the user clicked in the strips, reported once: in the run that it caused.

    Attributes
    ----------
    cluster : int
        The row.
    index : int or None
        The image that was clicked, None for a button.
    is_edit : bool
        Whether it was the button to change the cluster, in place of "Show all".
    """

    cluster: int
    index: int | None = None
    is_edit: bool = False


def gallery(
    indices: Sequence[int],
    *,
    key: str,
    collection: str,
    texts: Sequence[str],
    colors: Sequence[str],
    pressed: Sequence[int] = (),
    medoids: Sequence[int] = (),
    label: str = "Pictures",
    choosing: int | None = None,
    on_event: Callable[[int], None] | None = None,
    on_chosen: Callable[[tuple[int, ...]], None] | None = None,
) -> int | None:
    """Show pictures in a responsive grid of buttons: arrow keys move, Enter or a click picks.

    Or chooses: with ``choosing`` a click presses a picture's button or lets it go, with Shift all up to the one before.

    Parameters
    ----------
    indices : sequence of int, (n,)
        The images, in the order shown, each once. Some 50 to 200 at a time.
    key : str
        Streamlit's key, unique on the page.
    collection : str
        Fingerprint of the collection, as given to `thumb_feed`, which serves the pictures.
    texts : sequence of str, (n,)
        Alternative text of each image, such as "cat-0012.png, in group 3"; also its tooltip.
    colors : sequence of str, (n,)
        Hex colour of each image's cluster.
    pressed : sequence of int
        Images shown as chosen (those marked on the map).
    medoids : sequence of int
        Images shown with a star: their clusters' medoids.
    label : str
        What the gallery is, for those who do not see it.
    choosing : int, optional
        A number when a click is to choose and not to pick. While it stays the same, the browser alone knows which
        are pressed, so that no click is lost however fast one follows another; with another one, ``pressed`` holds.
    on_event : callable, optional
        Called with what is returned *before* the page runs, as Streamlit's callbacks are: for what is drawn above.
    on_chosen : callable, optional
        Called likewise with all images that are pressed, ascending, when these have changed.

    Returns
    -------
    int or None
        Index of the image that was clicked, once: in the run that it caused.

    Raises
    ------
    ValueError
        If the sequences differ in length, or an image comes twice.
    """
    _check(indices, texts, colors)
    items = [
        {"index": int(index), "text": text, "color": color}
        for index, text, color in zip(indices, texts, colors, strict=True)
    ]
    header = {
        "collection": collection,
        "items": items,
        "pressed": [int(index) for index in pressed],
        "medoids": [int(index) for index in medoids],
        "label": label,
        "choosing": choosing,
    }
    shown = {int(index) for index in indices}
    read = partial(_picked, key, shown)
    _gallery(
        key=key,
        data=frame(header),
        on_picked_change=deliver(read, on_event),
        on_chosen_change=deliver(partial(_chosen, key, shown), on_chosen),
    )
    return read()


def strips(
    rows: Sequence[StripRow],
    *,
    key: str,
    collection: str,
    show_all: bool = True,
    load: LoadThumbnails | None = None,
    on_event: Callable[[StripEvent], None] | None = None,
) -> StripEvent | None:
    """Show one row per cluster: chip, name, size, a line of pictures with the medoid first, and "Show all".

    Names are text, whatever is in them.

    Left and right arrows move within a row, up and down between rows, Enter or a click picks.

    Parameters
    ----------
    rows : sequence of StripRow
        In the order shown, each cluster once.
    key : str
        Streamlit's key, unique on the page.
    collection : str
        Fingerprint of the collection, as given to `thumb_feed`, which serves the pictures.
    show_all : bool
        Whether the rows have the button "Show all".
    load : callable, optional
        As `thumb_feed` takes it. With it the pictures of the first rows, which most likely are in view, come along
        where this browser was not given them yet: to be asked for them would take as long as the map takes to draw.
    on_event : callable, optional
        Called with what is returned *before* the page runs, as Streamlit's callbacks are: for what is drawn above.

    Returns
    -------
    StripEvent or None

    Raises
    ------
    ValueError
        If a row's sequences differ in length, an image comes twice in a row, or a cluster twice.
    """
    for row in rows:
        _check(row.indices, row.texts)
    by_cluster = {row.cluster: row for row in rows}
    if len(by_cluster) != len(rows):
        raise ValueError("a cluster comes twice")
    read = partial(_clicked, key, by_cluster)
    brought = [int(index) for row in rows[:_FIRST_ROWS] for index in row.indices[:_FIRST_PICTURES]]
    brought = not_sent(collection, brought) if load is not None else []
    header = {"collection": collection, "rows": [_plain(row) for row in rows], "showAll": show_all, "brought": brought}
    data = frame(header, load(brought) if brought else ())
    _strips(key=key, data=data, on_clicked_change=deliver(read, on_event))
    return read()


def _plain(row: StripRow) -> dict[str, object]:
    """Turn a row into what JSON can hold (labels often are NumPy's integers)."""
    plain = {field.name: getattr(row, field.name) for field in fields(row)}  # `asdict` copies each text
    return {**plain, "cluster": int(row.cluster), "indices": [int(index) for index in row.indices]}


def _check(indices: Sequence[int], *others: Sequence[str]) -> None:
    """Refuse what would show one image under the name of another."""
    lengths = {len(indices), *map(len, others)}
    if len(lengths) > 1:
        raise ValueError(f"sequences of different length: {sorted(lengths)}")
    if len(set(indices)) < len(indices):
        raise ValueError("an image comes twice")


def _picked(key: str, shown: Collection[int]) -> int | None:
    """Read a click on one of the images shown: a browser can send anything."""
    picked = event(key, "picked")
    return picked if type(picked) is int and picked in shown else None


def _chosen(key: str, shown: Collection[int]) -> tuple[int, ...] | None:
    """Read which of the images shown are pressed: a browser can send anything."""
    chosen = event(key, "chosen")
    if not isinstance(chosen, list) or not all(type(index) is int and index in shown for index in chosen):
        return None
    return tuple(sorted(set(chosen)))


def _clicked(key: str, rows: Mapping[int, StripRow]) -> StripEvent | None:
    """Read a click on something that is shown: a browser can send anything."""
    value = event(key, "clicked")
    if not isinstance(value, dict) or type(value.get("cluster")) is not int:
        return None
    cluster, index, is_edit = value["cluster"], value.get("index"), value.get("edit") is True
    row = rows.get(cluster)
    if row is None or not (index is None or (type(index) is int and index in row.indices)):
        return None
    if is_edit and (index is not None or not row.can_edit):
        return None
    return StripEvent(cluster=cluster, index=index, is_edit=is_edit)
