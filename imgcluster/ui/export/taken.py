"""What is taken: the groups with their names, how many pictures, and whether those in no group come along."""

from collections.abc import Sequence

import streamlit as st

from imgcluster.keeping.final import FinalGroups
from imgcluster.ui.groups.partition import Partition, plural
from imgcluster.ui.messages import count, plain

__all__ = ["choose_names", "choose_outside", "show_taken"]

_SHOWN = 12


def show_taken(final: FinalGroups, title: str) -> None:
    """Say which groups are taken, with their names and sizes."""
    groups = final.groups
    sizes, n_outside = groups.sizes.tolist(), int((groups.labels < 0).sum())
    outside = f", and {count(n_outside, 'picture')} in no group" if n_outside else ""
    st.markdown(f"**{plural(groups.n_groups)}, {count(sum(sizes), 'picture')}**{outside} · {plain(title)}")
    labels = sorted(range(groups.n_groups), key=lambda label: -sizes[label])
    marks = {label: ", proposed" if final.origin(label) == "proposed" else "" for label in labels}
    named = [f"{plain(final.title(label))} ({sizes[label]:,}{marks[label]})" for label in labels[:_SHOWN]]
    more = f" and {len(labels) - _SHOWN:,} more" if len(labels) > _SHOWN else ""
    st.caption(", ".join(named) + more)
    if final.skipped:
        st.caption(
            f"{count(len(final.skipped), 'file')} could not be read: tables and report list them with the reasons."
        )


def choose_names(proposals: Sequence[str]) -> Sequence[str]:
    """Offer to use the names that the program proposes, where there are some; return those that are to be used."""
    if not any(proposals):
        return ()
    with_names = st.toggle(
        "With proposed names",
        value=True,
        key="export-names",
        persist_state="session",
        help="What the program proposes for groups that you gave no name. Otherwise they go by their numbers.",
    )
    return proposals if with_names else ()


def choose_outside(partition: Partition) -> bool:
    """Offer to take the pictures in no group along, where there are some."""
    if not partition.n_noise:
        return False
    return st.toggle(
        "With pictures in no group",
        value=True,
        key="export-outside",
        persist_state="session",
        help="They get a folder and a contact sheet of their own. Tables and report tell of them in any case.",
    )
