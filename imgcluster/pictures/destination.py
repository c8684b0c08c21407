"""The folder that a user named for files of theirs: never over what is there, never among the pictures."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from imgcluster.errors import FolderError, ImgClusterError, ParameterError

__all__ = ["check_destination", "folder_errors", "written_whole"]


def check_destination(out: Path, *, source: Path) -> None:
    """Raise unless something may be written to a folder.

    Parameters
    ----------
    out : Path
        Not there yet, or empty.
    source : Path
        The folder or ZIP file of the pictures. Links and ".." in either path are followed first.

    Raises
    ------
    ParameterError
        It is the folder of the pictures, or lies in it.
    FolderError
        It is a file, or something is in it already (such as the ZIP file, or the folder of the pictures).
    """
    with folder_errors(out, "Files"):
        if source.is_dir():
            place = out.resolve()
            # Compared by the system: one folder may have two names, by capitals or by being mounted twice.
            if any(folder.exists() and folder.samefile(source) for folder in (place, *place.parents)):
                raise ParameterError(
                    f"The folder {out} lies in the folder of the pictures, to which nothing is ever added.",
                    hint="Choose a folder somewhere else.",
                )
        _raise_if_in_use(out)


@contextlib.contextmanager
def folder_errors(out: Path, what: str) -> Iterator[None]:
    """Turn what the system says about a folder into a `FolderError`.

    Parameters
    ----------
    out : Path
    what : str
        What is written, in the plural, such as "The faces".
    """
    try:
        yield
    except ImgClusterError:  # some of them are OSErrors or ValueErrors as well
        raise
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise FolderError(
            f"{what} cannot be written to {out}: {getattr(error, 'strerror', None) or error}.",
            hint="Choose a folder that you may write to, on a disk with enough space.",
        ) from error


@contextlib.contextmanager
def written_whole(out: Path, *, what: str) -> Iterator[Path]:
    """Give a hidden directory in ``out`` to write to; what is in it is put in place when the block ends well.

    When it does not, or something cannot be put in place, nothing is left: no file, and no folder that was not there.

    Parameters
    ----------
    out : Path
        A folder that `check_destination` found good; it is made when it is missing.
    what : str
        What is written, in the plural, such as "The faces": for the errors.

    Yields
    ------
    Path
        The hidden directory.

    Raises
    ------
    FolderError
        It is a file, something is in it already, or it cannot be written to.
    """
    with folder_errors(out, what):
        _raise_if_in_use(out)
        made = [folder for folder in (out, *out.parents) if not folder.exists()]
        written: list[Path] = []
        try:
            out.mkdir(parents=True, exist_ok=True)
            aside = Path(tempfile.mkdtemp(prefix=".imgcluster-", dir=out))
            written.append(aside)
            yield aside
            for path in sorted(aside.iterdir()):
                target = out / path.name
                if os.path.lexists(target):  # it came while we wrote, and a file would be replaced without a word
                    raise FolderError(f"{target} appeared meanwhile.", hint="Choose an empty or a new folder.")
                path.rename(target)
                written.append(target)
            aside.rmdir()
        except BaseException:
            with contextlib.suppress(OSError):
                for path in reversed(written):
                    _remove(path)
                for folder in made:
                    folder.rmdir()
            raise


def _raise_if_in_use(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise FolderError(f"{out} is a file, not a folder.", hint="Choose another name.")
    if out.is_dir() and (n_there := sum(1 for _ in out.iterdir())):
        raise FolderError(
            f"The folder {out} is not empty ({n_there} there), and nothing is ever overwritten.",
            hint="Choose an empty or a new folder.",
        )


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
