"""What was worked out for each image, on disk: one SQLite file that survives crashes and is shared by processes.

Everything hangs on an image's content, never on its name: a renamed or copied file is known at once. A separate table
remembers which content a file had, by size and time of the last change, so that unchanged files are not read again.
"""

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from imgcluster.errors import StoreError
from imgcluster.features.blobs import stack_blobs, to_blob
from imgcluster.features.database import DAMAGED, UnusableFileError, open_database, result_code
from imgcluster.pictures.collection import ImageFile

__all__ = ["Store", "StoreEntry"]

T = TypeVar("T")

# Any other length is damage; see `to_blob`. Earlier versions knew the first alone, and work out the others anew.
_IS_WHOLE = "length(vector) IN (4 * n_features, n_features)"
_PROBLEMS = {
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_READONLY: "its folder may not be written to",
    sqlite3.SQLITE_PERM: "its folder may not be written to",
    sqlite3.SQLITE_CANTOPEN: "its folder may not be written to",
    sqlite3.SQLITE_BUSY: "another program keeps it locked",
    sqlite3.SQLITE_IOERR: "the disk reports an error",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreEntry:
    """What is known about one image.

    Attributes
    ----------
    hash : str
        Of the content.
    image : ImageFile or None
        The file that has this content; None when it was being changed while it was read.
    vector : ndarray of shape (n_features,), float32, or None
    thumbnail : bytes or None
        JPEG.
    reason : str or None
        Why this content cannot be decoded.
    loader : str or None
        What could not decode it: another version may.
    """

    hash: str
    image: ImageFile | None = None
    vector: np.ndarray | None = None
    thumbnail: bytes | None = None
    reason: str | None = None
    loader: str | None = None


class Store:
    """Features and thumbnails by content, for any number of threads and processes at once.

    Parameters
    ----------
    path : Path
        The SQLite file; made when it is missing. A file that is damaged or of another format is renamed, kept, and a
        new one begun: what it held can be worked out again.

    Attributes
    ----------
    path : Path
    notice : str or None
        A sentence for the screen when a file was set aside.

    Raises
    ------
    StoreError
        From every method, when the file cannot be read or written: no permission, disk full.
    """

    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        self.notice: str | None = None
        self._lock = threading.RLock()
        self._connection = self._open_or_replace()

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; the object cannot be used after that."""
        with self._lock:
            self._connection.close()

    def hashes(self, images: Sequence[ImageFile]) -> list[str | None]:
        """Return each file's content hash, None where the file is new or has changed since."""
        query = "SELECT hash FROM files WHERE source = ? AND member = ? AND size = ? AND mtime_ns = ?"
        return self._select_each(query, [(*_file_key(image), image.size, image.mtime_ns) for image in images])

    def missing(self, extractor_id: str, hashes: Sequence[str]) -> set[str]:
        """Return those hashes for which there is no vector of this extractor."""
        query = f"SELECT 1 FROM features WHERE extractor = ? AND hash = ? AND {_IS_WHOLE}"
        distinct = list(dict.fromkeys(hashes))
        found = self._select_each(query, [(extractor_id, key) for key in distinct])
        return {key for key, row in zip(distinct, found, strict=True) if row is None}

    def vectors(self, extractor_id: str, hashes: Sequence[str]) -> np.ndarray:
        """Return the vectors of these hashes, in their order, repeats included.

        Returns
        -------
        ndarray of shape (len(hashes), n_features), float32
            Above 256 MB a read-only memory-mapped one, in a file that vanishes with it; see `stack_blobs`.

        Raises
        ------
        StoreError
            There is no vector for one of them (see `missing`), or no room for such a file.
        """
        where = f"FROM features WHERE extractor = ? AND hash = ? AND {_IS_WHOLE}"
        keys = [(extractor_id, key) for key in hashes]

        def read() -> np.ndarray:
            with self._transaction("DEFERRED"):
                sizes = list(self._rows(f"SELECT n_features {where}", keys))
                if (n_missing := sizes.count(None)) > 0:
                    raise StoreError(
                        f"The store has no features of {n_missing} of {len(sizes)} pictures.",
                        hint="Start the work once more.",
                    )
                shape = (len(sizes), sizes[0] if sizes else 0)
                return stack_blobs(self._rows(f"SELECT vector {where}", keys), shape, directory=self.path.parent)

        try:
            return self._guarded(read)
        except OSError as error:
            raise self._failure(error) from error

    def thumbnails(self, hashes: Sequence[str]) -> dict[str, bytes]:
        """Return the JPEG thumbnails that there are, by hash."""
        query = "SELECT thumbnail FROM content WHERE hash = ?"
        found = self._select_each(query, [(key,) for key in hashes])
        return {key: thumbnail for key, thumbnail in zip(hashes, found, strict=True) if thumbnail is not None}

    def reasons(self, hashes: Sequence[str], *, loader: str) -> dict[str, str]:
        """Return, by hash, why this very loader could not decode the content."""
        query = "SELECT reason FROM content WHERE hash = ? AND loader = ?"
        found = self._select_each(query, [(key, loader) for key in hashes])
        return {key: reason for key, reason in zip(hashes, found, strict=True) if reason is not None}

    def rate(self, extractor_id: str) -> float | None:
        """Return how many images per second the last run worked through, None when there was none."""
        query = "SELECT images_per_second FROM rates WHERE extractor = ?"
        return self._select_each(query, [(extractor_id,)])[0]

    def put_rate(self, extractor_id: str, images_per_second: float) -> None:
        """Remember how fast a run was, for the next estimate."""
        row = (extractor_id, images_per_second)
        self._guarded(lambda: self._connection.execute("INSERT OR REPLACE INTO rates VALUES (?, ?)", row))

    def put_batch(self, extractor_id: str, entries: Sequence[StoreEntry]) -> None:
        """Write all of these or, when anything goes wrong, none.

        Raises
        ------
        ValueError
            A vector is not 1-D or holds NaN or infinity.
        """
        files, contents, features = [], [], []
        for entry in entries:
            if entry.image is not None:
                files.append((*_file_key(entry.image), entry.image.size, entry.image.mtime_ns, entry.hash))
            if entry.thumbnail is not None or entry.reason is not None:
                contents.append((entry.hash, entry.thumbnail, entry.reason, entry.loader))
            if entry.vector is not None:
                features.append((extractor_id, entry.hash, entry.vector.size, to_blob(entry.vector)))

        def write() -> None:
            with self._transaction("IMMEDIATE") as connection:
                connection.executemany("INSERT OR REPLACE INTO content VALUES (?, ?, ?, ?)", contents)
                connection.executemany("INSERT OR REPLACE INTO features VALUES (?, ?, ?, ?)", features)
                connection.executemany("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?)", files)

        self._guarded(write)

    def _select_each(self, query: str, keys: Sequence[tuple]) -> list:
        """Return all of `_rows`, read in a transaction of their own."""

        def read() -> list:
            with self._transaction("DEFERRED"):
                return list(self._rows(query, keys))

        return self._guarded(read)

    def _rows(self, query: str, keys: Sequence[tuple]) -> Iterator:
        """Run one prepared query per key and give the first column, None where there is no row.

        As fast as chunks of `IN (...)` for 30,000 keys, since each is one look-up in an index, and the order is kept.
        """
        for key in keys:
            row = self._connection.execute(query, key).fetchone()
            yield None if row is None else row[0]

    @contextmanager
    def _transaction(self, kind: str) -> Iterator[sqlite3.Connection]:
        self._connection.execute(f"BEGIN {kind}")
        try:
            yield self._connection
            self._connection.commit()
        except BaseException:
            self._connection.rollback()
            raise

    def _guarded(self, work: Callable[[], T]) -> T:
        """Run `work`; on a damaged file begin a new one and run it again, other failures become a `StoreError`."""
        with self._lock:
            try:
                return work()
            except sqlite3.Error as error:
                if result_code(error) not in DAMAGED:
                    raise self._failure(error) from error
                self._connection.close()
                self._set_aside("it was damaged")
                self._connection = self._open_or_replace()
            try:
                return work()
            except sqlite3.Error as error:
                raise self._failure(error) from error

    def _open_or_replace(self) -> sqlite3.Connection:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            try:
                return open_database(self.path)
            except UnusableFileError as problem:
                self._set_aside(str(problem))
                return open_database(self.path)
        except (sqlite3.Error, OSError, UnusableFileError) as error:
            raise self._failure(error) from error

    def _set_aside(self, problem: str) -> None:
        """Rename the file, with the two that SQLite keeps beside it, to a name that says when."""
        stamp = time.strftime("%Y-%m-%d-%H%M%S")
        kept = self.path.with_name(f"{self.path.name}.set-aside-{stamp}-{os.getpid()}")
        try:
            for suffix in ("", "-wal", "-shm"):
                file = Path(f"{self.path}{suffix}")
                if file.exists():
                    file.rename(f"{kept}{suffix}")
        except OSError as error:
            raise self._failure(error) from error
        self.notice = (
            f"What was worked out earlier could not be used, because {problem}. It was set aside as {kept.name} "
            "and everything is worked out again."
        )

    def _failure(self, error: Exception) -> StoreError:
        if isinstance(error, sqlite3.Error):
            problem = _PROBLEMS.get(result_code(error), str(error))
        else:
            problem = getattr(error, "strerror", None) or str(error)
        return StoreError(
            f"The store of features in {self.path.parent} cannot be used: {problem}.",
            hint="Make room or check the permissions, or choose another place with the variable IMGCLUSTER_CACHE.",
        )


def _file_key(image: ImageFile) -> tuple[bytes, bytes]:
    """Return the absolute path and the name inside the ZIP file as bytes: names on disk need not be valid UTF-8."""
    return os.fsencode(image.source.absolute()), (image.member or "").encode("utf-8", "surrogatepass")
