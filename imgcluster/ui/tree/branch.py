"""One branch of the tree: its pictures, and a cut through it alone."""

import streamlit as st

from imgcluster.grouping.trees.hierarchy import branches, images_below, path_between
from imgcluster.ui.groups.cuts import GrownTree
from imgcluster.ui.groups.partition import Partition
from imgcluster.ui.groups.shelf import paged_gallery
from imgcluster.ui.messages import count
from imgcluster.ui.project.grouped import Grouping
from imgcluster.ui.tree.drawing import BRANCH

__all__ = ["DIVIDED", "chosen_branch", "divided_branches", "show_branch"]

DIVIDED = "divided"  # session state: nodes that were divided beyond the cut, in their order


def divided_branches() -> tuple[int, ...]:
    """Return the branches that were divided beyond the cut."""
    return tuple(st.session_state.get(DIVIDED, ()))


def chosen_branch(grown: GrownTree) -> int | None:
    """Return the node that is looked at, None where there is none."""
    node = st.session_state.get(BRANCH)
    return node if node is not None and node < 2 * grown.tree.n_leaves - 1 else None


def show_branch(grouping: Grouping, grown: GrownTree, partition: Partition) -> None:
    """Offer the groups as branches, show the pictures of the chosen one, and let it be divided."""
    nodes = branches(grown.tree, partition.labels)
    node = chosen_branch(grown)
    options = [None, *nodes] if node is None or node in nodes else [None, node, *nodes]
    names = {node: partition.name(label) for label, node in enumerate(nodes)}
    st.session_state["choose-branch"] = node
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Branch",
            options,
            format_func=lambda each: "none" if each is None else names.get(each, "the branch that you clicked"),
            key="choose-branch",
            on_change=_choose,
            help="A click on a branching point of the tree chooses its branch as well.",
            width=320,
        )
        inside = None if node is None else _steps_to(grown, nodes, node)
        st.button(
            "Divide only here",
            icon=":material/call_split:",
            disabled=not inside,
            on_click=_divide,
            args=(inside,),
            help="Cuts this branch once more and leaves all others as they are.",
        )
        st.button(
            "Take back", icon=":material/undo:", disabled=not divided_branches(), on_click=_take_back, key="take-back"
        )
    if node is not None:
        indices = images_below(grown.tree, node)
        title = f"{names.get(node, 'Branch')}: {count(len(indices), 'picture')}"
        st.markdown(f"**{title}**")
        paged_gallery(grouping, partition, indices, key=f"branch-{node}", label=title)


def _steps_to(grown: GrownTree, nodes: tuple[int, ...], node: int) -> tuple[int, ...]:
    """Return the branches that must be divided so that this one falls apart; none where it cannot."""
    if node < grown.tree.n_leaves:
        return ()
    return next((path for top in nodes if (path := path_between(grown.tree, top, node))), ())


def _choose() -> None:
    st.session_state[BRANCH] = st.session_state["choose-branch"]


def _divide(steps: tuple[int, ...]) -> None:
    st.session_state[DIVIDED] = (*divided_branches(), *steps)


def _take_back() -> None:
    st.session_state[DIVIDED] = divided_branches()[:-1]
