"""Single pictures that are part of the page itself."""

import base64
from typing import Literal

import streamlit as st

__all__ = ["show_image"]


def show_image(data: bytes, *, alt: str, width: int | Literal["stretch"] = "stretch") -> None:
    """Show a JPEG or PNG file, in full width or so many pixels wide.

    It travels with the page: as an address of Streamlit's media store it would be gone when the page is left before
    the browser has asked for it, and open to everybody who knows the address until then.
    """
    kind = "png" if data.startswith(b"\x89PNG") else "jpeg"
    st.image(f"data:image/{kind};base64,{base64.b64encode(data).decode()}", alt=alt, width=width)
