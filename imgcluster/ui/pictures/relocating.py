"""Where are the pictures now? A project finds them again by their content, in a folder that was moved or renamed."""

import threading
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from imgcluster.errors import ImgClusterError
from imgcluster.features.contents import content_hashes
from imgcluster.features.store import Store
from imgcluster.jobs import Job, JobState
from imgcluster.keeping.projects.matching import ImageMatch, match_images, matched_project
from imgcluster.pipeline import open_collection
from imgcluster.progress import Progress, ProgressCallback
from imgcluster.ui.access import hosted
from imgcluster.ui.background import start_finding
from imgcluster.ui.hosting import limits_of, workspace_of
from imgcluster.ui.job_panel import show_until_done
from imgcluster.ui.messages import count, plain, show_error
from imgcluster.ui.project.projects import change_project, images_and_history, project_of
from imgcluster.ui.project.session import open_source
from imgcluster.ui.project.source import Source, project_source
from imgcluster.ui.register import jobs
from imgcluster.ui.router import page_of
from imgcluster.ui.typed import typed_folder

__all__ = ["Relocation", "ask_where", "can_be_elsewhere", "relocation_job", "show_relocated"]

_PLACE, _FOUND = "new_place", "relocated"  # session state: what is typed; what was found, and where


@dataclass(frozen=True, slots=True, kw_only=True)
class Relocation:
    """What of a project's pictures is in another folder.

    Attributes
    ----------
    folder : Path
    paths, hashes : tuple of str
        Of what can be read there.
    match : ImageMatch
    """

    folder: Path
    paths: tuple[str, ...]
    hashes: tuple[str, ...]
    match: ImageMatch


def relocation_job(source: Source, folder: Path) -> Job[Relocation]:
    """Look for a project's pictures in a folder or ZIP file, and change nothing."""
    project, workspace, limits = project_of(source), workspace_of(source), limits_of(source)

    def look(progress: ProgressCallback, cancel: threading.Event) -> Relocation:
        progress(Progress(stage="Looking for the pictures", done=0, total=0))
        collection = open_collection(folder, limits=limits.archive)
        with Store(workspace.store_path) as store:
            found = content_hashes(collection.images, store=store, progress=progress, cancel=cancel)
        readable = [(path, key) for path, key in zip(collection.paths, found, strict=True) if key is not None]
        paths, hashes = tuple(path for path, _ in readable), tuple(key for _, key in readable)
        return Relocation(folder=folder, paths=paths, hashes=hashes, match=match_images(project, paths, hashes))

    return jobs().start(_key(source), look)


def can_be_elsewhere(source: Source) -> bool:
    """Return whether it can be asked where a source's pictures are: it is known which these are."""
    return not hosted() and source.kind not in ("sample", "faces") and project_of(source).n_images > 0


def ask_where(source: Source) -> None:
    """Ask where the pictures are now, look there, and open the project with them when they are found."""
    job = jobs().get(_key(source))
    if job is not None and job.state is JobState.RUNNING:
        show_until_done(job, key="relocating")
        return
    st.text_input(
        "Where are the pictures now?",
        key=_PLACE,
        placeholder="A folder or ZIP file",
        on_change=_look,
        args=(source,),
        help="They are known by their content, whatever they are called. Nothing in the folder is ever changed.",
    )
    st.button("Look there", key="look-there", on_click=_look, args=(source,), icon=":material/search:")
    if job is None:
        return
    if job.state is JobState.FAILED:
        show_error(job.error)
    elif job.state is JobState.DONE:
        _judge(source, job.result)


def show_relocated(source: Source) -> bool:
    """Say what was found in the new place, and lead on to the groups; return whether there is something to be said."""
    key, sentence = st.session_state.get(_FOUND, (None, ""))
    if key != source.id:
        return False
    st.success(plain(sentence), icon=":material/check_circle:")
    if st.button("See the groups", key="see-relocated", type="primary", icon=":material/arrow_forward:"):
        del st.session_state[_FOUND]
        st.switch_page(page_of("groups"))
    return True


def _look(source: Source) -> None:
    folder = typed_folder(st.session_state.get(_PLACE, ""))
    if folder is not None:
        jobs().forget(_key(source))
        relocation_job(source, folder)


def _judge(source: Source, found: Relocation) -> None:
    """Go on with what was found; where that is little, ask: it may be another folder."""
    n_images, n_found = len(found.match.positions), found.match.n_found
    if n_found == 0:
        st.error(
            "Nothing was changed. Try the folder that holds them, or one above it.",
            title=f"None of the {count(n_images, 'picture')} of this project is in {plain(str(found.folder))}",
            icon=":material/error:",
        )
    elif 2 * n_found >= n_images:
        _use(source, found)
        st.rerun()
    else:
        st.warning(
            "What was done by hand to the others is kept, and holds again where they are found.",
            title=plain(found.match.sentence),
        )
        if st.button("Use this folder", key="use-this-folder", icon=":material/check:"):
            _use(source, found)
            st.rerun()


def _use(source: Source, found: Relocation) -> None:
    project = matched_project(project_of(source), found.match, found.paths, found.hashes)
    try:
        project = change_project(source, kind="folder", location=str(found.folder), **images_and_history(project))
    except ImgClusterError as error:
        show_error(error)
        st.stop()
    jobs().forget(f"{source.id}/")
    st.session_state[_FOUND] = (source.id, found.match.sentence)
    there = project_source(project)
    open_source(there)
    start_finding(there, again=True)


def _key(source: Source) -> str:
    return f"{source.id}/relocating"
