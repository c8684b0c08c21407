"""Three ways to choose pictures: a sample, a folder of this computer, an upload."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from imgcluster.errors import ImgClusterError
from imgcluster.features.options import parse_features
from imgcluster.pictures.browsing import list_folder
from imgcluster.pictures.samples import SAMPLES, Sample
from imgcluster.ui.background import start_finding
from imgcluster.ui.hosting import HOSTED
from imgcluster.ui.inline import show_image
from imgcluster.ui.messages import count, file_size, plain, show_error
from imgcluster.ui.pictures.uploads import keep_uploads
from imgcluster.ui.project.projects import known_source, project_of
from imgcluster.ui.project.session import open_source
from imgcluster.ui.project.source import Source, folder_source, sample_source
from imgcluster.ui.state import choose_features
from imgcluster.ui.typed import typed_folder

__all__ = ["choose_folder", "choose_sample", "choose_upload"]

_ASSETS = Path(__file__).parents[1] / "assets"
_MAX_LISTED = 300


def choose_sample() -> None:
    """Offer the built-in samples."""
    for name, sample in SAMPLES.items():
        with st.container(border=True, height="stretch"):
            show_image((_ASSETS / f"{name}.png").read_bytes(), alt="")
            st.button(sample.title, key=f"sample-{name}", on_click=_choose_sample, args=(sample,), width="stretch")
            st.caption(sample.description)


def choose_folder() -> None:
    """Offer a folder of this computer: by its path, or by looking around."""
    st.text_input(
        "Folder or ZIP file",
        key="folder_path",
        placeholder=str(Path.home() / "Pictures"),
        on_change=_choose_typed,
        persist_state="session",
        help="Sub-folders are included. Nothing in it is ever changed.",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Open", type="primary", on_click=_choose_typed, icon=":material/folder_open:")
        browse = st.toggle("Look around", key="browse", persist_state="session")
    if browse:
        _browser()


def choose_upload(*, hosted: bool) -> None:
    """Offer to upload a ZIP file or pictures."""
    uploads = st.file_uploader(
        "A ZIP file, or pictures",
        accept_multiple_files=True,
        key="uploads",
        max_upload_size=HOSTED.max_upload_bytes // 10**6 if hosted else None,
        help=(
            f"Up to {HOSTED.archive.max_files:,} pictures and {file_size(HOSTED.max_upload_bytes)}. They are kept only "
            "until you close this page."
            if hosted
            else "They stay on this computer."
        ),
    )
    if uploads and st.button("Use these", key="use-uploads", type="primary", icon=":material/check:"):
        try:
            _choose(keep_uploads(uploads))
        except ImgClusterError as error:
            show_error(error)
        else:
            st.rerun()


def _choose_sample(sample: Sample) -> None:
    """Choose a sample, and what suits it, unless it was worked at before."""
    source = sample_source(sample.name)
    is_new = project_of(source).n_images == 0
    _choose(source, sample.features if is_new else "")


def _choose(source: Source, features: str = "") -> None:
    """Open a source and look for its pictures; what should count as similar is asked for first where it is given."""
    source = known_source(source)
    open_source(source)
    if features:
        choose_features(parse_features(features))
    start_finding(source, again=True)


def _choose_typed() -> None:
    folder = typed_folder(st.session_state.get("folder_path", ""))
    if folder is not None:
        _choose(folder_source(folder))


def _browser() -> None:
    """Show one folder's sub-folders as buttons; a click goes there."""
    try:
        listing = list_folder(st.session_state.get("browse_at") or Path.home())
    except ImgClusterError as error:
        show_error(error)
        st.button("Go home", on_click=_go, args=(Path.home(),), icon=":material/home:")
        return
    st.caption(plain(str(listing.path)))
    with st.container(horizontal=True):
        st.button(
            "Up",
            on_click=_go,
            args=(listing.parent,),
            disabled=listing.parent is None,
            icon=":material/arrow_upward:",
        )
        st.button("Home", on_click=_go, args=(Path.home(),), icon=":material/home:")
        st.button(
            "Choose this folder",
            on_click=_choose_listed,
            args=(listing.path,),
            type="primary",
            icon=":material/check:",
            help=f"{count(listing.n_images, 'picture')} directly in it; those in sub-folders are taken too.",
        )
    with st.container(height=240, gap="xsmall"):
        for name in listing.folders[:_MAX_LISTED]:
            _entry(listing.path / name, icon=":material/folder:", on_click=_go)
        for name in listing.archives[:_MAX_LISTED]:
            _entry(listing.path / name, icon=":material/folder_zip:", on_click=_choose_listed)
        left_out = len(listing.folders) - _MAX_LISTED
        if left_out > 0:
            st.caption(f"{count(left_out, 'more folder')}: type the path above.")
        if not listing.folders and not listing.archives:
            st.caption("No folders in here.")


def _entry(path: Path, *, icon: str, on_click: Callable[[Path], None]) -> None:
    st.button(plain(path.name), key=f"entry-{path}", on_click=on_click, args=(path,), icon=icon, type="tertiary")


def _go(path: Path) -> None:
    st.session_state["browse_at"] = path


def _choose_listed(path: Path) -> None:
    st.session_state["folder_path"] = str(path)
    _choose(folder_source(path))
