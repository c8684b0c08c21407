"""The screen Export: what is taken, what each button makes, and that the pictures themselves never change."""

import hashlib
import io
import os
import re
import runpy
import shutil
import zipfile
from pathlib import Path

import pytest
from fake_extractor import write_images

from imgcluster.cache import clear_cache
from imgcluster.editing.edits import Rename
from imgcluster.errors import Cancelled
from imgcluster.keeping.models.model_file import load_model
from imgcluster.keeping.projects.project_file import load_project
from imgcluster.keeping.projects.project_groups import project_groups
from imgcluster.ui.export import folders, prepared, tables
from imgcluster.ui.groups.partition import kmeans_partition
from imgcluster.ui.project.grouped import Grouping
from imgcluster.ui.project.projects import edit
from imgcluster.ui.register import jobs

N_IMAGES = 150

pytestmark = pytest.mark.usefixtures("few_clusters")


@pytest.fixture(autouse=True)
def sent(monkeypatch):
    """What the browser was offered to save, by kind, and how it says that it has it."""
    offers = {}

    def note(offered, *, key, on_saved):
        offers[key.removeprefix("save-")] = (offered, on_saved)

    monkeypatch.setattr(prepared, "download", note)
    return offers


@pytest.fixture
def export(visit, photos):
    return visit().group(photos).go("export")


def content(sent, kind):
    offered, _ = sent[kind]
    return offered.read(0, offered.size)


def contents(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def written(out):
    return sorted(path for path in out.rglob("*") if path.is_file() and not path.name.startswith("imgcluster-manifest"))


def write_to(page, out, how="copy"):
    page.app.text_input("export-folder").input(str(out))
    page.app.segmented_control("export-how").set_value(how)
    return page.run()


def downloads(page):
    return [button.proto.label for button in page.app.get("download_button")]


def test_without_pictures_it_says_what_to_do(visit):
    assert visit().go("export").app.info[0].proto.title == "No pictures yet"


def test_it_says_what_is_taken(export):
    assert "groups, 150 pictures" in export.text and "Group 1 (" in export.text
    assert downloads(export) == ["CSV", "Excel", "JSON", "Python script"]
    assert not export.app.error and not export.app.warning


def test_names_and_changes_go_along(export, sent, tmp_path, monkeypatch):
    grouping = next(job.result for job in jobs()._jobs.values() if isinstance(job.result, Grouping))
    source, partition = export.app.session_state["source"], kmeans_partition(grouping, 8)
    group = tuple(partition.groups.members(0).tolist())
    assert edit(source, grouping, partition, Rename(group=group, name="Dogs *and* <b>cats</b>"))
    proposals = ("",) + ("Wolves",) + ("",) * 6
    monkeypatch.setattr("imgcluster.ui.groups.editing.names.known_names", lambda *which: proposals)
    page = export.run()
    assert "Dogs *and* <b>cats</b> (" in page.text and re.search(r"Wolves \(\d+, proposed\)", page.text)
    write_to(page, tmp_path / "out").click("Copy 150 pictures").settle()
    folders = {path.name for path in (tmp_path / "out").iterdir() if path.is_dir()}
    assert {"Dogs _and_ _b_cats__b_", "Wolves", "Group 3"} <= folders
    page.click("Make the model").settle()
    (tmp_path / "model.imgcluster").write_bytes(content(sent, "model"))
    assert load_model(tmp_path / "model.imgcluster").names[:3] == ("Dogs *and* <b>cats</b>", "Wolves", "Group 3")
    page.app.toggle("export-names").set_value(False)
    assert "Wolves" not in page.run().text and "Group 2 (" in page.text
    page.click("Make the project file").settle()
    (tmp_path / "sent.imgcluster").write_bytes(content(sent, "project"))
    opened = load_project(tmp_path / "sent.imgcluster")
    final, _ = project_groups(opened, grouping.collection.images)
    assert final.title(0) == "Dogs *and* <b>cats</b>" and final.groups.labels.tolist() == partition.labels.tolist()


def test_tables_are_made_when_they_are_asked_for(export, monkeypatch):
    made = []
    monkeypatch.setattr(tables, "table_bytes", lambda final, format: made.append(format) or b"")
    export.run()
    assert made == []


def test_pictures_are_copied_into_folders_and_that_is_undone(export, photos, tmp_path):
    before, out = contents(photos), tmp_path / "out"
    page = write_to(export, out)
    assert "150 files" in page.text and "free there" in page.text and not out.exists()
    page.click("Copy 150 pictures").settle()
    assert f"150 pictures copied to {out}" in "\n".join(s.value for s in page.app.success).replace("\\", "")
    assert len(written(out)) == N_IMAGES and "150 files will be numbered" in page.text
    page.click("Copy 150 pictures").settle()
    assert len(written(out)) == 2 * N_IMAGES
    page.click("Undo this export").settle()
    assert "150 files removed" in page.app.success[0].value and len(written(out)) == N_IMAGES
    page.click("Undo this export").settle()
    assert list(out.iterdir()) == [] and "Undo this export" not in page.labels
    assert contents(photos) == before


def test_a_file_that_was_changed_since_is_left(export, tmp_path):
    page = write_to(export, tmp_path / "out").click("Copy 150 pictures").settle()
    written(tmp_path / "out")[0].write_bytes(b"mine")
    page.click("Undo this export").settle()
    assert "149 files removed" in page.app.success[0].value and "changed" in page.app.warning[0].value
    assert [path.read_bytes() for path in written(tmp_path / "out")] == [b"mine"]


@pytest.mark.parametrize("how", ["hardlink", "symlink"])
def test_links_take_no_space(export, photos, tmp_path, how):
    page = write_to(export, tmp_path / "out", how).click("Link 150 pictures").settle()
    assert "150 pictures linked" in page.app.success[0].value
    assert all(path.samefile(photos / path.name) for path in written(tmp_path / "out"))


@pytest.mark.parametrize("inside", ["", "new"])
def test_never_into_the_folder_of_the_pictures(export, photos, inside):
    before = contents(photos)
    page = write_to(export, photos / inside)
    assert "to which nothing is ever added" in page.text and "Copy 150 pictures" not in page.labels
    assert contents(photos) == before


@pytest.mark.parametrize("typed", ["~nobody/x", "a\0b", "/" + "a" * 5000, "/etc/hostname/x", "/proc/1/x"], ids=ascii)
def test_a_folder_that_cannot_be_is_told_in_a_sentence(export, typed, photos):
    before, page = contents(photos), write_to(export, typed)
    if "Copy 150 pictures" in page.labels and not typed.startswith("~"):
        page.click("Copy 150 pictures").settle()
    assert page.app.error or typed.startswith("~")
    assert contents(photos) == before


def test_a_scheme_of_ones_own(export, tmp_path):
    page = export
    assert "Such as: Group 1/" in page.text
    page.app.selectbox("export-scheme").set_value("own")
    page.run()
    page.app.text_input("export-own-scheme").input("{nope}/{name}")
    assert "there is no such field" in page.run().text and "Make the ZIP file" not in page.labels
    page.app.text_input("export-own-scheme").input("../{name}")
    assert "leads out of the folder" in page.run().text
    page.app.text_input("export-own-scheme").input("{nr} {stem}{ext}")
    assert "Such as: 1 " in page.run().text
    write_to(page, tmp_path / "out").click("Copy 150 pictures").settle()
    assert len([path for path in (tmp_path / "out").iterdir() if path.suffix != ".json"]) == N_IMAGES


def test_the_zip_file_waits_on_the_disk_until_it_is_saved(export, sent, photos, own_cache):
    page = export.click("Make the ZIP file").settle()
    offered, on_saved = sent["zip"]
    archive = zipfile.ZipFile(io.BytesIO(content(sent, "zip")))
    assert archive.testzip() is None and len(archive.namelist()) == N_IMAGES
    assert offered.name == "photos.zip" and "Make the ZIP file" not in page.labels
    waiting = list(Path(own_cache).rglob("zip-*"))
    assert len(waiting) == 1
    on_saved()
    assert offered.read(0, 1) is None and list(Path(own_cache).rglob("zip-*")) == []
    page.run()
    assert "Make the ZIP file" in page.labels


def test_another_scheme_is_another_file(export, sent):
    page = export.click("Make the ZIP file").settle()
    first = sent["zip"][0].token
    page.app.selectbox("export-scheme").set_value("{group}_{i}{ext}")
    page.run().click("Make the ZIP file").settle()
    assert sent["zip"][0].token != first
    assert all("/" not in name for name in zipfile.ZipFile(io.BytesIO(content(sent, "zip"))).namelist())


def test_two_visitors_have_files_of_their_own(export, photos, sent, monkeypatch, tmp_path):
    export.click("Make the ZIP file").settle()
    first = sent.pop("zip")[0]
    (tmp_path / "other").mkdir()
    monkeypatch.setattr(prepared, "_directory", lambda parent: tmp_path / "other")  # AppTest has one session for all
    export.run()
    assert "zip" not in sent
    export.click("Make the ZIP file").settle()
    assert sent["zip"][0].token != first.token and first.read(0, 2) == b"PK"


def test_what_waits_goes_with_the_session_and_what_was_left_is_swept(tmp_path):
    old = tmp_path / "downloads" / "session-old"
    old.mkdir(parents=True)
    os.utime(old, (0, 0))
    directory = prepared._directory.__wrapped__(str(tmp_path / "downloads"))
    (directory / "zip-1").write_bytes(b"x")
    job = jobs().start(f"export/{directory.name}/zip/1", lambda progress, cancel: cancel.wait(20))
    assert [path.name for path in (tmp_path / "downloads").iterdir()] == [directory.name]
    prepared._release(directory)
    assert job.wait(10) and not directory.exists() and jobs().get(f"export/{directory.name}/zip/1") is None


def test_files_are_made_after_the_storage_was_cleared(export, sent, own_cache):
    export.click("Make the ZIP file").settle()
    clear_cache()
    page = export.go("pictures").go("export")
    page.click("Make the report").settle()
    assert not page.app.error and sent["zip"][0].read(0, 2) == b"PK"
    shutil.rmtree(own_cache / "downloads")
    page.click("Make contact sheets").settle()
    assert content(sent, "sheets").startswith(b"%PDF")


def test_a_group_called_like_an_option_has_contact_sheets(export, sent):
    grouping = next(job.result for job in jobs()._jobs.values() if isinstance(job.result, Grouping))
    source, partition = export.app.session_state["source"], kmeans_partition(grouping, 8)
    assert edit(source, grouping, partition, Rename(group=tuple(partition.groups.members(3)), name="All groups"))
    box = export.run().app.selectbox("export-sheets")
    assert len(set(box.options)) == len(box.options) == 9 and {"All groups", "All groups (2)"} <= {*box.options}
    box.set_value(3)
    export.run().click("Make contact sheets").settle()
    assert sent["sheets"][0].name == "photos All groups.pdf"


def test_the_report(export, sent):
    export.click("Make the report").settle()
    page = content(sent, "report").decode()
    assert sent["report"][0].name == "photos report.html"
    assert page.startswith("<!") and "Content-Security-Policy" in page and "150 pictures" in page


@pytest.mark.parametrize("group", ["all", 1])
def test_contact_sheets(export, sent, group):
    export.app.selectbox("export-sheets").set_value(group)
    export.run().click("Make contact sheets").settle()
    assert content(sent, "sheets").startswith(b"%PDF")
    assert sent["sheets"][0].name == ("photos contact sheets.pdf" if group == "all" else "photos Group 2.pdf")


@pytest.mark.parametrize("with_thumbnails", [True, False])
def test_the_project_opens_elsewhere_and_holds_no_place(export, sent, tmp_path, photos, with_thumbnails):
    export.app.toggle("export-thumbnails").set_value(with_thumbnails)
    export.run().click("Make the project file").settle()
    path = tmp_path / "sent.imgcluster"
    path.write_bytes(content(sent, "project"))
    opened = load_project(path)
    assert opened.project.n_images == N_IMAGES and opened.project.location == ""
    assert bool(opened.thumbnails) == with_thumbnails
    assert str(photos).encode() not in path.read_bytes()


def test_skipped_files_go_with_the_project(visit, photos, sent, tmp_path):
    (photos / "broken.png").write_bytes(b"no picture")
    visit().group(photos).go("export").click("Make the project file").settle()
    (tmp_path / "sent.imgcluster").write_bytes(content(sent, "project"))
    (skipped,) = load_project(tmp_path / "sent.imgcluster").project.skipped
    assert skipped.path == "broken.png" and skipped.reason


def test_the_model(export, sent, tmp_path):
    export.click("Make the model").settle()
    path = tmp_path / "model.imgcluster"
    path.write_bytes(content(sent, "model"))
    assert load_model(path).names[0] == "Group 1"


def test_the_script_makes_the_same_groups(export, photos, tmp_path):
    (code,) = export.app.code
    (grouping,) = (job.result for job in jobs()._jobs.values() if isinstance(job.result, Grouping))
    (tmp_path / "script.py").write_text(code.value, encoding="utf-8")
    groups = runpy.run_path(str(tmp_path / "script.py"))["grouped"](str(photos))
    expected = grouping.series[7] + 1
    assert groups == dict(zip(grouping.collection.paths, expected.tolist(), strict=True))


def test_pictures_that_have_vanished_are_told(export, photos, tmp_path):
    sorted(photos.iterdir())[0].unlink()
    page = write_to(export, tmp_path / "out")
    page.app.selectbox("export-scheme").set_value("{group}/{path}")
    page.run()
    assert "Copy 149 pictures" in page.labels and "1 picture left out" in page.app.warning[0].value


def test_without_the_pictures_the_rest_goes_on(export, photos, sent, tmp_path):
    write_to(export, tmp_path / "out")
    for path in photos.iterdir():
        path.unlink()
    export.app.selectbox("export-scheme").set_value("{group}/{path}")
    page = export.run()
    assert "None of these pictures is there." in page.text and "Make the ZIP file" not in page.labels
    page.click("Make the report").settle().click("Make contact sheets").settle()
    assert not page.app.error and sent.keys() == {"report", "sheets"}


def test_work_that_is_stopped_leaves_nothing(export, tmp_path, monkeypatch):
    def waits(plan, out, *, progress, cancel):
        cancel.wait(20)
        raise Cancelled("Stopped.")

    monkeypatch.setattr(folders, "run_export", waits)
    page = write_to(export, tmp_path / "out").click("Copy 150 pictures").click("Cancel").settle()
    assert page.app.info[0].proto.title == "Stopped" and "Copy 150 pictures" in page.labels


def test_hosted_there_are_no_folders_and_no_places(visit, monkeypatch, sent, own_cache):
    monkeypatch.setenv("IMGCLUSTER_HOSTED", "1")
    page = visit(c="digits").settle().go("export").settle()
    assert not page.app.error
    fields = [field.label for field in page.app.text_input]
    assert "Folder to write into" not in fields and "Make the ZIP file" in page.labels


def test_names_stay_text(visit, tmp_path, sent):
    folder = tmp_path / "<img src=x onerror=alert(1)>"
    write_images(folder, 12)
    page = visit().group(folder).go("export")
    page.click("Make the report").settle()
    assert "<img src=x" not in content(sent, "report").decode().lower()
    assert sent["report"][0].name.isprintable() and not set('<>:"/\\|?*') & set(sent["report"][0].name)


@pytest.mark.parametrize("n_images", [1, 2, 3])
def test_few_pictures(visit, tmp_path, n_images, sent):
    write_images(tmp_path / "few", n_images)
    page = visit().group(tmp_path / "few").go("export")
    assert not page.app.error
    for button in ("Make the report", "Make contact sheets", "Make the project file", "Make the model"):
        page.click(button).settle()
        assert not page.app.error, button
    assert len(sent) == 4
