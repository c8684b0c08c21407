"""The dendrogram: the top of the tree, the cut through it, and a picture under each bundle."""

import base64
from collections.abc import Sequence

import streamlit as st

from imgcluster import figures
from imgcluster.features.store import Store
from imgcluster.finding.summary import medoids
from imgcluster.grouping.trees.dendrogram import Dendrogram, bundle_of_image, dendrogram, labels_of_drawn
from imgcluster.grouping.trees.hierarchy import Tree
from imgcluster.ui.clicks import clicked
from imgcluster.ui.groups.cuts import GrownTree
from imgcluster.ui.groups.partition import Partition
from imgcluster.ui.hosting import workspace_of
from imgcluster.ui.messages import count
from imgcluster.ui.project.grouped import Grouping
from imgcluster.ui.project.source import Source
from imgcluster.ui.theme import is_dark

__all__ = ["BRANCH", "show_dendrogram"]

BRANCH = "branch"  # session state: the node whose pictures are looked at
_KEY = "dendrogram"
_MIXED = "#8a93a3"


def show_dendrogram(source: Source, grouping: Grouping, grown: GrownTree, partition: Partition, cut: float) -> None:
    """Draw the tree with the groups' colours below the cut; a click on a branch chooses it."""
    drawn, faces = _drawn(grouping.space.fingerprint, grown.name, grown.tree, grouping)
    bundles, links = labels_of_drawn(grown.tree, drawn, partition.labels)
    figure = figures.dendrogram_figure(
        drawn,
        cut=cut,
        bundle_colors=[_color(partition, label) for label in bundles],
        link_colors=[_color(partition, label) for label in links],
        bundle_texts=[
            f"{count(int(size), 'picture')}, {_name(partition, label)}"
            for size, label in zip(drawn.n_images, bundles, strict=True)
        ],
        thumbnails=_thumbnails(source, grouping, faces),
        chosen=st.session_state.get(BRANCH),
        dark=is_dark(),
    )
    st.plotly_chart(
        figure,
        key=_KEY,
        on_select=_follow,
        selection_mode="points",
        config={"displayModeBar": False},
        alt=f"The tree of all pictures, cut into {partition.title}",
    )


@st.cache_resource(max_entries=4, show_spinner=False)
def _drawn(fingerprint: str, name: str, _tree: Tree, _grouping: Grouping) -> tuple[Dendrogram, tuple[int, ...]]:
    drawn = dendrogram(_tree)
    faces = medoids(_grouping.space.coordinates, bundle_of_image(_tree, drawn))
    return drawn, tuple(int(face) for face in faces)


def _thumbnails(source: Source, grouping: Grouping, indices: Sequence[int]) -> list[str | None]:
    hashes = [grouping.features.hashes[index] for index in indices]
    with Store(workspace_of(source).store_path) as store:
        found = store.thumbnails(hashes)
    return [
        f"data:image/jpeg;base64,{base64.b64encode(found[each]).decode()}" if found.get(each) else None
        for each in hashes
    ]


def _color(partition: Partition, label: int) -> str:
    return _MIXED if label < 0 else partition.color(label)


def _name(partition: Partition, label: int) -> str:
    return "several groups" if label < 0 else partition.name(label)


def _follow() -> None:
    """Choose the branch that was clicked: a browser can send anything."""
    node = clicked(st.session_state.get(_KEY))
    if node is not None and node >= 0:
        st.session_state[BRANCH] = node
