"""What was done, step by step: readable, with what was undone, and what does not fit the groups that are shown."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import streamlit as st

from imgcluster.editing.history import History, Step, carried_out
from imgcluster.editing.history import redo as redone
from imgcluster.editing.history import undo as undone
from imgcluster.ui.groups.partition import Partition
from imgcluster.ui.messages import count, plain
from imgcluster.ui.project.grouped import Grouping
from imgcluster.ui.project.projects import history_of, outcome_of, redo, undo
from imgcluster.ui.project.source import Source

__all__ = ["show_history"]


def show_history(source: Source, grouping: Grouping, found: Partition) -> None:
    """Offer undo, redo and the list of all changes.

    Parameters
    ----------
    source, grouping
    found : Partition
        The groups before all changes.
    """
    history = history_of(source, grouping)
    steps: Sequence[Step] = outcome_of(source, grouping, found).steps if history.can_undo else ()
    lost = [step for step in steps if not step.done]
    st.button(
        "Undo",
        icon=":material/undo:",
        key="undo-edit",
        disabled=not history.can_undo,
        on_click=partial(undo, source, grouping),
        help=_said(steps[undone(history).n_done :]) if steps else "Nothing was changed.",
    )
    again = _all_steps(found, history)[history.n_done : redone(history).n_done] if history.can_redo else ()
    st.button(
        "Redo",
        icon=":material/redo:",
        key="redo-edit",
        disabled=not history.can_redo,
        on_click=partial(redo, source, grouping),
        help=_said(again) if again else "Nothing was undone.",
    )
    number = f" {len(history.edits):,}" if history.edits else ""
    place = st.popover(
        f"History{number}",
        icon=":material/warning:" if lost else ":material/history:",
        disabled=not history.edits,
        key="edit-history",
        on_change="rerun",
    )
    if place.open and history.edits:
        with place:
            _list(_all_steps(found, history), history.n_done)
    if lost:
        does = "change does" if len(lost) == 1 else "changes do"
        st.caption(
            f":material/warning: {len(lost):,} {does} not fit these groups",
            help="They are kept, and hold again where their groups are found. The history says which and why.",
            width="content",
        )


def _all_steps(found: Partition, history: History) -> tuple[Step, ...]:
    """Return what becomes of each change, were those that are undone done again."""
    return carried_out(found.groups, replace(history, n_done=len(history.edits))).steps


def _list(steps: Sequence[Step], n_done: int) -> None:
    st.caption(f"{count(len(steps), 'change')}, newest first")
    lines = []
    for place, step in reversed(list(enumerate(steps))):
        if place >= n_done:
            lines.append(f"- :gray[{_plainly(step)} (undone)]")
        elif step.done:
            lines.append(f"- {_plainly(step)}")
        else:
            lines.append(f"- :material/warning: Not done here: {_plainly(step)}")
    st.markdown("\n".join(lines))


def _said(steps: Sequence[Step]) -> str:
    """Return what is taken back, or done again, at once: a change, or names that were given together."""
    return _plainly(steps[0]) if len(steps) == 1 else f"Named {count(len(steps), 'group')}"


def _plainly(step: Step) -> str:
    return plain(step.said)
