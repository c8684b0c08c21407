"""Names of files that every system takes, and no two alike."""

import functools
import re
import unicodedata
from collections.abc import Iterable
from pathlib import PurePosixPath

__all__ = ["UniqueNames", "name_key", "safe_name", "safe_path"]

# What some system does not take in a file's name, and names that Windows keeps for itself.
_UNSAFE = re.compile(r'[<>:"\\/|?*\x00-\x1f\x7f-\x9f]')
_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[\d¹²³]) *(\..*)?", re.IGNORECASE)
_MOST_BYTES = 180  # of a name; systems take 255, and "-face12.jpg" or " (2)" is added
_MOST_SUFFIX_BYTES = 20  # what is longer is no ending that says what is in the file


class UniqueNames:
    """Gives every file of one folder a path of its own.

    Parameters
    ----------
    wanted : iterable of str
        All paths that will be asked for, relative, with "/": no file is called like a folder of another.
    """

    def __init__(self, wanted: Iterable[str]) -> None:
        self._taken = {name_key(parent) for name in wanted for parent in safe_path(name).parents}
        self._numbers: dict[str, int] = {}

    def name(self, wanted: str) -> str:
        """Return where a file may lie: as wanted where every system takes that, numbered " (2)" where it is taken."""
        path = safe_path(wanted)
        key, name = name_key(path), str(path)
        number = self._numbers.get(key, 1)
        while name_key(name) in self._taken:
            number += 1
            name = str(path.with_name(f"{path.stem} ({number}){path.suffix}"))
        self._numbers[key] = number
        self._taken.add(name_key(name))
        return name


def name_key(path: str | PurePosixPath) -> str:
    """Return what two paths have in common where some system takes them for one: capitals and accents aside."""
    return unicodedata.normalize("NFD", unicodedata.normalize("NFD", str(path)).casefold())


@functools.lru_cache(maxsize=65_536)  # the plan of an export asks for the same ones again and again
def safe_name(name: str) -> str:
    """Return a name that every system takes for a file, and that is not hidden; its ending stays."""
    name = _UNSAFE.sub("_", name.encode(errors="replace").decode()).rstrip(". ")
    suffix = PurePosixPath(name).suffix
    if len(suffix.encode()) > _MOST_SUFFIX_BYTES:
        suffix = ""
    stem = name.removesuffix(suffix).encode()[: _MOST_BYTES - len(suffix.encode())].decode(errors="ignore")
    name = (stem + suffix).strip().rstrip(". ")
    return f"_{name}" if not name or name.startswith(".") or _RESERVED.fullmatch(name) else name


@functools.lru_cache(maxsize=65_536)
def safe_path(path: str) -> PurePosixPath:
    """Return a relative path, with "/", of safe names alone: nothing in it leads upwards or to a root."""
    parts = [part for part in path.split("/") if part not in ("", ".", "..")]
    return PurePosixPath(*map(safe_name, parts or ["picture"]))
