"""Whether the page is light or dark."""

import streamlit as st

__all__ = ["is_dark"]


def is_dark() -> bool:
    """Return whether the page is dark."""
    return st.context.theme.type == "dark"
