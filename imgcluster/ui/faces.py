"""The faces in a source as a source of their own: find them, then group them."""

import threading

import streamlit as st

from imgcluster.faces.album import Album
from imgcluster.faces.detecting import SECONDS_PER_PHOTO, faces_missing
from imgcluster.jobs import Job, JobState
from imgcluster.pictures.collection import Collection
from imgcluster.progress import ProgressCallback
from imgcluster.stages.faces import faces_path, find_faces
from imgcluster.ui.background import start_finding
from imgcluster.ui.hosting import limits_of, workspace_of
from imgcluster.ui.job_panel import job_panel
from imgcluster.ui.messages import count, duration, plain, show_error
from imgcluster.ui.project.session import open_source
from imgcluster.ui.project.source import Source, faces_source
from imgcluster.ui.register import jobs

__all__ = ["faces_job", "show_faces_offer", "start_faces"]

# So many seconds a page waits for faces that were found before, rather than show that they are being read.
_PATIENCE = 2.0


def faces_job(source: Source, found: Collection) -> Job[Album] | None:
    """Return the job that finds the faces in what was found, None when it was not started.

    Faces that were found before, also by another run of the program, are there at once.
    """
    job = jobs().get(_key(source, found))
    if job is None and faces_path(found, workspace=workspace_of(source)).exists():
        job = start_faces(source, found)
        job.wait(_PATIENCE)
    return job


def start_faces(source: Source, found: Collection) -> Job[Album]:
    """Find the faces; what an earlier run found is not looked for again."""
    workspace, limits = workspace_of(source), limits_of(source)

    def find(progress: ProgressCallback, cancel: threading.Event) -> Album:
        return find_faces(found, workspace=workspace, max_pixels=limits.max_pixels, progress=progress, cancel=cancel)

    return jobs().start(_key(source, found), find)


def show_faces_offer(source: Source, found: Collection) -> None:
    """Offer to find the faces in what was found; show how far it is, and lead to them as a source of their own."""
    if source.kind == "faces":
        st.caption("These are faces already.")
        return
    if not len(found):
        return
    job = faces_job(source, found)
    if job is not None and job.state is JobState.RUNNING:
        job_panel(job, key="faces")
    elif job is not None and job.state is JobState.DONE:
        _show_album(source, job.result)
    else:
        _show_start(source, found, job)


def _show_start(source: Source, found: Collection, job: Job[Album] | None) -> None:
    st.markdown(
        "Find the faces in these pictures and group them, rather than the whole pictures. "
        f"{count(len(found), 'picture')}: {duration(len(found) * SECONDS_PER_PHOTO)}."
    )
    if job is not None and job.state is JobState.FAILED:
        show_error(job.error)
    stopped = job is not None and job.state is JobState.CANCELLED
    if stopped:
        st.info("What was found is kept.", title="Stopped", icon=":material/pause:")
    missing = faces_missing()
    st.button(
        "Go on finding the faces" if stopped else "Find the faces",
        key="find-faces",
        type="primary",
        icon=":material/face:",
        disabled=missing is not None,
        on_click=start_faces,
        args=(source, found),
    )
    if missing is not None:
        st.caption(plain(f"{missing.sentence} {missing.command}"))


def _show_album(source: Source, album: Album) -> None:
    if not album.n_faces:
        st.info(
            "Small faces, and those seen from the side or from behind, are not found.",
            title=f"No face was found in {count(album.n_photos, 'picture')}",
            icon=":material/face:",
        )
    else:
        st.markdown(f"{count(album.n_faces, 'face')} in {album.n_with_faces:,} of {count(album.n_photos, 'picture')}.")
        st.button(
            f"Group the {count(album.n_faces, 'face')}",
            key="group-faces",
            type="primary",
            icon=":material/arrow_forward:",
            on_click=_open,
            args=(album,),
        )
    if album.skipped:
        with st.expander(f"{count(len(album.skipped), 'picture')} that cannot be read", icon=":material/hide_image:"):
            st.dataframe(
                {"File": [photo.path for photo in album.skipped], "Why": [photo.reason for photo in album.skipped]},
                hide_index=True,
                alt="Pictures in which no face could be looked for, with the reason for each",
            )
    if album.n_faces and album.without:
        with st.expander(f"{count(len(album.without), 'picture')} without a face", icon=":material/no_accounts:"):
            st.dataframe({"File": list(album.without)}, hide_index=True, alt="Pictures in which no face was found")


def _open(album: Album) -> None:
    faces = faces_source(album.path)
    open_source(faces)
    start_finding(faces)


def _key(source: Source, found: Collection) -> str:
    return f"{source.id}/faces/{faces_path(found, workspace=workspace_of(source)).parent.name}"
