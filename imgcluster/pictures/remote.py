"""Pictures that lie elsewhere, at an address of fsspec's such as ``s3://bucket/photos``: listed, read, never written.

What tells cheaply whether a file changed is its size, the time of its last change and, where there is one, its ETag.
A listing of a web server says none of that: its files are read anew each time.
"""

import hashlib
import re
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from imgcluster.errors import FolderError, ParameterError
from imgcluster.pictures.archives import is_hidden
from imgcluster.pictures.collection import ImageFile, SkippedImage, Url
from imgcluster.pictures.formats import UNSUPPORTED, picture_suffixes

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

__all__ = ["address_name", "is_address", "read_address", "read_whole", "remote_files"]

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)  # of two letters at least: "C:" is a disk
_TIMES = ("mtime", "LastModified", "last_modified", "updated", "created")  # what the packages call it
_TAGS = ("ETag", "etag", "content_md5", "md5Hash")
_SECOND = 1_000_000_000
_WEB = ("http", "https")
_AZURE = ("abfs", "abfss", "az", "wasb", "wasbs")  # container@account is no user's name there
_NO_CHAIN = "\ue03a\ue03a"  # stands for "::" in a name, where fsspec would see two addresses: of Unicode's private use


def is_address(place: object) -> bool:
    """Whether a text is an address such as s3://bucket/photos; a Path never is one."""
    return isinstance(place, str) and _ADDRESS.match(place) is not None


def address_name(url: str) -> str:
    """Return the last part of an address, for the screen."""
    return PurePosixPath(url.partition("://")[2]).name or url


def remote_files(url: str) -> Iterator[ImageFile | SkippedImage]:
    """Find the pictures below an address; only what the listing says is looked at.

    Parameters
    ----------
    url : str
        A folder or the beginning of the keys of a bucket: "s3://bucket/photos", "gs://...", "memory://...".

    Yields
    ------
    ImageFile or SkippedImage
        Shown paths begin below the address.

    Raises
    ------
    FolderError
        A package is missing, nothing is there, or it may not be listed.
    ParameterError
        The address holds a password or a key, or is of a kind that is not read.
    """
    _check_address(url)
    files, root = _file_system(url)
    try:
        files.invalidate_cache(root)  # of a listing that this process made before
        found = files.find(root, detail=True)
        exists = bool(found) or files.isdir(root)
    except Exception as error:  # each package has errors of its own
        raise FolderError(
            f"{url} cannot be listed: {_reason(error)}.", hint="Check the address, and that you may read what is there."
        ) from error
    if not exists:
        raise FolderError(f"There is nothing at {url}.", hint="Check the spelling.")
    if list(found) == [root]:
        raise FolderError(f"{url} is a file, not a folder.", hint="Give the address of the folder that it is in.")
    beginning = root.rstrip("/") + "/"
    for path, status in found.items():
        shown = path.removeprefix(beginning).lstrip("/")
        if _is_of_interest(shown):
            address = f"{url.rstrip('/')}/{shown}" if files.storage_options else files.unstrip_protocol(path)
            # fsspec takes some characters for more than a name, and would read another file there, or none.
            is_found = _file_system(address) == (files, path)
            yield _candidate(shown, Url(address) if is_found else None, status)


def _check_address(url: str) -> None:
    """Raise `ParameterError` where an address must not be kept or cannot be read, without repeating it."""
    protocol, _, rest = url.partition("://")
    protocol, query = protocol.lower(), rest.partition("?")[2]
    user, at, _ = rest.partition("/")[0].rpartition("@")
    if at and (":" in user or protocol not in _AZURE):
        raise ParameterError(
            "The address holds a user's name or a password, which would be kept with the pictures' names.",
            hint="Leave it out: fsspec's packages read it from their own files and variables of the environment.",
        )
    if query and ("=" in query or protocol in _WEB):
        raise ParameterError(
            'What follows the "?" of the address may be a key, which would be kept with the pictures\' names.',
            hint="Leave it out: fsspec's packages read keys from their own files and variables of the environment.",
        )
    if "::" in url:
        raise ParameterError(
            'The address holds "::", which joins several addresses to one.', hint="Give the address of one folder."
        )
    if protocol == "ftp":
        raise ParameterError(
            "Pictures at ftp:// addresses are not read: fsspec would log in anew for each of them.",
            hint="Copy the folder to a disk first, or give its sftp:// address.",
        )


def read_address(url: str, *, max_bytes: int | None = None) -> bytes:
    """Return the content of a file at an address, or no more than its beginning; thread-safe.

    Raises
    ------
    OSError
        In fsspec's words.
    """
    files, path = _file_system(url)
    try:
        if max_bytes is not None and url.partition("://")[0].lower() in _WEB:
            return _beginning_of_stream(files, path, max_bytes)
        return files.cat_file(path, end=max_bytes)
    except (OSError, MemoryError):
        raise
    except Exception as error:  # each package has errors of its own
        raise OSError(0, _reason(error)) from error


def read_whole(url: str, *, size: int, limit: int) -> bytes:
    """Return the content of a file at an address, of a longer one than ``limit`` its first ``limit`` + 1 bytes.

    Parameters
    ----------
    url : str
    size : int
        Bytes, by the listing; 0 where it did not say so. It may have grown since.
    limit : int
        Bytes.

    Raises
    ------
    OSError
        As `read_address`.
    """
    if size:  # some file systems take memory for all that is asked for: mostly this is enough
        data = read_address(url, max_bytes=size + 1)
        if len(data) <= size:
            return data
    return read_address(url, max_bytes=limit + 1)


def _beginning_of_stream(files: "AbstractFileSystem", path: str, max_bytes: int) -> bytes:
    """Read what a web server sends until it is enough: many send the whole, whatever part of it is asked for."""
    pieces, n_left = [], max_bytes
    with files.open(path, "rb", block_size=0, size=1) as stream:  # which size is all the same: it is not asked for then
        while n_left > 0 and (piece := stream.read(n_left)):
            pieces.append(piece)
            n_left -= len(piece)
    return b"".join(pieces)


def _file_system(url: str) -> "tuple[AbstractFileSystem, str]":
    """Return what reads an address, and what it calls it; fsspec keeps one object for each kind of place and thread.

    A "::" in the address is a part of a name, and never the joint of two addresses.
    """
    protocol = url.partition("://")[0].lower()
    try:
        import fsspec
    except ImportError as error:
        raise FolderError(
            f"Reading {protocol}:// addresses needs the package fsspec.", hint="pip install -r requirements-cluster.txt"
        ) from error
    try:
        files, path = fsspec.url_to_fs(url.replace("::", _NO_CHAIN))
        return files, path.replace(_NO_CHAIN, "::")
    except ImportError as error:
        raise FolderError(
            f"Reading {protocol}:// addresses needs one more package.", hint=f"{_reason(error)}."
        ) from error
    except ValueError as error:
        raise FolderError(
            f"Nothing is known of addresses that begin with {protocol}://.",
            hint="s3://, gs://, abfs://, sftp:// and file:// are such that are.",
        ) from error


def _is_of_interest(shown: str) -> bool:
    """Whether a file looks like a picture by its name."""
    suffix = PurePosixPath(shown).suffix.lower()
    return suffix in picture_suffixes() | UNSUPPORTED.keys() and not any(map(is_hidden, shown.split("/")))


def _candidate(shown: str, url: Url | None, status: Mapping[str, Any]) -> ImageFile | SkippedImage:
    """Judge one file by its name and what the listing says."""
    suffix, size, state = PurePosixPath(shown).suffix.lower(), status.get("size"), _state(status)
    shown = shown.encode("utf-8", "replace").decode()
    if suffix in UNSUPPORTED:
        return SkippedImage(path=shown, reason=UNSUPPORTED[suffix])
    if size == 0:
        return SkippedImage(path=shown, reason="the file is empty")
    if url is None:
        return SkippedImage(path=shown, reason="its name has a meaning of its own in addresses")
    if size is None and state == 0:
        state = time.time_ns()  # nothing tells a change: no other listing finds it known
    return ImageFile(path=shown, source=url, size=int(size or 0), mtime_ns=state)


def _state(status: Mapping[str, Any]) -> int:
    """Return the time of the last change in nanoseconds; an ETag takes the place of the parts of a second.

    Buckets tell the time to the second only, in which a file may be written twice.
    """
    nanoseconds = _nanoseconds(next((status[name] for name in _TIMES if status.get(name)), 0))
    tag = next((str(status[name]) for name in _TAGS if status.get(name)), "")
    if not tag:
        return nanoseconds
    digest = int.from_bytes(hashlib.blake2b(tag.encode(), digest_size=8).digest())
    return nanoseconds // _SECOND * _SECOND + digest % _SECOND


def _nanoseconds(time: object) -> int:
    if isinstance(time, str):
        try:
            time = datetime.fromisoformat(time)
        except ValueError:
            return 0
    if isinstance(time, datetime):
        time = (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
    return int(time * _SECOND) if isinstance(time, int | float) else 0


def _reason(error: Exception) -> str:
    """Return the first line of an error in words, without its full stop."""
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return text.splitlines()[0].rstrip(".")
