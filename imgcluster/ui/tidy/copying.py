"""A copy of the pictures without their copies, in a folder that the user names: what it would hold, at work, done."""

import hashlib
import threading
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import streamlit as st

from imgcluster.errors import ImgClusterError
from imgcluster.jobs import Job, JobState
from imgcluster.keeping.copying import CopiedImages, copy_images
from imgcluster.pictures.collection import ImageFile
from imgcluster.pictures.destination import check_destination
from imgcluster.progress import ProgressCallback
from imgcluster.ui.job_panel import job_panel
from imgcluster.ui.messages import count, file_size, plain, show_error
from imgcluster.ui.project.grouped import Grouping
from imgcluster.ui.project.source import Source
from imgcluster.ui.register import jobs
from imgcluster.ui.typed import typed_folder

__all__ = ["offer_folder"]


def offer_folder(source: Source, grouping: Grouping, chosen: Sequence[int]) -> None:
    """Offer to copy the chosen pictures of the collection; what is copied, and what became of it, is said."""
    images = [grouping.collection.images[index] for index in chosen]
    typed = st.text_input(
        "A copy of the folder without copies",
        key="tidy-out",
        persist_state="session",
        placeholder=str(Path.home() / "Pictures without copies"),
        help="A folder that is not there yet, or empty. Your own pictures stay as they are: nothing is ever deleted.",
    )
    size = file_size(sum(image.size for image in images))
    st.caption(f"{len(images):,} of {count(len(grouping.collection), 'picture')}, {size}")
    out = typed_folder(typed)
    if out is None:
        return
    key = _key(source, images, out)
    job = jobs().get(key)
    if job is not None and job.state is JobState.DONE:
        _say_done(job.result, out)
        return
    if job is not None:
        job_panel(job, key="copy-folder")
        if job.state is JobState.RUNNING:
            return
    try:
        check_destination(out, source=_root(source, grouping))
    except ImgClusterError as error:
        show_error(error)
        return
    st.button(
        f"Copy {count(len(images), 'picture')}",
        key="copy-without",
        icon=":material/folder_copy:",
        on_click=partial(_start, key, images, out),
    )


def _start(key: str, images: Sequence[ImageFile], out: Path) -> Job[CopiedImages]:
    def copy(progress: ProgressCallback, cancel: threading.Event) -> CopiedImages:
        return copy_images([(image, image.path) for image in images], out, progress=progress, cancel=cancel)

    return jobs().start(key, copy)


def _say_done(copied: CopiedImages, out: Path) -> None:
    st.success(f"{count(copied.n_copied, 'picture')} copied to {plain(str(out))}.", icon=":material/check:")
    if copied.skipped:
        st.warning(
            f"{count(len(copied.skipped), 'picture')} could not be read, such as {plain(copied.skipped[0].path)}: "
            f"{plain(copied.skipped[0].reason)}.",
            icon=":material/hide_image:",
        )


def _root(source: Source, grouping: Grouping) -> Path:
    """Return the folder or ZIP file of the pictures, to which nothing may be added."""
    return grouping.collection.images[0].source.parent if source.kind == "sample" else Path(source.location)


def _key(source: Source, images: Sequence[ImageFile], out: Path) -> str:
    wanted = "\n".join([str(out), *(image.path for image in images)])
    return f"{source.id}/copy/{hashlib.blake2b(wanted.encode('utf-8', 'surrogatepass'), digest_size=12).hexdigest()}"
