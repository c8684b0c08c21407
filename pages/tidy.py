"""The screen Tidy: copies, odd ones out, and pictures with flaws, to be looked at side by side."""

import streamlit as st

from imgcluster.ui.components.thumbs import thumb_feed
from imgcluster.ui.groups.current import current_partition
from imgcluster.ui.groups.data import thumbnail_loader
from imgcluster.ui.groups.picture_view import picture_view
from imgcluster.ui.guards import require_grouping
from imgcluster.ui.messages import count, plain
from imgcluster.ui.project.session import keep_project
from imgcluster.ui.router import ensure_frame
from imgcluster.ui.state import keep_choices_of, publish
from imgcluster.ui.tidy.lists import COPIES, ODD, choose_list, lists_of
from imgcluster.ui.tidy.panels import copies_panel, odd_panel, quality_panel

ensure_frame()
source, grouping = require_grouping()
n_images, fingerprint = len(grouping.collection), grouping.features.fingerprint
keep_choices_of(fingerprint)


@st.fragment
def tidy() -> None:
    """Everything that follows a decision, or the choice of a list."""
    partition = current_partition(source, grouping)
    lists = lists_of(source, grouping, partition)
    chosen = choose_list(grouping, lists)
    publish(key="address-of-tidy")
    keep_project(source, grouping)
    if chosen == COPIES:
        copies_panel(source, grouping, partition, lists)
    elif chosen == ODD:
        odd_panel(source, grouping, partition, lists)
    else:
        quality_panel(source, grouping, partition, lists)
    picture_view(source, grouping, partition, has_map=False)


with st.container(horizontal=True, vertical_alignment="center"):
    st.markdown(f"## {plain(source.name)}&ensp;:gray[{count(n_images, 'picture')}]", width="content")
    st.caption("Nothing is ever deleted, moved or changed: your pictures stay as they are.", width="content")
thumb_feed(thumbnail_loader(source, grouping), collection=fingerprint, n_images=n_images)
tidy()
