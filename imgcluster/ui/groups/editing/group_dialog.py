"""What can be done to one group: another name, merge it, split it, lock it, or take it apart."""

from functools import partial

import streamlit as st

from imgcluster.editing.edits import LONGEST_NAME, Edit, Lock, Merge, Move, Rename
from imgcluster.naming.proposing import Proposal
from imgcluster.stages.naming import ProposedNames
from imgcluster.ui.distinct import distinct_titles
from imgcluster.ui.groups.data import label_of
from imgcluster.ui.groups.editing.moving import members_of
from imgcluster.ui.groups.editing.splitting import offer_to_split
from imgcluster.ui.groups.partition import Partition
from imgcluster.ui.messages import count, plain, public
from imgcluster.ui.project.grouped import Grouping
from imgcluster.ui.project.projects import edit, show_edit_problem
from imgcluster.ui.project.source import Source

__all__ = ["edit_group", "group_dialog", "is_editing"]

_EDITED = "edited_group"  # session state: the number of the group whose dialog is open


def edit_group(number: int) -> None:
    """Ask for the dialog of a group."""
    st.session_state[_EDITED] = number
    for key in ("group-name", "merge-with", "merge", "split"):
        st.session_state.pop(key, None)


def is_editing() -> bool:
    """Return whether the dialog of a group is open."""
    return st.session_state.get(_EDITED) is not None


def group_dialog(source: Source, grouping: Grouping, partition: Partition, found: ProposedNames) -> bool:
    """Show the dialog where one was asked for, and return whether it is there."""
    number = st.session_state.get(_EDITED)
    label = None if number is None or number < 0 else label_of(partition, number)
    if label is None:
        st.session_state[_EDITED] = None
        return False
    proposal = found.proposals[label] if label < len(found.proposals) else None
    view = st.dialog(plain(partition.name(label)), width="medium", on_dismiss=_close)(_dialog)
    view(source, grouping, partition, label, proposal)
    return True


def _close() -> None:
    st.session_state[_EDITED] = None


def _do(source: Source, grouping: Grouping, partition: Partition, change: Edit) -> None:
    """Do a change; where that was possible, the dialog has done its work."""
    if edit(source, grouping, partition, change):
        _close()
        st.rerun()


def _dialog(source: Source, grouping: Grouping, partition: Partition, label: int, proposal: Proposal | None) -> None:
    groups = partition.groups
    is_locked = groups.locked[label]
    problem = st.container()
    words = count(int(groups.sizes[label]), "picture")
    st.caption(f"{words}. Locked: no other number of groups and no change touches it." if is_locked else words)
    do = partial(_do, source, grouping, partition)
    _offer_name(partition, label, proposal, do)
    merging = st.expander("Merge with others", icon=":material/merge:", key="merge", on_change="rerun")
    if merging.open:
        with merging:
            _offer_to_merge(partition, label, do)
    splitting = st.expander("Split", icon=":material/call_split:", key="split", on_change="rerun")
    if splitting.open:
        with splitting:
            change = offer_to_split(grouping, partition, label)
            if change is not None:
                do(change)
    with st.container(horizontal=True):
        if st.button(
            "Unlock" if is_locked else "Lock",
            key="do-lock",
            icon=":material/lock_open:" if is_locked else ":material/lock:",
            help="A locked group stays exactly as it is, whatever number of groups is chosen.",
        ):
            do(Lock(group=members_of(partition, label), locked=not is_locked))
        if st.button(
            "Dissolve",
            key="do-dissolve",
            icon=":material/scatter_plot:",
            disabled=is_locked,
            help="Its pictures are in no group then. Undo brings it back.",
        ):
            do(Move(images=members_of(partition, label), target=None))
    with problem:
        show_edit_problem()


def _offer_name(partition: Partition, label: int, proposal: Proposal | None, do) -> None:
    name = partition.groups.names[label]
    with st.form("rename", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        st.session_state.setdefault("group-name", name)
        typed = st.text_input(
            "Name",
            key="group-name",
            max_chars=LONGEST_NAME,
            placeholder=partition.name(label),
            help="Any text. Without one, the group goes by its number.",
        )
        if st.form_submit_button("Save name", key="do-rename"):
            do(Rename(group=members_of(partition, label), name=typed))
    if proposal is not None:
        proposed = plain(proposal.name)
        if st.button(f"Proposed: {proposed}", icon=":material/auto_awesome:", key="take-proposed", wrap=True):
            do(Rename(group=members_of(partition, label), name=proposal.name))
        st.caption(f"Because: {plain(public(proposal.reason))}")


def _offer_to_merge(partition: Partition, label: int, do) -> None:
    sizes = partition.groups.sizes
    others = [other for other in range(partition.n_clusters) if other != label]
    chosen = st.multiselect(
        "Groups that become part of this one",
        others,
        format_func=distinct_titles(others, lambda other: f"{partition.name(other)} ({sizes[other]:,})"),
        key="merge-with",
        placeholder="Choose groups",
    )
    n_images = int(sizes[label] + sum(sizes[other] for other in chosen))
    title = f"Merge into one of {count(n_images, 'picture')}" if chosen else "Merge"
    if st.button(title, icon=":material/merge:", type="primary", disabled=not chosen, key="do-merge"):
        do(Merge(groups=tuple(members_of(partition, each) for each in (label, *chosen))))
