"""The groups of a project that somebody sent, as they are taken away: by what is in its file, without the pictures."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from imgcluster.editing.groups import groups_of
from imgcluster.editing.history import Outcome, carried_out
from imgcluster.errors import ParameterError, ProjectError
from imgcluster.grouping.methods import MethodOptions, cluster, is_by_number
from imgcluster.keeping.final import FinalGroups
from imgcluster.keeping.finishing import final_groups
from imgcluster.keeping.projects.matching import ImageMatch, match_images
from imgcluster.keeping.projects.project import Choice, Project
from imgcluster.keeping.projects.project_file import OpenedProject
from imgcluster.pictures.collection import Collection, ImageFile

__all__ = ["choices_of_method", "images_of_project", "method_of_project", "project_groups"]

_NUMBER, _COUNT = (float, int, type(None)), (int, type(None))
_CHOSEN = {
    "method": (str,),
    "linkage": (str,),
    "metric": (str,),
    "height": _NUMBER,
    "eps": _NUMBER,
    "min_samples": _COUNT,
    "min_cluster_size": _COUNT,
    "assign_noise": (bool,),
}
_BY_SERIES = "kmeans"  # `Parts.series` is what this method finds


def choices_of_method(options: MethodOptions) -> dict[str, Choice]:
    """Return a way to group as choices of a project, to be read by `method_of_project`."""
    return {name: getattr(options, name) for name in _CHOSEN}


def method_of_project(project: Project) -> MethodOptions:
    """Return the way in which a project's images are grouped; KMeans where `choices_of_method` gave none.

    Raises
    ------
    ProjectError
        What was chosen makes no sense.
    """
    chosen = {
        name: project.choices[name] for name in _CHOSEN if "method" in project.choices and name in project.choices
    }
    try:
        if any(type(value) not in _CHOSEN[name] for name, value in chosen.items()):
            raise ParameterError("A number was expected, or a word.")
        options = MethodOptions(**chosen)
        if is_by_number(options):
            options = replace(options, n_clusters=project.n_clusters)
    except ParameterError as error:
        raise ProjectError(f'The way in which "{project.name}" is grouped makes no sense.') from error
    return options


def project_groups(
    opened: OpenedProject,
    images: Sequence[ImageFile],
    *,
    roots: Sequence[Path] = (),
    proposals: Mapping[int, str] | None = None,
) -> tuple[FinalGroups, Outcome]:
    """Return the groups with all edits.

    Parameters
    ----------
    opened : OpenedProject
        With its parts.
    images : sequence of ImageFile, length n_images
        See `images_of_project`.
    roots : sequence of Path
        The folders in which they were found: their paths, which are the project's, do not tell these.
    proposals : mapping of int to str, optional
        Proposed names by label.

    Returns
    -------
    final : FinalGroups
    outcome : Outcome
        What became of each edit.

    Raises
    ------
    ProjectError
        There are no groups in the file.
    """
    project, parts = opened.project, opened.parts
    if parts is None:
        raise ProjectError(
            f'There are no groups in the file of "{project.name}", only what was chosen.',
            hint="Open it in the app, and export it there; or write it with the command cluster and --project.",
        )
    method = method_of_project(project)
    coordinates = parts.space.coordinates
    if method.method == _BY_SERIES and 1 <= method.n_clusters <= len(parts.series):
        found, parameters = parts.series[method.n_clusters - 1], {}
    else:
        try:
            clustering = cluster(coordinates, method)
        except ParameterError as error:
            raise ProjectError(f'The pictures of "{project.name}" cannot be grouped as it says: {error}') from error
        found, parameters = clustering.labels, clustering.parameters
    outcome = carried_out(groups_of(found), project.history)
    final = final_groups(
        Collection(name=project.name, images=tuple(images), skipped=project.skipped),
        project.hashes,
        coordinates,
        found,
        likeness=project.features,
        space=project.space,
        method=method,
        parameters=parameters,
        outcome=outcome,
        proposals=[(proposals or {}).get(label, "") for label in range(outcome.groups.n_groups)],
        places=parts.places,
    )
    return replace(final, roots=tuple(roots)), outcome


def images_of_project(
    opened: OpenedProject, path: Path, collection: Collection, hashes: Sequence[str | None]
) -> tuple[tuple[ImageFile, ...], ImageMatch]:
    """Return the images of a project as they lie in a folder, found by their content.

    Parameters
    ----------
    opened : OpenedProject
    path : Path
        The project's file.
    collection : Collection
        What is in the folder; empty where there is none.
    hashes : sequence of str or None
        See `imgcluster.features.contents.content_hashes`.

    Returns
    -------
    images : tuple of ImageFile, length n_images
        Those that are not there have the names, sizes and times that the project knows, and cannot be opened.
    match : ImageMatch
    """
    project = opened.project
    match = match_images(project, collection.paths, [key or "" for key in hashes])
    # Names in a file that came from elsewhere lead nowhere: below a file, there is no other one.
    nowhere = path / "missing"
    unknown, parts = np.zeros(project.n_images, dtype=np.int64), opened.parts
    sizes, times = (unknown, unknown) if parts is None else (parts.sizes, parts.mtimes_ns)
    facts = (project.paths, sizes.tolist(), times.tolist())
    positions = match.positions[: project.n_images].tolist()
    images = tuple(
        replace(collection.images[position], path=shown)
        if position >= 0
        else ImageFile(path=shown, source=nowhere, size=max(0, size), mtime_ns=max(0, time))
        for position, shown, size, time in zip(positions, *facts, strict=True)
    )
    return images, match
