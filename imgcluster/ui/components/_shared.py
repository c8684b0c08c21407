"""What all components share: their files, one binary message format, and how an event is read.

Streamlit hands `bytes` to the browser untouched, so arrays and JPEGs travel as they are, without the third that
base64 would add. Everything that Python sends is one *frame*::

    uint32 little-endian: length of the header | header: JSON, UTF-8 | blob 0 | blob 1 | ...

The header's "sizes" lists the length of each blob in bytes, -1 for a missing one. `shared.js` has the reader.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import streamlit as st

__all__ = ["deliver", "event", "frame", "no_op", "source"]

T = TypeVar("T")

_HERE = Path(__file__).parent
_numbers = count()


def source(*names: str) -> str:
    """Concatenate files of this folder: a component is one inline script and one inline style sheet."""
    return "\n".join((_HERE / name).read_text(encoding="utf-8") for name in names)


def frame(header: Mapping[str, Any], blobs: Sequence[bytes | None] = ()) -> bytes:
    """Pack a JSON header and binary blobs into one message (see the module's docstring).

    Parameters
    ----------
    header : mapping
        What JSON can hold; "sizes" is added, and a number that makes each message unlike all before. Streamlit 1.67
        would otherwise send a mere reference to a large message that came before, and when someone clicks fast the
        browser may just have dropped it ("Cached ForwardMsg MISS"): the element, and the run, would be lost.
    blobs : sequence of bytes or None

    Returns
    -------
    bytes
    """
    sizes = [-1 if blob is None else len(blob) for blob in blobs]
    head = json.dumps({**header, "sizes": sizes, "number": next(_numbers)}, ensure_ascii=False, allow_nan=False).encode(
        "utf-8", "replace"
    )
    return b"".join([len(head).to_bytes(4, "little"), head, *(blob for blob in blobs if blob is not None)])


def event(key: str, name: str) -> Any:
    """Read the trigger `name` of the component `key` *before* it is mounted in this run.

    The value that a mounted component returns comes too late for what this run sends to the browser.

    Returns
    -------
    object or None
        Whatever the browser sent: it must be validated. None when this run has another cause.
    """
    state = st.session_state.get(key)
    return state.get(name) if isinstance(state, Mapping) else None


def deliver(read: Callable[[], T | None], on_event: Callable[[T], None] | None) -> Callable[[], None]:
    """Make the callback that Streamlit runs before the page: it hands on the event, if it is valid.

    Streamlit reports only those triggers that have a callback, so each gets one even if nobody listens.
    """

    def callback() -> None:
        happened = read()
        if on_event is not None and happened is not None:
            on_event(happened)

    return callback


def no_op() -> None:
    """Stand in for a callback where nobody can listen."""
