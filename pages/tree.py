"""The screen Tree: from coarse to fine, with a cut that can be moved."""

import streamlit as st

from imgcluster.ui.components.gallery import strips
from imgcluster.ui.components.thumbs import thumb_feed
from imgcluster.ui.groups.current import remember_partition
from imgcluster.ui.groups.cuts import divided_partition, grown_tree
from imgcluster.ui.groups.data import strip_rows, thumbnail_loader
from imgcluster.ui.groups.linkages import choose_linkage
from imgcluster.ui.groups.map_panel import show_map
from imgcluster.ui.groups.picture_view import picture_view
from imgcluster.ui.groups.shelf import chosen_shelf, follow_strip, show_shelf
from imgcluster.ui.guards import require_grouping
from imgcluster.ui.messages import count, plain
from imgcluster.ui.project.session import keep_project
from imgcluster.ui.router import ensure_frame
from imgcluster.ui.state import keep_choices_of, publish
from imgcluster.ui.tree.branch import chosen_branch, divided_branches, show_branch
from imgcluster.ui.tree.drawing import show_dendrogram
from imgcluster.ui.tree.steering import faithfulness, steer_cut

ensure_frame()
source, grouping = require_grouping()
n_images, fingerprint = len(grouping.collection), grouping.features.fingerprint
keep_choices_of(fingerprint)


@st.fragment
def tree() -> None:
    """Everything that follows the cut."""
    linkage, metric = choose_linkage()
    grown = grown_tree(source, grouping, linkage, metric)
    if grown is None:
        return
    n_clusters, height = steer_cut(grown)
    publish(key="address-of-tree")
    keep_project(source, grouping)
    partition = divided_partition(grown, n_clusters, divided_branches())
    remember_partition(source, grouping, partition)
    show_dendrogram(source, grouping, grown, partition, height)
    for line in (faithfulness(grown.tree.cophenetic), *grown.tree.notes):
        st.caption(line)
    show_branch(grouping, grown, partition)
    if chosen_branch(grown) is not None:
        picture_view(source, grouping, partition, has_map=False)
        return
    show_map(source, grouping, partition, key="map-of-tree", height=420)
    shelf = chosen_shelf(partition)
    if shelf is None:
        strips(
            strip_rows(grouping, partition),
            key="strips",
            collection=fingerprint,
            load=thumbnail_loader(source, grouping),
            on_event=follow_strip,
        )
    else:
        show_shelf(source, grouping, partition, shelf)
    picture_view(source, grouping, partition)


st.markdown(f"## {plain(source.name)}&ensp;:gray[{count(n_images, 'picture')}]")
thumb_feed(thumbnail_loader(source, grouping), collection=fingerprint, n_images=n_images)
tree()
