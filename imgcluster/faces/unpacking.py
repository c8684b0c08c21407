"""The faces as files in a folder that the user named: never over what is there, never among the photos."""

import threading
import zipfile
from pathlib import Path

from imgcluster.errors import FolderError
from imgcluster.faces.album import TABLE, Album
from imgcluster.pictures.destination import written_whole
from imgcluster.progress import raise_if_cancelled

__all__ = ["unpack_faces"]


def unpack_faces(album: Album, out: Path, *, cancel: threading.Event | None = None) -> None:
    """Write every face and the table ``faces.csv`` into a folder.

    They are written aside, within the folder, and put in place when all are there.

    Parameters
    ----------
    album : Album
    out : Path
        A folder that `~imgcluster.pictures.destination.check_destination` found good.
    cancel : threading.Event, optional

    Raises
    ------
    FolderError
        It cannot be written.
    Cancelled
        ``cancel`` was set; nothing is left in the folder.
    """
    try:
        with written_whole(out, what="The faces") as aside, zipfile.ZipFile(album.path) as archive:
            for name in archive.namelist():
                raise_if_cancelled(cancel)
                # Not the places of the photos on this computer: the folder may be given to somebody.
                if name == TABLE or name.endswith(".jpg"):
                    archive.extract(name, aside)
    except zipfile.BadZipFile as error:
        raise FolderError(
            f"The faces cannot be written to {out}: {error}.", hint="Find the faces once more, then write them."
        ) from error
