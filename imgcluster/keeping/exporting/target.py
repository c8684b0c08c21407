"""Whether an export may go where it is wanted: never among the pictures, and only where there is space."""

import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from imgcluster.errors import FolderError, NoImagesError, ParameterError
from imgcluster.keeping.exporting.plan import ExportPlan
from imgcluster.pictures.collection import ImageFile
from imgcluster.pictures.destination import folder_errors

__all__ = [
    "FolderIdentity",
    "TargetCheck",
    "check_not_empty",
    "check_outside",
    "check_space",
    "check_target",
    "refuse_within",
]

FolderIdentity = tuple[int, int]
"""What the system knows a folder by, whatever its name, its capitals or the links on the way to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetCheck:
    """What was found in the folder that is to be exported to.

    Attributes
    ----------
    n_taken : int
        Files that will get a number because something of their name is there already.
    needed, free : int
        Bytes.
    """

    n_taken: int
    needed: int
    free: int


def check_target(plan: ExportPlan, out: Path) -> TargetCheck:
    """Raise unless a plan may be carried out in a folder, which need not be empty or be there yet.

    Raises
    ------
    NoImagesError
        There is nothing to write.
    ParameterError
        It is a folder of the pictures, or lies in one.
    FolderError
        It is a file, cannot be looked at, or its disk has too little space.
    """
    check_not_empty(plan)
    with folder_errors(out, "The pictures"):
        if out.exists() and not out.is_dir():
            raise FolderError(f"{out} is a file, not a folder.", hint="Choose another name.")
        check_outside(plan, out)
        needed = plan.n_bytes if plan.how == "copy" else 0
        free = check_space(needed, out, n_files=plan.n_files)
        n_taken = sum(os.path.lexists(out / file.path) for file in plan.files) if out.exists() else 0
    return TargetCheck(n_taken=n_taken, needed=needed, free=free)


def check_not_empty(plan: ExportPlan) -> None:
    """Raise `NoImagesError` where a plan would write nothing."""
    if not plan.files:
        raise NoImagesError(
            f"There is nothing to export: {len(plan.skipped):,} pictures are wanted, and none of them is there.",
            hint="Check that the disk with the pictures is connected, and that there are pictures in the groups.",
        )


def check_outside(plan: ExportPlan, folder: Path) -> frozenset[FolderIdentity]:
    """Raise when a folder is one of the pictures' own, or lies in one; return what these are known by.

    Raises
    ------
    ParameterError
    """
    images = [file.image for file in plan.files]
    return refuse_within(folder, _folders_below(plan.roots, images) if plan.roots else _own_folders(images))


def refuse_within(folder: Path, own_folders: Iterable[Path]) -> frozenset[FolderIdentity]:
    """Raise when a folder is one of some of the pictures' own, or lies in one; return what these are known by.

    Raises
    ------
    ParameterError
    """
    own = frozenset(filter(None, map(_identity, own_folders)))
    place = folder.resolve()
    if any(_identity(above) in own for above in (place, *place.parents)):
        raise ParameterError(
            f"The folder {folder} lies in the folder of the pictures, to which nothing is ever added.",
            hint="Choose a folder somewhere else.",
        )
    return own


def check_space(needed: int, folder: Path, *, n_files: int) -> int:
    """Return how many bytes are free where a folder is, or will be.

    Raises
    ------
    FolderError
        That is less than is needed, or the disk is not there.
    """
    place = folder.resolve()
    there = next((above for above in (place, *place.parents) if above.exists()), None)
    if there is None:
        raise FolderError(f"The disk of {folder} is not there.", hint="Connect it, or choose a folder on another disk.")
    free = shutil.disk_usage(there).free
    if needed > free:
        raise FolderError(
            f"The {n_files:,} pictures take {_megabytes(needed)}, and {_megabytes(free)} are free where {folder} is.",
            hint="Free some space there, or choose a folder on another disk.",
        )
    return free


def _identity(folder: Path) -> FolderIdentity | None:
    """Return what a folder is known by; None where there is none."""
    try:
        status = folder.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _folders_below(roots: Iterable[Path], images: Iterable[ImageFile]) -> set[Path]:
    """Return the collection's own folders, and those that a picture lies in."""
    return {*roots, *(image.source.parent for image in images if image.member is None)}


def _own_folders(images: Iterable[ImageFile]) -> Iterator[Path]:
    """Yield every folder from the collection's own down to those that a picture lies in, as its path tells."""
    seen: set[tuple[Path, PurePosixPath]] = set()
    for image in images:
        folder, shown = image.source.parent, PurePosixPath(image.path).parent
        if image.member is not None or (folder, shown) in seen:
            continue
        seen.add((folder, shown))
        yield folder
        # The shown path is relative to the collection's folder, and has as many folders as lead to it.
        for part in reversed(shown.parts):
            if os.fsencode(folder.name).decode("utf-8", "replace") != part:
                break
            folder = folder.parent
            yield folder


def _megabytes(n_bytes: int) -> str:
    return f"{n_bytes / 1e6:,.1f} MB"
