"""A project without its images and edits as plain data and back, checked on both ways: what is written can be read."""

import math
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

import numpy as np

from imgcluster.errors import ImgClusterError
from imgcluster.features.options import FeatureOptions, parse_features
from imgcluster.keeping.models.model_checks import WrongModel
from imgcluster.keeping.models.model_parts import read_choice, read_text
from imgcluster.keeping.projects.project import Choice, Project
from imgcluster.keeping.texts import LONGEST_NAME, cleaned, is_clean
from imgcluster.spaces.options import SpaceOptions

__all__ = ["KINDS", "MAX_IMAGES", "check_id", "features_of", "project_to_header", "read_project", "without_places"]

KINDS = ("sample", "folder", "upload", "faces", "file")
"""What the source of a project can be."""

MAX_IMAGES = 2_000_000
"""Of a project: each takes some 200 bytes of memory beside what the file holds of it."""

_ID = re.compile("[0-9a-f]{12}")
_HASH = re.compile("[0-9a-f]{32}")
_LONGEST_TIME, _LONGEST_TEXT, _LONGEST_KEY = 40, 5000, 100
_MOST_CHOICES, _MOST_COVER, _MOST_CLUSTERS, _LARGEST = 1000, 100, 1_000_000, 2**53 - 1
_SPACE = {"method", "n_dims", "scaling", "n_neighbors"}
_PROJECT = {"id", "name", "kind", "created", "changed", "space", "n_clusters", "choices", "cover"}


def check_id(project_id: object) -> str:
    """Return what names a project when it can: 12 hexadecimal digits, and nothing that leads to another place.

    Raises
    ------
    WrongModel
    """
    if not isinstance(project_id, str) or not _ID.fullmatch(project_id):
        raise WrongModel("it is not named by 12 hexadecimal digits")
    return project_id


def project_to_header(project: Project) -> dict[str, Any]:
    """Return everything of a project that JSON can say and that does not grow with the images.

    Control characters in names and choices become the replacement character. The features and the location are not part
    of it: they may hold bytes that are no text.
    """
    return {
        "id": project.id,
        "name": cleaned(project.name, LONGEST_NAME),
        "kind": project.kind,
        "created": project.created,
        "changed": project.changed,
        "space": {name: getattr(project.space, name) for name in sorted(_SPACE)},
        "n_clusters": int(project.n_clusters),
        "choices": {key: _plain(value) for key, value in project.choices.items()},
        "cover": list(project.cover),
    }


def without_places(choices: Mapping[str, Choice]) -> dict[str, Choice]:
    """Return the choices without those that are absolute paths of some system."""
    return {key: value for key, value in choices.items() if not (isinstance(value, str) and _is_place(value))}


def features_of(text: str, *, own: bool) -> FeatureOptions:
    """Read what counts as similar.

    Parameters
    ----------
    text : str
    own : bool
        Whether it may name a file of this computer.

    Raises
    ------
    WrongModel
    """
    try:
        options = parse_features(text)
    except ImgClusterError as error:
        raise WrongModel("what counts as similar in it is unknown to this program") from error
    if not own and options.names_a_file:
        raise WrongModel("it would have a file of this computer opened")
    if not own and not is_clean(text, _LONGEST_TEXT):
        raise WrongModel("what counts as similar in it is no text")
    return options


def read_project(header: object, *, features: str, location: str, own: bool) -> Project:
    """Make a project, without images and edits, of what `project_to_header` gave, whoever wrote it.

    Parameters
    ----------
    header : object
    features, location : str
    own : bool
        See `features_of`.

    Raises
    ------
    WrongModel
    """
    if not isinstance(header, dict) or header.keys() != _PROJECT:
        raise WrongModel("it does not say what was chosen")
    if len(features) > _LONGEST_TEXT or len(location) > _LONGEST_TEXT or "\0" in location:
        raise WrongModel("the place of its pictures is none")
    features_of(features, own=own)
    n_clusters = header["n_clusters"]
    if type(n_clusters) is not int or not 0 <= n_clusters <= _MOST_CLUSTERS:
        raise WrongModel("its number of groups is none")
    cover = header["cover"]
    if not isinstance(cover, list) or len(cover) > _MOST_COVER or not all(map(_is_hash, cover)):
        raise WrongModel("its cover is of no pictures")
    return Project(
        id=check_id(header["id"]),
        name=read_text(header, "name", LONGEST_NAME),
        kind=read_choice(header, "kind", KINDS),
        location=location,
        created=_time(header, "created"),
        changed=_time(header, "changed"),
        features=features,
        space=_space(header["space"]),
        n_clusters=n_clusters,
        choices=_choices(header["choices"]),
        cover=tuple(cover),
    )


def _plain(value: Choice) -> Choice:
    if isinstance(value, str):
        return cleaned(value, _LONGEST_TEXT)
    return value.item() if isinstance(value, np.generic) else value


def _is_place(text: str) -> bool:
    text = text.removeprefix("vectors=")
    windows = PureWindowsPath(text)
    return PurePosixPath(text).is_absolute() or bool(windows.drive or windows.root) or text.startswith("~")


def _is_hash(text: object) -> bool:
    return isinstance(text, str) and _HASH.fullmatch(text) is not None


def _time(header: Mapping[str, Any], key: str) -> str:
    text = read_text(header, key, _LONGEST_TIME)
    try:
        datetime.fromisoformat(text)
    except ValueError as error:
        raise WrongModel(f"its time ({key}) is none") from error
    return text


def _space(header: object) -> SpaceOptions:
    if not isinstance(header, dict) or header.keys() != _SPACE:
        raise WrongModel("its space is not described")
    numbers = (header["n_dims"], header["n_neighbors"])
    if not all(number is None or (type(number) is int and 0 <= number <= _LARGEST) for number in numbers):
        raise WrongModel("the numbers of its space are none")
    if not isinstance(header["method"], str) or not isinstance(header["scaling"], str):
        raise WrongModel("its space is not described")
    try:
        return SpaceOptions(**header)
    except ImgClusterError as error:
        raise WrongModel("its space is none that this program knows") from error


def _choices(header: object) -> dict[str, Choice]:
    if not isinstance(header, dict) or len(header) > _MOST_CHOICES:
        raise WrongModel("its choices are no list")
    for key, value in header.items():
        if not is_clean(key, _LONGEST_KEY) or not _is_plain(value):
            raise WrongModel("one of its choices is none")
    return header


def _is_plain(value: object) -> bool:
    match value:
        case None | bool():
            return True
        case int():
            return abs(value) <= _LARGEST
        case float():
            return math.isfinite(value)
        case _:
            return is_clean(value, _LONGEST_TEXT)
