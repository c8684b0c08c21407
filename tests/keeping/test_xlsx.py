"""A workbook holds texts as texts, whatever they look like: read as the XML that it is."""

import io
import re
import tempfile
import zipfile
from xml.etree import ElementTree

import pytest
from finished_groups import HARMFUL, finished

from imgcluster.errors import FolderError, ParameterError
from imgcluster.keeping import tables
from imgcluster.keeping.tables import group_table, image_table, table_bytes

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture(scope="module")
def workbook():
    with zipfile.ZipFile(io.BytesIO(table_bytes(finished()[0], "xlsx"))) as archive:
        return {name: archive.read(name).decode("utf-8") for name in archive.namelist()}


def sheet(workbook, number):
    return ElementTree.fromstring(workbook[f"xl/worksheets/sheet{number}.xml"])


def cells(workbook, number):
    """Return the rows of a sheet: by column, the type of each cell and what is in it, as Excel shows it."""
    rows = []
    for row in sheet(workbook, number).iter(f"{MAIN}row"):
        found = {}
        for cell in row.iter(f"{MAIN}c"):
            text = "".join(cell.itertext())
            text = re.sub("_x([0-9A-F]{4})_", lambda match: chr(int(match[1], 16)), text)
            found[cell.get("r").rstrip("0123456789")] = (cell.get("t", "n"), text)
        rows.append(found)
    return rows


def test_there_are_three_sheets(workbook):
    assert re.findall('sheet name="([^"]+)"', workbook["xl/workbook.xml"]) == ["Pictures", "Groups", "Skipped"]
    header = [text for _, text in cells(workbook, 1)[0].values()]
    assert header == list(image_table(finished()[0]).header)


def test_nothing_is_a_formula_or_a_link(workbook):
    for name, content in workbook.items():
        tags = {element.tag.rpartition("}")[2] for element in ElementTree.fromstring(content).iter()}
        assert tags.isdisjoint({"f", "hyperlink", "hyperlinks"}), name
        assert "relationships/hyperlink" not in content, name


def test_texts_are_what_they_were(workbook):
    rows = cells(workbook, 1)[1:]
    assert [row["A"][0] for row in rows] == ["inlineStr"] * len(HARMFUL)
    shown = [row["A"][1] for row in rows]
    for text, name in zip(shown, HARMFUL, strict=True):
        if name.startswith("<r>"):  # would have been taken for XML of the library's own making
            assert text == f"{name} "
        else:
            assert text == re.sub("[\x07\r]", "\N{REPLACEMENT CHARACTER}", name)
    assert "<img src=x onerror=alert(1)>" in {row["C"][1] for row in rows}


def test_numbers_are_numbers_and_missing_ones_empty(workbook):
    final = finished()[0]
    rows = cells(workbook, 1)[1:]
    for row, (_, group, _, _, is_medoid, distance, silhouette, _) in zip(rows, image_table(final).rows, strict=True):
        assert row["B"] == ("n", str(group))
        assert row["E"] == ("b", str(int(is_medoid)))
        assert float(row["G"][1]) == pytest.approx(silhouette)
        assert ("F" in row) == (distance is not None)
    assert [int(row["D"][1]) for row in cells(workbook, 2)[1:]] == [row[3] for row in group_table(final).rows]


def test_the_header_stays_and_filters(workbook):
    for number, area in ((1, "A1:H17"), (2, "A1:F4"), (3, "A1:B2")):
        pane = sheet(workbook, number).find(f".//{MAIN}pane")
        assert (pane.get("state"), pane.get("ySplit")) == ("frozen", "1")
        assert sheet(workbook, number).find(f"{MAIN}autoFilter").get("ref") == area


def test_a_very_long_text_is_cut_and_odd_characters_replaced():
    paths = ("x" * 40_000, "half \ud800 of one", "\uffff", "a\x00b", *HARMFUL[4:])
    data = table_bytes(finished(paths=paths)[0], "xlsx")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        workbook = {"xl/worksheets/sheet1.xml": archive.read("xl/worksheets/sheet1.xml").decode("utf-8")}
    shown = [row["A"][1] for row in cells(workbook, 1)[1:5]]
    mark = "\N{REPLACEMENT CHARACTER}"
    assert shown == ["x" * 32_766, f"half {mark} of one", mark, f"a{mark}b"]


def test_more_images_than_rows_are_refused(monkeypatch):
    monkeypatch.setattr(tables, "_MOST_ROWS", 15)
    with pytest.raises(ParameterError, match="15 rows for pictures, and 16 are needed"):
        table_bytes(finished()[0], "xlsx")


def test_no_place_for_temporary_files_is_an_error(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    with pytest.raises(FolderError, match="The workbook cannot be made"):
        table_bytes(finished()[0], "xlsx")
