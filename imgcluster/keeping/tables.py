"""Groups as tables, for spreadsheets and other programs: CSV, XLSX or JSON."""

import io
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np

from imgcluster.errors import FolderError, ParameterError
from imgcluster.keeping.export import csv_bytes
from imgcluster.keeping.final import FinalGroups
from imgcluster.keeping.writing import write_aside
from imgcluster.pictures.home import expanded
from imgcluster.version import __version__

__all__ = ["Table", "TableFormat", "group_table", "image_table", "skipped_table", "table_bytes", "write_table"]

TableFormat = Literal["csv", "xlsx", "json"]

_PACKAGES = ("numpy", "scipy", "scikit-learn")
_MOST_ROWS = 1_048_575  # that a sheet can hold below its header
_LONGEST_CELL = 32_767
_NOT_IN_XML = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
_LONG_AGO = datetime(2000, 1, 1)  # so that the same groups are the same file
_WIDTHS = {"path": 50, "name": 24, "medoid": 50, "copy_of": 50, "reason": 60}


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A header and rows of plain values; None is an empty cell.

    Attributes
    ----------
    name : str
        For the sheet.
    header : tuple of str
    rows : list of tuple
        Texts, numbers that are finite, truth values, None.
    """

    name: str
    header: tuple[str, ...]
    rows: list[tuple[str | int | float | bool | None, ...]]


def image_table(final: FinalGroups) -> Table:
    """Return one row per image, in the order of the collection.

    Parameters
    ----------
    final : FinalGroups

    Returns
    -------
    Table
        path; group, from 1 on, -1 for none; name; name_origin: edited, proposed or number; is_medoid; distance to the
        group's centre, in the space's units; silhouette, from -1 to 1; copy_of, the path of the image of which it is a
        copy.
    """
    paths = [image.path for image in final.images]
    labels = final.groups.labels.tolist()
    titles = {label: (final.number(label), final.title(label), final.origin(label)) for label in {*labels}}
    is_medoid = np.zeros(len(paths), dtype=bool)
    is_medoid[final.medoids] = True
    originals = [None] * len(paths)
    if final.copy_of is not None:
        originals = [paths[image] if image >= 0 else None for image in final.copy_of.tolist()]
    rows = [
        (path, *titles[label], medoid, _finite(distance), _finite(silhouette), original)
        for path, label, medoid, distance, silhouette, original in zip(
            paths,
            labels,
            is_medoid.tolist(),
            final.distances.tolist(),
            final.silhouettes.tolist(),
            originals,
            strict=True,
        )
    ]
    header = ("path", "group", "name", "name_origin", "is_medoid", "distance", "silhouette", "copy_of")
    return Table(name="Pictures", header=header, rows=rows)


def group_table(final: FinalGroups) -> Table:
    """Return one row per group, by number: group, name, name_origin, size, medoid (its path), locked."""
    groups = final.groups
    sizes = groups.sizes.tolist()
    rows = [
        (
            final.number(label),
            final.title(label),
            final.origin(label),
            sizes[label],
            final.images[final.medoids[label]].path,
            groups.locked[label],
        )
        for label in sorted(range(groups.n_groups), key=final.number)
    ]
    return Table(name="Groups", header=("group", "name", "name_origin", "size", "medoid", "locked"), rows=rows)


def skipped_table(final: FinalGroups) -> Table:
    """Return one row per file that could not be used: path, reason."""
    rows = [(skipped.path, skipped.reason) for skipped in final.skipped]
    return Table(name="Skipped", header=("path", "reason"), rows=rows)


def table_bytes(final: FinalGroups, format: TableFormat) -> bytes:
    """Return the groups as the content of one file.

    Parameters
    ----------
    final : FinalGroups
    format : {"csv", "xlsx", "json"}
        CSV holds the table of the images alone, XLSX a sheet for each of the three tables. JSON is one object that
        holds the parameters, what was changed by hand, and the versions as well.

    Raises
    ------
    ParameterError
        There is no such format, or there are more images than a sheet has rows.
    FolderError
        There is no space for the temporary files of a workbook.
    """
    if format not in get_args(TableFormat):
        raise ParameterError(f'There is no table "{format}".', hint=f"Choose {', '.join(get_args(TableFormat))}.")
    return {"csv": _csv, "xlsx": _xlsx, "json": _json}[format](final)


def write_table(path: str | Path, final: FinalGroups) -> tuple[Path, ...]:
    """Write the groups to a file, whole or not at all; the ending of its name says in which format.

    Parameters
    ----------
    path : str or Path
        An older file of that name is replaced. Beside ``photos.csv`` come ``photos-groups.csv`` with the groups and
        ``photos-skipped.csv`` with the files that could not be used.
    final : FinalGroups

    Returns
    -------
    tuple of Path
        The files.

    Raises
    ------
    ParameterError
        The name ends with none of .csv, .xlsx, .json.
    FolderError
        A file cannot be written there.
    """
    path = expanded(path)
    content = {path: table_bytes(final, path.suffix.lower().removeprefix("."))}
    if path.suffix.lower() == ".csv":
        for name, table in (("groups", group_table(final)), ("skipped", skipped_table(final))):
            content[path.with_name(f"{path.stem}-{name}{path.suffix}")] = csv_bytes(table.header, table.rows)
    for each, data in content.items():
        write_aside(each, lambda file, data=data: file.write(data))
    return tuple(content)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _csv(final: FinalGroups) -> bytes:
    table = image_table(final)
    return csv_bytes(table.header, table.rows)


def _json(final: FinalGroups) -> bytes:
    content = {
        "name": final.name,
        "likeness": final.likeness,
        "space": {"method": final.space, **_strict(final.space_parameters)},
        "method": final.method,
        "parameters": _strict(final.parameters),
        "sentence": final.sentence,
        "history": list(final.history),
        "not_carried_over": list(final.lost),
        "versions": {"imgcluster": __version__, **{name: metadata.version(name) for name in _PACKAGES}},
        "groups": list(_dicts(group_table(final))),
        "images": list(_dicts(image_table(final))),
        "skipped": list(_dicts(skipped_table(final))),
    }
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "replace")


def _dicts(table: Table) -> Iterator[dict[str, Any]]:
    return (dict(zip(table.header, row, strict=True)) for row in table.rows)


def _strict(parameters: Mapping[str, object]) -> dict[str, object]:
    """Return parameters as JSON can say them: infinity, as a height or a distance may be, becomes null."""
    plain = {name: value.item() if isinstance(value, np.generic) else value for name, value in parameters.items()}
    return {name: _finite(value) if isinstance(value, float) else value for name, value in plain.items()}


def _xlsx(final: FinalGroups) -> bytes:
    from xlsxwriter.exceptions import XlsxWriterException

    tables = (image_table(final), group_table(final), skipped_table(final))
    if (longest := max(len(table.rows) for table in tables)) > _MOST_ROWS:
        raise ParameterError(
            f"A sheet has {_MOST_ROWS:,} rows for pictures, and {longest:,} are needed.", hint="Choose CSV or JSON."
        )
    try:
        return _workbook(final.name, tables)
    except (OSError, XlsxWriterException) as error:
        raise FolderError(
            f"The workbook cannot be made: {getattr(error, 'strerror', None) or error}.",
            hint="It needs a little space where the system keeps temporary files.",
        ) from error


def _workbook(title: str, tables: Sequence[Table]) -> bytes:
    import xlsxwriter

    file = io.BytesIO()
    options = {
        "constant_memory": True,  # one row at a time; the others wait in a temporary file
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(file, options) as workbook:
        workbook.set_properties({"title": _cell_text(title)[:255], "created": _LONG_AGO})
        bold = workbook.add_format({"bold": True})
        for table in tables:
            sheet = workbook.add_worksheet(table.name)
            for column, name in enumerate(table.header):
                sheet.set_column(column, column, _WIDTHS.get(name, 12))
            sheet.freeze_panes(1, 0)
            sheet.autofilter(0, 0, len(table.rows), len(table.header) - 1)
            _write_row(sheet, 0, table.header, bold)
            for row, values in enumerate(table.rows, start=1):
                _write_row(sheet, row, values)
    return file.getvalue()


def _write_row(sheet: Any, row: int, values: Iterable[object], style: Any = None) -> None:
    """Write each value as what it is: a text is never taken for a formula, a number or a link."""
    for column, value in enumerate(values):
        match value:
            case None:
                continue
            case bool():
                sheet.write_boolean(row, column, value, style)
            case int() | float():
                sheet.write_number(row, column, value, style)
            case _:
                sheet.write_string(row, column, _cell_text(str(value)), style)


def _cell_text(text: str) -> str:
    """Return a text as a cell can hold it."""
    text = _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text)[: _LONGEST_CELL - 1]
    # XlsxWriter takes what begins and ends like this for XML of its own making, and would not escape it.
    return f"{text} " if text.startswith("<r>") and text.endswith("</r>") else text
