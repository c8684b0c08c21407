"""Copies of pictures in a folder that the user named; the pictures themselves are only ever read."""

import contextlib
import shutil
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from os import utime
from pathlib import Path

from imgcluster.errors import FolderError, UnreadableImageError
from imgcluster.pictures.collection import ImageFile, SkippedImage
from imgcluster.pictures.destination import written_whole
from imgcluster.pictures.names import UniqueNames
from imgcluster.pictures.opening import read_bytes
from imgcluster.progress import Progress, ProgressCallback, raise_if_cancelled

__all__ = ["CopiedImages", "copy_images"]

_STAGE = "Copying the pictures"


@dataclass(frozen=True, slots=True, kw_only=True)
class CopiedImages:
    """What was copied to a folder.

    Attributes
    ----------
    names : tuple of (str or None)
        Where each image lies now, relative to the folder, with "/"; None where it could not be read.
    skipped : tuple of SkippedImage
        Those that could not be read, under their paths in the collection, with the reasons.
    """

    names: tuple[str | None, ...]
    skipped: tuple[SkippedImage, ...]

    @property
    def n_copied(self) -> int:
        """How many files were written."""
        return len(self.names) - len(self.skipped)


def copy_images(
    images: Sequence[tuple[ImageFile, str]],
    out: Path,
    *,
    progress: ProgressCallback | None = None,
    cancel: threading.Event | None = None,
) -> CopiedImages:
    """Copy images to a folder, byte for byte and with the dates of their files.

    They are written aside, within the folder, and put in place when all are there: never over a file.

    Parameters
    ----------
    images : sequence of (ImageFile, str)
        Each image, on the disk or in a ZIP file, and the relative path, with "/", that its copy should have. What some
        system does not take in a name becomes "_", and of names that are alike, capitals aside, the later ones are
        numbered: "name (2).jpg". No path leads out of the folder.
    out : Path
        A folder that `~imgcluster.pictures.destination.check_destination` found good.
    progress : callable, optional
        Called after every image.
    cancel : threading.Event, optional

    Returns
    -------
    CopiedImages

    Raises
    ------
    FolderError
        It is in use, cannot be written to, or its disk has too little space.
    Cancelled
        ``cancel`` was set; nothing is left in the folder.
    """
    begun = time.monotonic()
    unique = UniqueNames(name for _, name in images)
    names: list[str | None] = []
    skipped: list[SkippedImage] = []
    with written_whole(out, what="The pictures") as aside:
        _check_space(images, aside, out=out)
        for image, wanted in images:
            raise_if_cancelled(cancel)
            try:
                data = read_bytes(image)
            except UnreadableImageError as error:
                names.append(None)
                skipped.append(SkippedImage(path=image.path, reason=str(error)))
            else:
                names.append(unique.name(wanted))
                _write(aside / names[-1], data, mtime_ns=image.mtime_ns)
            if progress is not None:
                seconds = time.monotonic() - begun
                progress(
                    Progress(stage=_STAGE, done=len(names), total=len(images), current=image.path, seconds=seconds)
                )
        raise_if_cancelled(cancel)
    return CopiedImages(names=tuple(names), skipped=tuple(skipped))


def _check_space(images: Sequence[tuple[ImageFile, str]], aside: Path, *, out: Path) -> None:
    needed, free = sum(image.size for image, _ in images), shutil.disk_usage(aside).free
    if needed > free:
        raise FolderError(
            f"The {len(images):,} pictures take {_megabytes(needed)}, and {_megabytes(free)} are free where {out} is.",
            hint="Free some space there, or choose a folder on another disk.",
        )


def _write(path: Path, data: bytes, *, mtime_ns: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    with contextlib.suppress(OSError):  # some disks keep no dates of others
        utime(path, ns=(mtime_ns, mtime_ns))


def _megabytes(n_bytes: int) -> str:
    return f"{n_bytes / 1e6:,.1f} MB"
