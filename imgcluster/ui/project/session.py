"""What a browser session is about: the source that it opened, with everything that its project holds.

The address of the page names the source, so that a reload, a second tab or a link shows the same.
"""

from collections.abc import Sequence

import streamlit as st

from imgcluster.cache import Workspace
from imgcluster.errors import ImgClusterError
from imgcluster.features.options import FeatureOptions, parse_features
from imgcluster.keeping.projects.project import Choice, Project
from imgcluster.pictures.samples import SAMPLES
from imgcluster.pipeline import DEFAULT_N_CLUSTERS
from imgcluster.stages.faces import faces_directory
from imgcluster.ui.access import hosted
from imgcluster.ui.linking import features_of_link
from imgcluster.ui.messages import show_error
from imgcluster.ui.project.choices import KEPT, fitting_choices
from imgcluster.ui.project.grouped import Grouping
from imgcluster.ui.project.projects import (
    change_project,
    failure_to_save,
    images_and_history,
    matched,
    named_source,
    opened_project,
    project_of,
)
from imgcluster.ui.project.source import Source, faces_source, sample_source
from imgcluster.ui.state import (
    choose_clusters,
    choose_features,
    choose_space,
    chosen_clusters,
    chosen_features,
    chosen_space,
    forget_choices,
    forget_goal,
    show_source,
    shown_source,
)

__all__ = ["current_source", "keep_project", "open_source", "was_grouped"]


def open_source(source: Source) -> None:
    """Make a source the one that this session looks at, as its project was left."""
    project = opened_project(source)
    show_source(source)
    forget_goal()
    choose_features(_features_of(project))
    if project.features:
        choose_space(project.space)
    choose_clusters(project.n_clusters or DEFAULT_N_CLUSTERS)
    forget_choices()
    choices = fitting_choices(project.choices)
    for key in KEPT:
        if key in choices:
            st.session_state[key] = choices[key]
        else:
            st.session_state.pop(key, None)


def current_source() -> Source | None:
    """Return the source of this session, or the one that the address names; None where there is none."""
    source = shown_source()
    if source is None:
        source = _named(st.query_params.get("c", ""))
        if source is not None:
            open_source(source)
            asked = st.query_params.get("k", "")
            if asked.isdecimal() and 0 < int(asked) < 10_000:
                choose_clusters(int(asked))
            features = features_of_link(st.query_params.get("x", ""))
            if features is not None and features != chosen_features():
                choose_features(features)
    return source


def was_grouped(source: Source) -> bool:
    """Return whether a source needs no further question: a sample, or what was grouped before."""
    return source.kind in ("sample", "file") or project_of(source).n_images > 0


def keep_project(source: Source, grouping: Grouping, cover: Sequence[int] = ()) -> None:
    """Save what this session chose for a source, where that has changed; say why the last time it could not be saved.

    Of samples nobody expects that; and nothing is kept of visitors of a hosted app.

    Parameters
    ----------
    source : Source
    grouping : Grouping
    cover : sequence of int
        A few typical images, for the list of projects.
    """
    project = project_of(source)
    if hosted() or (source.kind == "sample" and not project.history.edits):
        return
    changes: dict[str, object] = {
        "features": chosen_features().text,
        "space": chosen_space(),
        "n_clusters": chosen_clusters(len(grouping.series)),
        "choices": {key: value for key in KEPT if isinstance(value := st.session_state.get(key, ()), Choice)},
    }
    if cover:
        changes["cover"] = tuple(grouping.features.hashes[index] for index in cover)
    change_project(source, at_once=False, **images_and_history(matched(source, grouping)), **changes)
    if (failure := failure_to_save(source)) is not None:
        show_error(failure)


def _features_of(project: Project) -> FeatureOptions:
    try:
        return parse_features(project.features) if project.features else FeatureOptions()
    except ImgClusterError:  # an extractor that is gone, or a file of vectors
        return FeatureOptions()


def _named(source_id: str) -> Source | None:
    if source_id in SAMPLES:
        return sample_source(source_id)
    return named_source(source_id) or _faces_named(source_id)


def _faces_named(source_id: str) -> Source | None:
    """Return faces that were found, also when they have not been grouped yet."""
    if hosted():
        return None
    sources = map(faces_source, faces_directory(Workspace.default()).glob("*/*.zip"))
    return next((source for source in sources if source.id == source_id), None)
