"""Uploaded pictures become one ZIP file of ours, which is read like any other: in place, never unpacked."""

import hashlib
import zipfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Protocol

from imgcluster.errors import ArchiveError
from imgcluster.ui.access import hosted
from imgcluster.ui.hosting import HOSTED, LOCAL, upload_directory
from imgcluster.ui.messages import count, file_size
from imgcluster.ui.project.source import Source, upload_source

__all__ = ["Upload", "keep_uploads", "title_of"]


class Upload(Protocol):
    """What Streamlit hands over for one uploaded file."""

    name: str
    size: int

    def getbuffer(self) -> memoryview:
        """Return the bytes without copying them."""


def keep_uploads(uploads: Sequence[Upload]) -> Source:
    """Keep uploaded files (one ZIP file, or pictures) and return the source that reads them.

    On one's own computer they stay in the cache directory, so that tomorrow they are still there; hosted, they lie in
    the session's private directory and go with it.

    Raises
    ------
    ArchiveError
        Too many files, too many bytes, or several ZIP files at once.
    """
    limits = HOSTED if hosted() else LOCAL
    size = sum(upload.size for upload in uploads)
    if size > limits.max_upload_bytes:
        raise ArchiveError(
            f"The upload has {file_size(size)}, more than the {file_size(limits.max_upload_bytes)} allowed.",
            hint="Upload fewer or smaller pictures.",
        )
    if len(uploads) > limits.archive.max_files:
        raise ArchiveError(
            f"The upload has {count(len(uploads), 'file')}, more than the {limits.archive.max_files:,} allowed.",
            hint="Upload fewer pictures.",
        )
    archives = [upload for upload in uploads if upload.name.lower().endswith(".zip")]
    if archives and len(uploads) > 1:
        raise ArchiveError(
            "A ZIP file cannot be uploaded together with other files.", hint="Upload one ZIP file, or only pictures."
        )
    directory = upload_directory() / _fingerprint(uploads)
    path = directory / f"{title_of(archives[0].name) if archives else count(len(uploads), 'uploaded picture')}.zip"
    if not path.exists():
        directory.mkdir(exist_ok=True)
        _write(path, archives, uploads)
    return upload_source(path)


def title_of(name: str) -> str:
    """Return the name of an uploaded file without its ending, in characters that every file system takes."""
    stem = PurePosixPath(name.replace("\\", "/")).stem
    return "".join(c if c.isalnum() or c in " -_()" else "_" for c in stem)[:80].strip() or "upload"


def _write(path: Path, archives: Sequence[Upload], uploads: Sequence[Upload]) -> None:
    temporary = path.with_suffix(".part")
    if archives:
        temporary.write_bytes(archives[0].getbuffer())
    else:
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED) as archive:
            for name, upload in zip(_safe_names(uploads), uploads, strict=True):
                archive.writestr(name, upload.getbuffer())
    temporary.replace(path)


def _safe_names(uploads: Sequence[Upload]) -> list[str]:
    """Return a distinct relative name for each file: a browser may send any text as a file's name."""
    names: list[str] = []
    taken: set[str] = set()
    for upload in uploads:
        parts = [part for part in upload.name.replace("\\", "/").split("/") if part not in ("", ".", "..")]
        path = PurePosixPath(*parts or ["picture"])
        name, number = str(path), 2
        while name.lower() in taken:
            name, number = str(path.with_name(f"{path.stem} ({number}){path.suffix}")), number + 1
        taken.add(name.lower())
        names.append(name)
    return names


def _fingerprint(uploads: Sequence[Upload]) -> str:
    digest = hashlib.blake2b(digest_size=12)
    for upload in uploads:
        digest.update(upload.name.encode("utf-8", "replace") + b"\0" + upload.size.to_bytes(8, "little"))
        digest.update(upload.getbuffer())
    return digest.hexdigest()
