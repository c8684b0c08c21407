"""What one browser session looks at: the source, the number of groups, the picture that is open.

The address of the page names the source, so that a reload, a second tab or a link shows the same.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import streamlit as st

from imgcluster.cache import Workspace
from imgcluster.features.options import FeatureOptions, suiting_space
from imgcluster.keeping.recents import Recent, load_recents, remember
from imgcluster.pictures.samples import SAMPLES
from imgcluster.pipeline import DEFAULT_N_CLUSTERS
from imgcluster.spaces.options import SpaceOptions
from imgcluster.stages.faces import faces_directory
from imgcluster.ui.access import hosted
from imgcluster.ui.components.address import show_address
from imgcluster.ui.linking import features_of_link, link_of_features

__all__ = [
    "Source",
    "choose_clusters",
    "choose_features",
    "choose_space",
    "chosen_clusters",
    "chosen_features",
    "chosen_space",
    "current_source",
    "faces_source",
    "folder_source",
    "keep_choices_of",
    "open_source",
    "publish",
    "remember_source",
    "sample_source",
    "upload_source",
    "usual_space",
    "was_grouped",
]

_SOURCE, _CLUSTERS, _SPACE, _CHOSEN_IN = "source", "n_clusters", "space", "chosen_in"
_FEATURES, _GOAL = "features", "similar_goal"
_CHOICES = (
    *("open_picture", "opened_at", "shelf", "marked", "selected", "misfits"),
    *("branch", "divided", "chosen-eps", "chosen-min_cluster_size", "min_samples"),
    *("asked", "arrival", "find_problem"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where the pictures come from.

    Attributes
    ----------
    kind : "sample", "folder" (or ZIP file), "upload", or "faces" (in the pictures of another source)
    id : str
        For the address line and for keys; tells nothing about the place.
    location : str
        The sample's name, or an absolute path.
    name : str
        For the screen.
    """

    kind: Literal["sample", "folder", "upload", "faces"]
    id: str
    location: str
    name: str


def sample_source(name: str) -> Source:
    """Return the source of a built-in sample."""
    return Source(kind="sample", id=name, location=name, name=SAMPLES[name].title)


def folder_source(location: str | Path) -> Source:
    """Return the source of a folder or ZIP file on this computer; faces that were found before are such again."""
    recent = Recent(location=str(Path(location).expanduser().absolute()))
    path = Path(recent.location)
    if not hosted() and path.parent.parent == faces_directory(Workspace.default()).absolute():
        return faces_source(path)
    return Source(kind="folder", id=recent.id, location=recent.location, name=recent.name)


def faces_source(path: Path) -> Source:
    """Return the source of faces that were found, which lie in a ZIP file of ours."""
    recent = Recent(location=str(path.absolute()))
    return Source(kind="faces", id=recent.id, location=recent.location, name=path.stem)


def upload_source(path: Path) -> Source:
    """Return the source of uploaded pictures, which lie in a ZIP file of ours."""
    return replace(folder_source(path), kind="upload", name=path.stem)


def open_source(source: Source) -> None:
    """Make a source the one that this session looks at, with the number of groups chosen for it last."""
    st.session_state[_SOURCE] = source
    recent = _recent(source.id)
    st.session_state[_CLUSTERS] = (recent.n_clusters if recent else 0) or DEFAULT_N_CLUSTERS
    st.session_state.pop(_GOAL, None)
    choose_features(FeatureOptions())
    keep_choices_of("")


def keep_choices_of(collection: str) -> None:
    """Forget the pictures that were chosen in a collection of another fingerprint: an index means another one here."""
    if st.session_state.get(_CHOSEN_IN) != collection:
        for key in _CHOICES:
            st.session_state.pop(key, None)
        st.session_state[_CHOSEN_IN] = collection


def current_source() -> Source | None:
    """Return the source of this session, or the one that the address names; None where there is none."""
    source = st.session_state.get(_SOURCE)
    if source is None:
        source = _named(st.query_params.get("c", ""))
        if source is not None:
            open_source(source)
            asked = st.query_params.get("k", "")
            if asked.isdecimal() and 0 < int(asked) < 10_000:
                st.session_state[_CLUSTERS] = int(asked)
            features = features_of_link(st.query_params.get("x", ""))
            if features is not None:
                choose_features(features)
    return source


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
    source = st.session_state.get(_SOURCE)
    if source is None or (hosted() and source.kind in ("upload", "faces")):
        show_address({"c": None, "k": None, "x": None, **more}, key=key)
    else:
        n_clusters, features = st.session_state.get(_CLUSTERS, DEFAULT_N_CLUSTERS), link_of_features(chosen_features())
        show_address({"c": source.id, "k": str(n_clusters), "x": features, **more}, key=key)


def remember_source(source: Source, n_images: int) -> None:
    """Put a grouped source on the list of recent ones; nothing is remembered of visitors of a hosted app."""
    if source.kind == "sample" or hosted():
        return
    entry = Recent(
        location=source.location, n_images=n_images, n_clusters=st.session_state.get(_CLUSTERS, DEFAULT_N_CLUSTERS)
    )
    if _recent(source.id) != entry:
        remember(Workspace.default().directory, entry)


def was_grouped(source: Source) -> bool:
    """Return whether a source needs no further question: a sample, or what was grouped before."""
    recent = _recent(source.id)
    return source.kind == "sample" or (recent is not None and recent.n_images > 0)


def _named(source_id: str) -> Source | None:
    if source_id in SAMPLES:
        return sample_source(source_id)
    recent = _recent(source_id)
    return folder_source(recent.location) if recent else _faces_named(source_id)


def _faces_named(source_id: str) -> Source | None:
    """Return faces that were found, also when they have not been grouped yet."""
    if hosted():
        return None
    sources = map(faces_source, faces_directory(Workspace.default()).glob("*/*.zip"))
    return next((source for source in sources if source.id == source_id), None)


def _recent(source_id: str) -> Recent | None:
    if hosted():
        return None
    return next((recent for recent in load_recents(Workspace.default().directory) if recent.id == source_id), None)
