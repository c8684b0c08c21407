"""What the pictures side by side say of themselves, and the large ones."""

from collections.abc import Callable, Sequence

import streamlit as st

from imgcluster.errors import ImgClusterError
from imgcluster.pictures.collection import ImageFile
from imgcluster.pictures.opening import ImageDetails, image_details
from imgcluster.pictures.thumbnails import display_jpeg
from imgcluster.ui.components.side_by_side import Side, SideAction
from imgcluster.ui.messages import file_size, unbroken
from imgcluster.ui.project.grouped import Grouping

__all__ = ["FINE", "OPEN", "large_loader", "side_of"]

OPEN = SideAction(name="open", label="Open", key="Enter")
"""To the large view, which leads to similar pictures and to the map."""

FINE = SideAction(name="fine", label="It is fine", key=" ")


def side_of(
    grouping: Grouping,
    index: int,
    *,
    badge: str = "",
    lines: Sequence[str] = (),
    actions: Sequence[SideAction] = (OPEN,),
) -> Side:
    """Return how a picture is shown beside others: what is said of it, then what it is."""
    image = grouping.collection.images[index]
    return Side(
        index=int(index),
        content=grouping.features.hashes[index],
        name=image.path,
        badge=badge,
        lines=(*map(unbroken, lines), *_facts(image)),
        actions=tuple(actions),
    )


def large_loader(grouping: Grouping) -> Callable[[int], bytes | None]:
    """Return the function that the component calls for a picture that the browser lacks."""

    def load(index: int) -> bytes | None:
        try:
            return display_jpeg(grouping.collection.images[index])
        except ImgClusterError:
            return None

    return load


def _facts(image: ImageFile) -> tuple[str, ...]:
    try:
        details = _details(str(image.source), image.member, image.size, image.mtime_ns, image)
    except ImgClusterError as error:
        return (str(error),)
    return (
        f"{details.width:,} × {details.height:,} pixels · {details.format} · {file_size(details.n_bytes)}",
        f"{details.taken:%d %B %Y, %H:%M}",
    )


@st.cache_resource(max_entries=512, show_spinner=False)
def _details(source: str, member: str | None, size: int, mtime_ns: int, _image: ImageFile) -> ImageDetails:
    return image_details(_image)
