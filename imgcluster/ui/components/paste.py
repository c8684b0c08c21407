"""Paste: an invisible component that takes a picture from the clipboard, wherever on the page it is pasted."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import streamlit as st

from imgcluster.ui.components._shared import deliver, event, source

__all__ = ["Pasted", "paste_target"]

_component = st.components.v2.component("imgcluster_paste", js=source("shared.js", "paste.js"))
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Pasted:
    """A picture from the clipboard; it can be kept like an uploaded file.

    Attributes
    ----------
    name : str
        What the browser calls it, mostly "image.png"; any text.
    size : int
        Bytes.
    content : bytes or None
        The file; None where it is larger than was allowed.
    """

    name: str
    size: int
    content: bytes | None

    def getbuffer(self) -> memoryview:
        """Return the bytes without copying them."""
        return memoryview(self.content or b"")


def paste_target(*, key: str, max_bytes: int, on_event: Callable[[Pasted], None]) -> None:
    """Listen for pictures that are pasted on this page; text goes where it always went.

    Parameters
    ----------
    key : str
        Streamlit's key, unique on the page.
    max_bytes : int
        A larger file stays in the browser; that it was pasted is told all the same.
    on_event : callable
        Called with what was pasted *before* the page runs, as Streamlit's callbacks are.
    """
    read = partial(_pasted, key, max_bytes)
    _component(key=key, data={"limit": max_bytes}, on_pasted_change=deliver(read, on_event))


def _pasted(key: str, max_bytes: int) -> Pasted | None:
    """Read what the browser sent, None if nothing. It can send anything: what makes no sense is no event."""
    value = event(key, "pasted")
    if not isinstance(value, dict) or not isinstance(value.get("name"), str):
        return None
    name, data, size = value["name"][:_LONGEST_NAME], value.get("data"), value.get("size")
    if type(size) is int and size > max_bytes:
        return Pasted(name=name, size=size, content=None)
    if not isinstance(data, str) or len(data) > 4 * (max_bytes // 3 + 1):
        return None
    try:
        content = base64.b64decode(data, validate=True)
    except ValueError:
        return None
    return Pasted(name=name, size=len(content), content=content) if content else None
