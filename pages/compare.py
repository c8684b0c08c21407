"""The screen Compare: two ways to group the same pictures, side by side."""

import streamlit as st

from imgcluster.ui.compare.result import show_result
from imgcluster.ui.compare.sides import choose_side
from imgcluster.ui.components.thumbs import thumb_feed
from imgcluster.ui.groups.data import thumbnail_loader
from imgcluster.ui.groups.picture_view import picture_view
from imgcluster.ui.guards import require_grouping
from imgcluster.ui.messages import count, plain
from imgcluster.ui.project.session import keep_project
from imgcluster.ui.router import ensure_frame
from imgcluster.ui.state import keep_choices_of, publish

ensure_frame()
source, grouping = require_grouping()
n_images, fingerprint = len(grouping.collection), grouping.features.fingerprint
keep_choices_of(fingerprint)


@st.fragment
def compare() -> None:
    """Everything that follows the two choices."""
    left, right = st.columns(2, gap="large")
    with left:
        first = choose_side(source, grouping, first=True)
    with right:
        second = choose_side(source, grouping, first=False)
    publish(key="address-of-compare")
    keep_project(source, grouping)
    if first is not None and second is not None:
        show_result(grouping, first, second)
        picture_view(source, grouping, second.partition, has_map=False)


st.markdown(f"## {plain(source.name)}&ensp;:gray[{count(n_images, 'picture')}]")
thumb_feed(thumbnail_loader(source, grouping), collection=fingerprint, n_images=n_images)
compare()
