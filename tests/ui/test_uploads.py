"""Uploads become one ZIP file of ours, whatever a browser says the files are called."""

import io
import shutil
import tempfile
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from fake_extractor import write_images

from imgcluster.errors import ArchiveError
from imgcluster.keeping.projects.library import ProjectLibrary
from imgcluster.keeping.projects.project import Project
from imgcluster.ui import hosting
from imgcluster.ui.hosting import HOSTED, LOCAL, limits_of, upload_directory, workspace_of
from imgcluster.ui.pictures import uploads
from imgcluster.ui.pictures.uploads import keep_uploads
from imgcluster.ui.project.source import folder_source, sample_source, upload_source
from imgcluster.ui.register import jobs


@dataclass
class Upload:
    name: str
    content: bytes = b"x"

    @property
    def size(self):
        return len(self.content)

    def getbuffer(self):
        return memoryview(self.content)


def zipped(names) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, b"x")
    return file.getvalue()


def kept_names(source):
    with zipfile.ZipFile(source.location) as archive:
        return archive.namelist()


def files_below(directory):
    return {path for path in Path(directory).rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("a.png", "a.png"),
        ("folder/a.png", "folder/a.png"),
        ("../../etc/passwd.png", "etc/passwd.png"),
        ("/etc/a.png", "etc/a.png"),
        ("..\\..\\a.png", "a.png"),
        ("C:\\a.png", "C:/a.png"),
        ("./a/./b.png", "a/b.png"),
        ("..", "picture"),
        ("", "picture"),
        ("ä 📷\n.png", "ä 📷\n.png"),
    ],
)
def test_names(name, kept):
    assert kept_names(keep_uploads([Upload(name)])) == [kept]


def test_files_of_one_name_stay_apart():
    source = keep_uploads(
        [Upload("a.png", b"1"), Upload("A.png", b"2"), Upload("x/../a.png", b"3"), Upload("x/a.png", b"4")]
    )
    assert kept_names(source) == ["a.png", "A (2).png", "x/a.png", "x/a (2).png"]
    assert source.kind == "upload" and source.name == "4 uploaded pictures"


def test_the_same_upload_is_the_same_source(own_cache):
    first, second = keep_uploads([Upload("a.png")]), keep_uploads([Upload("a.png")])
    other = keep_uploads([Upload("a.png", b"y")])
    assert first == second != other
    assert len(files_below(own_cache / "uploads")) == 2


@pytest.mark.parametrize(
    "name",
    ["../../out.zip", "..\\out.zip", "/etc/out.ZIP", "a" * 300 + ".zip", "\0.zip", ".zip", "<b>:*?.zip", "con.zip"],
)
def test_a_zip_file_keeps_its_content_and_loses_its_path(own_cache, name):
    content = zipped(["a.png", "../../evil.png"])
    source = keep_uploads([Upload(name, content)])
    assert Path(source.location).read_bytes() == content
    assert files_below(own_cache.parent) & {Path(source.location)}
    assert Path(source.location).is_relative_to(own_cache / "uploads")
    assert len(Path(source.location).name) <= 90


def test_an_uploaded_zip_writes_nothing_outside(visit, own_cache, tmp_path):
    write_images(tmp_path / "photos", 3)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number, path in enumerate((tmp_path / "photos").iterdir()):
            archive.writestr(["../../../evil.png", "/tmp/evil.png", "good.png"][number], path.read_bytes())
    before = files_below(tmp_path)
    page = visit()
    page.app.file_uploader("uploads").set_value([("evil.zip", file.getvalue(), "application/zip")])
    page.run().click("Use these").settle()
    assert "good.png" not in page.text  # names only where pictures are shown
    assert page.metrics["Pictures found"] in {"1", "3"}
    page.click("Start").settle()
    assert files_below(tmp_path) == before and not Path("/tmp/evil.png").exists()


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ([Upload("a.zip"), Upload("b.zip")], "together with other files"),
        ([Upload("a.zip"), Upload("b.png")], "together with other files"),
        ([Upload("a.png", b"x" * 2001)], "more than the 2.0 KB allowed"),
        ([Upload("a.png", b"x" * 1500), Upload("b.png", b"x" * 1500)], "more than the 2.0 KB allowed"),
        ([Upload(f"{number}.png") for number in range(6)], "6 files, more than the 5 allowed"),
    ],
)
def test_too_much_is_one_sentence(monkeypatch, own_cache, files, message):
    small = replace(LOCAL, max_upload_bytes=2000, archive=replace(LOCAL.archive, max_files=5))
    monkeypatch.setattr(uploads, "LOCAL", small)
    with pytest.raises(ArchiveError, match=message) as caught:
        keep_uploads(files)
    assert caught.value.hint and str(own_cache) not in str(caught.value)
    assert not files_below(own_cache / "uploads")


def test_limits_hold_for_hosted_uploads_alone(monkeypatch):
    upload, folder = upload_source(Path("/x/y/a.zip")), folder_source("/x/y")
    assert limits_of(upload) == limits_of(folder) == LOCAL
    monkeypatch.setenv("IMGCLUSTER_HOSTED", "1")
    assert limits_of(upload) == HOSTED
    assert limits_of(sample_source("digits")) == LOCAL
    assert HOSTED.max_upload_bytes < LOCAL.max_upload_bytes
    assert HOSTED.archive.max_files < LOCAL.archive.max_files and HOSTED.max_pixels < LOCAL.max_pixels


def test_hosted_uploads_lie_in_a_place_that_goes(monkeypatch, own_cache, tmp_path):
    monkeypatch.setenv("IMGCLUSTER_HOSTED", "1")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    private = tmp_path / "imgcluster-private"
    private.mkdir()
    monkeypatch.setattr(hosting, "_session_directory", lambda: private)
    source = keep_uploads([Upload("a.png")])
    assert Path(source.location).is_relative_to(upload_directory()) and upload_directory().is_relative_to(private)
    assert workspace_of(source).directory == private
    assert workspace_of(sample_source("digits")).directory == own_cache
    hosting._remove(private)
    assert not private.exists() and not files_below(own_cache / "uploads")


def test_an_upload_that_went_is_one_sentence_without_a_place(visit, own_cache):
    page = visit()
    page.app.file_uploader("uploads").set_value([("a.png", b"x", "image/png")])
    page.run().click("Use these").settle()
    shutil.rmtree(own_cache / "uploads")
    jobs().forget("")
    page.run().settle()
    assert page.app.error[0].proto.title == r"What was uploaded is no longer here\."
    assert str(own_cache) not in page.text


def test_hosted_there_is_no_way_to_the_server_s_files(visit, monkeypatch, own_cache):
    times = {"created": "2026-11-01T10:00:00+00:00", "changed": "2026-11-01T10:00:00+00:00"}
    place = {"id": "0123456789ab", "name": "private", "kind": "folder", "location": "/srv/private"}
    ProjectLibrary(own_cache).save(Project(**place, **times, features="colour"))
    monkeypatch.setenv("IMGCLUSTER_HOSTED", "1")
    page = visit(c="0123456789ab")
    assert set(page.labels) == {"Handwritten digits", "Dots and shapes"}
    assert not page.app.text_input and not page.app.toggle and not page.app.header[0].value.startswith("private")
    assert "private" not in page.text and str(own_cache) not in page.text
