"""The page's address: `st.query_params` would make each move of a slider a step that the Back button has to undo."""

from collections.abc import Mapping

import streamlit as st

from imgcluster.ui.components._shared import source

__all__ = ["show_address"]

_component = st.components.v2.component("imgcluster_address", js=source("shared.js", "address.js"))


def show_address(values: Mapping[str, str | None], *, key: str) -> None:
    """Write query parameters into the address, in place of what it said before.

    Parameters
    ----------
    values : mapping
        Value of each parameter; None takes it away. Others stay as they are.
    key : str
        Streamlit's key, unique on the page.
    """
    _component(key=key, data=dict(values))
