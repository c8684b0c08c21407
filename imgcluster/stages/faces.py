"""From a collection of photos to the collection of the faces in them, made once and kept."""

import contextlib
import hashlib
import threading
from pathlib import Path

from imgcluster.cache import Workspace
from imgcluster.errors import ArchiveError
from imgcluster.faces.album import Album, read_album
from imgcluster.faces.collecting import collect_faces
from imgcluster.faces.options import FaceOptions
from imgcluster.pictures.collection import Collection
from imgcluster.pictures.formats import MAX_PIXELS
from imgcluster.pictures.names import safe_name
from imgcluster.progress import ProgressCallback
from imgcluster.version import __version__

__all__ = ["faces_directory", "faces_path", "find_faces"]


def faces_directory(workspace: Workspace) -> Path:
    """Return the directory of the collections of faces; each lies in one of its own there."""
    return workspace.directory / "faces"


def faces_path(collection: Collection, options: FaceOptions | None = None, *, workspace: Workspace) -> Path:
    """Return where the faces of a collection are kept, found or not: another state of its files, another place."""
    digest = hashlib.blake2b(f"{__version__} {(options or FaceOptions()).text}".encode(), digest_size=12)
    for image in collection.images:
        place = f"{image.path}\0{image.source}\0{image.member}\0{image.size}\0{image.mtime_ns}\0"
        digest.update(place.encode("utf-8", "surrogateescape"))
    title = safe_name(f"Faces in {collection.name.removesuffix('.zip')}")
    return faces_directory(workspace) / digest.hexdigest() / f"{title}.zip"


def find_faces(
    collection: Collection,
    options: FaceOptions | None = None,
    *,
    workspace: Workspace,
    max_pixels: int = MAX_PIXELS,
    progress: ProgressCallback | None = None,
    cancel: threading.Event | None = None,
) -> Album:
    """Return the faces of a collection, from the disk or found now; a run that was stopped goes on where it was.

    Raises
    ------
    ExtractorError
        The detector is missing.
    StoreError
        Something cannot be written.
    Cancelled
    """
    path = faces_path(collection, options, workspace=workspace)
    if path.exists():
        with contextlib.suppress(ArchiveError):  # damaged: made anew
            return read_album(path)
    return collect_faces(
        collection,
        out=path,
        kept=faces_directory(workspace) / "found.jsonl",
        options=options,
        max_pixels=max_pixels,
        progress=progress,
        cancel=cancel,
    )
