"""The row of buttons above the groups: take back, look at what was done, hide, names, and what one might change."""

from functools import partial

import numpy as np
import streamlit as st

from imgcluster.editing.edits import Hide
from imgcluster.stages.naming import ProposedNames
from imgcluster.ui.groups.editing.advice import advice_buttons
from imgcluster.ui.groups.editing.history import show_history
from imgcluster.ui.groups.editing.names import names_menu
from imgcluster.ui.groups.partition import Partition
from imgcluster.ui.messages import count
from imgcluster.ui.project.grouped import Grouping
from imgcluster.ui.project.projects import edit, show_edit_problem
from imgcluster.ui.project.source import Source

__all__ = ["show_hidden", "toolbar"]

_BELOW = "hide-below"


def toolbar(
    source: Source, grouping: Grouping, found: Partition, partition: Partition, proposed: ProposedNames
) -> None:
    """Show the row, and why the last change could not be done.

    Parameters
    ----------
    source, grouping
    found : Partition
        The groups before all changes.
    partition : Partition
        After them.
    proposed : ProposedNames
    """
    with st.container(horizontal=True, vertical_alignment="center", key="editing"):
        show_history(source, grouping, found)
        _offer_to_hide(source, grouping, partition)
        names_menu(source, grouping, partition, proposed)
        advice_buttons(source, grouping, partition)
    show_edit_problem()


def show_hidden(source: Source, grouping: Grouping, partition: Partition) -> None:
    """Say what is hidden, with the way to see it again."""
    sizes = partition.groups.sizes
    hidden = sizes[sizes < partition.groups.hidden_below]
    if len(hidden):
        does = "is" if len(hidden) == 1 else "are"
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(
                f"{count(len(hidden), 'small group')} with {count(int(hidden.sum()), 'picture')} {does} hidden.",
                width="content",
            )
            st.button(
                "Show all groups",
                key="show-hidden",
                type="tertiary",
                on_click=partial(edit, source, grouping, partition, Hide(below=0)),
            )


def _offer_to_hide(source: Source, grouping: Grouping, partition: Partition) -> None:
    below, sizes = partition.groups.hidden_below, partition.groups.sizes
    with st.popover("Hide", icon=":material/visibility_off:", help="Hide small groups."):
        least = st.number_input(
            "Show only groups of at least",
            1,
            len(partition.labels),
            min(below or min(5, int(np.max(sizes, initial=1))), len(partition.labels)),
            key=f"{_BELOW}-{below}",
            help="So many pictures. Smaller groups stay what they are, and are not shown below the map.",
        )
        n_hidden = int((sizes < least).sum())
        st.button(
            f"Hide {count(n_hidden, 'group')}" if n_hidden else "Show all",
            disabled=(least if n_hidden else 0) == below,
            key="hide-small",
            on_click=partial(edit, source, grouping, partition, Hide(below=least if n_hidden else 0)),
        )
