"""From a face to its photo."""

from pathlib import Path

import streamlit as st

from imgcluster.errors import ArchiveError, UnreadableImageError
from imgcluster.faces.album import photo_file, photo_of
from imgcluster.faces.marking import marked_photo
from imgcluster.ui.inline import show_image
from imgcluster.ui.messages import plain, public, show_error
from imgcluster.ui.project.source import Source

__all__ = ["show_origin"]


def show_origin(source: Source, crop: str) -> None:
    """Show the photo that a face is from, with the face marked, and say where it is.

    Parameters
    ----------
    source : Source
        Of kind "faces": a ZIP file of ours, since another one could name any file of this computer.
    crop : str
        The face's path in it.
    """
    album = Path(source.location)
    try:
        origin = photo_of(album, crop)
        photo = photo_file(album, origin.photo) if origin is not None else None
    except ArchiveError as error:
        show_error(error)
        return
    if photo is None:
        return
    st.markdown(f"**From {plain(origin.photo)}**", help=plain(public(str(photo.source))))
    try:
        show_image(marked_photo(photo, origin), alt=f"The photo {origin.photo} with the face in a frame")
    except UnreadableImageError as error:
        st.info(f"The photo cannot be shown: {plain(public(str(error)))}.", icon=":material/hide_image:")
