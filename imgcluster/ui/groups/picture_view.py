"""The large view of one picture: what it is, where it belongs and how well, and what is most like it."""

import streamlit as st

from imgcluster.errors import ImgClusterError
from imgcluster.pictures.opening import image_details
from imgcluster.pictures.thumbnails import display_jpeg
from imgcluster.stages.grouping import fit_silhouettes
from imgcluster.ui.components.gallery import gallery
from imgcluster.ui.find.query import ask_similar
from imgcluster.ui.groups.chip import show_chip
from imgcluster.ui.groups.data import texts_of
from imgcluster.ui.groups.face_origin import show_origin
from imgcluster.ui.groups.nearest import index_of
from imgcluster.ui.groups.partition import Partition
from imgcluster.ui.hosting import workspace_of
from imgcluster.ui.inline import show_image
from imgcluster.ui.messages import file_size, plain, show_error
from imgcluster.ui.project.grouped import Grouping
from imgcluster.ui.project.source import Source
from imgcluster.ui.router import page_of

__all__ = ["open_picture", "picture_view"]

_OPEN, _AT = "open_picture", "opened_at"
_N_NEAREST = 9


def open_picture(index: int, *, at: Partition | None = None) -> None:
    """Ask for the large view of an image, and mark it on the map.

    Parameters
    ----------
    index : int
    at : Partition, optional
        The groups that it is looked at in; those that the screen shows where it is missing.
    """
    st.session_state[_OPEN] = index
    st.session_state[_AT] = at
    st.session_state["marked"] = (index,)


def picture_view(source: Source, grouping: Grouping, partition: Partition, *, has_map: bool = True) -> None:
    """Show the large view where one was asked for; it stays open when the page runs again."""
    index = st.session_state.get(_OPEN)
    if index is not None and index < len(grouping.collection):
        name = grouping.collection.images[index].path.rpartition("/")[2]
        view = st.dialog(plain(name), width="large", on_dismiss=_close)(_large)
        view(source, grouping, st.session_state.get(_AT) or partition, has_map)


def _close() -> None:
    st.session_state[_OPEN] = None


def _large(source: Source, grouping: Grouping, partition: Partition, has_map: bool) -> None:
    index = st.session_state[_OPEN]
    image = grouping.collection.images[index]
    left, right = st.columns([3, 2], gap="large")
    details = None
    with left:
        try:
            details = image_details(image)
            show_image(display_jpeg(image), alt=image.path)
        except ImgClusterError as error:
            show_error(error)
    with right:
        st.caption(plain(image.path))
        show_chip(partition, int(partition.labels[index]), _fit(source, grouping, partition, index))
        if details is not None:
            st.markdown(
                f"{details.width:,} × {details.height:,} pixels · {details.format} · {file_size(details.n_bytes)}  \n"
                f"{details.taken:%d %B %Y, %H:%M}"
            )
        if source.kind == "faces":
            show_origin(source, image.path)
        st.markdown("**Most like it**", help="Nearest by the features of the whole picture, whatever its group.")
        nearest = index_of(grouping).query_image(index, _N_NEAREST).indices[0]
        picked = gallery(
            nearest.tolist(),
            key="nearest",
            collection=grouping.features.fingerprint,
            texts=texts_of(grouping, partition, nearest),
            colors=partition.colors(partition.labels[nearest]),
            label="Most like it",
        )
        if picked is not None:
            open_picture(picked, at=partition)
            st.rerun()  # the whole page: the dialog's title is the picture's name
        _ways_on(index, has_map)


def _ways_on(index: int, has_map: bool) -> None:
    """Offer what one may want to do with a picture next."""
    with st.container(horizontal=True):
        asks = st.button(
            "Find similar",
            key="find-similar",
            icon=":material/image_search:",
            help="More of them, with how far each is, and where the picture belongs.",
        )
        shows = st.button("Show on the map", key="show-on-map", icon=":material/my_location:")
    if asks:
        _close()
        ask_similar(index)
        st.switch_page(page_of("find"))
    if shows:
        _close()
        if not has_map:
            st.switch_page(page_of("groups"))
        st.rerun()


def _fit(source: Source, grouping: Grouping, partition: Partition, index: int) -> str:
    if partition.n_clusters < 2 or partition.labels[index] < 0:
        return ""
    silhouette = fit_silhouettes(grouping.space, partition.labels, key=partition.key, workspace=workspace_of(source))
    value = float(silhouette.values[index])
    return f"{_fit_word(value)} (silhouette {value:.2f})"


def _fit_word(silhouette: float) -> str:
    if silhouette >= 0.15:
        return "fits well" if silhouette >= 0.5 else "fits"
    return "lies between groups" if silhouette >= -0.15 else "may not belong"
