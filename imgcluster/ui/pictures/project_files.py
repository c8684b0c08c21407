"""Projects that somebody sent, as a file: chosen on the screen, or named when the program was started."""

import os
import tempfile
from pathlib import Path

import streamlit as st

from imgcluster.errors import ImgClusterError
from imgcluster.keeping.projects.project_file import OPEN_VARIABLE, PROJECT_SUFFIX
from imgcluster.ui.access import hosted
from imgcluster.ui.messages import show_error
from imgcluster.ui.pictures.reopening import reopen
from imgcluster.ui.pictures.uploads import title_of
from imgcluster.ui.project.projects import library
from imgcluster.ui.project.source import project_source
from imgcluster.ui.state import shown_source

__all__ = ["choose_project_file", "open_named_file"]

_TIMES, _PROBLEM = "project_files", "project_file_problem"  # session state


def choose_project_file() -> None:
    """Offer to open a file; it becomes one of the user's projects, and is opened."""
    times = st.session_state.get(_TIMES, 0)
    file = st.file_uploader(
        "Open a project file",
        type=PROJECT_SUFFIX.removeprefix("."),
        key=f"project_file-{times}",
        help="What somebody sent you: its groups and thumbnails are there, also without the pictures.",
    )
    if file is not None:
        st.session_state[_TIMES] = times + 1  # the field is empty again, and the same file can be tried once more
        with st.spinner("Opening"), tempfile.TemporaryDirectory(prefix="imgcluster-") as directory:
            path = Path(directory) / f"{title_of(file.name)}{PROJECT_SUFFIX}"
            path.write_bytes(file.getbuffer())
            _open(path)
        st.rerun()
    _show_problem()


def open_named_file() -> None:
    """Open the file that the command ``open`` names, in the first session after the program was started."""
    if hosted() or shown_source() is not None:  # such as a page that was left open when the program ended
        return
    try:
        path = Path(_named().pop())
    except IndexError:
        return
    _open(path)
    _show_problem()


def _open(path: Path) -> None:
    """Take a file in as a project and open it; why that is not possible is said by `_show_problem`."""
    try:
        project = library().add_file(path)
    except ImgClusterError as error:
        st.session_state[_PROBLEM] = error
    else:
        reopen(project_source(project))


def _show_problem() -> None:
    if (problem := st.session_state.pop(_PROBLEM, None)) is not None:
        show_error(problem)


@st.cache_resource(show_spinner=False)
def _named() -> list[str]:
    """Return what the command ``open`` names, until somebody has taken it from the list."""
    return [path for path in [os.environ.get(OPEN_VARIABLE, "")] if path]
