"""What one might want to change: pictures that may not belong where they are, and groups that look alike."""

import streamlit as st

from imgcluster.ui.groups.editing.alike import n_alike, show_alike
from imgcluster.ui.groups.editing.misfits import look_anew, n_misfits, show_misfits
from imgcluster.ui.groups.partition import Partition
from imgcluster.ui.project.grouped import Grouping
from imgcluster.ui.project.source import Source

__all__ = ["advice_buttons", "chosen_advice", "close_advice", "show_advice"]

_ADVICE = "advice"  # session state: which is looked at
_MISFITS, _ALIKE = "misfits", "alike"


def chosen_advice() -> str | None:
    """Return which advice is looked at in place of the groups, None where none is."""
    return st.session_state.get(_ADVICE)


def close_advice() -> None:
    """Go back to the groups."""
    st.session_state[_ADVICE] = None


def advice_buttons(source: Source, grouping: Grouping, partition: Partition) -> None:
    """Offer the two kinds of advice, with how many there are where that is known; nothing is computed for it."""
    for name, title, icon, number, help in (
        (
            _MISFITS,
            "May not belong",
            ":material/rule:",
            n_misfits(source, grouping, partition),
            "Pictures that fit another group better, or their own badly.",
        ),
        (
            _ALIKE,
            "Look alike: merge?",
            ":material/compare_arrows:",
            n_alike(grouping, partition),
            "Groups without a gap between them, which may be one.",
        ),
    ):
        st.button(
            title if number is None else f"{title} ({number:,})",
            icon=icon,
            key=f"advice-{name}",
            disabled=partition.n_clusters < 2,
            on_click=_open,
            args=(name, partition.key),
            help=help,
        )


def show_advice(source: Source, grouping: Grouping, partition: Partition) -> None:
    """Show the advice that was chosen, with the way back."""
    is_misfits = chosen_advice() == _MISFITS
    title, hint = (
        ("Pictures that may not belong", "the worst fit first")
        if is_misfits
        else ("Groups that look alike", "the most alike first")
    )
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f"**{title}**&ensp;:gray[{hint}]", width="content")
        st.button("Back to all groups", icon=":material/arrow_back:", on_click=close_advice)
    (show_misfits if is_misfits else show_alike)(source, grouping, partition)


def _open(name: str, key: str) -> None:
    st.session_state[_ADVICE] = name
    look_anew(key)
