"""Buttons whose click holds, whichever part of the page runs first.

Streamlit 1.67 gathers what its widgets say in one turn of the browser's event loop, which is long where the browser is
busy, and then reruns only the fragment of the first: what `streamlit.button` answers in any other is lost. A callback
is called all the same. Sometimes twice, where a fragment that runs by itself has just told of the click too.
"""

from collections.abc import Callable
from typing import Any

import streamlit as st

__all__ = ["forget_presses", "pressed"]

_PRESSED = "pressed_buttons"  # session state: the keys of those that no run has answered yet


def pressed(label: str, *, key: str, button: Callable[..., Any] = st.button, **options: Any) -> bool:
    """Show a button, and return once whether it was pressed; the whole page runs for it.

    Parameters
    ----------
    label : str
    key : str
        Streamlit's key, unique on the page.
    button : callable, default st.button
        What shows it, such as `streamlit.form_submit_button`.
    **options
        What else ``button`` takes.
    """
    button(label, key=key, on_click=_note, args=(key,), **options)
    waiting = st.session_state.get(_PRESSED, set())
    is_pressed = key in waiting
    waiting.discard(key)
    return is_pressed and not options.get("disabled", False)


def forget_presses() -> None:
    """Let go, when a page has run to its end, of presses of buttons that it did not show."""
    st.session_state.pop(_PRESSED, None)


def _note(key: str) -> None:
    st.session_state.setdefault(_PRESSED, set()).add(key)
    st.rerun()
