"""What can be taken away from the copies: the list as a table, and a copy of the folder without them."""

import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import streamlit as st

from imgcluster.finding.copies.groups import CopyGroup
from imgcluster.keeping.export import write_duplicates_csv
from imgcluster.ui.access import hosted
from imgcluster.ui.project.grouped import Grouping
from imgcluster.ui.project.source import Source
from imgcluster.ui.tidy.copying import offer_folder
from imgcluster.ui.tidy.looking import CloseLook

__all__ = ["copies_csv", "spare_images", "take_away"]


def take_away(
    source: Source, grouping: Grouping, look: CloseLook, groups: Sequence[CopyGroup], *, listed: Sequence[CopyGroup]
) -> None:
    """Offer the list of copies as a file and, on one's own computer, a copy of the folder without copies.

    Parameters
    ----------
    source, grouping, look
    groups : sequence of CopyGroup
        Of indices in the collection that was grouped.
    listed : sequence of CopyGroup
        The same, of indices in ``look``.
    """
    with st.expander("Take it away", icon=":material/download:"):
        st.download_button(
            "Download the list",
            partial(copies_csv, look, listed),
            file_name="copies.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
            disabled=not groups,
            help="A CSV file with a line for each picture that has copies: its group, and whether it is the best one.",
        )
        if not hosted():
            spare = spare_images(groups)
            offer_folder(source, grouping, [image for image in range(len(grouping.collection)) if image not in spare])


def spare_images(groups: Sequence[CopyGroup]) -> frozenset[int]:
    """Return the pictures of which a better copy is kept."""
    return frozenset(image for group in groups for image in group.images if image not in group.kept)


def copies_csv(look: CloseLook, groups: Sequence[CopyGroup]) -> bytes:
    """Return the list of copies, of indices in ``look``, as a CSV file."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "copies.csv"
        write_duplicates_csv(path, groups, look.collection.images, look.looks)
        return path.read_bytes()
