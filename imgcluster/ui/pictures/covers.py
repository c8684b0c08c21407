"""A few typical pictures of each project, side by side in one image: few parts on the page, however long the list."""

import io
from collections.abc import Sequence

import streamlit as st
from PIL import Image, ImageOps

from imgcluster.cache import Workspace
from imgcluster.errors import ImgClusterError, UnreadableImageError
from imgcluster.features.store import Store
from imgcluster.keeping.projects.library import ProjectLibrary
from imgcluster.keeping.projects.summaries import ProjectSummary
from imgcluster.pictures.opening import decode
from imgcluster.ui.inline import show_image

__all__ = ["covers_of", "show_cover"]

_MOST, _SIDE = 4, 96
_SHOWN = 66  # pixels of a side on the page


def covers_of(summaries: Sequence[ProjectSummary], library: ProjectLibrary) -> list[tuple[bytes, ...]]:
    """Return up to 4 thumbnails for each project, from the store, or from what came with a project that was sent."""
    wanted = [key for summary in summaries for key in summary.cover[:_MOST]]
    try:
        with Store(Workspace.default().store_path) as store:
            known = store.thumbnails(list(dict.fromkeys(wanted)))
        for summary in summaries:
            if summary.kind == "file" and not summary.problem:
                known |= _sent(summary, library)
    except ImgClusterError:  # a list without pictures is still one
        known = {}
    return [tuple(known[key] for key in summary.cover[:_MOST] if key in known) for summary in summaries]


def show_cover(thumbnails: tuple[bytes, ...]) -> None:
    """Show thumbnails as squares in a row; nothing where there are none."""
    if thumbnails and (joined := _joined(thumbnails)):
        data, n_shown = joined
        show_image(data, alt="", width=n_shown * _SHOWN)


def _sent(summary: ProjectSummary, library: ProjectLibrary) -> dict[str, bytes]:
    path = library.store_path(summary.id)
    if path is None:
        return {}
    with Store(path) as store:
        return store.thumbnails(summary.cover[:_MOST])


@st.cache_data(max_entries=64, show_spinner=False)
def _joined(thumbnails: tuple[bytes, ...]) -> tuple[bytes, int] | None:
    """Return a JPEG of those that can be decoded, and how many these are."""
    squares = []
    for data in thumbnails:
        try:
            squares.append(ImageOps.fit(decode(data), (_SIDE, _SIDE)))
        except UnreadableImageError:
            continue
    if not squares:
        return None
    strip = Image.new("RGB", (_SIDE * len(squares), _SIDE))
    for place, square in enumerate(squares):
        strip.paste(square, (place * _SIDE, 0))
    file = io.BytesIO()
    strip.save(file, "JPEG", quality=80)
    return file.getvalue(), len(squares)
