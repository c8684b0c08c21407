"""What differs when the app is hosted for others: bounds on uploads, and a private place that goes with the visitor."""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from imgcluster.cache import Workspace
from imgcluster.pictures.archives import ZipLimits
from imgcluster.pictures.formats import MAX_PIXELS
from imgcluster.ui.access import hosted
from imgcluster.ui.project.source import Source, folder_source
from imgcluster.ui.register import jobs

__all__ = ["HOSTED", "LOCAL", "Limits", "decisions_directory", "limits_of", "upload_directory", "workspace_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of one collection.

    Attributes
    ----------
    archive : ZipLimits
        Files and bytes in a ZIP file.
    max_pixels : int
        Width x height of one picture.
    max_upload_bytes : int
        Of all uploaded files together.
    """

    archive: ZipLimits
    max_pixels: int
    max_upload_bytes: int


LOCAL = Limits(archive=ZipLimits(), max_pixels=MAX_PIXELS, max_upload_bytes=2 * 10**9)
HOSTED = Limits(
    archive=ZipLimits(max_files=5_000, max_member_bytes=50 * 10**6, max_total_bytes=10**9),
    max_pixels=60_000_000,
    max_upload_bytes=300 * 10**6,
)


def limits_of(source: Source) -> Limits:
    """Return the bounds that hold for a source here."""
    return HOSTED if _is_private(source) else LOCAL


def workspace_of(source: Source) -> Workspace:
    """Return where results of a source are kept.

    That is the user's cache, or the session's own place for hosted uploads. A sent project has a directory of its own:
    nothing that came with it is ever taken for a picture of another collection.
    """
    if source.kind == "file":
        return Workspace(Workspace.default().directory / "projects" / source.id)
    return Workspace(_session_directory()) if _is_private(source) else Workspace.default()


def decisions_directory(source: Source) -> Path:
    """Return where it is kept what is decided about pictures: hosted, each visitor decides for themselves."""
    return _session_directory() if hosted() else workspace_of(source).directory


def upload_directory() -> Path:
    """Return where uploaded files are kept; hosted, it is removed with the session."""
    directory = (_session_directory() if hosted() else Workspace.default().directory) / "uploads"
    directory.mkdir(exist_ok=True)
    return directory


def _is_private(source: Source) -> bool:
    """Whether a source is a visitor's own: an upload, or the faces in one; the faces in a sample are everybody's."""
    if source.kind == "faces":
        return hosted() and Path(source.location).is_relative_to(_session_directory())
    return hosted() and source.kind == "upload"


def _remove(directory: Path) -> None:
    for archive in (*directory.glob("uploads/*/*"), *directory.glob("faces/*/*")):
        jobs().forget(folder_source(archive).id)
    shutil.rmtree(directory, ignore_errors=True)


@st.cache_resource(scope="session", on_release=_remove, show_spinner=False)
def _session_directory() -> Path:
    return Path(tempfile.mkdtemp(prefix="imgcluster-"))
