"""All projects of one user: a directory for each, in which one file holds what was chosen and done by hand.

That file is always replaced as a whole, so that a project is the old or the new one, whatever happens while it is
saved. Of two windows in which one project is open the later one to save wins; nothing is ever mixed.
"""

import contextlib
import re
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from imgcluster.cache import PROJECTS_DIRECTORY
from imgcluster.errors import FolderError, ParameterError, ProjectError
from imgcluster.features.options import FeatureOptions
from imgcluster.features.store import Store, StoreEntry
from imgcluster.keeping.models.model_checks import WrongModel
from imgcluster.keeping.projects.migrating import RECENTS_FILE, old_folders, set_recents_aside
from imgcluster.keeping.projects.project import Project
from imgcluster.keeping.projects.project_checks import check_id
from imgcluster.keeping.projects.project_file import OpenedProject, load_project, save_project
from imgcluster.keeping.projects.replacing import not_written, read_own, replace_own
from imgcluster.keeping.projects.sent_thumbnails import is_thumbnail
from imgcluster.keeping.projects.summaries import ProjectSummary, problem_of, summary_of, up_to_date, write_summary
from imgcluster.keeping.texts import LONGEST_NAME, cleaned

__all__ = ["ProjectLibrary", "new_id", "now"]

_PROJECT, _SENT, _STORE = "project.imgcluster", "sent.imgcluster", "store.sqlite"
_NEW, _GONE = ".new-", ".gone-"
_FORGOTTEN = 24 * 3600  # seconds after which nobody works at what was left half done
_COUNTED = re.compile(r"(.*\S) \((\d{1,6})\)")


def new_id() -> str:
    """Return 12 hexadecimal digits that no project has yet."""
    return secrets.token_hex(6)


def now() -> str:
    """Return the time, ISO 8601 in UTC with seconds."""
    return datetime.now(UTC).isoformat(timespec="seconds")


class ProjectLibrary:
    """The projects of one user, for any number of threads and processes at once.

    Parameters
    ----------
    directory : Path
        Of the user's workspace. The projects are in ``projects`` there; a list of recent folders that an earlier
        version left is made into projects once.

    Raises
    ------
    ProjectError
        From every method that takes an id: when it is none, or there is no such project, or it cannot be read.
    FolderError
        From every method that writes, when that is not possible.
    """

    def __init__(self, directory: Path) -> None:
        self._workspace = Path(directory)
        self.directory = self._workspace / PROJECTS_DIRECTORY
        self._sweep()
        if (self._workspace / RECENTS_FILE).is_file():
            self._migrate()

    def list(self) -> tuple[ProjectSummary, ...]:
        """Return what there is, changed last first; those that cannot be opened with a sentence that says why."""
        found = [summary for each in self._directories() if (summary := up_to_date(each, each / _PROJECT)) is not None]
        return tuple(sorted(found, key=lambda summary: (summary.changed, summary.id), reverse=True))

    def find_by_location(self, kind: str, location: str) -> ProjectSummary | None:
        """Return the project of a place that was changed last, None where there is none that can be opened."""
        return next(
            (each for each in self.list() if (each.kind, each.location, each.problem) == (kind, location, "")), None
        )

    def load(self, project_id: str) -> Project:
        """Read one project."""
        directory = self._existing(project_id)
        _remove_forgotten(directory)
        project = replace(read_own(directory / _PROJECT), id=project_id)
        if problem := problem_of(project.kind, project.location):
            raise ProjectError(problem, hint="Get the newest version of the program.")
        return project

    def load_sent(self, project_id: str) -> OpenedProject | None:
        """Read what came with a project that somebody sent: parts, and the images that these are of.

        None where nothing came. The thumbnails are in the store at `store_path`.
        """
        path = self._existing(project_id) / _SENT
        return load_project(path) if path.exists() else None

    def store_path(self, project_id: str) -> Path | None:
        """Return the file of `imgcluster.features.store.Store` with a sent project's thumbnails; None without any."""
        path = self._existing(project_id) / _STORE
        return path if path.exists() else None

    def save(self, project: Project) -> Project:
        """Write a project in place of what there was under its id, and return it with the time at which it changed.

        What is there and no earlier state of it is not replaced but renamed: what cannot be read, such as a project of
        a newer version, and what could not be read when this one was begun in its place.
        """
        directory = self._place(project.id)
        project = replace(project, changed=now())
        self._make(directory)
        _write(directory, project)
        return project

    def rename(self, project_id: str, name: str) -> Project:
        """Give a project another name.

        Raises
        ------
        ParameterError
            It is empty, too long, or has characters that cannot be shown.
        """
        name = " ".join(name.split())
        if not 0 < len(name) <= LONGEST_NAME or cleaned(name, LONGEST_NAME) != name:
            raise ParameterError(
                f"A name of {len(name)} characters cannot be used: 1 to {LONGEST_NAME} that can be shown are taken."
            )
        return self.save(replace(self.load(project_id), name=name))

    def duplicate(self, project_id: str) -> Project:
        """Make another project like this one, named "X (2)" or with the next number that is free."""
        source, project = self._existing(project_id), self.load(project_id)
        time_now = now()
        name = _next_name(project.name, {each.name for each in self.list()})
        project = replace(project, id=new_id(), name=name, created=time_now, changed=time_now)
        with self._new_directory(project.id) as directory:
            for file in (_SENT, _STORE):
                if (source / file).exists():
                    shutil.copy2(source / file, directory / file)
            _write(directory, project)
        return project

    def delete(self, project_id: str) -> None:
        """Remove one project's directory and nothing else."""
        directory = self._existing(project_id)
        gone = self.directory / f"{_GONE}{secrets.token_hex(6)}"
        try:
            directory.replace(gone)  # at once: half a project is none
        except OSError as error:
            raise not_written(directory, error) from error
        _remove(gone)

    def add_file(self, path: str | Path) -> Project:
        """Take in a file that somebody sent, as a project of the kind "file", with a store for its thumbnails alone.

        Raises
        ------
        ProjectError
            See `imgcluster.keeping.projects.project_file.load_project`; nothing is added then.
        """
        opened = load_project(path)
        name = opened.project.name.strip() or cleaned(Path(path).stem, LONGEST_NAME)
        project = replace(opened.project, id=new_id(), name=name, kind="file", location="", changed=now())
        with self._new_directory(project.id) as directory:
            if opened.parts is not None:
                sent = {"parts": opened.parts, "learned": opened.learned}
                save_project(directory / _SENT, project, private=False, **sent)
            if opened.thumbnails:
                _fill_store(directory / _STORE, opened.thumbnails)
            _write(directory, project)
        return project

    def _place(self, project_id: str) -> Path:
        """Return a project's directory; the id may come from an address, and leads nowhere else."""
        try:
            directory = self.directory / check_id(project_id)
        except WrongModel as error:
            raise _unknown() from error
        if directory.is_symlink():
            raise _unknown()
        return directory

    def _existing(self, project_id: str) -> Path:
        directory = self._place(project_id)
        if not (directory / _PROJECT).is_file():
            raise _unknown()
        return directory

    def _directories(self) -> Iterator[Path]:
        with contextlib.suppress(OSError):
            for directory in sorted(self.directory.iterdir()):
                with contextlib.suppress(ProjectError):
                    yield self._existing(directory.name)

    def _make(self, directory: Path) -> None:
        try:
            directory.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise not_written(directory, error) from error

    @contextmanager
    def _new_directory(self, project_id: str) -> Iterator[Path]:
        """Give a directory to fill, which becomes the project's at once, or is removed when that fails."""
        aside = self.directory / f"{_NEW}{secrets.token_hex(6)}"
        self._make(aside)
        try:
            yield aside
            aside.replace(self._place(project_id))
        except OSError as error:
            raise not_written(aside, error) from error
        finally:
            _remove(aside)

    def _sweep(self) -> None:
        """Remove what was deleted, or begun and left for a day, when the program was ended in between."""
        with contextlib.suppress(OSError):
            for path in self.directory.iterdir():
                if path.name.startswith(_GONE) or (path.name.startswith(_NEW) and _is_forgotten(path)):
                    _remove(path)

    def _migrate(self) -> None:
        """Make projects of recent folders; on a disk that cannot be written to they stay for the next time."""
        with contextlib.suppress(FolderError, OSError):
            for old in old_folders(self._workspace):
                directory = self._place(old.id)
                if (directory / _PROJECT).exists():
                    continue
                self._make(directory)
                project = Project(
                    id=old.id,
                    name=cleaned(Path(old.location).name, LONGEST_NAME) or cleaned(old.location, LONGEST_NAME),
                    kind="folder",
                    location=old.location,
                    created=old.opened,
                    changed=old.opened,
                    features=FeatureOptions().text,
                    n_clusters=old.n_clusters,
                )
                _write(directory, project)
            set_recents_aside(self._workspace)


def _write(directory: Path, project: Project) -> None:
    """Write a project's own file and what the list says of it, which is made again where it cannot be written."""
    state = replace_own(directory / _PROJECT, project)
    with contextlib.suppress(FolderError):
        write_summary(directory, summary_of(project), state)


def _fill_store(path: Path, thumbnails: Mapping[str, bytes]) -> None:
    """Keep the thumbnails that are some; there is no other store that they could get into."""
    with Store(path) as store:
        entries = [StoreEntry(hash=key, thumbnail=data) for key, data in thumbnails.items() if is_thumbnail(data)]
        store.put_batch("sent", entries)


def _next_name(name: str, taken: set[str]) -> str:
    counted = _COUNTED.fullmatch(name)
    stem, number = (counted[1], int(counted[2])) if counted else (name, 1)
    stem = stem[: LONGEST_NAME - 10]
    while (found := f"{stem} ({number + 1})") in taken:
        number += 1
    return found


def _is_forgotten(path: Path) -> bool:
    with contextlib.suppress(OSError):
        return time.time() - path.lstat().st_mtime > _FORGOTTEN
    return False


def _remove_forgotten(directory: Path) -> None:
    with contextlib.suppress(OSError):
        for path in directory.iterdir():
            if path.name.startswith(".") and path.is_file() and _is_forgotten(path):
                path.unlink()


def _remove(directory: Path) -> None:
    if not directory.is_symlink():
        shutil.rmtree(directory, ignore_errors=True)


def _unknown() -> ProjectError:
    return ProjectError("There is no such project any more.", hint="Choose one from the list.")
