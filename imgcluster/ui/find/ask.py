"""How one says what to look for: drop a picture, paste it, or type where it is."""

import streamlit as st

from imgcluster.errors import ArchiveError
from imgcluster.features.options import FeatureOptions
from imgcluster.ui.access import hosted
from imgcluster.ui.components.paste import Pasted, paste_target
from imgcluster.ui.find.arrivals import look_again
from imgcluster.ui.find.query import ask_path, ask_uploads, refusal, refuse
from imgcluster.ui.hosting import HOSTED
from imgcluster.ui.messages import file_size, show_error
from imgcluster.ui.project.source import Source

__all__ = ["ask", "show_empty"]

_MOST_PASTED = 20 * 10**6  # bytes
_TURN = "find_turn"  # session state: an uploader that gave its files away is followed by an empty one


def ask(source: Source, features: FeatureOptions) -> None:
    """Offer all ways to bring a picture from outside, and say what was wrong with the last one.

    Parameters
    ----------
    source : Source
        The collection's.
    features : FeatureOptions
        What counts as similar in it.
    """
    if features.vectors:
        st.caption(
            ":material/info: These pictures are compared by vectors from a file, which cannot be worked out for new "
            "pictures: look for pictures of the collection, or let something else count as similar."
        )
        return
    paste_target(key="paste", max_bytes=_MOST_PASTED, on_event=_take_pasted)
    if hosted():
        _upload()
    else:
        left, right = st.columns(2, gap="large")
        with left:
            _upload()
        with right:
            _type_path()
    if source.kind == "faces":
        st.caption(
            ":material/info: A new picture is compared whole, these are faces: bring one that is cut to the face."
        )
    problem = refusal()
    if problem is not None:
        show_error(problem)


def show_empty(features: FeatureOptions) -> None:
    """Say what to do where nothing is looked for yet."""
    st.info(
        "Click any picture in the app and choose Find similar."
        if features.vectors
        else "Drop a picture here, paste one, or click any picture in the app and choose Find similar.",
        title="What do you look for?",
        icon=":material/image_search:",
    )


def _upload() -> None:
    turn = st.session_state.setdefault(_TURN, 0)
    st.file_uploader(
        "Drop pictures or a ZIP file, or paste a picture",
        accept_multiple_files=True,
        key=f"find-uploads-{turn}",
        on_change=_take_uploads,
        max_upload_size=HOSTED.max_upload_bytes // 10**6 if hosted() else None,
        help=(
            f"Up to {HOSTED.archive.max_files:,} pictures and {file_size(HOSTED.max_upload_bytes)}. They are kept only "
            "until you close this page."
            if hosted()
            else "They stay on this computer. Ctrl + V anywhere on this page pastes one."
        ),
    )


def _type_path() -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            "A picture, or a folder or ZIP file of new ones, on this computer",
            key="find_path",
            on_change=_take_path,
            persist_state="session",
            help="Nothing there is ever changed.",
        )
        st.button("Look for it", icon=":material/search:", on_click=_take_path)


def _take_uploads() -> None:
    uploads = st.session_state.get(f"find-uploads-{st.session_state[_TURN]}")
    if uploads:
        ask_uploads(uploads)
        st.session_state[_TURN] += 1


def _take_pasted(pasted: Pasted) -> None:
    if pasted.content is not None:
        ask_uploads([pasted])
        return
    refuse(
        ArchiveError(
            f"The pasted picture has {file_size(pasted.size)}, more than the {file_size(_MOST_PASTED)} allowed.",
            hint="Save it as a file and drop that.",
        )
    )


def _take_path() -> None:
    arrivals = ask_path(st.session_state.get("find_path", ""))
    if arrivals is not None:
        look_again(arrivals)
