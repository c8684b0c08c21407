"""The pictures in folders by group as one ZIP file, made piece by piece: it never is in memory as a whole."""

import contextlib
import io
import itertools
import os
import secrets
import threading
import time
import zipfile
from collections.abc import Callable, Generator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from imgcluster.errors import Cancelled, FolderError, UnreadableImageError
from imgcluster.keeping.exporting.placing import put_in_place
from imgcluster.keeping.exporting.plan import ExportPlan, PlannedFile
from imgcluster.keeping.exporting.reading import image_blocks
from imgcluster.keeping.exporting.target import check_not_empty, check_outside, check_space
from imgcluster.pictures.collection import SkippedImage
from imgcluster.pictures.destination import folder_errors
from imgcluster.progress import Progress, ProgressCallback

__all__ = ["zip_chunks", "zip_export"]

_FIRST_DATE, _LAST_DATE = (1980, 1, 1, 0, 0, 0), (2107, 12, 31, 23, 59, 58)  # that a ZIP file can hold
_OVERHEAD = 512  # bytes for each file at most, names of usual lengths
_SKIPPED_LIST = "skipped.txt"


def zip_export(
    plan: ExportPlan,
    target: Path | BinaryIO,
    *,
    progress: ProgressCallback | None = None,
    cancel: threading.Event | None = None,
) -> tuple[SkippedImage, ...]:
    """Write the pictures of a plan into a ZIP file, in its folders and under its names.

    The same pictures and plan give the same ZIP file to the last byte.

    Parameters
    ----------
    plan : ExportPlan
        Its ``how`` plays no part.
    target : Path or file object
        A file that is not there yet, and gets its name when it is whole; or anything that bytes can be written to,
        also where nobody can go back, such as a pipe.
    progress : callable, optional
        Called after every picture.
    cancel : threading.Event, optional

    Returns
    -------
    tuple of SkippedImage
        Pictures that could not be read; "skipped.txt" in the ZIP file lists them as well.

    Raises
    ------
    NoImagesError
        There is nothing to write.
    ParameterError
        It would lie in the folder of the pictures.
    FolderError
        There is something of that name, it cannot be written there, or the space does not suffice.
    UnreadableImageError
        A picture could be read in part only; a ZIP file that was begun is not whole, and a path has none then.
    Cancelled
        ``cancel`` was set; a path has no ZIP file then.
    """
    chunks = zip_chunks(plan, progress=progress, cancel=cancel)
    if not isinstance(target, Path):
        return _write(chunks, target.write)
    with folder_errors(target, "The pictures"):
        if os.path.lexists(target):
            raise _taken(target)
        check_outside(plan, target.parent)
        check_space(plan.n_bytes + _OVERHEAD * plan.n_files, target.parent, n_files=plan.n_files)
        part = target.with_name(f".imgcluster-{os.getpid()}-{secrets.token_hex(4)}.part")
        try:
            with part.open("xb") as file:
                skipped = _write(chunks, file.write)
                file.flush()
                os.fsync(file.fileno())
            put_in_place(part, target)
        except FileExistsError as error:
            raise _taken(target) from error
        finally:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
    return skipped


def zip_chunks(
    plan: ExportPlan, *, progress: ProgressCallback | None = None, cancel: threading.Event | None = None
) -> Generator[bytes, None, tuple[SkippedImage, ...]]:
    """Yield the ZIP file of `zip_export` in pieces of about 1 MiB; what it could not read is its return value.

    Raises
    ------
    NoImagesError, UnreadableImageError, Cancelled
        See `zip_export`.
    """
    check_not_empty(plan)
    begun, sink, skipped = time.monotonic(), _Sink(), list(plan.skipped)
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        for done, file in enumerate(plan.files, start=1):
            blocks = image_blocks(file.image)
            try:
                first = next(blocks, b"")
            except UnreadableImageError as error:  # before anything of it is in the ZIP file
                skipped.append(SkippedImage(path=file.image.path, reason=str(error)))
                continue
            # Any file may have grown meanwhile, beyond what the usual fields hold.
            with archive.open(_entry(file), "w", force_zip64=True) as member:
                for block in itertools.chain([first], _all_of(file, blocks)):
                    _stop_if_cancelled(cancel)
                    member.write(block)
                    yield sink.take()
            if progress is not None:
                seconds = time.monotonic() - begun
                progress(
                    Progress(
                        stage="Packing the pictures",
                        done=done,
                        total=plan.n_files,
                        current=file.image.path,
                        seconds=seconds,
                    )
                )
        if skipped:
            lines = "".join(f"{image.path}: {image.reason}\n" for image in skipped)
            archive.writestr(_information(_SKIPPED_LIST, _FIRST_DATE), lines.encode())
    yield sink.take()
    return tuple(skipped)


class _Sink(io.RawIOBase):
    """Takes what `zipfile` writes, until it is fetched; nobody can go back in it."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:
        self._pieces.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        data = b"".join(self._pieces)
        self._pieces.clear()
        return data


def _write(
    chunks: Generator[bytes, None, tuple[SkippedImage, ...]], write: Callable[[bytes], object]
) -> tuple[SkippedImage, ...]:
    while True:
        try:
            write(next(chunks))
        except StopIteration as end:
            return end.value


def _entry(file: PlannedFile) -> zipfile.ZipInfo:
    seconds = file.image.mtime_ns // 10**9
    # Without a time zone, or the same pictures would make another file elsewhere.
    date = datetime.fromtimestamp(min(max(seconds, 0), 2**32), UTC).timetuple()[:6]
    return _information(file.path, min(max(date, _FIRST_DATE), _LAST_DATE))


def _information(name: str, date: tuple[int, ...]) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, date)
    entry.create_system = 3  # as on every system but Windows, or it would be another file there
    entry.external_attr = 0o644 << 16
    return entry


def _all_of(file: PlannedFile, blocks: Generator[bytes, None, None]) -> Generator[bytes, None, None]:
    try:
        yield from blocks
    except UnreadableImageError as error:
        raise UnreadableImageError(
            f"{file.image.path} can be read in part only: {error}; the ZIP file is not whole.",
            hint="Check that the disk with the pictures is connected, then start once more.",
        ) from error


def _stop_if_cancelled(cancel: threading.Event | None) -> None:
    if cancel is not None and cancel.is_set():
        raise Cancelled("Stopped. There is no ZIP file.", hint="Start the export once more to have it.")


def _taken(target: Path) -> FolderError:
    return FolderError(f"There is {target} already, and nothing is ever overwritten.", hint="Choose another name.")
