"""A project that somebody sent: its pictures are elsewhere, and its groups, map and thumbnails come from its file."""

from pathlib import Path

import streamlit as st

from imgcluster.cache import Workspace
from imgcluster.errors import ProjectError
from imgcluster.features.options import FeatureOptions
from imgcluster.grouping.clustering import kmeans_series
from imgcluster.keeping.projects.library import ProjectLibrary
from imgcluster.keeping.projects.project_file import OpenedProject
from imgcluster.keeping.projects.project_groups import images_of_project
from imgcluster.pictures.collection import Collection
from imgcluster.spaces.options import SpaceOptions
from imgcluster.ui.hosting import workspace_of
from imgcluster.ui.project.grouped import Grouping
from imgcluster.ui.project.source import Source

__all__ = ["sent_collection", "sent_grouping"]

_MOST_CLUSTERS = 30  # where the sender grouped by another method, and no series came with it


def sent_collection(source: Source) -> Collection:
    """Return the pictures of a sent project by their names; none of them can be opened.

    Raises
    ------
    ProjectError
        There are no groups in its file.
    """
    opened = _opened(source)
    images, _ = images_of_project(opened, _file(source), Collection(name=source.name, images=()), ())
    return Collection(name=source.name, images=images, skipped=opened.project.skipped)


def sent_grouping(source: Source, found: Collection, space: SpaceOptions, features: FeatureOptions) -> Grouping:
    """Return the groups of a sent project.

    Raises
    ------
    ProjectError
        There are none in its file, or others are asked for: those cannot be made without the pictures.
    """
    opened = _opened(source)
    if features.text != opened.project.features or space != opened.project.space:
        raise ProjectError(
            f'The pictures of "{source.name}" are not on this computer, so they cannot be compared in another way.',
            hint="Say where they are on the screen Pictures, or choose what its sender chose.",
        )
    parts = opened.parts
    series = parts.series
    if not len(series):
        series = kmeans_series(parts.space.coordinates, min(len(found), _MOST_CLUSTERS))
    return Grouping(
        collection=found,
        features=parts.features(opened.project.hashes),
        space=parts.space,
        series=series,
        feature_notes=("The pictures are elsewhere: what is shown comes from the file of the project.",),
    )


def _file(source: Source) -> Path:
    return workspace_of(source).directory / "project.imgcluster"  # below a file there is none that could be opened


def _opened(source: Source) -> OpenedProject:
    opened = _read(str(Workspace.default().directory), source.id)
    if opened is None or opened.parts is None:
        raise ProjectError(
            f'There are no groups in the file of "{source.name}", and its pictures are not on this computer.',
            hint="Say where they are on the screen Pictures.",
        )
    return opened


@st.cache_resource(max_entries=2, show_spinner=False)
def _read(directory: str, project_id: str) -> OpenedProject | None:
    return ProjectLibrary(Path(directory)).load_sent(project_id)
