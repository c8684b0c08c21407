"""Files that are written whole or not at all: aside first, onto the disk, then in the place of the old one."""

import contextlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from stat import S_ISREG
from typing import BinaryIO

from imgcluster.errors import FolderError

__all__ = ["keep_name", "write_aside"]


def write_aside(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Write a file beside its place, and put it there when all of it is on the disk.

    Whatever happens in between, even kill -9, leaves the old file or the new one under that name.

    Parameters
    ----------
    path : Path
        An older file of that name is replaced; what is no ordinary file, such as a folder or a device, never is.
    write : callable
        Called once with a new file, open for writing and seeking. What it raises is passed on, and nothing is left
        behind then.

    Raises
    ------
    FolderError
        When the file cannot be written there.
    """
    _check_place(path)
    # The name is another one each time, so that two threads that write the same file do not write into one.
    temporary = path.with_name(f".imgcluster-{os.getpid()}-{secrets.token_hex(4)}-{path.name[:80]}")
    try:
        with temporary.open("xb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise _failure(path, error.strerror or str(error)) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()
    keep_name(path.parent)


def _check_place(path: Path) -> None:
    try:
        is_file = S_ISREG(path.stat().st_mode)
    except FileNotFoundError:
        return
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise _failure(path, getattr(error, "strerror", None) or str(error)) from error
    if not is_file:
        raise _failure(path, "there is something of that name that is no ordinary file")


def _failure(path: Path, reason: str) -> FolderError:
    return FolderError(
        f"The file {path} cannot be written: {reason}.", hint="Choose a folder that exists and that you may write to."
    )


def keep_name(directory: Path) -> None:
    """Bring the new name onto the disk as well, where the system knows how; without it, only the old one might be."""
    with contextlib.suppress(OSError):
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
