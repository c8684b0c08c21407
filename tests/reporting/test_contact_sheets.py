"""Contact sheets: each picture where it belongs, in files that others can read, never over one that is there."""

import io
import re
import threading
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, PdfParser
from some_groups import MEAN, all_of_it, color_of, final_groups, thumbnails

from imgcluster.errors import Cancelled, FolderError, ParameterError
from imgcluster.reporting.contact_sheets import write_contact_sheets
from imgcluster.reporting.gallery import listed_images
from imgcluster.reporting.pdf import write_pdf
from imgcluster.reporting.sheet_pages import A4, SheetLayout, contact_sheet_pages, n_pages

SMALL = SheetLayout(columns=3, size=(600, 800))


@pytest.fixture
def folder(tmp_path):
    """Pictures on the disk: 60 x 40 pixels, each of its own colour."""
    directory = tmp_path / "pictures"
    directory.mkdir()
    for image in range(60):
        Image.new("RGB", (60, 40), color_of(image)).save(directory / f"{image}.png")
    return directory


def drawn(image: int) -> Image.Image:
    return Image.new("RGB", (60, 40), color_of(image))


def draw_all(images):
    return [drawn(image) for image in images]


def colors_at(page: Image.Image, layout: SheetLayout, n_shown: int) -> list[tuple[int, int, int]]:
    boxes = [layout.box(position) for position in range(n_shown)]
    return [page.getpixel(((left + right) // 2, (top + bottom) // 2)) for left, top, right, bottom in boxes]


def are_near(found, images) -> bool:
    return np.abs(np.array(found, dtype=int) - [color_of(image) for image in images]).max() < 8


def jpegs_of(pdf: bytes) -> list[Image.Image]:
    found = re.finditer(rb"/DCTDecode /Length (\d+) >>\nstream\n", pdf)
    return [Image.open(io.BytesIO(pdf[match.end() : match.end() + int(match[1])])) for match in found]


@pytest.mark.parametrize("columns", [1, 2, 3, 4, 5, 7, 12])
@pytest.mark.parametrize("size", [A4, (600, 600), (1754, 1240), (600, 3000)], ids=str)
def test_boxes_lie_on_the_sheet_and_not_on_each_other(columns, size):
    layout = SheetLayout(columns=columns, size=size)
    taken = np.zeros(size[::-1], dtype=int)
    for position in range(layout.per_page):
        left, top, right, bottom = layout.box(position)
        assert 75 <= left < right <= size[0] - 75 and 75 < top < bottom + layout.caption <= size[1] - 75
        taken[top : bottom + layout.caption, left:right] += 1
    assert taken.max() == 1


def test_pictures_are_where_they_belong_the_medoid_first():
    final = final_groups([0] * 40 + [1] * 5)
    pages, images = list(contact_sheet_pages(final, 0, draw_all, layout=SMALL)), listed_images(final, 0)
    assert images[0] == 39 and sorted(images) == list(range(40))
    assert len(pages) == n_pages(final, 0, SMALL) == -(-40 // SMALL.per_page) > 2
    for number, page in enumerate(pages):
        members = images[number * SMALL.per_page : (number + 1) * SMALL.per_page]
        assert page.size == SMALL.size and colors_at(page, SMALL, len(members)) == [
            color_of(image) for image in members
        ]
    n_last = 40 - SMALL.per_page * (len(pages) - 1)
    assert set(colors_at(pages[-1], SMALL, SMALL.per_page)[n_last:]) <= {(255, 255, 255)}


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (900, 1), (8, 8)], ids=str)
def test_pictures_keep_their_shape_within_their_box(shape):
    final = final_groups([0])
    page = next(contact_sheet_pages(final, 0, lambda images: [Image.new("RGB", shape, "#ff0000")], layout=SMALL))
    red = np.argwhere((np.array(page) == (255, 0, 0)).all(axis=2))
    left, top, right, bottom = SMALL.box(0)
    assert (red.min(axis=0) >= (top, left)).all() and (red.max(axis=0) < (bottom, right)).all()
    height, width = red.max(axis=0) - red.min(axis=0) + 1
    assert width == right - left or height == bottom - top


def test_names_that_are_long_or_strange_are_drawn_within_the_sheet():
    final = final_groups([0] * 4, name="n" * 5000)
    names = (*MEAN, "w" * 3000)
    images = tuple(replace(image, path=name) for image, name in zip(final.images, names, strict=True))
    groups = replace(final.groups, names=("long " * 24,))
    page = next(contact_sheet_pages(replace(final, images=images, groups=groups), 0, draw_all, layout=SMALL))
    ink = np.argwhere((np.array(page) != 255).any(axis=2))
    assert ink[:, 1].min() >= 60 and ink[:, 1].max() <= 600 - 60


def test_a_pdf_holds_all_groups_and_then_those_in_none(folder, tmp_path):
    final, reports = final_groups([0] * 20 + [1] * 8 + [-1] * 2, folder=folder), []
    n_sheets = write_contact_sheets(final, tmp_path / "out.pdf", layout=SMALL, progress=reports.append)
    with PdfParser.PdfParser(str(tmp_path / "out.pdf")) as parsed:
        assert len(parsed.pages) == n_sheets
        assert parsed.read_indirect(parsed.pages[0])[b"MediaBox"] == [0, 0, 288, 384]
        assert bytes(parsed.info.Title).decode("utf-16") == "Holidays: groups"
    pages = jpegs_of((tmp_path / "out.pdf").read_bytes())
    assert [report.done for report in reports] == list(range(1, n_sheets + 1)) and reports[0].total == n_sheets
    assert len(pages) == n_sheets == sum(n_pages(final, label, SMALL) for label in (0, 1, -1))
    assert are_near(colors_at(pages[0], SMALL, SMALL.per_page), listed_images(final, 0)[: SMALL.per_page])
    assert are_near(colors_at(pages[-1], SMALL, 2), [28, 29])


def test_the_same_pages_give_the_same_pdf(folder, tmp_path):
    final = final_groups([0] * 5, folder=folder)
    for name in ("one.pdf", "two.pdf"):
        write_contact_sheets(final, tmp_path / name)
    assert (tmp_path / "one.pdf").read_bytes() == (tmp_path / "two.pdf").read_bytes()


def test_jpegs_are_numbered_and_named_for_their_groups(folder, tmp_path):
    final = final_groups([0] * 20 + [1] * 3, folder=folder)
    final = replace(final, groups=replace(final.groups, names=("../<b>", "")))
    n_sheets = write_contact_sheets(final, tmp_path / "sheets", format="jpeg", labels=[1, 0], layout=SMALL)
    names = sorted(path.name for path in (tmp_path / "sheets").iterdir())
    assert len(names) == n_sheets and names[:2] == ["001 Group 2.jpg", "002 ..__b_.jpg"]
    with Image.open(tmp_path / "sheets" / names[0]) as page:
        assert are_near(colors_at(page, SMALL, 3), listed_images(final, 1))


def test_pictures_that_cannot_be_read_give_their_thumbnail_or_the_reason(folder, tmp_path):
    (folder / "1.png").write_bytes(b"no picture")
    (folder / "2.png").unlink()
    final = final_groups([0] * 4, folder=folder)
    write_contact_sheets(final, tmp_path / "out.pdf")
    layout = SheetLayout()
    corners = [(left + 6, top + 6) for left, top, _, _ in map(layout.box, range(4))]
    page = jpegs_of((tmp_path / "out.pdf").read_bytes())[0]
    order = listed_images(final, 0)
    grey = [min(page.getpixel(corners[order.index(image)])) > 210 for image in (1, 2)]
    assert grey == [True, True] and are_near([colors_at(page, layout, 4)[order.index(3)]], [3])
    write_contact_sheets(final, tmp_path / "with.pdf", thumbnails=thumbnails)
    page = jpegs_of((tmp_path / "with.pdf").read_bytes())[0]
    assert are_near(colors_at(page, layout, 4), order)


def test_nothing_is_ever_overwritten(folder, tmp_path):
    final, pdf, sheets = final_groups([0] * 4, folder=folder), tmp_path / "out.pdf", tmp_path / "sheets"
    pdf.write_text("mine")
    sheets.mkdir()
    (sheets / "001 Group 1.jpg").write_text("mine")
    with pytest.raises(FolderError, match="there already"):
        write_contact_sheets(final, pdf)
    with pytest.raises(FolderError, match="not empty"):
        write_contact_sheets(final, sheets, format="jpeg")
    assert pdf.read_text() == "mine" and (sheets / "001 Group 1.jpg").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.pdf", "pictures", "sheets"]
    with pytest.raises(FolderError):
        write_contact_sheets(final, tmp_path / "none" / "out.pdf")


@pytest.mark.parametrize("form", ["pdf", "jpeg"])
def test_a_file_that_comes_meanwhile_is_left_alone_and_a_cancel_leaves_nothing(folder, tmp_path, form):
    final, cancel, out = final_groups([0] * 40, folder=folder), threading.Event(), tmp_path / "out"
    with pytest.raises(Cancelled):
        write_contact_sheets(final, out, format=form, layout=SMALL, progress=lambda _: cancel.set(), cancel=cancel)
    assert [path.name for path in tmp_path.iterdir()] == ["pictures"]
    if form == "pdf":
        with pytest.raises(FolderError, match="there already"):
            write_contact_sheets(final, out, layout=SMALL, progress=lambda _: out.write_text("mine"))
        assert out.read_text() == "mine" and len(list(tmp_path.iterdir())) == 2


def test_what_makes_no_sense_is_refused(folder, tmp_path):
    final = final_groups([0] * 4, folder=folder)
    for refused in (
        lambda: write_contact_sheets(final, tmp_path / "a.pdf", labels=[0, 5]),
        lambda: write_contact_sheets(final, tmp_path / "a.pdf", labels=[-1]),
        lambda: write_contact_sheets(final, tmp_path / "a.pdf", labels=[]),
        lambda: write_contact_sheets(final, tmp_path / "a.pdf", format="tiff"),
        lambda: SheetLayout(columns=0),
        lambda: SheetLayout(size=(100, 2000)),
    ):
        with pytest.raises(ParameterError):
            refused()
    assert [path.name for path in tmp_path.iterdir()] == ["pictures"]


def test_pages_of_a_pdf_are_drawn_one_by_one(tmp_path):
    """No page is asked for before the one before is in the file."""
    places = []

    def pages(file):
        for image in range(5):
            places.append(file.tell())
            yield drawn(image)

    with (tmp_path / "out.pdf").open("wb") as file:
        assert write_pdf(file, pages(file), resolution=72, title=MEAN[2]) == 5
    assert np.diff(places).min() > 300
    with PdfParser.PdfParser(str(tmp_path / "out.pdf")) as parsed:
        assert len(parsed.pages) == 5 and bytes(parsed.info.Title).decode("utf-16") == MEAN[2]


def test_everything_can_be_drawn(tmp_path):
    final = all_of_it()
    for label in (0, 1, 2, -1):
        assert len(list(contact_sheet_pages(final, label, draw_all))) == n_pages(final, label, SheetLayout())
