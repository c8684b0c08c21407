"""The faces of a collection in one ZIP file of ours, with what leads each of them back to its photo.

Beside the crops it holds ``faces.csv``, for people, and ``faces.json``: where the photos are, and which have no face.
"""

import contextlib
import csv
import io
import json
import os
import tempfile
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from imgcluster.errors import ArchiveError, StoreError, UnreadableImageError
from imgcluster.pictures.archives import read_member
from imgcluster.pictures.collection import ImageFile, SkippedImage

__all__ = ["TABLE", "Album", "AlbumWriter", "FaceOrigin", "photo_file", "photo_of", "read_album"]

TABLE, _NOTES = "faces.csv", "faces.json"
_FORMAT = 1
_PART = ".part"
_STALE_SECONDS = 86_400  # what is half written and older was left behind by a run that was killed
_COLUMNS = ("crop", "photo", "face", "x", "y", "width", "height", "confidence", "photo_width", "photo_height")


@dataclass(frozen=True, slots=True, kw_only=True)
class Album:
    """The faces that were found in a collection.

    Attributes
    ----------
    path : Path
        The ZIP file.
    n_photos, n_with_faces, n_faces : int
        Photos that were looked at, those of them with a face, and faces.
    without : tuple of str
        The shown paths of the photos in which no face was found.
    skipped : tuple of SkippedImage
        Photos that could not be looked at, with the reasons; not among ``n_photos``.
    """

    path: Path
    n_photos: int
    n_with_faces: int
    n_faces: int
    without: tuple[str, ...]
    skipped: tuple[SkippedImage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceOrigin:
    """Where in which photo a face is.

    Attributes
    ----------
    photo : str
        Its shown path in the collection that it belongs to.
    number : int
        1 is the photo's first face from the left.
    x, y, width, height : int
        The box, in pixels of the photo, the way up that it is shown.
    confidence : float
        In [0, 1].
    photo_width, photo_height : int
        Pixels of the photo.
    """

    photo: str
    number: int
    x: int
    y: int
    width: int
    height: int
    confidence: float
    photo_width: int
    photo_height: int


@dataclass(slots=True)
class _Notes:
    rows: list[tuple[object, ...]] = field(default_factory=list)
    photos: dict[str, dict[str, object]] = field(default_factory=dict)
    without: list[str] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)


class AlbumWriter:
    """Writes the ZIP file aside; it is put in place whole when the ``with`` block ends well, and removed otherwise.

    Parameters
    ----------
    path : Path
        Where the ZIP file will be; its directory is made when it is missing.

    Raises
    ------
    StoreError
        From any method, when it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._notes = path, _Notes()

    def __enter__(self) -> "AlbumWriter":
        with self._errors():
            self._path.parent.mkdir(parents=True, exist_ok=True)
            for left in self._path.parent.glob(f"*{_PART}"):
                if left.stat().st_mtime < time.time() - _STALE_SECONDS:
                    left.unlink(missing_ok=True)
            handle, name = tempfile.mkstemp(dir=self._path.parent, prefix="faces-", suffix=_PART)
            self._temporary = Path(name)
            self._file = os.fdopen(handle, "w+b")
            self._archive = zipfile.ZipFile(self._file, "w", zipfile.ZIP_STORED)  # crops are packed already
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            with self._file, self._errors():
                if kind is None:
                    self._write(TABLE, self._table())
                    self._write(_NOTES, json.dumps(self._as_dict()).encode())
                self._archive.close()
            if kind is None:
                with self._errors():
                    self._temporary.replace(self._path)
        finally:
            with contextlib.suppress(OSError):
                self._temporary.unlink()

    def add_face(self, name: str, crop: bytes, *, photo: ImageFile, origin: FaceOrigin) -> None:
        """Add a crop under a name, and where it is from."""
        with self._errors():
            self._write(name, crop)
        box = (origin.x, origin.y, origin.width, origin.height)
        size = (origin.photo_width, origin.photo_height)
        self._notes.rows.append((name, origin.photo, origin.number, *box, f"{origin.confidence:.4f}", *size))
        self._notes.photos[origin.photo] = {
            "source": str(photo.source.absolute()),
            "member": photo.member,
            "size": photo.size,
            "mtime_ns": photo.mtime_ns,
        }

    def add_photo_without(self, photo: ImageFile) -> None:
        """Note a photo in which no face was found."""
        self._notes.without.append(photo.path)

    def add_skipped(self, photo: ImageFile, reason: str) -> None:
        """Note a photo that could not be looked at."""
        self._notes.skipped.append((photo.path, reason))

    def _write(self, name: str, data: bytes) -> None:
        self._archive.writestr(zipfile.ZipInfo(name), data)  # without a date: the same faces, the same file

    def _table(self) -> bytes:
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        writer.writerow(_COLUMNS)
        writer.writerows(self._notes.rows)
        return text.getvalue().encode()

    def _as_dict(self) -> dict[str, object]:
        return {
            "format": _FORMAT,
            "n_faces": len(self._notes.rows),
            "photos": self._notes.photos,
            "without": self._notes.without,
            "skipped": self._notes.skipped,
        }

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StoreError(
                f"The faces cannot be kept in {self._path.parent}: {error.strerror or error}.",
                hint="Free some space there, and check that you may write to it.",
            ) from error


def read_album(path: Path) -> Album:
    """Return what is in a ZIP file that `AlbumWriter` made.

    Raises
    ------
    ArchiveError
        It is not there, damaged, or of another kind.
    """
    notes = _read_notes(path)
    try:
        return Album(
            path=path,
            n_photos=len(notes["photos"]) + len(notes["without"]),
            n_with_faces=len(notes["photos"]),
            n_faces=int(notes["n_faces"]),
            without=tuple(map(str, notes["without"])),
            skipped=tuple(SkippedImage(path=str(name), reason=str(reason)) for name, reason in notes["skipped"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged(path) from error


def photo_of(place: Path, crop: str) -> FaceOrigin | None:
    """Return from which photo a face is, and where in it; None where the table does not name the face.

    Parameters
    ----------
    place : Path
        The ZIP file, or a folder with the same content.
    crop : str
        The crop's path in it.

    Raises
    ------
    ArchiveError
        There is no table, or it is damaged.
    """
    try:
        for row in csv.DictReader(io.StringIO(_read(place, TABLE).decode(), newline="")):
            if row["crop"] == crop:
                return FaceOrigin(
                    photo=row["photo"],
                    number=int(row["face"]),
                    confidence=float(row["confidence"]),
                    **{name: int(row[name]) for name in ("x", "y", "width", "height", "photo_width", "photo_height")},
                )
    except (KeyError, TypeError, ValueError, csv.Error) as error:
        raise _damaged(place) from error
    return None


def photo_file(path: Path, photo: str) -> ImageFile | None:
    """Return where a photo lay when its faces were found, None where the ZIP file does not say so.

    Only for a ZIP file that this program made: another could name any file of this computer.

    Raises
    ------
    ArchiveError
        The ZIP file is not there, or damaged.
    """
    try:
        entry = _read_notes(path)["photos"].get(photo)
        if entry is None:
            return None
        return ImageFile(
            path=photo,
            source=Path(entry["source"]),
            member=entry["member"],
            size=int(entry["size"]),
            mtime_ns=int(entry["mtime_ns"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _damaged(path) from error


def _read_notes(path: Path) -> dict:
    try:
        notes = json.loads(_read(path, _NOTES))
    except ValueError as error:
        raise _damaged(path) from error
    if not isinstance(notes, dict) or notes.get("format") != _FORMAT:
        raise _damaged(path)
    return notes


def _read(place: Path, name: str) -> bytes:
    try:
        return (place / name).read_bytes() if place.is_dir() else read_member(place, name)
    except (OSError, UnreadableImageError, ArchiveError) as error:
        raise _damaged(place) from error


def _damaged(place: Path) -> ArchiveError:
    return ArchiveError(
        f"What is known of the faces in {place.name} is not there, or damaged.", hint="Find the faces once more."
    )
