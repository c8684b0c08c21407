"""The screen Find: what is like a picture, where it belongs, and where many new ones go."""

import streamlit as st

from imgcluster.ui.components.thumbs import thumb_feed
from imgcluster.ui.find.ask import ask, show_empty
from imgcluster.ui.find.query import address_of, current_query
from imgcluster.ui.find.results import show_results
from imgcluster.ui.find.take_away import offer_model
from imgcluster.ui.groups.current import current_partition
from imgcluster.ui.groups.data import thumbnail_loader
from imgcluster.ui.guards import require_grouping
from imgcluster.ui.messages import count, plain
from imgcluster.ui.router import ensure_frame
from imgcluster.ui.state import chosen_features, keep_choices_of, publish

ensure_frame()
source, grouping = require_grouping()
n_images, fingerprint = len(grouping.collection), grouping.features.fingerprint
keep_choices_of(fingerprint)
partition, features = current_partition(grouping), chosen_features()
query = current_query(grouping)

st.markdown(f"## Find in {plain(source.name)}&ensp;:gray[{count(n_images, 'picture')}]")
ask(source, features)
thumb_feed(thumbnail_loader(source, grouping), collection=fingerprint, n_images=n_images)
if query is None:
    show_empty(features)
else:
    show_results(source, grouping, partition, features, query)
offer_model(source, grouping, partition, features)
publish(key="address-of-find", q=address_of(query, grouping))
