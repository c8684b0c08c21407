"""The list of projects: a click opens one where it was left."""

from datetime import datetime

import streamlit as st

from imgcluster.keeping.projects.summaries import ProjectSummary
from imgcluster.ui.messages import plain
from imgcluster.ui.pictures.covers import covers_of, show_cover
from imgcluster.ui.pictures.project_menu import project_menu
from imgcluster.ui.pictures.project_words import facts_of, short
from imgcluster.ui.pictures.reopening import reopen
from imgcluster.ui.project.projects import library
from imgcluster.ui.project.source import project_source

__all__ = ["show_projects"]

_ALL = "all_projects"  # session state: whether the whole list is shown
_FIRST = 6
_WIDTH = 300  # pixels of a card


def show_projects() -> None:
    """Show what was worked at, changed last first; nothing where there is nothing."""
    kept = library()
    summaries = kept.list()
    if not summaries:
        return
    st.header("Your projects", anchor=False)
    shown = summaries if st.session_state.get(_ALL) else summaries[:_FIRST]
    now = datetime.now().astimezone()
    with st.container(horizontal=True, gap="small"):
        for summary, cover in zip(shown, covers_of(shown, kept), strict=True):
            with st.container(border=True, width=_WIDTH, gap="xsmall", key=f"project-{summary.id}"):
                _show(summary, cover, now)
    if len(summaries) > _FIRST:
        label = "Show fewer" if len(shown) > _FIRST else f"Show all {len(summaries):,}"
        st.button(label, key="show-all-projects", on_click=_turn, type="tertiary", icon=":material/unfold_more:")


def _show(summary: ProjectSummary, cover: tuple[bytes, ...], now: datetime) -> None:
    show_cover(cover)
    with st.container(horizontal=True, vertical_alignment="center", wrap=False):
        if summary.problem:
            st.markdown(f"**{plain(short(summary.name))}**", width="stretch")
        else:
            st.button(
                plain(short(summary.name)),
                key=f"project-open-{summary.id}",
                help=_place(summary),
                on_click=reopen,
                args=(project_source(summary),),
                icon=":material/folder_open:",
                width="stretch",
            )
        project_menu(summary)
    if summary.problem:
        st.caption(f":material/error: {plain(summary.problem)}")
    else:
        st.caption(facts_of(summary, now))


def _place(summary: ProjectSummary) -> str:
    """Return what tells this project from another of the same name."""
    match summary.kind:
        case "file":
            place = "Sent by somebody; the pictures are elsewhere"
        case "sample":
            place = "A sample"
        case _:
            place = summary.location
    return plain(place if short(summary.name) == summary.name else f"{summary.name}: {place}")


def _turn() -> None:
    st.session_state[_ALL] = not st.session_state.get(_ALL)
