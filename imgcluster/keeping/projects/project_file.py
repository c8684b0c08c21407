"""A project in a file: to be kept, or sent to somebody else who sees map, groups and thumbnails without the pictures.

Whoever opens one need not trust it: no file and no address that it names is ever opened, every number is checked
against all others, and names stay the texts that they are.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from imgcluster.errors import ParameterError, ProjectError
from imgcluster.extractors.networks.conv_autoencoder import Learned
from imgcluster.keeping.archive import read_archive, write_archive
from imgcluster.keeping.models.model_checks import WrongModel
from imgcluster.keeping.models.model_parts import (
    LEARNED_ARRAYS,
    hashes_to_array,
    learned_to_arrays,
    read_hashes,
    read_learned,
    read_paths,
)
from imgcluster.keeping.projects.history_file import HISTORY_ARRAYS, history_to_arrays, read_history
from imgcluster.keeping.projects.project import Project
from imgcluster.keeping.projects.project_checks import (
    MAX_IMAGES,
    features_of,
    project_to_header,
    read_project,
    without_places,
)
from imgcluster.keeping.projects.project_parts import PARTS_ARRAYS, PLACES, Parts, parts_of, parts_to_plain, read_parts
from imgcluster.keeping.projects.sent_thumbnails import THUMBNAIL_ARRAYS, read_thumbnails, thumbnails_to_arrays
from imgcluster.keeping.projects.skipped_file import SKIPPED_ARRAY, read_skipped, skipped_to_arrays
from imgcluster.keeping.texts import LONGEST_PATH, cleaned, pack_texts, unpack_texts
from imgcluster.pictures.home import expanded

__all__ = ["OPEN_VARIABLE", "PROJECT_SUFFIX", "OpenedProject", "Parts", "load_project", "parts_of", "save_project"]

PROJECT_SUFFIX = ".imgcluster"

OPEN_VARIABLE = "IMGCLUSTER_OPEN"
"""The environment variable by which the app is told which project to open: an absolute path."""

_KIND, _VERSION = "project", 1
_OWN_ARRAYS = {"features", "location", "paths", "hashes", *HISTORY_ARRAYS}
_HEADER = {"project", "n_images", "n_absent", "history", "parts", "learned_from"}
_AGAIN = "Take it again from where it came from, or make it anew."


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedProject:
    """What a file holds.

    Attributes
    ----------
    project : Project
        Of a file that came from elsewhere, without the place of its pictures.
    parts : Parts or None
    thumbnails : mapping of str to bytes
        By hash; see `imgcluster.keeping.projects.sent_thumbnails.is_thumbnail` before one of another's is shown.
    learned : Learned or None
        What an autoencoder had learned.
    """

    project: Project
    parts: Parts | None = None
    thumbnails: Mapping[str, bytes] = field(default_factory=dict)
    learned: Learned | None = None


def save_project(
    path: str | Path,
    project: Project,
    *,
    parts: Parts | None = None,
    thumbnails: Mapping[str, bytes] | None = None,
    learned: Learned | None = None,
    private: bool,
) -> None:
    """Write a project to a file, whole or not at all; the same project is the same bytes.

    Parameters
    ----------
    path : str or Path
        An older file of that name is replaced.
    project : Project
    parts : Parts, optional
        Of the same images.
    thumbnails : mapping of str to bytes, optional
        JPEG by hash. Those of other images are left out, those above 6 KB compressed more.
    learned : Learned, optional
    private : bool
        Whether it stays on this computer. The other file holds no place of it: neither the location, nor choices that
        are paths; and control characters in the images' names become the replacement character.

    Raises
    ------
    ParameterError
        The file is for others, and what counts as similar is a file of this computer.
    ProjectError
        The project makes no sense, so that nobody could read it again; or it is too large for one file.
    FolderError
        The file cannot be written there.
    """
    if not private:
        project = _for_others(project)
    try:
        header, arrays = _to_plain(project, private=private)
        header["parts"], header["learned_from"] = None, None if learned is None else int(learned.n_images)
        if parts is not None:
            header["parts"], computed = parts_to_plain(parts)
            read_parts(header["parts"], computed, project.n_images)
            arrays |= computed
    except WrongModel as error:
        raise ProjectError(
            f'The project "{project.name}" cannot be kept: {error}.', hint="Undo the last step."
        ) from error
    if thumbnails is not None:
        wanted = {key: thumbnails[key] for key in dict.fromkeys(project.hashes) if key in thumbnails}
        arrays |= thumbnails_to_arrays(wanted)
    arrays |= learned_to_arrays(learned)
    write_archive(expanded(path), kind=_KIND, version=_VERSION, header=header, arrays=arrays)


def load_project(path: str | Path, *, own: bool = False) -> OpenedProject:
    """Read a project from a file, whoever made it.

    Parameters
    ----------
    path : str or Path
        Written by `save_project`.
    own : bool, default False
        Whether it is known that this program wrote it on this computer. Only then the location of the pictures is
        believed, what counts as similar may be a file, and names of pictures may hold any character.

    Returns
    -------
    OpenedProject

    Raises
    ------
    ProjectError
        There is no such file, it is no project, damaged, of another version, or made to do harm.
    """
    path = expanded(path)
    header, arrays = read_archive(path, kind=_KIND, version=_VERSION)
    try:
        return _from_plain(header, arrays, own=own)
    except WrongModel as error:
        raise ProjectError(f"The project in {path.name} makes no sense: {error}.", hint=_AGAIN) from error
    except Exception as error:  # none is known; but whoever opens a file gets a sentence, whatever was done to it
        raise ProjectError(f"The project in {path.name} makes no sense.", hint=_AGAIN) from error


def _for_others(project: Project) -> Project:
    try:
        features_of(project.features, own=False)
    except WrongModel as error:
        raise ParameterError(
            "A project of pictures that are compared by a file of yours cannot be sent: who opens it does not have "
            f"that file ({project.features}).",
            hint="Choose an extractor that comes with the program.",
        ) from error
    return replace(project, location="", choices=without_places(project.choices))


def _to_plain(project: Project, *, private: bool) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    n_images, n_absent = project.n_images, len(project.absent_paths)
    paths, hashes = project.paths + project.absent_paths, project.hashes + project.absent_hashes
    if len(paths) > MAX_IMAGES or (len(project.hashes), len(project.absent_hashes)) != (n_images, n_absent):
        raise WrongModel(f"it is of {len(paths):,} pictures with {len(hashes):,} marks; {MAX_IMAGES:,} are the most")
    said = project_to_header(project)
    read_project(said, features=project.features, location=project.location, own=private)
    history, arrays = history_to_arrays(project.history, len(paths))
    try:
        arrays["hashes"] = hashes_to_array(hashes)
    except ValueError as error:
        raise WrongModel("the marks of its pictures are no 32 hexadecimal digits each") from error
    arrays["paths"] = _packed_paths(paths, as_they_are=private)
    arrays["features"] = _to_bytes(project.features)
    arrays["location"] = _to_bytes(project.location)
    arrays |= skipped_to_arrays(project.skipped)
    return {"project": said, "n_images": n_images, "n_absent": n_absent, "history": history}, arrays


def _packed_paths(paths: tuple[str, ...], *, as_they_are: bool) -> np.ndarray:
    if as_they_are:
        try:
            return pack_texts(paths)
        except ValueError:  # characters that no text of UTF-8 can hold
            pass
    return pack_texts([cleaned(path, LONGEST_PATH) for path in paths])


def _from_plain(header: Mapping[str, Any], arrays: Mapping[str, np.ndarray], *, own: bool) -> OpenedProject:
    if header.keys() != _HEADER:
        raise WrongModel("it does not say what it holds")
    n_images, n_absent = header["n_images"], header["n_absent"]
    numbers = (n_images, n_absent)
    if not all(type(number) is int and number >= 0 for number in numbers) or sum(numbers) > MAX_IMAGES:
        raise WrongModel(f"it should be of up to {MAX_IMAGES:,} pictures")
    has_thumbnails = not arrays.keys().isdisjoint(THUMBNAIL_ARRAYS)
    _check_names(header, arrays, has_thumbnails=has_thumbnails)
    project = read_project(
        header["project"],
        features=_from_bytes(arrays["features"]),
        location=_from_bytes(arrays["location"]) if own else "",
        own=own,
    )
    n_known = n_images + n_absent
    hashes = read_hashes(arrays["hashes"], n_known)
    paths = _own_paths(arrays["paths"], n_known) if own else read_paths(arrays["paths"], n_known)
    return OpenedProject(
        project=replace(
            project,
            history=read_history(header["history"], arrays, n_known),
            paths=paths[:n_images],
            hashes=hashes[:n_images],
            absent_paths=paths[n_images:],
            absent_hashes=hashes[n_images:],
            skipped=read_skipped(arrays),
        ),
        parts=None if header["parts"] is None else read_parts(header["parts"], arrays, n_images),
        thumbnails=read_thumbnails(arrays, {*hashes}) if has_thumbnails else {},
        learned=read_learned(header["learned_from"], arrays),
    )


def _check_names(header: Mapping[str, Any], arrays: Mapping[str, np.ndarray], *, has_thumbnails: bool) -> None:
    expected = {*_OWN_ARRAYS, *({SKIPPED_ARRAY} & arrays.keys())}
    if header["parts"] is not None:
        expected |= {*PARTS_ARRAYS, *({PLACES} & arrays.keys())}
    if has_thumbnails:
        expected |= {*THUMBNAIL_ARRAYS}
    if header["learned_from"] is not None:
        expected |= {*LEARNED_ARRAYS}
    if arrays.keys() != expected:
        raise WrongModel(f"of its parts, {', '.join(sorted(expected ^ arrays.keys()))[:200]} are missing or too many")


def _own_paths(array: np.ndarray, n_images: int) -> tuple[str, ...]:
    try:
        return unpack_texts(array, n_images)
    except ValueError as error:
        raise WrongModel(f"the names of its pictures cannot be read, or are not {n_images:,}") from error


def _to_bytes(text: str) -> np.ndarray:
    """Return a text that may hold bytes of a file's name that are none, as the other half of a surrogate pair."""
    return np.frombuffer(text.encode("utf-8", "surrogatepass"), dtype=np.uint8)


def _from_bytes(array: np.ndarray) -> str:
    if array.dtype != np.uint8 or array.ndim != 1:
        raise WrongModel("the place of its pictures is no text")
    try:
        return array.tobytes().decode("utf-8", "surrogatepass")
    except ValueError as error:
        raise WrongModel("the place of its pictures is no text") from error
