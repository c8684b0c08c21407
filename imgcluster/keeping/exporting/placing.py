"""Finished files under their final names: in one step, and never over what is there."""

import itertools
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

__all__ = ["numbered", "put_in_place"]


def put_in_place(part: Path, target: Path) -> None:
    """Give a finished file its final name.

    Raises
    ------
    FileExistsError
        There is something of that name, if only a link that leads nowhere.
    OSError
        The system does not allow it.
    """
    try:
        target.hardlink_to(part)
    except FileExistsError:
        raise
    except OSError:  # a file system without links, such as that of most USB sticks: take the name first, then fill it
        target.open("xb").close()
        try:
            part.replace(target)
        except BaseException:
            target.unlink()
            raise
    else:
        part.unlink()


def numbered(path: PurePosixPath, *, is_folder: bool = False) -> Iterator[PurePosixPath]:
    """Yield a path, then "name (2).jpg" and so on."""
    yield path
    stem, suffix = (path.name, "") if is_folder else (path.stem, path.suffix)
    for number in itertools.count(2):
        yield path.with_name(f"{stem} ({number}){suffix}")
