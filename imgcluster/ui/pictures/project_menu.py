"""What one does with a project on the list: rename, duplicate, save as a file, delete."""

import streamlit as st

from imgcluster.cache import Workspace
from imgcluster.errors import ImgClusterError
from imgcluster.keeping.projects.summaries import ProjectSummary
from imgcluster.ui.background import start_finding
from imgcluster.ui.messages import show_error
from imgcluster.ui.project.projects import forget_project, library
from imgcluster.ui.project.saving import writer_of
from imgcluster.ui.project.session import open_source
from imgcluster.ui.project.source import project_source
from imgcluster.ui.register import jobs
from imgcluster.ui.router import page_of
from imgcluster.ui.state import leave_source, show_source, shown_source

__all__ = ["project_menu"]

# Session state; the last is how often the menus were closed from here.
_PROBLEM, _ASKED, _CLOSED = "project_problem", "project_to_delete", "project_menus_closed"


def project_menu(summary: ProjectSummary) -> None:
    """Offer it behind a button; what cannot be opened can be deleted all the same."""
    key = summary.id
    menu = st.popover(
        "More",
        key=_menu(key),
        help="Delete" if summary.problem else "Rename, duplicate, save as a file, delete",
        on_change="rerun",
    )
    if not menu.open:
        return
    with menu:
        if not summary.problem:
            st.text_input("Name", value=summary.name, key=f"project-name-{key}", on_change=_rename, args=(summary,))
            st.button(
                "Duplicate",
                key=f"project-copy-{key}",
                on_click=_duplicate,
                args=(key,),
                icon=":material/content_copy:",
                width="stretch",
            )
            if st.button("Save as a file", key=f"project-file-{key}", icon=":material/ios_share:", width="stretch"):
                source = project_source(summary)
                open_source(source)
                start_finding(source)
                st.switch_page(page_of("export"))
        _offer_to_delete(summary)
        problem_of, problem = st.session_state.get(_PROBLEM, (None, None))
        if problem_of == key:
            del st.session_state[_PROBLEM]
            show_error(problem)


def _offer_to_delete(summary: ProjectSummary) -> None:
    key = summary.id
    if st.session_state.get(_ASKED) != key:
        st.button(
            "Delete", key=f"project-delete-{key}", on_click=_ask, args=(key,), icon=":material/delete:", width="stretch"
        )
        return
    st.markdown("Delete? Your pictures stay.")
    with st.container(horizontal=True):
        st.button("Delete it", key=f"project-yes-{key}", on_click=_delete, args=(summary,), type="primary")
        st.button("Keep it", key=f"project-no-{key}", on_click=_ask, args=(None,))


def _ask(key: str | None) -> None:
    st.session_state[_ASKED] = key


def _rename(summary: ProjectSummary) -> None:
    try:
        _saved()
        project = library().rename(summary.id, st.session_state[f"project-name-{summary.id}"])
    except ImgClusterError as error:
        st.session_state[_PROBLEM] = (summary.id, error)
        return
    forget_project(summary.id)
    if shown_source() == project_source(summary):
        show_source(project_source(project))


def _duplicate(key: str) -> None:
    try:
        _saved()
        library().duplicate(key)
    except ImgClusterError as error:
        st.session_state[_PROBLEM] = (key, error)
    else:
        st.session_state[_CLOSED] = st.session_state.get(_CLOSED, 0) + 1


def _delete(summary: ProjectSummary) -> None:
    _ask(None)
    try:
        _saved()
        library().delete(summary.id)
    except ImgClusterError as error:
        st.session_state[_PROBLEM] = (summary.id, error)
        return
    source = project_source(summary)
    forget_project(summary.id, deleted=True)
    if (shown := shown_source()) is not None and shown.id == source.id:
        leave_source()
    if source.kind == "file":
        jobs().forget(f"{source.id}/")


def _saved() -> None:
    """Wait until what was changed a moment ago is on the disk."""
    writer_of(str(Workspace.default().directory)).finish()


def _menu(key: str) -> str:
    """Return the key of a menu: another one after it was closed from here.

    Where the list has moved meanwhile, Streamlit's browser side would take up the old one's state: open.
    """
    return f"project-menu-{key}-{st.session_state.get(_CLOSED, 0)}"
