"""One picture that is looked for: of the collection, or from outside."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from imgcluster.errors import ImgClusterError
from imgcluster.features.extraction import Extraction
from imgcluster.pictures.collection import ImageFile
from imgcluster.pictures.thumbnails import display_jpeg
from imgcluster.ui.inline import show_image
from imgcluster.ui.messages import plain, show_error
from imgcluster.ui.project.grouped import Grouping

__all__ = ["Subject", "arriving", "of_collection", "show_subject"]

_SIZE = 900  # pixels of its longest side on screen


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Subject:
    """The picture that others are compared with.

    Attributes
    ----------
    image : ImageFile
    key : str
        Its content: the same picture has the same neighbours.
    index : int or None
        Its place in the collection, None where it comes from outside.
    vector : ndarray of float32, shape (n_features,)
    """

    image: ImageFile
    key: str
    index: int | None
    vector: np.ndarray


def of_collection(grouping: Grouping, index: int) -> Subject:
    """Return a picture of the collection."""
    return Subject(
        image=grouping.collection.images[index],
        key=str(index),
        index=index,
        vector=grouping.features.vectors[index],
    )


def arriving(arrivals: Extraction, row: int) -> Subject:
    """Return one of the new pictures."""
    return Subject(
        image=arrivals.collection.images[row],
        key=arrivals.features.hashes[row],
        index=None,
        vector=arrivals.features.vectors[row],
    )


def show_subject(subject: Subject) -> None:
    """Show the picture large, with its name."""
    image = subject.image
    try:
        show_image(_displayed(str(image.source), image.member, image.size, image.mtime_ns, image), alt=image.path)
    except ImgClusterError as error:
        show_error(error)
    st.caption(plain(image.path))


@st.cache_resource(max_entries=8, show_spinner=False)
def _displayed(source: str, member: str | None, size: int, mtime_ns: int, _image: ImageFile) -> bytes:
    return display_jpeg(_image, size=_SIZE)
