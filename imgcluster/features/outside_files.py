"""The files that vectors made elsewhere come in: NumPy's .npy and .npz, CSV and Parquet.

Nothing in them is trusted: no pickles are opened, and the size that a file claims is checked before memory is taken.
"""

import csv
import math
import tokenize
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from imgcluster.errors import ParameterError

if TYPE_CHECKING:
    import pyarrow

__all__ = ["VectorTable", "read_vector_file"]

_MAX_BYTES = 4 * 10**9
_PATH_NAMES = ("path", "paths", "name", "names", "file", "files", "filename", "filenames", "image", "images")
_VECTOR_NAMES = ("vectors", "embeddings", "features", "vector", "embedding", "feature")
_DELIMITERS = ",;\t"
_LONGEST_LINE = 2**24  # a CSV line's bytes: some million numbers
_BATCH_ROWS = 4096
_LONGEST_PROBLEM = 120  # other libraries quote whole lines
# NumPy reads its headings as Python's literals, with Python's own errors.
_DAMAGE = (ValueError, EOFError, OSError, RuntimeError, OverflowError, MemoryError, SyntaxError, tokenize.TokenError)
_DAMAGE += (zipfile.BadZipFile, zlib.error, csv.Error)
_KINDS = "They can be .npz, .npy, .csv or .parquet, with one row per picture."


@dataclass(frozen=True, slots=True, kw_only=True)
class VectorTable:
    """What a file holds.

    Attributes
    ----------
    paths : tuple of str or None
        Each row's image, as it is written there; None where the rows have no names.
    vectors : ndarray of shape (n_rows, n_features)
        Any type of real number, neither of them 0; NaN and infinity are possible. It may be mapped from the file.
    """

    paths: tuple[str, ...] | None
    vectors: np.ndarray


def read_vector_file(path: Path) -> VectorTable:
    """Read vectors that were made elsewhere.

    Parameters
    ----------
    path : Path
        ``.npz``: an array ``paths`` of texts and an array ``vectors`` (n, d); ``names`` or ``files``, ``embeddings`` or
        ``features`` are understood too. ``.npy``: an array (n, d), and, where the rows are not in the collection's
        order, beside it a file of the same name with ``.txt`` and one path per line. ``.csv``: the path in the first
        column and numbers in the others, with or without a line of headings, separated by comma, semicolon or tab.
        ``.parquet``: a column ``path`` (otherwise the first one of texts), and a column of lists or many of numbers.

    Returns
    -------
    VectorTable

    Raises
    ------
    ParameterError
        The file is missing, empty, damaged, too large or none of these; or it would have to be unpickled.
    """
    readers = {".npz": _read_npz, ".npy": _read_npy, ".csv": _read_csv, ".parquet": _read_parquet}
    read = readers.get(path.suffix.lower())
    if read is None:
        raise ParameterError(f"{path.name} is no file of vectors.", hint=_KINDS)
    try:
        if path.stat().st_size == 0:
            raise ParameterError(f"{path.name} is empty.", hint=_KINDS)
        table = read(path)
    except ParameterError:
        raise
    except FileNotFoundError as error:
        raise ParameterError(f"There is no file {path}.", hint="Check how its path is written.") from error
    except _DAMAGE as error:
        problem = " ".join(str(error).split())[:_LONGEST_PROBLEM] or type(error).__name__
        raise ParameterError(f"{path.name} cannot be read: {problem.rstrip('.')}.", hint=_KINDS) from error
    return _checked(table, path.name)


def _checked(table: VectorTable, name: str) -> VectorTable:
    shape = table.vectors.shape
    if len(shape) != 2 or 0 in shape:
        raise ParameterError(
            f"The vectors in {name} have the shape {shape}; pictures x numbers is needed, none of them 0.", hint=_KINDS
        )
    if table.paths is not None and len(table.paths) != shape[0]:
        raise ParameterError(
            f"{name} has {shape[0]:,} vectors and {len(table.paths):,} paths.", hint="Each vector needs one path."
        )
    return table


def _check_size(name: str, shape: Sequence[int], n_bytes: int = 4) -> None:
    """Raise before memory is taken for so many numbers of so many bytes each."""
    if math.prod(shape) * max(n_bytes, 4) > _MAX_BYTES:
        raise ParameterError(
            f"{name} holds {' x '.join(f'{length:,}' for length in shape)} values of {n_bytes} bytes; "
            f"{_MAX_BYTES / 1e9:g} GB can be read at most.",
            hint="Save them as float32, or reduce them first, by PCA for example.",
        )


def _read_npy(path: Path) -> VectorTable:
    with path.open("rb") as file:
        _check_header(file, path.name, kinds="fiu")
    vectors = np.load(path, mmap_mode="r", allow_pickle=False)
    names = path.with_suffix(".txt")
    if not names.is_file():
        return VectorTable(paths=None, vectors=vectors)
    lines = names.read_text(encoding="utf-8-sig").rstrip("\n").split("\n")
    return VectorTable(paths=tuple(lines), vectors=vectors)


def _read_npz(path: Path) -> VectorTable:
    with zipfile.ZipFile(path) as archive:
        members = {name.removesuffix(".npy"): name for name in archive.namelist()}
        arrays = []
        for names, kinds in ((_PATH_NAMES, "US"), (_VECTOR_NAMES, "fiu")):
            name = next((name for name in names if name in members), None)
            if name is None:
                raise ParameterError(
                    f"{path.name} holds the arrays {', '.join(members) or 'nothing'}.",
                    hint="Save it by np.savez(file, paths=..., vectors=...).",
                )
            with archive.open(members[name]) as file:
                _check_header(file, f"{name} in {path.name}", kinds=kinds)
            with archive.open(members[name]) as file:
                arrays.append(np.lib.format.read_array(file, allow_pickle=False))
    paths, vectors = arrays
    if paths.dtype.kind == "S":
        paths = np.char.decode(paths, "utf-8")
    return VectorTable(paths=tuple(paths.ravel().tolist()), vectors=vectors)


def _check_header(file: BinaryIO, name: str, *, kinds: str) -> None:
    """Raise when an array in NumPy's format is pickled, too large, or of none of these kinds of types."""
    version = np.lib.format.read_magic(file)
    if version != (1, 0):  # others are for headings so long that NumPy itself refuses them
        raise ParameterError(f"{name} is in version {version[0]}.{version[1]} of NumPy's format.", hint=_KINDS)
    shape, _, dtype = np.lib.format.read_array_header_1_0(file)
    if dtype.hasobject:
        raise ParameterError(
            f"{name} holds Python objects, which are not opened: they could run any program.",
            hint="Save numbers as float32, and texts by np.array(paths, dtype=str).",
        )
    if dtype.kind not in kinds:
        wanted = "numbers" if "f" in kinds else "texts"
        raise ParameterError(f"{name} is of type {dtype}; {wanted} are needed.", hint=_KINDS)
    _check_size(name, shape, dtype.itemsize)


def _read_csv(path: Path) -> VectorTable:
    import pyarrow as pa
    import pyarrow.csv as arrow_csv

    delimiter, first = _first_line(path)
    if len(first) < 2:
        raise ParameterError(f"{path.name} has no columns of numbers beside the paths.", hint=_KINDS)
    columns = ["path", *(str(column) for column in range(1, len(first)))]
    types = dict.fromkeys(columns, pa.float32()) | {"path": pa.string()}
    reader = arrow_csv.open_csv(
        path,
        read_options=arrow_csv.ReadOptions(
            column_names=columns,
            skip_rows=int(_are_headings(first)),
            block_size=_LONGEST_LINE,
            use_threads=False,  # only then do its errors name the line
        ),
        parse_options=arrow_csv.ParseOptions(delimiter=delimiter),
        convert_options=arrow_csv.ConvertOptions(column_types=types),
    )
    with reader:
        return _joined(path, reader, "path", columns[1:])


def _first_line(path: Path) -> tuple[str, list[str]]:
    """Return the delimiter that makes most cells of a file's first line, and these cells."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        line = file.readline(_LONGEST_LINE).rstrip("\r\n")
    cells = {delimiter: next(csv.reader([line], delimiter=delimiter), []) for delimiter in _DELIMITERS}
    delimiter = max(_DELIMITERS, key=lambda each: len(cells[each]))
    return delimiter, cells[delimiter]


def _are_headings(cells: Sequence[str]) -> bool:
    """Whether a first line names columns: pandas calls them 0, 1, 2, which look like numbers, and paths nothing."""
    if cells[0].strip().lower() in ("", *_PATH_NAMES):
        return True
    try:
        for cell in cells[1:]:
            float(cell or "nan")
    except ValueError:
        return True
    return False


def _read_parquet(path: Path) -> VectorTable:
    import pyarrow.parquet as arrow_parquet

    with arrow_parquet.ParquetFile(path) as file:
        key, columns = _choose_columns(file.schema_arrow, path.name)
        _check_size(path.name, (file.metadata.num_rows, len(columns)))
        batches = file.iter_batches(batch_size=_BATCH_ROWS, columns=[key, *columns])
        return _joined(path, batches, key, columns)


def _choose_columns(schema: "pyarrow.Schema", name: str) -> tuple[str, list[str]]:
    """Return the column of paths, and the one with lists of numbers or all those with numbers."""
    from pyarrow import types

    def is_text(kind: "pyarrow.DataType") -> bool:
        kind = kind.value_type if types.is_dictionary(kind) else kind
        return types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind)

    def is_number(kind: "pyarrow.DataType") -> bool:
        return types.is_floating(kind) or types.is_integer(kind)

    def is_list(kind: "pyarrow.DataType") -> bool:
        found = types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind)
        return found and is_number(kind.value_type)

    texts, lists, numbers = (
        [field.name for field in schema if fits(field.type)] for fits in (is_text, is_list, is_number)
    )
    numbers = [column for column in numbers if not column.startswith("__index_level_")]  # pandas's own row numbers
    if len(lists) > 1:
        lists = [column for column in lists if column.lower() in _VECTOR_NAMES]
    if not texts or not (lists or numbers):
        raise ParameterError(
            f"{name} has the columns {', '.join(schema.names)[:_LONGEST_PROBLEM] or 'of nothing'}.",
            hint="A column of texts named path is needed, and one with lists of numbers or many with numbers.",
        )
    key = min(texts, key=lambda column: column.lower() not in _PATH_NAMES)  # the first of those that come first
    return key, lists[:1] or numbers


def _joined(path: Path, batches: "Iterable[pyarrow.RecordBatch]", key: str, columns: Sequence[str]) -> VectorTable:
    """Return the rows of all batches; raise when they become too many or are not of one length."""
    import pyarrow as pa

    paths: list[str] = []
    blocks: list[np.ndarray] = []
    for batch in batches:
        cells = [batch.column(column) for column in columns]
        is_list = pa.types.is_nested(cells[0].type)
        blocks.append(_from_lists(cells[0], path.name, n_before=len(paths)) if is_list else _from_numbers(cells))
        paths += [text or "" for text in batch.column(key).to_pylist()]
        if blocks[0].shape[1] != blocks[-1].shape[1]:
            raise ParameterError(
                f"{path.name} has vectors of {blocks[0].shape[1]} and of {blocks[-1].shape[1]} numbers.",
                hint="All need the same length.",
            )
        _check_size(path.name, (len(paths), blocks[0].shape[1]))
    return VectorTable(paths=tuple(paths), vectors=np.concatenate(blocks) if blocks else np.empty((0, len(columns))))


def _from_numbers(cells: "Sequence[pyarrow.Array]") -> np.ndarray:
    block = np.empty((len(cells[0]), len(cells)), dtype=np.float32)
    with np.errstate(over="ignore"):  # what is too large for float32 is infinite, and noticed as that
        for column, numbers in enumerate(cells):
            block[:, column] = numbers.to_numpy(zero_copy_only=False)  # a missing one is NaN
    return block


def _from_lists(lists: "pyarrow.Array", name: str, *, n_before: int) -> np.ndarray:
    from pyarrow import compute

    lengths = compute.fill_null(compute.list_value_length(lists), 0).to_numpy(zero_copy_only=False)
    different = np.flatnonzero(lengths != lengths[0])
    if len(different):
        raise ParameterError(
            f"{name} has vectors of {lengths[0]} and, in row {n_before + different[0] + 1:,}, of "
            f"{lengths[different[0]]} numbers.",
            hint="All need the same length.",
        )
    with np.errstate(over="ignore"):
        numbers = lists.flatten().to_numpy(zero_copy_only=False).astype(np.float32)
    return numbers.reshape(len(lists), lengths[0])
