"""Projects: what was chosen and changed for each source, saved after every change, and read when it is opened.

There is one copy of each project in the program, whatever the number of windows; on a hosted app each visitor has their
own, which goes with the session.
"""

import contextlib
import hashlib
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache

import streamlit as st

from imgcluster.cache import Workspace
from imgcluster.editing.edits import Edit
from imgcluster.editing.history import History, Outcome, carried_out, do
from imgcluster.editing.history import redo as redone
from imgcluster.editing.history import undo as undone
from imgcluster.errors import ImgClusterError, ProjectError
from imgcluster.features.options import FeatureOptions
from imgcluster.keeping.projects.library import ProjectLibrary, now
from imgcluster.keeping.projects.matching import match_images, matched_project
from imgcluster.keeping.projects.project import Project
from imgcluster.ui.access import hosted
from imgcluster.ui.groups.partition import Partition
from imgcluster.ui.messages import show_error
from imgcluster.ui.project.grouped import Grouping
from imgcluster.ui.project.saving import Writer, writer_of
from imgcluster.ui.project.source import Source, another_source, project_id, project_source

__all__ = [
    "change_project",
    "edit",
    "edited",
    "failure_to_save",
    "forget_project",
    "history_of",
    "images_and_history",
    "known_source",
    "library",
    "matched",
    "named_source",
    "opened_project",
    "outcome_of",
    "project_of",
    "redo",
    "show_edit_problem",
    "undo",
]

_PROBLEM = "edit_problem"  # session state: why the last edit could not be done
_VISITOR = "projects"  # session state of a hosted app: the visitor's projects by id


@dataclass(slots=True)
class _Opened:
    """Projects in memory by id, the same with the images that are there now, and the ids of those that were deleted.

    Those with the images of now are kept with what they were made of, which is told by identity: to compare the paths
    and hashes of very many images takes longer than a move of the slider may. A grouping has hundreds of megabytes, and
    is not kept for that: when nobody else has it, it goes.
    """

    projects: dict[str, Project] = field(default_factory=dict)
    matched: dict[str, tuple[Project, weakref.ref[Grouping], Project]] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)


def library() -> ProjectLibrary:
    """Return the user's projects on the disk."""
    return ProjectLibrary(Workspace.default().directory)


def project_of(source: Source) -> Project:
    """Return the project of a source: the one that is kept, or a new one, which is not kept until it is changed.

    A kept one that cannot be read is left where it is, and a new one is begun; saving that sets the other aside.
    """
    projects, key = _opened().projects, project_id(source)
    if key not in projects:
        project = None
        if not hosted():
            with contextlib.suppress(ProjectError):
                project = library().load(key)
        projects[key] = project or _new(source)
    return projects[key]


def opened_project(source: Source) -> Project:
    """Return the project of a source that somebody opens, which begins anew where it was deleted."""
    _opened().deleted.discard(project_id(source))
    return project_of(source)


def change_project(source: Source, *, at_once: bool = True, **changes: object) -> Project:
    """Change some of what a project holds, and save it; what is the same already is not saved again.

    Parameters
    ----------
    source : Source
    at_once : bool, default True
        Whether to come back when it is saved; otherwise that is done a moment later, `failure_to_save` tells whether it
        could be, and of a project that was deleted meanwhile nothing is saved.
    **changes
        Attributes of `Project`.

    Raises
    ------
    ProjectError
        It was deleted in another window; or it would make no sense, and is as before.
    ImgClusterError
        It cannot be saved; the change holds as long as the program runs.
    """
    before, opened = project_of(source), _opened()
    project = replace(before, **changes)
    if project == before:
        return before
    if before.id in opened.deleted:
        if at_once:
            raise ProjectError(
                f'The project "{before.name}" was deleted in another window.', hint="Open the pictures again."
            )
        return before
    project = opened.projects[project.id] = replace(project, changed=now())
    if hosted():
        return project
    writer = _writer()
    if not at_once:
        writer.save_soon(project)
        return project
    try:
        writer.save(project)
    except ProjectError:
        opened.projects[project.id] = before
        writer.drop(project.id)
        raise
    return project


def failure_to_save(source: Source) -> ImgClusterError | None:
    """Return why the latest state of a project is not on the disk, None where it is or is on its way."""
    return None if hosted() else _writer().failure_of(project_id(source))


def forget_project(key: str, *, deleted: bool = False) -> None:
    """Let go of a project that was renamed or deleted on the disk, by its id.

    Other windows that show one that was deleted save nothing more of it, until it is opened again.
    """
    opened = _opened()
    opened.projects.pop(key, None)
    opened.matched.pop(key, None)
    if deleted:
        opened.deleted.add(key)
        _writer().drop(key)


def known_source(source: Source) -> Source:
    """Return the source with the project of its place, where that goes by another id: its pictures have moved there.

    Where the project of its id has moved away, this is another source, with an id of its own.
    """
    if hosted() or source.kind == "sample":
        return source
    found = library().find_by_location(source.kind, source.location)
    if found is not None:
        return project_source(found)
    number = 1
    while project_of(source).location != source.location:
        number += 1
        source = another_source(source, number)
    return source


def named_source(source_id: str) -> Source | None:
    """Return the source of the project that an address names, None where there is none."""
    if hosted():
        return None
    try:
        return project_source(library().load(source_id))
    except ImgClusterError:
        return None


def matched(source: Source, grouping: Grouping) -> Project:
    """Return the project with the images that are there now; what was done to others is kept for when they are back."""
    project, cache = project_of(source), _opened().matched
    of, at, found = cache.get(project.id, (None, lambda: None, project))
    is_new = at() is not grouping
    if of is not project or is_new:
        images = (grouping.collection.paths, grouping.features.hashes) if is_new else (found.paths, found.hashes)
        found = _with_images(project, *images)
        cache[project.id] = (project, weakref.ref(grouping), found)
    return found


def _with_images(project: Project, paths: tuple[str, ...], hashes: tuple[str, ...]) -> Project:
    if project.paths == paths and project.hashes == hashes:
        return project
    if not project.history.edits:
        return replace(project, paths=paths, hashes=hashes)
    return matched_project(project, match_images(project, paths, hashes), paths, hashes)


def images_and_history(project: Project) -> dict[str, object]:
    """Return what of a project goes together, for `change_project`: edits tell images by their positions."""
    names = ("paths", "hashes", "absent_paths", "absent_hashes", "history")
    return {name: getattr(project, name) for name in names}


def history_of(source: Source, grouping: Grouping) -> History:
    """Return the edits, of the images as they are now; those that are not there come after them."""
    return matched(source, grouping).history


def edit(source: Source, grouping: Grouping, partition: Partition, *changes: Edit) -> bool:
    """Do an edit to the groups that are shown, or several, and save it; return whether that was possible.

    Why it was not is told by `show_edit_problem`.
    """
    return _edited(source, grouping, lambda history: do(partition.groups, history, *changes))


def undo(source: Source, grouping: Grouping) -> bool:
    """Take back the last edit; return whether that could be saved, as `edit` does."""
    return _edited(source, grouping, undone)


def redo(source: Source, grouping: Grouping) -> bool:
    """Do again what was taken back last; return whether that could be saved, as `edit` does."""
    return _edited(source, grouping, redone)


def show_edit_problem() -> None:
    """Say once why the last edit could not be done, where it could not."""
    if (problem := st.session_state.pop(_PROBLEM, None)) is not None:
        show_error(problem)


def outcome_of(source: Source, grouping: Grouping, partition: Partition) -> Outcome:
    """Return what the edits make of the groups that a method found."""
    history = history_of(source, grouping)
    return _carried(grouping.space.fingerprint, partition.key, _digest(history), partition, history)


def edited(source: Source, grouping: Grouping, partition: Partition) -> Partition:
    """Return the groups with all edits that hold."""
    history = history_of(source, grouping)
    if history.n_done == 0:
        return partition
    groups = outcome_of(source, grouping, partition).groups
    return replace(partition, groups=groups, key=f"{partition.key}+{_digest(history)}")


@st.cache_resource(max_entries=64, show_spinner=False)
def _carried(fingerprint: str, key: str, digest: str, _partition: Partition, _history: History) -> Outcome:
    return carried_out(_partition.groups, _history)


@lru_cache(maxsize=16)
def _digest(history: History) -> str:
    """Return what names the edits that hold, the same in every process: results are kept on disk under it."""
    return hashlib.blake2b(repr(history.edits[: history.n_done]).encode(), digest_size=8).hexdigest()


def _edited(source: Source, grouping: Grouping, change: Callable[[History], History]) -> bool:
    try:
        project = matched(source, grouping)
        change_project(source, **images_and_history(replace(project, history=change(project.history))))
    except ImgClusterError as error:
        st.session_state[_PROBLEM] = error
        return False
    st.session_state.pop(_PROBLEM, None)
    return True


def _new(source: Source) -> Project:
    time_now = now()
    return Project(
        id=project_id(source),
        name=source.name,
        kind=source.kind,
        location=source.location,
        created=time_now,
        changed=time_now,
        features=FeatureOptions().text,
    )


def _opened() -> _Opened:
    if hosted():
        return st.session_state.setdefault(_VISITOR, _Opened())
    return _shared(str(Workspace.default().directory))


@st.cache_resource(show_spinner=False)
def _shared(directory: str) -> _Opened:
    return _Opened()


def _writer() -> Writer:
    return writer_of(str(Workspace.default().directory))
