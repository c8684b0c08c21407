"""Take back what an export wrote: that alone, and only what is still as it was written."""

import contextlib
import hashlib
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from stat import S_ISDIR, S_ISLNK, S_ISREG

from imgcluster.errors import FolderError, ProjectError
from imgcluster.keeping.exporting.holding import hold
from imgcluster.keeping.exporting.manifest import Manifest, WrittenFile, find_manifests, read_manifest
from imgcluster.keeping.exporting.reading import file_blocks
from imgcluster.pictures.collection import SkippedImage
from imgcluster.pictures.finding import leads_elsewhere
from imgcluster.progress import Progress, ProgressCallback, raise_if_cancelled

__all__ = ["TakenBack", "take_back", "undo_export"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenBack:
    """What became of the files that an export wrote.

    Attributes
    ----------
    n_removed : int
        Files that were removed.
    n_gone : int
        Files that were not there any more.
    kept : tuple of SkippedImage
        Files that were left, relative to the folder, with the reasons.
    """

    n_removed: int
    n_gone: int
    kept: tuple[SkippedImage, ...]


def undo_export(
    out: Path,
    *,
    progress: ProgressCallback | None = None,
    cancel: threading.Event | None = None,
) -> TakenBack:
    """Remove what the latest export into a folder wrote.

    A copy is removed when it has the size and the content that it was written with, a symbolic link when it leads
    where it led, a hard link when it is the same file, unchanged, and not the last name of it. Of the folders, those
    go that the export made and that are empty then; the folder itself stays.

    Parameters
    ----------
    out : Path
        The folder that was exported to. Its manifests may come from anybody: nothing outside of it is touched.
    progress : callable, optional
        Called after every file.
    cancel : threading.Event, optional

    Returns
    -------
    TakenBack

    Raises
    ------
    FolderError
        There is no such folder, no export in it, the export is still running, or the system would not let a file be
        removed: the undo can be repeated then.
    ProjectError
        A manifest is damaged or made to do harm; nothing was removed.
    Cancelled
        ``cancel`` was set; the undo can be repeated.
    """
    try:
        out = out.resolve(strict=True)
        found = list(find_manifests(out))
        if not found:
            raise FolderError(f"There is no export in {out}.", hint="Choose the folder that was exported to.")
        return take_back(out, found[0][1], progress=progress, cancel=cancel)
    except (FolderError, ProjectError):
        raise
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise FolderError(
            f"The export in {out} cannot be taken back: {getattr(error, 'strerror', None) or error}.",
            hint="Choose the folder that was exported to; it must be one that you may write to.",
        ) from error


def take_back(
    out: Path, path: Path, *, progress: ProgressCallback | None = None, cancel: threading.Event | None = None
) -> TakenBack:
    """Take one export back, and remove its manifest or journal in the end.

    Parameters
    ----------
    out : Path
        The folder that was exported to, its links followed.
    path : Path
        The manifest or journal.
    progress, cancel
        See `undo_export`.

    Raises
    ------
    FolderError, ProjectError, Cancelled
        See `undo_export`.
    OSError
        A file could not be removed; the manifest stays.
    """
    with _alone(out, path):
        manifest = _checked(out, path)
        outcome = _remove(out, manifest, progress, cancel)
    path.unlink(missing_ok=True)  # not before: Windows removes no file that is open
    if not manifest.is_finished and _is_manifest_of(manifest, whole := path.with_suffix(".json")):
        whole.unlink(missing_ok=True)
    return outcome


@contextlib.contextmanager
def _alone(out: Path, path: Path) -> Iterator[None]:
    """Let nobody else have a journal meanwhile, and raise where the export that writes it is still running."""
    if path.suffix != ".part" or not _is_real(path):
        yield
        return
    with path.open("r+b") as journal:
        if not hold(journal.fileno()):
            raise FolderError(
                f"An export into {out} is still running.", hint="Wait until it is done, or stop it, then undo it."
            )
        yield


def _is_manifest_of(journal: Manifest, path: Path) -> bool:
    """Whether an export that was broken off at its very end has left its manifest too, if only the name of it."""
    with contextlib.suppress(OSError, ProjectError):
        return _is_real(path) and (path.lstat().st_size == 0 or read_manifest(path).id == journal.id)
    return False


def _checked(out: Path, path: Path) -> Manifest:
    """Read a manifest, and raise where a link has taken the place of a folder: what is behind is not the export's."""
    manifest = read_manifest(path)
    folders = {PurePosixPath(folder) for folder in manifest.folders}
    for name in (*manifest.folders, *(file.path for file in manifest.files)):
        folders.update(PurePosixPath(name).parents)
    for folder in folders:
        try:
            status = (out / folder).lstat()
        except (FileNotFoundError, NotADirectoryError):
            continue
        if leads_elsewhere(status):
            raise ProjectError(
                f"Nothing was removed, because {out / folder} is a link now, and leads somewhere else.",
                hint="Remove the link, then undo the export once more.",
            )
    return manifest


def _remove(
    out: Path, manifest: Manifest, progress: ProgressCallback | None, cancel: threading.Event | None
) -> TakenBack:
    begun, n_removed, n_gone, kept = time.monotonic(), 0, 0, []
    files = manifest.files if manifest.is_finished else _named(out, manifest)
    for done, file in enumerate(files, start=1):
        raise_if_cancelled(cancel)
        place = out / file.path
        if not os.path.lexists(place):
            n_gone += 1
        elif (reason := _reason_to_keep(place, file, manifest)) is not None:
            kept.append(SkippedImage(path=file.path, reason=reason))
        else:
            place.unlink(missing_ok=True)
            n_removed += 1
        if progress is not None:
            seconds = time.monotonic() - begun
            progress(
                Progress(stage="Undoing the export", done=done, total=len(files), current=file.path, seconds=seconds)
            )
    for number in (len(manifest.files) - 1, len(manifest.files)):
        part = out / manifest.part_name(number)
        if _is_real(part):
            part.unlink(missing_ok=True)
    for folder in reversed(manifest.folders):
        with contextlib.suppress(OSError):  # it is not there, or not empty
            (out / folder).rmdir()
    return TakenBack(n_removed=n_removed, n_gone=n_gone, kept=tuple(kept))


def _named(out: Path, manifest: Manifest) -> tuple[WrittenFile, ...]:
    """Return the files of an export that was broken off, without the last one if it had not got its name yet."""
    if not manifest.files:
        return ()
    place, part = out / manifest.files[-1].path, out / manifest.part_name(len(manifest.files) - 1)
    if not _is_real(part):  # it was renamed, or there never was one, as for links
        return manifest.files
    if _is_real(place) and place.samefile(part):
        return manifest.files
    if _is_real(place) and place.stat().st_size == 0:  # the name was taken, and would have been filled
        place.unlink()
    return manifest.files[:-1]


def _is_real(path: Path) -> bool:
    return os.path.lexists(path) and S_ISREG(path.lstat().st_mode)


def _reason_to_keep(place: Path, file: WrittenFile, manifest: Manifest) -> str | None:
    status = place.lstat()
    if S_ISDIR(status.st_mode):
        return "it is a folder now"
    if manifest.how == "symlink":
        # Windows puts a prefix before it.
        is_same = S_ISLNK(status.st_mode) and str(place.readlink()).removeprefix("\\\\?\\") == file.link
        return None if is_same else "it leads somewhere else now, or is no link any more"
    changed = "it was changed since it was exported"
    if not S_ISREG(status.st_mode):
        return changed
    if manifest.how == "hardlink":
        if (status.st_size, status.st_mtime_ns, status.st_ino) != (file.size, file.mtime_ns, file.inode):
            return changed
        return None if status.st_nlink > 1 else "the picture is nowhere else any more"
    return None if status.st_size == file.size and _digest(place) == file.digest else changed


def _digest(path: Path) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for block in file_blocks(path):
        digest.update(block)
    return digest.hexdigest()
