"""The store's SQLite file: made when it is missing, opened when it is ours, told from others and from damage."""

import sqlite3
import time
from pathlib import Path

__all__ = ["DAMAGED", "UnusableFileError", "open_database", "result_code"]

_FORMAT = 1
_APPLICATION_ID = 0x696D6763  # "imgc": tells our file from any other SQLite file
_SCHEMA = """
CREATE TABLE files (
    source BLOB NOT NULL, member BLOB NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, hash TEXT NOT NULL,
    PRIMARY KEY (source, member)
) WITHOUT ROWID;
CREATE TABLE content (hash TEXT PRIMARY KEY, thumbnail BLOB, reason TEXT, loader TEXT);
CREATE TABLE features (
    extractor TEXT NOT NULL, hash TEXT NOT NULL, n_features INTEGER NOT NULL, vector BLOB NOT NULL,
    PRIMARY KEY (extractor, hash)
);
CREATE TABLE rates (extractor TEXT PRIMARY KEY, images_per_second REAL NOT NULL);
"""
# A vector of 1280 numbers takes 5 KB: three of them fit into such a page, and none into SQLite's usual 4 KB.
_PAGE_BYTES = 16384
_BUSY_SECONDS = 30.0
DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


class UnusableFileError(Exception):
    """The file is no store of this format; the message completes the sentence "... because it"."""


def result_code(error: sqlite3.Error) -> int:
    """Return SQLite's primary result code, -1 where the error is Python's own."""
    return getattr(error, "sqlite_errorcode", -1) & 0xFF


def open_database(path: Path) -> sqlite3.Connection:
    """Connect to a store, made when the file is missing or empty."""
    connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        if _is_empty(connection):
            connection.execute(f"PRAGMA page_size = {_PAGE_BYTES}")
        _switch_to_wal(connection)
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("BEGIN IMMEDIATE")
        if _is_empty(connection):  # still: another process may have been faster
            for statement in _SCHEMA.split(";"):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {_FORMAT}")
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        connection.close()
        if result_code(error) in DAMAGED:
            raise UnusableFileError("it was damaged") from error
        raise
    except UnusableFileError:
        connection.close()
        raise
    return connection


def _is_empty(connection: sqlite3.Connection) -> bool:
    """Return whether the tables are still to be made; raise when there are tables of another format."""
    (n_tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    (application_id,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if n_tables == 0:
        return True
    if application_id != _APPLICATION_ID:
        raise UnusableFileError("it belongs to another program")
    if version != _FORMAT:
        age = "an older" if version < _FORMAT else "a newer"
        raise UnusableFileError(f"it was written by {age} version of this program")
    return False


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    """Turn on write-ahead logging; SQLite does not wait by itself when two processes do so in the same moment."""
    deadline = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if result_code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return
