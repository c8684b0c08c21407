"""The file that models and projects are kept in: one ZIP file with a JSON manifest and arrays as NumPy writes them.

It may come from somebody else, so that nothing in it is trusted. It is never unpacked to the disk, nothing in it is
executed, and all is read into memory that its length on the disk bounds: members are stored and not compressed, so that
none can be larger than the file. There are no others than the manifest names, and each array has the type, the shape
and the checksum that stand there.
"""

import hashlib
import io
import json
import math
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG
from typing import Any, BinaryIO

import numpy as np

from imgcluster.errors import ImgClusterError, ProjectError
from imgcluster.keeping.writing import write_aside
from imgcluster.version import __version__

__all__ = ["MAX_ARRAYS", "MAX_BYTES", "MAX_MANIFEST_BYTES", "read_archive", "write_archive"]

MAX_BYTES = 2**31 - 1
"""Length of a whole file: more needs another form of ZIP."""

MAX_MANIFEST_BYTES = 2**23
"""Small, because what JSON becomes may take 30 times as much memory: what grows with the images belongs in arrays."""

MAX_ARRAYS = 200

_PROGRAM, _MANIFEST = "imgcluster", "manifest.json"
_DTYPES = ("<f2", "<f4", "<f8", "|i1", "<i2", "<i4", "<i8", "|u1", "|b1")
_MOST_DIMS, _LONGEST_DIM = 4, 2**31
_NAME = re.compile(r"[a-z][a-z0-9_]{0,60}")
_LONGEST_HEADER = 256  # of an array: NumPy's own have 128 bytes, and a longer one might keep its parser busy
_BLOCK_BYTES = 2**20
_END_BYTES, _LOCATOR_BYTES = 22, 20  # at the end of a ZIP file
_LONGEST_ENTRY = 46 + 2 * 64  # of its table: fixed fields, and a name; twice as much for safety

_AGAIN = "Take it again from where it came from, or make it anew."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """What the manifest says of one array."""

    dtype: str
    shape: tuple[int, ...]
    checksum: str

    @property
    def n_bytes(self) -> int:
        return math.prod(self.shape) * np.dtype(self.dtype).itemsize


class _Unusable(Exception):  # noqa: N818
    """Why a file is not what it should be, in words that complete "The file is damaged: "."""


def write_archive(
    path: Path, *, kind: str, version: int, header: Mapping[str, Any], arrays: Mapping[str, np.ndarray]
) -> None:
    """Write a file, whole or not at all; the same content is the same bytes.

    Parameters
    ----------
    path : Path
        An older file of that name is replaced.
    kind : str
        What it holds, such as "model".
    version : int
        Of that kind's format, from 1.
    header : mapping
        What JSON can say: texts, numbers that are finite, lists and mappings of these. A few MB at most.
    arrays : mapping of str to ndarray
        At most 200. Names are made of small letters, digits and underscores; types are bool, int8 to int64, uint8 and
        float16 to float64, with 1 to 4 dimensions.

    Raises
    ------
    ProjectError
        It would be larger than a file may be: 2 GB in all, 8 MB for the header.
    FolderError
        The file cannot be written there.
    ValueError
        The header or an array is none of those above.
    """
    plain = {name: _plain(name, array) for name, array in arrays.items()}
    n_bytes = sum(array.nbytes + _LONGEST_HEADER for array in plain.values())
    if n_bytes > MAX_BYTES - MAX_MANIFEST_BYTES or len(plain) > MAX_ARRAYS:
        raise ProjectError(
            f"The {kind} would take {n_bytes / 2**20:,.0f} MB in {len(plain)} parts; {MAX_BYTES / 2**20:,.0f} MB in "
            f"{MAX_ARRAYS} parts are the most that fits into one file.",
            hint="Use fewer pictures.",
        )
    manifest = {
        "program": _PROGRAM,
        "version": __version__,
        "kind": kind,
        "format": version,
        "header": dict(header),
        "arrays": {
            name: {"dtype": array.dtype.str, "shape": list(array.shape), "blake2b": _checksum(array)}
            for name, array in plain.items()
        },
    }
    text = json.dumps(manifest, ensure_ascii=False, allow_nan=False, indent=1).encode()
    if len(text) > MAX_MANIFEST_BYTES:
        raise ProjectError(
            f"The texts of the {kind} would take {len(text) / 2**20:,.1f} MB; {MAX_MANIFEST_BYTES / 2**20:,.0f} MB are "
            "the most that fits into one file.",
            hint="Use shorter names, or fewer groups.",
        )

    def write(file: BinaryIO) -> None:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, allowZip64=False) as archive:
            archive.writestr(_member(_MANIFEST), text)
            for name, array in plain.items():
                with archive.open(_member(f"{name}.npy"), "w") as member:
                    np.lib.format.write_array(member, array, version=(1, 0), allow_pickle=False)

    write_aside(path, write)


def read_archive(path: Path, *, kind: str, version: int) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Read what `write_archive` wrote.

    Parameters
    ----------
    path : Path
    kind : str
        What the file should hold.
    version : int
        The newest format of it that the caller understands.

    Returns
    -------
    header : dict
        As it was written; every number in it is finite, every text is valid Unicode.
    arrays : dict of str to ndarray
        As they were written, to the last bit. Numbers in them may be NaN or infinite: that is for the caller to judge.

    Raises
    ------
    ProjectError
        There is no such file, it is another kind of file, damaged, cut off, of a newer or older format, or made to do
        harm.
    """
    with _opened(path) as file:
        try:
            return _read(file, kind=kind, version=version)
        except ImgClusterError as error:
            raise ProjectError(f"{path.name}: {error}", hint=error.hint) from error
        except _Unusable as error:
            raise ProjectError(f"{path.name} is damaged, or no {kind} at all: {error}.", hint=_AGAIN) from error
        except Exception as error:  # zipfile and NumPy raise nearly everything
            raise ProjectError(f"{path.name} is damaged, or no {kind} at all.", hint=_AGAIN) from error


def _opened(path: Path) -> BinaryIO:
    try:
        if not S_ISREG(path.stat().st_mode):  # before it is opened: that would wait for the other end of a pipe
            raise OSError("it is no ordinary file")
        return path.open("rb")
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise ProjectError(
            f"The file {path} cannot be read: {getattr(error, 'strerror', None) or error}.",
            hint="Check the spelling, and that you may read it.",
        ) from error


def _plain(name: str, array: np.ndarray) -> np.ndarray:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name for an array")
    plain = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
    if plain.dtype.str not in _DTYPES or not 1 <= array.ndim <= _MOST_DIMS:
        raise ValueError(f"{name} has the type {array.dtype} and {array.ndim} dimensions")
    return plain


def _member(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name)  # of 1980: the time of writing is nobody's business, and would change the bytes
    member.create_system, member.external_attr = 3, 0o644 << 16
    return member


def _checksum(array: np.ndarray) -> str:
    return hashlib.blake2b(_as_bytes(array), digest_size=32).hexdigest()


def _as_bytes(array: np.ndarray) -> np.ndarray:
    return array.reshape(-1).view(np.uint8)


def _read(file: BinaryIO, *, kind: str, version: int) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    length = _checked_length(file)
    with zipfile.ZipFile(file) as archive:
        members = _checked_members(archive, length)
        manifest = _manifest(archive.read(members[_MANIFEST]))
        _check_kind(manifest, kind=kind, version=version)
        entries = _entries(manifest.get("arrays"))
        if members.keys() - {_MANIFEST} != {f"{name}.npy" for name in entries}:
            raise _Unusable("its parts are not those of its list")
        header = manifest.get("header")
        if not isinstance(header, dict):
            raise _Unusable("it has no header")
        return header, {name: _array(archive, members[f"{name}.npy"], entry, name) for name, entry in entries.items()}


def _checked_length(file: BinaryIO) -> int:
    """Return the file's length when it ends as `write_archive` ends one, with a table of contents that is short.

    `zipfile` takes twelve times the memory of a table, however long that is, so that this comes first. It then takes
    the same table, because there is no comment and no locator of another one.
    """
    length = file.seek(0, io.SEEK_END)
    if length > MAX_BYTES:
        raise _Unusable(f"it has {length / 2**20:,.0f} MB, and {MAX_BYTES / 2**20:,.0f} MB are the most")
    file.seek(max(0, length - _END_BYTES - _LOCATOR_BYTES))
    tail = file.read()
    end = tail[-_END_BYTES:]
    if len(end) < _END_BYTES or not end.startswith(b"PK\5\6") or end[-2:] != b"\0\0":
        raise _Unusable("its end is missing")
    n_entries, n_bytes = int.from_bytes(end[10:12], "little"), int.from_bytes(end[12:16], "little")
    if tail[:-_END_BYTES].startswith(b"PK\6\7") or n_entries > MAX_ARRAYS + 1 or n_bytes > n_entries * _LONGEST_ENTRY:
        raise _Unusable("its table of contents is too long")
    return length


def _checked_members(archive: zipfile.ZipFile, length: int) -> dict[str, zipfile.ZipInfo]:
    members: dict[str, zipfile.ZipInfo] = {}
    for member in archive.infolist():
        if member.filename in members:
            raise _Unusable("it holds a part twice")
        if member.compress_type != zipfile.ZIP_STORED or member.compress_size != member.file_size or member.flag_bits:
            raise _Unusable("a part of it is packed in another way than this program does")
        members[member.filename] = member
    if sum(member.file_size for member in members.values()) > length:
        raise _Unusable("its parts are larger than the whole")
    if _MANIFEST not in members:
        raise _Unusable("it has no list of its parts")
    if members[_MANIFEST].file_size > MAX_MANIFEST_BYTES:
        raise _Unusable(f"the list of its parts is longer than {MAX_MANIFEST_BYTES / 2**20:,.0f} MB")
    return members


def _manifest(text: bytes) -> dict[str, Any]:
    try:
        manifest = json.loads(text.decode(), parse_constant=_finite, parse_float=_finite)
        json.dumps(manifest, ensure_ascii=False).encode()  # half of a surrogate pair is no text, and would fail later
    except (ValueError, RecursionError) as error:
        raise _Unusable("the list of its parts cannot be read") from error
    if not isinstance(manifest, dict) or manifest.get("program") != _PROGRAM:
        raise _Unusable("another program wrote it")
    return manifest


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is no finite number")
    return number


def _check_kind(manifest: Mapping[str, Any], *, kind: str, version: int) -> None:
    found, held = manifest.get("format"), manifest.get("kind")
    if not isinstance(held, str) or not re.fullmatch(r"[a-z]{1,20}", held) or type(found) is not int:
        raise _Unusable("it does not say what it holds")
    if held != kind:
        raise ProjectError(f"This file holds a {held}, and a {kind} is needed.", hint=f"Choose the file of a {kind}.")
    if found > version:
        raise ProjectError(
            f"This file was written by a newer version (format {found}, this program reads {version}).",
            hint="Get the newest version of the program.",
        )
    if found < 1:
        raise ProjectError(
            f"This file was written by an older version (format {found}, this program reads from 1 to {version}).",
            hint="Make it anew.",
        )


def _entries(listed: object) -> dict[str, _Entry]:
    if not isinstance(listed, dict) or len(listed) > MAX_ARRAYS:
        raise _Unusable("the list of its parts makes no sense")
    return {name: _entry(name, facts) for name, facts in listed.items()}


def _entry(name: str, facts: object) -> _Entry:
    if not (_NAME.fullmatch(name) and isinstance(facts, dict)):
        raise _Unusable("the list of its parts makes no sense")
    dtype, shape, checksum = facts.get("dtype"), facts.get("shape"), facts.get("blake2b")
    if dtype not in _DTYPES or not isinstance(checksum, str):
        raise _Unusable(f"the part {name} is of a type that none should have")
    if not (isinstance(shape, list) and 1 <= len(shape) <= _MOST_DIMS) or not all(
        type(size) is int and 0 <= size <= _LONGEST_DIM for size in shape
    ):
        raise _Unusable(f"the part {name} has a shape that none should have")
    return _Entry(dtype=dtype, shape=tuple(shape), checksum=checksum)


def _array(archive: zipfile.ZipFile, member: zipfile.ZipInfo, entry: _Entry, name: str) -> np.ndarray:
    """Read one array, into no more memory than the member has bytes in the file."""
    with archive.open(member) as file:
        if np.lib.format.read_magic(file) != (1, 0):
            raise _Unusable(f"the part {name} is not as this program writes it")
        shape, is_fortran, dtype = np.lib.format.read_array_header_1_0(file, max_header_size=_LONGEST_HEADER)
        if (dtype.str, shape, is_fortran) != (entry.dtype, entry.shape, False):
            raise _Unusable(f"the part {name} has another shape than the list says")
        if member.file_size - file.tell() != entry.n_bytes:
            raise _Unusable(f"the part {name} has another length than its shape says")
        array = np.empty(entry.shape, dtype=dtype)
        into = _as_bytes(array)
        for start in range(0, entry.n_bytes, _BLOCK_BYTES):
            block = file.read(min(_BLOCK_BYTES, entry.n_bytes - start))
            into[start : start + len(block)] = np.frombuffer(block, dtype=np.uint8)
    if _checksum(array) != entry.checksum:
        raise _Unusable(f"the part {name} is not what was written")
    if entry.dtype == "|b1" and into.max(initial=0) > 1:
        raise _Unusable(f"the part {name} holds more than yes and no")
    return array
