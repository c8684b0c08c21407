"""Download: a button that saves a file which is fetched in pieces; the server never has all of it in memory.

Streamlit's own button for downloads keeps the whole file in the server's memory. This one asks for one piece after the
other; the browser puts them together, and saves the file when it has the last one.
"""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from imgcluster.ui.components._shared import event, frame, no_op, source

__all__ = ["PIECE", "Download", "download"]

PIECE = 2**22
"""Bytes that travel at once."""

_component = st.components.v2.component(
    "imgcluster_download",
    html='<div class="imgcluster-download"></div>',
    css=source("download.css"),
    js=source("shared.js", "download.js"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """What can be saved.

    Attributes
    ----------
    read : callable
        ``read(start, size)`` returns so many bytes from there on, or None where the file is not there any more.
    size : int
        Bytes of the whole file.
    token : str
        Another one for another content. Pieces of a file are never mixed with those of the next one.
    name : str
        What the file is called; any text, of which the browser takes what suits the system.
    mime : str
    label : str
        Of the button.
    """

    read: Callable[[int, int], bytes | None]
    size: int
    token: str
    name: str
    mime: str
    label: str

    @property
    def n_pieces(self) -> int:
        """In how many pieces it travels; an empty file in none."""
        return -(-self.size // PIECE)


def download(offered: Download, *, key: str, on_saved: Callable[[], object]) -> None:
    """Show the button, and while the file is fetched how far that is, with a way to stop it.

    Runs in a fragment of its own: a piece that is fetched reruns nothing else.

    Parameters
    ----------
    offered : Download
    key : str
        Streamlit's key, unique on the page.
    on_saved : callable
        Called when the browser has all of it; the page runs once more then.
    """
    _serve(offered, key, on_saved)


@st.fragment
def _serve(offered: Download, key: str, on_saved: Callable[[], object]) -> None:
    """Answer the request that caused this run, if one did."""
    if event(key, "saved") == offered.token:
        on_saved()
        st.rerun()
    header: dict[str, object] = {
        "token": offered.token,
        "size": offered.size,
        "pieces": offered.n_pieces,
        "name": offered.name,
        "mime": offered.mime,
        "label": offered.label,
    }
    piece, blobs = _wanted(event(key, "want"), offered), []
    if piece is not None:
        header["piece"] = piece
        blobs = [_read(offered, piece)]
    _component(key=key, data=frame(header, blobs), on_want_change=no_op, on_saved_change=no_op)


def _wanted(request: object, offered: Download) -> int | None:
    """Return the piece that is asked for, None where none is. A browser can send anything."""
    if not isinstance(request, dict) or request.get("token") != offered.token:
        return None
    piece = request.get("piece")
    return piece if type(piece) is int and 0 <= piece < offered.n_pieces else None


def _read(offered: Download, piece: int) -> bytes | None:
    """Return a piece, None where it cannot be had as it should be."""
    start = piece * PIECE
    size = min(PIECE, offered.size - start)
    data = offered.read(start, size)
    return data if data is not None and len(data) == size else None
