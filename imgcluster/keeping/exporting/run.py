"""Carry out a plan: pictures into folders by group."""

import contextlib
import hashlib
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from stat import S_ISDIR

from imgcluster.errors import Cancelled, FolderError, ProjectError, UnreadableImageError
from imgcluster.keeping.exporting.journal import Journal
from imgcluster.keeping.exporting.manifest import Manifest, WrittenFile
from imgcluster.keeping.exporting.placing import numbered, put_in_place
from imgcluster.keeping.exporting.plan import ExportPlan, PlannedFile
from imgcluster.keeping.exporting.reading import image_blocks
from imgcluster.keeping.exporting.target import FolderIdentity, check_outside, check_target
from imgcluster.keeping.exporting.undo import take_back
from imgcluster.pictures.collection import ImageFile, SkippedImage
from imgcluster.pictures.destination import folder_errors
from imgcluster.pictures.finding import leads_elsewhere
from imgcluster.pictures.opening import file_problem
from imgcluster.progress import Progress, ProgressCallback

__all__ = ["run_export"]


def run_export(
    plan: ExportPlan,
    out: Path,
    *,
    progress: ProgressCallback | None = None,
    cancel: threading.Event | None = None,
) -> Manifest:
    """Copy or link pictures into folders: never among the pictures themselves, never over a file.

    Several exports into one folder may run at once.

    Where the name of a file is taken it gets a number, "name (2).jpg", and so does a folder where its name belongs to
    a file, to a link or to a folder of the pictures. Copies keep the dates of their files. Files get their names when
    they are whole and on the disk, and a list of them, `imgcluster-manifest.json`, is kept beside the folders:
    `~imgcluster.keeping.exporting.undo.undo_export` takes back what is on it, also after kill -9.

    Parameters
    ----------
    plan : ExportPlan
    out : Path
        A folder; it is made when it is missing, and need not be empty.
    progress : callable, optional
        Called after every picture.
    cancel : threading.Event, optional

    Returns
    -------
    Manifest
        Also tells which pictures could not be read; the others are all there.

    Raises
    ------
    NoImagesError, ParameterError
        See `~imgcluster.keeping.exporting.target.check_target`.
    FolderError
        It cannot be written to, takes no such links, or its disk has too little space. What this export had written
        was removed again.
    Cancelled
        ``cancel`` was set. What this export had written was removed again.
    """
    check_target(plan, out)
    with folder_errors(out, "The pictures"):
        out = out.resolve()
        missing = [folder for folder in (out, *out.parents) if not folder.exists()]
        out.mkdir(parents=True, exist_ok=True)
        try:
            return _write_all(plan, out, progress=progress, cancel=cancel)
        except BaseException:
            with contextlib.suppress(OSError):
                for folder in missing:
                    folder.rmdir()
            raise


def _write_all(
    plan: ExportPlan, out: Path, *, progress: ProgressCallback | None, cancel: threading.Event | None
) -> Manifest:
    begun = time.monotonic()
    manifest = Manifest(
        id=secrets.token_hex(8),
        name=plan.name,
        scheme=plan.scheme,
        how=plan.how,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    journal = Journal(out, manifest)
    try:
        write = {"copy": _copy, "hardlink": _link, "symlink": _link_symbolically}[plan.how]
        place = _Placer(out, journal, own=check_outside(plan, out), cancel=cancel)
        stage = "Copying the pictures" if plan.how == "copy" else "Linking the pictures"
        for image in plan.skipped:
            journal.skip(image)
        for done, file in enumerate(plan.files, start=1):
            place.stop_if_cancelled()
            try:
                write(file, place)
            except UnreadableImageError as error:
                journal.skip(SkippedImage(path=file.image.path, reason=str(error)))
            if progress is not None:
                seconds = time.monotonic() - begun
                report = Progress(stage=stage, done=done, total=plan.n_files, current=file.image.path, seconds=seconds)
                progress(report)
        place.stop_if_cancelled()
        return journal.finish()
    except BaseException:
        journal.close()
        with contextlib.suppress(OSError, ProjectError):  # the journal stays then, and the undo can be repeated
            take_back(out, journal.path)
        raise


class _Placer:
    """Gives files and folders names that are free, and notes them before."""

    def __init__(
        self, out: Path, journal: Journal, *, own: frozenset[FolderIdentity], cancel: threading.Event | None
    ) -> None:
        self.out, self.journal = out, journal
        self._own, self._cancel = own, cancel
        self._folders: dict[PurePosixPath, PurePosixPath] = {}

    def stop_if_cancelled(self) -> None:
        if self._cancel is not None and self._cancel.is_set():
            raise Cancelled(
                "Stopped. What had been written was removed again: the folder is as it was.",
                hint="Start the export once more to have all of it.",
            )

    def place(self, file: PlannedFile, create: Callable[[Path], object], **known: str | int) -> None:
        """Call ``create`` with the first free path for a file; ``known`` is what it will be recognized by."""
        wanted = PurePosixPath(file.path)
        for path in numbered(self._folder(wanted.parent) / wanted.name):
            target = self.out / path
            if os.path.lexists(target):
                continue
            written = WrittenFile(path=str(path), image=file.image.path, group=file.group, **known)
            self.journal.will_write(written)
            try:
                create(target)
            except FileExistsError:
                self.journal.not_written()
            except FileNotFoundError:
                self.journal.not_written()
                if target.parent == self.out or os.path.lexists(target.parent):
                    raise
                self._folders.clear()  # another export had made the folder, and has just taken itself back
                self.place(file, create, **known)
                return
            else:
                return

    def _folder(self, wanted: PurePosixPath) -> PurePosixPath:
        """Return the folder that stands for a planned one, and make it where it is missing."""
        if not wanted.parts:
            return wanted
        if wanted not in self._folders:
            paths = numbered(self._folder(wanted.parent) / wanted.name, is_folder=True)
            self._folders[wanted] = next(path for path in paths if self._enter(path))
        return self._folders[wanted]

    def _enter(self, path: PurePosixPath) -> bool:
        """Whether files may be written to a folder, which is made where it is missing."""
        folder = self.out / path
        if not os.path.lexists(folder):
            self.journal.will_make(str(path))
            try:
                folder.mkdir()
            except FileExistsError:
                self.journal.not_made()
        status = folder.lstat()  # a link is not followed: it may lead to the pictures
        is_own = (status.st_dev, status.st_ino) in self._own
        return S_ISDIR(status.st_mode) and not leads_elsewhere(status) and not is_own


def _copy(file: PlannedFile, place: _Placer) -> None:
    digest, size, part = hashlib.blake2b(digest_size=16), 0, place.journal.next_part
    try:
        with part.open("xb") as opened:
            for block in image_blocks(file.image):
                place.stop_if_cancelled()
                digest.update(block)
                size += opened.write(block)
            opened.flush()
            os.fsync(opened.fileno())
        with contextlib.suppress(OSError):  # some disks refuse some dates
            os.utime(part, ns=(file.image.mtime_ns, file.image.mtime_ns))
        place.place(file, lambda target: put_in_place(part, target), size=size, digest=digest.hexdigest())
    finally:
        part.unlink(missing_ok=True)


def _link(file: PlannedFile, place: _Placer) -> None:
    source, status = _source(file.image)

    def create(target: Path) -> None:
        with _link_errors("hard links", target, hint="Choose to copy; hard links work within one disk only."):
            target.hardlink_to(source)

    known = {"size": status.st_size, "mtime_ns": status.st_mtime_ns, "inode": status.st_ino}
    place.place(file, create, **known)


def _link_symbolically(file: PlannedFile, place: _Placer) -> None:
    source, _ = _source(file.image)

    def create(target: Path) -> None:
        hint = "Choose to copy; on Windows, symbolic links need its developer mode or an administrator."
        with _link_errors("symbolic links", target, hint=hint):
            target.symlink_to(source)

    place.place(file, create, link=str(source))


def _source(image: ImageFile) -> tuple[Path, os.stat_result]:
    """Return the file itself, also where the picture is a link to it, and its status."""
    try:
        source = image.source.resolve(strict=True)
        return source, source.stat()
    except OSError as error:
        raise UnreadableImageError(file_problem(error)) from error


@contextlib.contextmanager
def _link_errors(what: str, target: Path, *, hint: str) -> Iterator[None]:
    try:
        yield
    except FileExistsError:
        raise
    except OSError as error:
        raise FolderError(
            f"There can be no {what} to the pictures in {target.parent}: {error.strerror or error}.", hint=hint
        ) from error
