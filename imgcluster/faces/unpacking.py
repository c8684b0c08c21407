"""The faces as files in a folder that the user named: never over what is there, never among the photos."""

import contextlib
import os
import shutil
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

from imgcluster.errors import FolderError, ParameterError
from imgcluster.faces.album import TABLE, Album
from imgcluster.progress import raise_if_cancelled

__all__ = ["check_destination", "unpack_faces"]


def check_destination(out: Path, *, source: Path) -> None:
    """Raise unless the faces may be written to a folder.

    Parameters
    ----------
    out : Path
        Not there yet, or empty.
    source : Path
        The folder or ZIP file of the photos.

    Raises
    ------
    ParameterError
        It lies in the folder of the photos.
    FolderError
        It is a file, or something is in it already.
    """
    with _errors(out):
        if source.is_dir() and out.resolve().is_relative_to(source.resolve()):
            raise ParameterError(
                f"The folder {out} lies in the folder of the photos, to which nothing is ever added.",
                hint="Choose a folder somewhere else with --out.",
            )
        if out.exists() and not out.is_dir():
            raise FolderError(f"{out} is a file, not a folder.", hint="Choose another name with --out.")
        if out.is_dir() and (n_there := sum(1 for _ in out.iterdir())):
            raise FolderError(
                f"The folder {out} is not empty ({n_there} there), and nothing is ever overwritten.",
                hint="Choose an empty or a new folder with --out.",
            )


def unpack_faces(album: Album, out: Path, *, cancel: threading.Event | None = None) -> None:
    """Write every face and the table ``faces.csv`` into a folder that `check_destination` found good.

    They are written aside, within the folder, and put in place when all are there.

    Raises
    ------
    FolderError
        It cannot be written.
    Cancelled
        ``cancel`` was set; nothing is left in the folder.
    """
    aside = out / f".imgcluster-{os.getpid()}"
    with _errors(out):
        aside.mkdir(parents=True)
        try:
            with zipfile.ZipFile(album.path) as archive:
                for name in archive.namelist():
                    raise_if_cancelled(cancel)
                    # Not the places of the photos on this computer: the folder may be given to somebody.
                    if name == TABLE or name.endswith(".jpg"):
                        archive.extract(name, aside)
            for path in list(aside.iterdir()):
                path.rename(out / path.name)
        finally:
            shutil.rmtree(aside, ignore_errors=True)


@contextlib.contextmanager
def _errors(out: Path) -> Iterator[None]:
    try:
        yield
    except (FolderError, ParameterError):
        raise
    except (OSError, zipfile.BadZipFile) as error:
        raise FolderError(
            f"The faces cannot be written to {out}: {getattr(error, 'strerror', None) or error}.",
            hint="Choose a folder that you may write to, on a disk with enough space, with --out.",
        ) from error
