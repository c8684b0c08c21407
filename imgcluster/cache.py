"""The user's cache directory, and results that are computed once and kept there.

Everything in it can be computed again, but for projects and what the user decided: clearing costs time, never work.
"""

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar

import joblib
import numpy as np
import platformdirs

__all__ = [
    "DECISIONS_FILE",
    "DOWNLOADS_DIRECTORY",
    "PROJECTS_DIRECTORY",
    "Workspace",
    "cache_directory",
    "cached_call",
    "clear_cache",
    "directory_size",
    "was_called",
]

T = TypeVar("T")

DECISIONS_FILE = "decisions.json"
"""The name of the file in it that holds what the user decided; see `imgcluster.keeping.decisions`."""

DOWNLOADS_DIRECTORY = "downloads"
"""The name of the directory in it that holds files which wait to be saved by a browser; they go with its session."""

PROJECTS_DIRECTORY = "projects"
"""The name of the directory in it that holds the user's projects; see `imgcluster.keeping.projects.library`."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """Where one user's computed results are kept.

    Attributes
    ----------
    directory : Path
        The `cache_directory` on one's own computer; a private temporary one for each visitor of a hosted app.
    """

    directory: Path

    @classmethod
    def default(cls) -> "Workspace":
        """Return the workspace in the user's `cache_directory`."""
        return cls(cache_directory())

    @property
    def store_path(self) -> Path:
        """The SQLite file of per-image results."""
        return self.directory / "store.sqlite"

    @property
    def models(self) -> Path:
        """The directory of what was trained on the user's images."""
        return self.directory / "models"

    @property
    def derived(self) -> Path:
        """The directory of results derived from all images of a collection."""
        return self.directory / "derived"


def cache_directory() -> Path:
    """Return the directory for the store, samples and derived results, made when it is missing.

    The environment variable ``IMGCLUSTER_CACHE`` overrides the platform's usual place.
    """
    chosen = os.environ.get("IMGCLUSTER_CACHE")
    path = Path(chosen) if chosen else Path(platformdirs.user_cache_dir("imgcluster", appauthor=False))
    path.mkdir(parents=True, exist_ok=True)
    return path


def cached_call(
    workspace: Workspace,
    function: Callable[..., T],
    *args: Any,
    ignore: Sequence[str] = (),
    **kwargs: Any,
) -> T:
    """Call ``function``, or take its result from the disk when it was called so before.

    Parameters
    ----------
    workspace : Workspace
        Where to keep it.
    function : callable
        A module-level function. Its result is kept by its source code and its arguments.
    *args, **kwargs
        Passed on. Fingerprints (str) and parameters belong here: hashing a large array would cost as much as the work.
    ignore : sequence of str
        Names of arguments (arrays, callbacks) that do not identify the result.
    """
    return _read_only(_kept(workspace, function, ignore)(*args, **kwargs))


def was_called(workspace: Workspace, function: Callable[..., Any], *args: Any, ignore: Sequence[str] = ()) -> bool:
    """Return whether `cached_call` with the same arguments would take its result from the disk."""
    return _kept(workspace, function, ignore).check_call_in_cache(*args)


def _kept(workspace: Workspace, function: Callable[..., T], ignore: Sequence[str]) -> Callable[..., T]:
    return joblib.Memory(workspace.derived, verbose=0).cache(function, ignore=list(ignore))


def _read_only(result: T) -> T:
    """Make arrays read-only again, alone or in a dataclass at any depth: a pickle does not keep that."""
    if isinstance(result, np.ndarray):
        result.setflags(write=False)
    elif is_dataclass(result):
        for field in fields(result):
            _read_only(getattr(result, field.name))
    return result


def directory_size(directory: Path) -> int:
    """Return the bytes in all files below a directory; files that vanish meanwhile count as 0."""
    total = 0
    for parent, _, names in os.walk(directory):
        for name in names:
            try:
                total += (Path(parent) / name).stat().st_size
            except OSError:
                continue
    return total


def clear_cache() -> int:
    """Delete all in the `cache_directory` that can be computed again, and return the bytes set free.

    Files that wait to be saved by a browser are left: another session may be about to write one.
    """
    directory = cache_directory()
    before = directory_size(directory)
    for path in directory.iterdir():
        if path.name in (PROJECTS_DIRECTORY, DOWNLOADS_DIRECTORY) or path.name.startswith(DECISIONS_FILE):
            continue  # also decisions that were set aside
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return before - directory_size(directory)
