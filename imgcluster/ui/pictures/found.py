"""What was found in a source before the long work begins."""

import streamlit as st

from imgcluster.stages.looking import FoundImages
from imgcluster.ui.background import grouping_job
from imgcluster.ui.messages import count, duration
from imgcluster.ui.state import Source

__all__ = ["show_found"]


def show_found(source: Source, found: FoundImages, *, grouped: bool) -> None:
    """Show how many pictures there are, how many cannot be read and why, and how long it will take."""
    skipped = found.collection.skipped
    if grouped:
        skipped = grouping_job(source).result.collection.skipped
    n_images = len(found.collection) + len(found.collection.skipped) - len(skipped)
    with st.grid(3, min_column_width=150):
        st.metric("Pictures found", f"{n_images:,}")
        st.metric("Cannot be read", f"{len(skipped):,}", help="They are left out; the list below says why.")
        if not grouped and n_images:
            st.metric(
                "Time",
                duration(found.seconds).removeprefix("about "),
                help=f"Estimated. {count(found.n_new, 'picture')} must be looked at; the others are known already.",
            )
    if not n_images:
        st.error("The list says why. Choose other pictures.", title="None of these files can be used")
    if skipped:
        with st.expander(
            f"{count(len(skipped), 'file')} that cannot be read", expanded=not n_images, icon=":material/hide_image:"
        ):
            st.dataframe(
                {"File": [image.path for image in skipped], "Why": [image.reason for image in skipped]},
                hide_index=True,
                alt="Files that cannot be read, with the reason for each",
            )
