"""Pictures inside a ZIP file, read in place: nothing is ever extracted, so no name in it can point anywhere.

`zipfile` reads the table of contents; the members themselves are read here, because one `zipfile.ZipFile` for all
threads would keep the file open (and locked on Windows), and one for every picture would parse the table each time.
"""

import contextlib
import struct
import threading
import zipfile
import zlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISLNK, S_ISREG

from imgcluster.errors import ArchiveError, UnreadableImageError
from imgcluster.pictures.formats import HIDDEN_NAMES

__all__ = ["ZipLimits", "is_hidden", "member_path", "member_problem", "read_member", "zip_members"]

_END = struct.Struct("<4s4H2LH")
_END_ZIP64 = struct.Struct("<4sQ2H2L4Q")
_END_ZIP64_LOCATOR_BYTES = 20
_LOCAL_HEADER = struct.Struct("<4s5H3L2H")
_ENCRYPTED = 0x1
_UTF8_NAME = 0x800
_INDEXES_KEPT = 4
_MEAN_ENTRY_BYTES = 512  # of the table of contents, 46 to 200 are usual; with more it is not even read

_indexes: OrderedDict[tuple[Path, int, int], Mapping[str, zipfile.ZipInfo]] = OrderedDict()
_indexes_lock = threading.Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class ZipLimits:
    """How much a ZIP file may hold. The defaults suit a person's own computer; a hosted app sets smaller ones.

    Attributes
    ----------
    max_files : int
        Entries of any kind.
    max_member_bytes : int
        Uncompressed bytes of one picture.
    max_total_bytes : int
        Uncompressed bytes of everything together.
    """

    max_files: int = 1_000_000
    max_member_bytes: int = 2**30
    max_total_bytes: int = 2**40


def is_hidden(name: str) -> bool:
    """Whether a file or folder of this name is left out without a word."""
    return name.startswith(".") or name.lower() in HIDDEN_NAMES


def zip_members(path: Path, *, limits: ZipLimits) -> tuple[zipfile.ZipInfo, ...]:
    """Return the table of contents of a ZIP file, folders left out; of two members of one name both.

    Raises
    ------
    ArchiveError
        The file is damaged or no ZIP file, or holds more than the limits allow.
    """
    try:
        if _table_bytes(path) > limits.max_files * _MEAN_ENTRY_BYTES:
            raise ArchiveError(
                f"The ZIP file {path.name} holds too many files; the limit is {limits.max_files:,}.",
                hint="Split it into several ZIP files.",
            )
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except ArchiveError:
        raise
    except OSError as error:
        raise ArchiveError(
            f"The ZIP file {path.name} cannot be read: {error.strerror or error}.",
            hint="Check that it is still there and that you may read it.",
        ) from error
    except Exception as error:  # zipfile raises BadZipFile, struct.error, UnicodeDecodeError, NotImplementedError ...
        raise ArchiveError(
            f"The ZIP file {path.name} is damaged, or no ZIP file at all.",
            hint="Make or download the ZIP file again, or unpack it and choose the folder.",
        ) from error
    if len(entries) > limits.max_files:
        raise ArchiveError(
            f"The ZIP file {path.name} holds {len(entries):,} files; the limit is {limits.max_files:,}.",
            hint="Split it into several ZIP files.",
        )
    total = sum(entry.file_size for entry in entries)
    if total > limits.max_total_bytes:
        raise ArchiveError(
            f"The ZIP file {path.name} would unpack to {_megabytes(total)}; "
            f"the limit is {_megabytes(limits.max_total_bytes)}.",
            hint="Split it into several ZIP files, or make the pictures smaller.",
        )
    return tuple(entry for entry in entries if not entry.is_dir())


def member_path(entry: zipfile.ZipInfo) -> str:
    """Return the name to show for a member: relative, with "/", and never pointing out of the ZIP file.

    Drive letters, leading slashes, "." and ".." are dropped. Old programs write UTF-8 names without saying so
    (the archive tool of macOS among them) or backslashes; both are put right.
    """
    name = entry.filename
    if not entry.flag_bits & _UTF8_NAME:
        with contextlib.suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    parts = name.replace("\\", "/").split("/")
    if len(parts[0]) == 2 and parts[0][1] == ":":
        parts = parts[1:]
    kept = "/".join(part for part in parts if part not in {"", ".", ".."})
    return kept.encode("utf-8", "replace").decode("utf-8")


def member_problem(entry: zipfile.ZipInfo, *, limits: ZipLimits) -> str | None:
    """Return why a member cannot be used, as far as the table of contents tells, or None."""
    mode = entry.external_attr >> 16
    if entry.flag_bits & _ENCRYPTED:
        return "it is protected by a password"
    if S_ISLNK(mode):
        return "a link inside a ZIP file is not followed"
    # Other methods cannot be unpacked with a bound on the memory they take.
    if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        return "it is compressed in an unusual way; make the ZIP file again with the usual settings"
    if entry.file_size == 0:
        return "the file is empty"
    if entry.file_size > limits.max_member_bytes:
        return f"too large: {_megabytes(entry.file_size)} (limit {_megabytes(limits.max_member_bytes)})"
    return None


def read_member(path: Path, member: str, *, max_bytes: int | None = None) -> bytes:
    """Return the content of a ZIP file's member; thread-safe.

    Parameters
    ----------
    path : Path
    member : str
        The name in the table of contents; the last of that name, as when unpacking.
    max_bytes : int, optional
        Return no more than the beginning.

    Raises
    ------
    UnreadableImageError
        With the reason: damaged, cut off, protected by a password, larger than it says.
    OSError
        The ZIP file itself cannot be read.
    """
    with path.open("rb") as file:
        status = path.stat()
        if not S_ISREG(status.st_mode):
            raise UnreadableImageError("the ZIP file is no ordinary file")
        entry = _index(path, status.st_size, status.st_mtime_ns).get(member)
        if entry is None:
            raise UnreadableImageError("it vanished meanwhile")
        problem = member_problem(entry, limits=ZipLimits())
        if problem is not None:
            raise UnreadableImageError(problem)
        file.seek(entry.header_offset)
        header = file.read(_LOCAL_HEADER.size)
        if len(header) < _LOCAL_HEADER.size or not header.startswith(b"PK\x03\x04"):
            raise UnreadableImageError("it is damaged inside the ZIP file")
        *_, name_length, extra_length = _LOCAL_HEADER.unpack(header)
        file.seek(name_length + extra_length, 1)
        wanted = entry.file_size if max_bytes is None else min(entry.file_size, max_bytes)
        # Packing makes hardly anything longer: the beginning needs no more than this of the packed bytes.
        packed = file.read(entry.compress_size if max_bytes is None else min(entry.compress_size, 2 * wanted))
    data = packed[:wanted] if entry.compress_type == zipfile.ZIP_STORED else _inflate(packed, wanted)
    if len(data) < wanted:
        raise UnreadableImageError("the file is cut off")
    if wanted == entry.file_size and zlib.crc32(data) != entry.CRC:
        raise UnreadableImageError("it is damaged inside the ZIP file")
    return data


def _table_bytes(path: Path) -> int:
    """Return how long the table of contents says that it is, 0 where there is none or it cannot be true.

    `zipfile` takes some 600 bytes of memory for every 47 of a table: a limit on the entries must come before it.
    """
    with path.open("rb") as file:
        length = file.seek(0, 2)
        file.seek(max(0, length - 2**16 - _END.size))
        tail = file.read()
    end = tail.rfind(b"PK\5\6")
    if end < 0 or end + _END.size > len(tail):
        return 0
    n_bytes = _END.unpack_from(tail, end)[5]
    zip64 = end - _END_ZIP64_LOCATOR_BYTES - _END_ZIP64.size
    if zip64 >= 0 and tail.startswith(b"PK\6\6", zip64):
        n_bytes = _END_ZIP64.unpack_from(tail, zip64)[8]
    return n_bytes if n_bytes <= length else 0


def _inflate(packed: bytes, wanted: int) -> bytes:
    """Unpack, but never more than the table of contents promised."""
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, wanted)
    except zlib.error as error:
        raise UnreadableImageError("it is damaged inside the ZIP file") from error


def _index(path: Path, size: int, mtime_ns: int) -> Mapping[str, zipfile.ZipInfo]:
    """Return name -> entry of a ZIP file; the last few are remembered until the file changes."""
    key = (path, size, mtime_ns)
    with _indexes_lock:
        if key not in _indexes:
            _indexes[key] = {entry.filename: entry for entry in zip_members(path, limits=ZipLimits())}
            while len(_indexes) > _INDEXES_KEPT:
                _indexes.popitem(last=False)
        _indexes.move_to_end(key)
        return _indexes[key]


def _megabytes(n_bytes: int) -> str:
    return f"{max(1, round(n_bytes / 2**20)):,} MB"
