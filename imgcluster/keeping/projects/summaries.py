"""What the list of projects says of each, in a small file beside it: the list is there before a project is read."""

import contextlib
import json
from dataclasses import asdict, dataclass, replace
from os import stat_result
from pathlib import Path

from imgcluster.errors import FolderError, ImgClusterError
from imgcluster.keeping.projects.project import Project
from imgcluster.keeping.projects.project_checks import KINDS
from imgcluster.keeping.projects.project_file import load_project
from imgcluster.keeping.texts import LONGEST_NAME, cleaned
from imgcluster.keeping.writing import write_aside
from imgcluster.pictures.samples import SAMPLES
from imgcluster.version import __version__

__all__ = ["ProjectSummary", "problem_of", "state_of", "summary_of", "up_to_date", "write_summary"]

_FILE = "summary.json"
_LARGEST = 2**20  # of the file, in bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectSummary:
    """One entry of the list of projects.

    Attributes
    ----------
    id, name, kind, location, created, changed : str
        As in `imgcluster.keeping.projects.project.Project`.
    n_images, n_clusters, n_edits : int
    cover : tuple of str
        Contents of a few typical images.
    problem : str
        Why it cannot be opened, in a sentence; empty where it can. The file of such a project stays where it is, for a
        newer version of the program or somebody who can repair it.
    """

    id: str
    name: str
    kind: str = "folder"
    location: str = ""
    created: str = ""
    changed: str = ""
    n_images: int = 0
    n_clusters: int = 0
    n_edits: int = 0
    cover: tuple[str, ...] = ()
    problem: str = ""


def summary_of(project: Project) -> ProjectSummary:
    """Return what the list says of a project."""
    return ProjectSummary(
        id=project.id,
        name=project.name,
        kind=project.kind,
        location=project.location,
        created=project.created,
        changed=project.changed,
        n_images=project.n_images,
        n_clusters=project.n_clusters,
        n_edits=project.history.n_done,
        cover=project.cover,
    )


def write_summary(directory: Path, summary: ProjectSummary, of: stat_result) -> None:
    """Write the small file; ``of`` is the state of the project's own file that it tells of.

    Raises
    ------
    FolderError
    """
    # ASCII: half a surrogate pair stands for a byte of a folder's name that is no text.
    text = json.dumps({"program": __version__, "of": state_of(of), "summary": asdict(summary)}, indent=1)
    write_aside(directory / _FILE, lambda file: file.write(text.encode("ascii")))


def up_to_date(directory: Path, path: Path) -> ProjectSummary | None:
    """Return what the list says of the project in a directory, read from the project itself where that is newer.

    Parameters
    ----------
    directory : Path
        Named by the project's id.
    path : Path
        The project's own file in it.

    Returns
    -------
    ProjectSummary or None
        None where there is no such file.
    """
    try:
        state = path.stat()
    except OSError:
        return None
    kept, is_current = _read(directory, state)
    if kept is not None and is_current:
        return _listed(kept, directory)
    try:
        summary = summary_of(load_project(path, own=True).project)
    except ImgClusterError as error:
        known = kept or ProjectSummary(id=directory.name, name=f"Project {directory.name}")
        return replace(known, id=directory.name, problem=str(error))  # not kept: it may be readable the next time
    with contextlib.suppress(FolderError):
        write_summary(directory, summary, state)
    return _listed(summary, directory)


def problem_of(kind: str, location: str) -> str:
    """Return why a project of such a place cannot be opened, in a sentence; empty where it can."""
    if kind != "sample" or location in SAMPLES:
        return ""
    return f'Its pictures are the sample "{cleaned(location, LONGEST_NAME)}", which this version does not have.'


def _listed(summary: ProjectSummary, directory: Path) -> ProjectSummary:
    return replace(summary, id=directory.name, problem=problem_of(summary.kind, summary.location))


def _read(directory: Path, state: stat_result) -> tuple[ProjectSummary | None, bool]:
    """Return what the small file says, and whether it tells of the project's file as it is now."""
    try:
        with (directory / _FILE).open("rb") as file:
            content = json.loads(file.read(_LARGEST))
        facts = content["summary"]
        summary = ProjectSummary(**facts | {"cover": tuple(facts["cover"])})
        is_current = content["of"] == state_of(state) and content["program"] == __version__
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None, False
    numbers = (summary.n_images, summary.n_clusters, summary.n_edits)
    texts = (summary.id, summary.name, summary.location, summary.created, summary.changed, summary.problem)
    if not all(type(number) is int for number in numbers) or summary.kind not in KINDS:
        return None, False
    return (summary, is_current) if all(isinstance(text, str) for text in (*texts, *summary.cover)) else (None, False)


def state_of(state: stat_result) -> list[int]:
    """Return what tells cheaply whether a file is the one that it was."""
    return [state.st_size, state.st_mtime_ns, state.st_ino]
