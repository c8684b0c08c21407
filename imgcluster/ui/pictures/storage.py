"""How much disk the kept results take, and a button that sets it free."""

import streamlit as st

from imgcluster.cache import cache_directory, clear_cache, directory_size
from imgcluster.ui.messages import file_size, plain
from imgcluster.ui.register import jobs

__all__ = ["storage"]


def storage() -> None:
    """Show the size of the cache, where it is, and a button to clear it."""
    space = st.expander("Storage", icon=":material/database:", on_change="rerun", key="storage")
    if space.open:
        with space:
            st.markdown(
                f"What was computed is kept in {plain(str(cache_directory()))}: "
                f"**{file_size(directory_size(cache_directory()))}**. Thanks to it a second look is instant. "
                "Clearing it deletes no picture and no project of yours; the rest only has to be computed again."
            )
            st.button("Clear", icon=":material/delete_sweep:", on_click=_clear, key="clear-storage")


def _clear() -> None:
    jobs().forget("")
    clear_cache()
