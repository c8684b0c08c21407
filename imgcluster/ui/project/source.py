"""Where the pictures come from: a sample, a folder, an upload, faces in one of these, or a project that was sent."""

import hashlib
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from imgcluster.cache import Workspace
from imgcluster.keeping.projects.project import Project
from imgcluster.keeping.projects.summaries import ProjectSummary
from imgcluster.pictures.samples import SAMPLES
from imgcluster.stages.faces import faces_directory
from imgcluster.ui.access import hosted

__all__ = [
    "Source",
    "another_source",
    "faces_source",
    "folder_source",
    "project_id",
    "project_source",
    "sample_source",
    "upload_source",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where the pictures come from.

    Attributes
    ----------
    kind : {"sample", "folder", "upload", "faces", "file"}
        A "folder" may be a ZIP file; "faces" are in the pictures of another source; a "file" is a project that somebody
        sent, whose pictures are elsewhere.
    id : str
        For the address line, the project and for keys; tells nothing about the place.
    location : str
        The sample's name, or an absolute path; empty for a "file".
    name : str
        For the screen.
    """

    kind: Literal["sample", "folder", "upload", "faces", "file"]
    id: str
    location: str
    name: str


def sample_source(name: str) -> Source:
    """Return the source of a built-in sample."""
    return Source(kind="sample", id=name, location=name, name=SAMPLES[name].title)


def folder_source(location: str | Path) -> Source:
    """Return the source of a folder or ZIP file on this computer; faces that were found before are such again."""
    path = Path(location).expanduser().absolute()
    if not hosted() and path.parent.parent == faces_directory(Workspace.default()).absolute():
        return faces_source(path)
    return Source(kind="folder", id=_id(path), location=str(path), name=path.name or str(path))


def faces_source(path: Path) -> Source:
    """Return the source of faces that were found, which lie in a ZIP file of ours."""
    path = path.absolute()
    return Source(kind="faces", id=_id(path), location=str(path), name=path.stem)


def upload_source(path: Path) -> Source:
    """Return the source of uploaded pictures, which lie in a ZIP file of ours."""
    return replace(folder_source(path), kind="upload", name=path.stem)


def project_source(project: Project | ProjectSummary) -> Source:
    """Return the source of a project on the list."""
    is_ours = project.kind == "sample" and project.location in SAMPLES
    if is_ours and project.id == project_id(sample_source(project.location)):
        return sample_source(project.location)
    return Source(kind=project.kind, id=project.id, location=project.location, name=project.name)


def another_source(source: Source, number: int) -> Source:
    """Return the source under an id of its own, the same for the same number: the project of its id is elsewhere."""
    return replace(source, id=_id(f"{number} {source.location}"))


def project_id(source: Source) -> str:
    """Return the id under which the project of a source is kept: 12 hexadecimal digits."""
    return _id(f"sample {source.id}") if source.id in SAMPLES else source.id


def _id(place: str | Path) -> str:
    return hashlib.blake2b(os.fsencode(place), digest_size=6).hexdigest()
