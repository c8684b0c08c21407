"""Projects written to the disk one after the other, by a thread of their own: the slider need not wait for a disk."""

import contextlib
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import streamlit as st

from imgcluster.errors import ImgClusterError
from imgcluster.keeping.projects.library import ProjectLibrary
from imgcluster.keeping.projects.project import Project

__all__ = ["Writer", "writer_of"]


class Writer:
    """Writes the latest state of each project; what was overtaken before its turn is not written.

    Parameters
    ----------
    directory : Path
        Of the user's workspace.
    """

    def __init__(self, directory: Path) -> None:
        self._library = ProjectLibrary(directory)
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="save")
        self._waiting: dict[str, Project] = {}
        self._failed: dict[str, ImgClusterError] = {}

    def save(self, project: Project) -> None:
        """Write a project, and come back when that is done.

        Raises
        ------
        ImgClusterError
            It cannot be written.
        """
        self.save_soon(project).result()

    def save_soon(self, project: Project) -> Future[None]:
        """Write a project as soon as those before it are written."""
        self._waiting[project.id] = project
        return self._pool.submit(self._write, project.id)

    def failure_of(self, project_id: str) -> ImgClusterError | None:
        """Return why the latest state of a project is not on the disk, None where it is or is on its way."""
        return self._failed.get(project_id)

    def drop(self, project_id: str) -> None:
        """Give up what could not be written of a project, and what waits."""
        self._waiting.pop(project_id, None)
        self._failed.pop(project_id, None)

    def finish(self) -> None:
        """Wait until everything is written, and try once more what could not be."""
        for task in [self._pool.submit(self._write, project_id) for project_id in (*self._waiting, "")]:
            with contextlib.suppress(ImgClusterError):
                task.result()

    def _write(self, project_id: str) -> None:
        project = self._waiting.pop(project_id, None)
        if project is None:
            return
        try:
            self._library.save(project)
        except ImgClusterError as error:
            self._waiting.setdefault(project_id, project)  # for who asked last and waits, and for the next time
            self._failed[project_id] = error
            raise
        self._failed.pop(project_id, None)


@st.cache_resource(show_spinner=False)
def writer_of(directory: str) -> Writer:
    """Return what writes the projects of a workspace."""
    return Writer(Path(directory))
