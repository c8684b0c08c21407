"""What one browser session chose: the source, how many groups, what counts as similar, the picture that is open."""

import streamlit as st

from imgcluster.features.options import FeatureOptions, suiting_space
from imgcluster.pipeline import DEFAULT_N_CLUSTERS
from imgcluster.spaces.options import SpaceOptions
from imgcluster.ui.access import hosted
from imgcluster.ui.components.address import show_address
from imgcluster.ui.linking import link_of_features
from imgcluster.ui.project.source import Source

__all__ = [
    "choose_clusters",
    "choose_features",
    "choose_space",
    "chosen_clusters",
    "chosen_features",
    "chosen_space",
    "forget_choices",
    "forget_goal",
    "keep_choices_of",
    "leave_source",
    "publish",
    "show_source",
    "shown_source",
    "usual_space",
]

_SOURCE, _CLUSTERS, _SPACE, _CHOSEN_IN = "source", "n_clusters", "space", "chosen_in"
_FEATURES, _GOAL = "features", "similar_goal"
_CHOICES = (
    *("open_picture", "opened_at", "shelf", "marked", "selected", "misfits"),
    *("branch", "divided", "chosen-eps", "chosen-min_cluster_size", "min_samples"),
    *("asked", "arrival", "find_problem"),
    *("advice", "suspects", "suspect", "chosen_pictures", "edited_group"),
)


def shown_source() -> Source | None:
    """Return the source that this session looks at; see `imgcluster.ui.project.session.current_source`."""
    return st.session_state.get(_SOURCE)


def show_source(source: Source) -> None:
    """Make a source the one that this session looks at."""
    st.session_state[_SOURCE] = source


def leave_source() -> None:
    """Let this session look at nothing."""
    st.session_state.pop(_SOURCE, None)


def forget_goal() -> None:
    """Let the question of what counts as similar be answered anew by what is chosen."""
    st.session_state.pop(_GOAL, None)


def keep_choices_of(collection: str) -> None:
    """Forget the pictures that were chosen in a collection of another fingerprint: an index means another one here."""
    chosen_in = st.session_state.get(_CHOSEN_IN)
    if chosen_in not in (None, collection):
        forget_choices()
    st.session_state[_CHOSEN_IN] = collection


def forget_choices() -> None:
    """Forget the pictures that were chosen; what is chosen from now on belongs to the collection that is shown next."""
    for key in (*_CHOICES, _CHOSEN_IN):
        st.session_state.pop(key, None)


def chosen_clusters(limit: int) -> int:
    """Return the number of groups that this session asks for, from 1 to ``limit``."""
    return max(1, min(st.session_state.get(_CLUSTERS, DEFAULT_N_CLUSTERS), limit))


def choose_clusters(n_clusters: int) -> None:
    """Ask for a number of groups, on every screen."""
    st.session_state[_CLUSTERS] = n_clusters


def chosen_space() -> SpaceOptions:
    """Return the space that this session groups in."""
    return st.session_state.get(_SPACE, SpaceOptions())


def choose_space(options: SpaceOptions) -> None:
    """Ask for another space, on every screen."""
    st.session_state[_SPACE] = options


def chosen_features() -> FeatureOptions:
    """Return what counts as similar in this session."""
    return st.session_state.get(_FEATURES, FeatureOptions())


def choose_features(options: FeatureOptions) -> None:
    """Ask for something else to count as similar, on every screen, in the space that suits it."""
    st.session_state[_FEATURES] = options
    st.session_state[_SPACE] = usual_space(options)


def usual_space(options: FeatureOptions) -> SpaceOptions:
    """Return the space in which such features are grouped unless somebody asks for another."""
    return SpaceOptions(method=suiting_space(options))


def publish(*, key: str, **more: str | None) -> None:
    """Write the source, the number of groups and what counts as similar into the page's address, and ``more``.

    A visitor's upload, and faces in it, have no address.
    """
    source = shown_source()
    if source is None or (hosted() and source.kind in ("upload", "faces")):
        show_address({"c": None, "k": None, "x": None, **more}, key=key)
    else:
        n_clusters, features = st.session_state.get(_CLUSTERS, DEFAULT_N_CLUSTERS), link_of_features(chosen_features())
        show_address({"c": source.id, "k": str(n_clusters), "x": features, **more}, key=key)
