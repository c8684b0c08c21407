"""The screen Find: what is like a picture, where it belongs, and where many new ones go."""

import streamlit as st

from imgcluster.ui.components.thumbs import thumb_feed
from imgcluster.ui.find.ask import ask, show_empty
from imgcluster.ui.find.query import address_of, current_query
from imgcluster.ui.find.results import show_results
from imgcluster.ui.groups.current import current_partition
from imgcluster.ui.groups.data import thumbnail_loader
from imgcluster.ui.guards import require_grouping
from imgcluster.ui.messages import count, plain
from imgcluster.ui.router import ensure_frame, page_of
from imgcluster.ui.state import chosen_features, keep_choices_of, publish

ensure_frame()
source, grouping = require_grouping()
n_images, fingerprint = len(grouping.collection), grouping.features.fingerprint
keep_choices_of(fingerprint)

st.markdown(f"## Find in {plain(source.name)}&ensp;:gray[{count(n_images, 'picture')}]")
partition, features = current_partition(source, grouping), chosen_features()
query = current_query(grouping)
ask(source, features)
thumb_feed(thumbnail_loader(source, grouping), collection=fingerprint, n_images=n_images)
if query is None:
    show_empty(features)
else:
    show_results(source, grouping, partition, features, query)
st.page_link(page_of("export"), label="Take a model of these groups away", icon=":material/ios_share:")
publish(key="address-of-find", q=address_of(query, grouping))
