"""The pictures most like one of the collection: the table behind it is made once, for every screen."""

import streamlit as st

from imgcluster.features.extraction import Features
from imgcluster.finding.neighbors import NeighborIndex, build_index
from imgcluster.ui.project.grouped import Grouping

__all__ = ["index_of"]


def index_of(grouping: Grouping, metric: str = "cosine") -> NeighborIndex:
    """Return what finds the pictures most like one."""
    return _index(grouping.features.fingerprint, metric, grouping.features)


@st.cache_resource(max_entries=2, show_spinner="Comparing the pictures")
def _index(fingerprint: str, metric: str, _features: Features) -> NeighborIndex:
    return build_index(_features.vectors, scaling=_features.scaling, metric=metric)
