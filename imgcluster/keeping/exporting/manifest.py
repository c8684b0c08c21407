"""What one export wrote, so that exactly that can be taken back: kept in the folder that was exported to.

While an export runs there is a journal, `imgcluster-manifest.part`, of which each line is written before what it says
is done; at the end it becomes `imgcluster-manifest.json`. Later exports into the same folder have -2, -3 ...
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from stat import S_ISREG

from imgcluster.errors import ProjectError
from imgcluster.keeping.exporting.plan import How
from imgcluster.pictures.collection import SkippedImage

__all__ = [
    "Manifest",
    "WrittenFile",
    "compact",
    "find_manifests",
    "header",
    "manifest_path",
    "read_manifest",
    "to_json",
]

_FORMAT, _VERSION = "imgcluster-export", 1
_NAME = re.compile(r"imgcluster-manifest(?:-([1-9]\d{0,5}))?\.(json|part)")
_MOST_BYTES = 2**30  # of two million pictures, under names of usual lengths
_ID = re.compile("[0-9a-f]{16}")
_UNSAFE = re.compile(r"[\x00-\x1f\\:]")


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenFile:
    """One file, and what tells whether it is still as it was written.

    Attributes
    ----------
    path : str
        Relative to the folder that was exported to, with "/".
    image, group : str
        The picture's path in its collection, and the group's name.
    size : int
        Bytes; 0 for a symbolic link.
    digest : str
        BLAKE2b of a copy's content, 16 bytes in hexadecimal; empty for links.
    mtime_ns, inode : int
        Of a hard link; 0 for others.
    link : str
        Where a symbolic link leads; empty for others.
    """

    path: str
    image: str
    group: str
    size: int = 0
    digest: str = ""
    mtime_ns: int = 0
    inode: int = 0
    link: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What one export wrote.

    Attributes
    ----------
    id : str
        16 hexadecimal digits, drawn anew for each export.
    name : str
        Of the collection.
    scheme : str
    how : "copy", "hardlink" or "symlink"
    created : str
        When it began, ISO 8601 in UTC with seconds.
    files : tuple of WrittenFile
    folders : tuple of str
        Those that were made, each after the one that it lies in.
    skipped : tuple of SkippedImage
        Pictures that could not be read, with the reasons.
    is_finished : bool
        False where the export was broken off so hard that it could not take back what it had written.
    """

    id: str
    name: str
    scheme: str
    how: How
    created: str
    files: tuple[WrittenFile, ...] = ()
    folders: tuple[str, ...] = ()
    skipped: tuple[SkippedImage, ...] = ()
    is_finished: bool = True

    def part_name(self, number: int) -> str:
        """Return the file, in the folder that was exported to, in which the n-th of ``files`` is made (from 0 on).

        The one after the last is the manifest itself.
        """
        return f".imgcluster-{self.id}-{number}.part"


_NOTHING = Manifest(id="0" * 16, name="", scheme="", how="copy", created="")


def manifest_path(out: Path, number: int, suffix: str) -> Path:
    """Return where the manifest (".json") or the journal (".part") of the n-th export into a folder lies."""
    return out / (f"imgcluster-manifest{suffix}" if number == 1 else f"imgcluster-manifest-{number}{suffix}")


def find_manifests(out: Path) -> Iterator[tuple[int, Path]]:
    """Yield number and place of all manifests and journals in a folder, the latest export first."""
    found = [(match, path) for path in out.iterdir() if (match := _NAME.fullmatch(path.name))]
    yield from sorted(((int(match[1] or 1), path) for match, path in found), reverse=True)


def header(manifest: Manifest) -> dict[str, object]:
    """Return what is the same from the beginning of an export to its end."""
    fields = {name: getattr(manifest, name) for name in ("id", "name", "scheme", "how", "created")}
    return {"format": _FORMAT, "format_version": _VERSION, **fields}


def to_json(manifest: Manifest) -> str:
    """Return a finished manifest as the text of its file."""
    lists = {
        "folders": list(manifest.folders),
        "files": [compact(file) for file in manifest.files],
        "skipped": [asdict(image) for image in manifest.skipped],
    }
    return json.dumps(header(manifest) | lists, indent=1)


def compact(file: WrittenFile) -> dict[str, object]:
    """Return what is known of one file, without what does not apply to it."""
    return {name: value for name, value in asdict(file).items() if value or name in ("path", "image", "group")}


def read_manifest(path: Path) -> Manifest:
    """Read a manifest or a journal, which may come from anybody: every path in it stays within its folder.

    Raises
    ------
    ProjectError
        It is damaged, of a later version, or made to do harm.
    OSError
    """
    status = path.lstat()
    if not S_ISREG(status.st_mode) or status.st_size > _MOST_BYTES:
        raise _damaged(path, "it is no ordinary file" if not S_ISREG(status.st_mode) else "it is far too large")
    try:
        data = path.read_bytes()
        kept = _from_journal(data) if path.suffix == ".part" else json.loads(data)
        if not isinstance(kept, dict) or kept.get("format") != _FORMAT:
            raise ValueError("it is of another program")
        if kept.get("format_version") != _VERSION:
            raise ValueError("it is of another version of this program")
        return _from_json(kept, is_finished=path.suffix != ".part")
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError, MemoryError) as error:
        reason = str(error) if type(error) is ValueError else "it does not hold what it should"
        raise _damaged(path, reason) from error


def _from_journal(data: bytes) -> dict[str, object]:
    """Put the lines of a journal together; the last one may have been cut off, and then nothing came of it."""
    whole, _, _ = data.rpartition(b"\n")
    if not whole and _BEGINNING.startswith(data[: len(_BEGINNING)]):
        return header(_NOTHING) | {"folders": [], "files": [], "skipped": []}
    first, *lines = map(json.loads, whole.split(b"\n"))
    kept: dict[str, object] = {**first, "folders": [], "files": [], "skipped": []}
    for line in lines:
        ((what, value),) = line.items() if isinstance(line, dict) else ()
        if what == "not":  # somebody else had taken the last name meanwhile
            kept[value].pop()
        else:
            kept[what].append(value)
    return kept


_BEGINNING = json.dumps(header(_NOTHING))[:30].encode()


def _from_json(kept: Mapping[str, object], *, is_finished: bool) -> Manifest:
    fields = {name: _text(kept[name]) for name in ("id", "name", "scheme", "how", "created")}
    if not _ID.fullmatch(fields["id"]) or fields["how"] not in ("copy", "hardlink", "symlink"):
        raise TypeError
    files = tuple(_file(file, fields["how"]) for file in _list(kept["files"]))
    return Manifest(
        **fields,
        files=files,
        folders=tuple(_relative(path) for path in _list(kept["folders"])),
        skipped=tuple(SkippedImage(path=_text(s["path"]), reason=_text(s["reason"])) for s in _list(kept["skipped"])),
        is_finished=is_finished,
    )


def _file(kept: Mapping[str, object], how: str) -> WrittenFile:
    texts = {name: _text(kept.get(name, "")) for name in ("image", "group", "digest", "link")}
    numbers = {name: _whole_number(kept.get(name, 0)) for name in ("size", "mtime_ns", "inode")}
    known = {"copy": texts["digest"], "hardlink": numbers["inode"], "symlink": texts["link"]}
    if not known[how]:
        raise TypeError
    return WrittenFile(path=_relative(kept["path"]), **texts, **numbers)


def _relative(path: object) -> str:
    """Return a path that stays within its folder, and raise for all others."""
    if _UNSAFE.search(_text(path)) or not {"", ".", ".."}.isdisjoint(path.split("/")):
        raise ValueError("it names a file outside of its folder")
    return path


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _whole_number(value: object) -> int:
    if type(value) is not int:
        raise TypeError
    return value


def _list(value: object) -> list:
    if not isinstance(value, list):
        raise TypeError
    return value


def _damaged(path: Path, reason: str) -> ProjectError:
    return ProjectError(
        f"Nothing was removed, because the list of what was exported, {path.name}, cannot be used: {reason}.",
        hint="Look through the folder, and remove by hand what you do not need.",
    )
