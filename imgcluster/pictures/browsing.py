"""What a folder browser shows: the sub-folders of a folder, and how many images lie in it."""

import os
from dataclasses import dataclass
from pathlib import Path

from natsort import os_sorted

from imgcluster.errors import FolderError
from imgcluster.pictures.formats import picture_suffixes

__all__ = ["FolderListing", "list_folder"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderListing:
    """One folder as the browser shows it.

    Attributes
    ----------
    path : Path
        Absolute.
    parent : Path or None
        None at the top.
    folders : tuple of str
        Names of the sub-folders in natural order, hidden ones left out.
    n_images : int
        Files directly in this folder that look like images.
    archives : tuple of str
        Names of the ZIP files in it.
    """

    path: Path
    parent: Path | None
    folders: tuple[str, ...]
    n_images: int
    archives: tuple[str, ...]


def list_folder(folder: str | Path) -> FolderListing:
    """Return what is directly in a folder.

    Raises
    ------
    FolderError
        When there is no such folder, or it may not be read.
    """
    path = Path(folder).expanduser().absolute()
    folders, archives, n_images = [], [], 0
    suffixes = picture_suffixes()
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                if entry.name.startswith((".", "$")):
                    continue
                suffix = Path(entry.name).suffix.lower()
                if _is_folder(entry):
                    folders.append(entry.name)
                elif suffix == ".zip":
                    archives.append(entry.name)
                elif suffix in suffixes:
                    n_images += 1
    except OSError as error:
        raise FolderError(
            f"The folder {path} cannot be opened: {error.strerror or error}.", hint="Choose another folder."
        ) from error
    return FolderListing(
        path=path,
        parent=path.parent if path.parent != path else None,
        folders=tuple(os_sorted(folders)),
        n_images=n_images,
        archives=tuple(os_sorted(archives)),
    )


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False
