"""A project's own file: read, and replaced as a whole. What is another project there, or none, is never replaced."""

import contextlib
import secrets
import time
from os import stat_result
from pathlib import Path

from imgcluster.errors import FolderError, ProjectError
from imgcluster.keeping.projects.project import Project
from imgcluster.keeping.projects.project_file import load_project, save_project
from imgcluster.keeping.projects.summaries import state_of
from imgcluster.keeping.writing import keep_name

__all__ = ["not_written", "read_own", "replace_own"]

# Of each file that this process has read or written whole: its state then, and when the project in it was begun.
_known: dict[Path, tuple[list[int], str]] = {}


def read_own(path: Path) -> Project:
    """Read a file that `replace_own` wrote.

    Raises
    ------
    ProjectError
    """
    try:
        state = state_of(path.stat())
    except OSError:  # which the next line puts into words
        state = []
    project = load_project(path, own=True).project
    _known[path] = (state, project.created)
    return project


def replace_own(path: Path, project: Project) -> stat_result:
    """Write a project's own file, and return the state of that very file.

    What is there is replaced when it is an earlier state of the same project: it can be read, and was begun at the same
    time. Everything else is renamed: a project that could not be read, and may be readable the next time, while a new
    one was begun in its place.

    Raises
    ------
    ProjectError, FolderError
        See `imgcluster.keeping.projects.project_file.save_project`.
    """
    aside = path.with_name(f".new-{secrets.token_hex(6)}")
    try:
        save_project(aside, project, private=True)
        state = aside.stat()
        if not _is_earlier(path, project):
            day = time.strftime("%Y-%m-%d-%H%M%S")
            path.replace(path.with_name(f"{path.name}.set-aside-{day}-{secrets.token_hex(2)}"))
        aside.replace(path)
    except OSError as error:
        raise not_written(path.parent, error) from error
    finally:
        with contextlib.suppress(OSError):
            aside.unlink()
    keep_name(path.parent)
    _known[path] = (state_of(state), project.created)
    return state


def not_written(place: Path, error: OSError) -> FolderError:
    """Return the sentence on a project that the system would not write."""
    return FolderError(
        f"The project in {place} cannot be written: {error.strerror or error}.",
        hint="Make room or check the permissions, or choose another place with the variable IMGCLUSTER_CACHE.",
    )


def _is_earlier(path: Path, project: Project) -> bool:
    """Whether nothing is there, or a state of this project; it is read only where that is not known."""
    try:
        state = state_of(path.stat())
    except FileNotFoundError:
        return True
    known, begun = _known.get(path, ([], ""))
    if known != state:
        try:
            begun = read_own(path).created
        except ProjectError:
            return False
    return begun == project.created
