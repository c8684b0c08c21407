"""The same as one ZIP file: made in pieces, the same every time, and opened by others."""

import io
import os
import shutil
import subprocess
import threading
import tracemalloc
import zipfile
from collections import namedtuple

import pytest
from exported_groups import grouped, snapshot, write_pictures

from imgcluster.errors import Cancelled, FolderError, NoImagesError, ParameterError, UnreadableImageError
from imgcluster.keeping.exporting import zipping
from imgcluster.keeping.exporting.plan import plan_export
from imgcluster.keeping.exporting.zipping import zip_chunks, zip_export
from imgcluster.pictures.collection import Collection
from imgcluster.pictures.finding import find_images

NAMES = ["a.jpg", "b.PNG", "sub/a.jpg", "ünï 🐺.jpg"]
CONTENT = ["Wölfe/a.jpg", "Wölfe/b.PNG", "Wölfe/a (2).jpg", "No group/ünï 🐺.jpg"]


@pytest.fixture
def plan(tmp_path):
    return plan_export(grouped(write_pictures(tmp_path / "pictures", NAMES), [0, 0, 0, -1], ["Wölfe"]))


class Pipe:
    """Takes bytes, and nothing else: no position, no way back."""

    def __init__(self):
        self.content = b""

    def write(self, data):
        self.content += data


def test_the_zip_file_holds_the_pictures_in_their_folders(plan, tmp_path):
    before = snapshot(tmp_path / "pictures")
    reports = []
    assert zip_export(plan, tmp_path / "out.zip", progress=reports.append) == ()
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert archive.namelist() == CONTENT and archive.testzip() is None
        for file in plan.files:
            assert archive.read(file.path) == file.image.source.read_bytes()
        entries = archive.infolist()
    assert {entry.compress_type for entry in entries} == {zipfile.ZIP_STORED}
    assert {entry.date_time for entry in entries} == {(2017, 7, 14, 2, 40, 0)}
    assert all(entry.flag_bits & 0x800 for entry in entries), "the names are UTF-8"
    assert [(report.done, report.total) for report in reports] == [(n, 4) for n in (1, 2, 3, 4)]
    assert snapshot(tmp_path / "pictures") == before
    assert {path.name for path in tmp_path.iterdir()} == {"pictures", "out.zip"}


def test_file_pipe_and_pieces_are_the_same_to_the_last_byte(plan, tmp_path, monkeypatch):
    zip_export(plan, tmp_path / "out.zip")
    pipe, memory = Pipe(), io.BytesIO()
    zip_export(plan, pipe)
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    zip_export(plan, memory)
    assert (tmp_path / "out.zip").read_bytes() == pipe.content == memory.getvalue() == b"".join(zip_chunks(plan))


@pytest.mark.skipif(shutil.which("unzip") is None, reason="there is no unzip")
def test_another_program_opens_it(plan, tmp_path):
    zip_export(plan, tmp_path / "out.zip")
    done = subprocess.run(["unzip", "-t", tmp_path / "out.zip"], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "No errors" in done.stdout


def test_this_program_opens_it(plan, tmp_path):
    zip_export(plan, tmp_path / "out.zip")
    assert sorted(find_images(tmp_path / "out.zip").paths) == sorted(CONTENT)


def test_memory_stays_small_whatever_a_file_holds(plan, tmp_path):
    n_bytes = 96 * 2**20
    with (tmp_path / "pictures" / "a.jpg").open("r+b") as file:
        file.truncate(n_bytes)
    tracemalloc.start()
    try:
        sizes = [len(chunk) for chunk in zip_chunks(plan)]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert sum(sizes) > n_bytes and max(sizes) < 2 * 2**20
    assert peak < 8 * 2**20


def test_fields_for_more_than_four_gigabytes(plan, tmp_path, monkeypatch):
    """As if 600 bytes were the most that the usual fields can hold; and a file that has grown beyond them meanwhile."""
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 600)
    (tmp_path / "pictures" / "a.jpg").write_bytes(b"grown" * 1000)
    with zipfile.ZipFile(io.BytesIO(b"".join(zip_chunks(plan)))) as archive:
        assert archive.namelist() == CONTENT and archive.testzip() is None
        assert archive.read(CONTENT[0]) == b"grown" * 1000


@pytest.mark.parametrize("mtime", [-5, 0, 2**33, 2**62 / 1e9])
def test_dates_that_no_zip_file_can_hold_are_moved_to_its_ends(tmp_path, mtime):
    write_pictures(tmp_path / "pictures", ["a.jpg"])
    os.utime(tmp_path / "pictures" / "a.jpg", (mtime, mtime))
    plan = plan_export(grouped(find_images(tmp_path / "pictures"), [0], [""]))
    with zipfile.ZipFile(io.BytesIO(b"".join(zip_chunks(plan)))) as archive:
        assert archive.infolist()[0].date_time[0] in (1980, 2106, 2107)


def test_pictures_that_are_gone_are_listed_inside(plan, tmp_path):
    (tmp_path / "pictures" / "a.jpg").unlink()
    skipped = zip_export(plan, tmp_path / "out.zip")
    assert [(image.path, image.reason) for image in skipped] == [("a.jpg", "it vanished meanwhile")]
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert archive.namelist() == [*CONTENT[1:], "skipped.txt"]
        assert archive.read("skipped.txt") == b"a.jpg: it vanished meanwhile\n"
    shutil.rmtree(tmp_path / "pictures")
    with pytest.raises(NoImagesError, match="none of them is there"):
        list(zip_chunks(plan_export(grouped(Collection(name="nothing", images=()), [], []))))


def test_a_picture_that_ends_too_soon_makes_no_zip_file(plan, tmp_path, monkeypatch):
    def blocks(image):
        yield b"beginning"
        raise UnreadableImageError("the disk is gone")

    monkeypatch.setattr(zipping, "image_blocks", blocks)
    with pytest.raises(UnreadableImageError, match=r"a.jpg can be read in part only: the disk is gone"):
        zip_export(plan, tmp_path / "out.zip")
    assert [path.name for path in tmp_path.iterdir()] == ["pictures"]


def test_a_file_that_is_there_is_not_replaced(plan, tmp_path):
    (tmp_path / "out.zip").write_text("mine")
    (tmp_path / "link.zip").symlink_to("nowhere")
    for name in ("out.zip", "link.zip"):
        with pytest.raises(FolderError, match="already, and nothing is ever overwritten"):
            zip_export(plan, tmp_path / name)

    def while_we_write(report):
        (tmp_path / "late.zip").write_text("mine")

    with pytest.raises(FolderError, match="already"):
        zip_export(plan, tmp_path / "late.zip", progress=while_we_write)
    assert (tmp_path / "out.zip").read_text() == (tmp_path / "late.zip").read_text() == "mine"
    assert {path.name for path in tmp_path.iterdir()} == {"pictures", "out.zip", "link.zip", "late.zip"}


def test_it_does_not_lie_among_the_pictures(plan, tmp_path):
    for folder in ("pictures", "pictures/sub"):
        with pytest.raises(ParameterError, match="lies in the folder of the pictures"):
            zip_export(plan, tmp_path / folder / "out.zip")
    with pytest.raises(FolderError, match="cannot be written"):
        zip_export(plan, tmp_path / "nowhere" / "out.zip")


def test_too_little_space_is_said_before(plan, tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: namedtuple("usage", "free")(2000))
    with pytest.raises(FolderError, match=r"4 pictures take 0\.0 MB, and 0\.0 MB are free"):
        zip_export(plan, tmp_path / "out.zip")


def test_cancelling_leaves_no_zip_file(plan, tmp_path):
    cancel = threading.Event()
    with pytest.raises(Cancelled, match="There is no ZIP file"):
        zip_export(plan, tmp_path / "out.zip", progress=lambda at: at.done == 2 and cancel.set(), cancel=cancel)
    assert [path.name for path in tmp_path.iterdir()] == ["pictures"]


def test_a_download_that_is_broken_off_leaves_nothing_open(plan):
    pieces = zip_chunks(plan)
    assert next(pieces).startswith(b"PK\3\4")
    pieces.close()
