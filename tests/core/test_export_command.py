"""``export``, ``open`` and ``cluster --project``: what was grouped goes to others, and comes back as files."""

import csv
import io
import json
import shutil
import signal
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fake_extractor import write_images

from imgcluster.__main__ import main
from imgcluster.commands import open_project
from imgcluster.editing.edits import Move, Rename
from imgcluster.editing.history import History
from imgcluster.grouping.methods import MethodOptions
from imgcluster.keeping.projects.project_file import load_project, save_project
from imgcluster.keeping.projects.project_groups import choices_of_method, method_of_project
from imgcluster.pipeline import cluster_images

pytestmark = pytest.mark.usefixtures("network", "quick_map")

ODD = "<img src=x onerror=alert(1)>"


@pytest.fixture
def photos(tmp_path):
    write_images(tmp_path / "photos", 24)
    return tmp_path / "photos"


@pytest.fixture
def project(photos, tmp_path, capsys):
    """Return a project of four groups, the first of which has a name, and one picture moved there."""
    path = tmp_path / "p.imgcluster"
    assert main(["cluster", str(photos), "--k", "4", "--project", str(path)]) == 0
    assert f"Written to {path}." in capsys.readouterr().out
    opened = load_project(path)
    labels = opened.parts.series[3]
    first = tuple(np.flatnonzero(labels == 0).tolist())
    moved = int(np.flatnonzero(labels == 1)[0])
    edits = (Rename(group=first, name=ODD), Move(images=(moved,), target=first))
    changed = replace(opened.project, history=History(edits=edits, n_done=2))
    save_project(path, changed, parts=opened.parts, thumbnails=opened.thumbnails, private=False)
    return path


def rows_of(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_project_holds_what_was_grouped_and_not_where_it_was(photos, project):
    opened, result = load_project(project), cluster_images(photos, n_clusters=4)
    assert opened.project.paths == result.collection.paths and opened.project.hashes == result.features.hashes
    assert {*opened.thumbnails} == {*result.features.hashes}
    assert opened.project.location == "" and str(photos.parent).encode() not in project.read_bytes()
    pairs = {*zip(opened.parts.series[3].tolist(), result.clustering.labels.tolist(), strict=True)}
    assert len(pairs) == 4  # the same groups, whatever their numbers
    assert opened.project.cover and {*opened.project.cover} <= {*opened.project.hashes}


def test_the_number_may_be_left_to_the_program(photos, tmp_path):
    assert main(["cluster", str(photos), "--project", str(tmp_path / "auto.imgcluster")]) == 0
    opened = load_project(tmp_path / "auto.imgcluster")
    assert opened.project.n_clusters == cluster_images(photos).clustering.n_clusters
    assert len(opened.parts.series) == 24


def test_one_picture_is_a_project(tmp_path, capsys):
    write_images(tmp_path / "photos", 1)
    assert main(["cluster", str(tmp_path / "photos"), "--project", str(tmp_path / "p.imgcluster")]) == 0
    assert main(["export", str(tmp_path / "p.imgcluster"), "--csv", str(tmp_path / "groups.csv")]) == 0
    assert [(row["path"], row["group"]) for row in rows_of(tmp_path / "groups.csv")] == [("0000.png", "1")]


def test_tables_need_no_pictures(photos, project, tmp_path, capsys):
    shutil.rmtree(photos)
    paths = [tmp_path / f"groups.{ending}" for ending in ("csv", "xlsx", "json")]
    assert main(["export", str(project), *(each for p in paths for each in (f"--{p.suffix[1:]}", str(p)))]) == 0
    rows, content = rows_of(paths[0]), json.loads(paths[2].read_text(encoding="utf-8"))
    assert len(rows) == len(content["images"]) == 24
    assert [row["group"] for row in rows] == [str(image["group"]) for image in content["images"]]
    assert {row["name"] for row in rows} == {ODD, "Group 2", "Group 3", "Group 4"}
    assert content["history"][0].endswith(f'"{ODD}"') and content["history"][1].startswith("Moved 1 picture")
    assert zipfile.is_zipfile(paths[1])
    assert [f"Written to {path}." in capsys.readouterr().out for path in paths[:1]] == [True]


def test_skipped_files_are_listed_with_the_reasons(photos, tmp_path):
    (photos / "broken.png").write_bytes(b"no picture")
    path, table, report = tmp_path / "p.imgcluster", tmp_path / "g.csv", tmp_path / "r.html"
    assert main(["cluster", str(photos), "--k", "3", "--project", str(path)]) == 0
    assert main(["export", str(path), "--csv", str(table), "--html", str(report)]) == 0
    (row,) = rows_of(tmp_path / "g-skipped.csv")
    assert row["path"] == "broken.png" and row["reason"]
    assert "broken.png" in report.read_text(encoding="utf-8")


def test_report_and_sheets_show_thumbnails_where_there_are_no_pictures(photos, project, tmp_path):
    shutil.rmtree(photos)
    report, sheets = tmp_path / "report.html", tmp_path / "sheets.pdf"
    assert main(["export", str(project), "--html", str(report), "--sheets", str(sheets)]) == 0
    page = report.read_text(encoding="utf-8")
    assert page.count("data:image/jpeg;base64,") + page.count("/9j/") >= 24 and ODD not in page
    assert sheets.read_bytes().startswith(b"%PDF")


def test_pictures_are_copied_by_group_and_taken_back(photos, project, tmp_path, capsys):
    before, out = contents(photos), tmp_path / "out"
    ask = ["export", str(project), "--folder", str(photos), "--copy-to", str(out), "--scheme", "{nr}/{name}"]
    assert main([*ask, "--dry-run"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith(f"24 files, 0.0 MB, would be written to {out}:\n  {ODD}: ") and not out.exists()
    assert main(ask) == 0
    assert "24 files, with a list of them for --undo" in capsys.readouterr().out
    written = {path.rpartition("/")[2]: path for path in contents(out) if path.endswith(".png")}
    assert {*written} == {*before} and contents(photos) == before
    assert main(["export", str(project), "--csv", str(tmp_path / "groups.csv")]) == 0
    assert {row["path"]: row["group"] for row in rows_of(tmp_path / "groups.csv")} == {
        name: path.split("/")[0] for name, path in written.items()
    }
    capsys.readouterr()
    assert main(["export", "--undo", str(out)]) == 0
    assert capsys.readouterr().out == f"24 files removed from {out}.\n"
    assert contents(out) == {} and contents(photos) == before


def test_pictures_are_known_by_content_after_the_folder_has_moved(photos, project, tmp_path, capsys):
    moved = tmp_path / "elsewhere"
    photos.rename(moved)
    (moved / "0000.png").rename(moved / "renamed.png")
    (moved / "0001.png").unlink()
    archive = tmp_path / "z.zip"
    assert main(["export", str(project), "--folder", str(moved), "--zip", str(archive)]) == 0
    printed = capsys.readouterr()
    assert "23 of 24 pictures are there, 1 of them under another name; 1 is missing." in printed.err
    assert "1 picture could not be exported:\n  0001.png: it vanished meanwhile" in printed.out
    with zipfile.ZipFile(archive) as found:
        names = {name.rpartition("/")[2]: found.read(name) for name in found.namelist()}
    assert names["0000.png"] == (moved / "renamed.png").read_bytes()
    assert {*names} == {*(f"{number:04d}.png" for number in range(24) if number != 1), "skipped.txt"}


def test_no_file_is_opened_because_a_project_names_it(photos, project, tmp_path, monkeypatch):
    opened = load_project(project)
    (tmp_path / "secret.txt").write_text("secret")
    hostile = replace(
        opened.project, paths=("secret.txt", *opened.project.paths[1:]), hashes=("0" * 32, *opened.project.hashes[1:])
    )
    save_project(project, replace(hostile, cover=()), parts=opened.parts, private=False)
    monkeypatch.chdir(tmp_path)
    assert main(["export", project.name, "--folder", str(photos), "--zip", "z.zip", "--sheets", "s.pdf"]) == 0
    with zipfile.ZipFile("z.zip") as found:
        assert b"secret" not in b"".join(found.read(name) for name in found.namelist() if name != "skipped.txt")
        assert "secret.txt: it vanished meanwhile" in found.read("skipped.txt").decode()


def test_links_are_made_when_asked_for(photos, project, tmp_path):
    ask = ["export", str(project), "--folder", str(photos), "--copy-to", str(tmp_path / "out"), "--how", "symlink"]
    assert main(ask) == 0
    links = [path for path in (tmp_path / "out").rglob("*.png") if path.is_symlink()]
    assert len(links) == 24 and all(path.resolve().parent == photos for path in links)


def test_a_script_is_written(photos, project, tmp_path):
    assert main(["export", str(project), "--folder", str(photos), "--script", str(tmp_path / "s.py")]) == 0
    text = (tmp_path / "s.py").read_text(encoding="utf-8")
    assert repr(str(photos)) in text and repr(ODD) in text
    compile(text, "s.py", "exec")


@pytest.mark.parametrize(
    ("options", "method"),
    [
        (["--k", "3", "--method", "spherical"], MethodOptions(method="spherical", n_clusters=3)),
        (["--method", "hdbscan", "--min-cluster-size", "3"], MethodOptions(method="hdbscan", min_cluster_size=3)),
        (
            ["--method", "agglomerative", "--linkage", "average", "--height", "0.5"],
            MethodOptions(method="agglomerative", linkage="average", height=0.5),
        ),
    ],
)
def test_every_way_of_grouping_is_kept(photos, tmp_path, options, method):
    path, out = tmp_path / "p.imgcluster", tmp_path / "groups.csv"
    assert main(["cluster", str(photos), *options, "--project", str(path)]) == 0
    assert main(["export", str(path), "--csv", str(out)]) == 0
    labels = cluster_images(photos, method=method).clustering.labels
    assert [row["group"] for row in rows_of(out)] == [str(label + 1 if label >= 0 else -1) for label in labels]


def test_choices_that_make_no_sense_are_refused(project, tmp_path, capsys):
    opened = load_project(project)
    chosen = method_of_project(opened.project)
    assert chosen == MethodOptions(n_clusters=4)
    assert {**opened.project.choices} == choices_of_method(chosen)
    for wrong in ({"method": "magic"}, {"eps": "x"}, {"method": 3}, {"min_samples": 2.5, "method": "dbscan"}):
        changed = replace(opened.project, choices={**opened.project.choices, **wrong})
        save_project(tmp_path / "wrong.imgcluster", changed, parts=opened.parts, private=False)
        assert main(["export", str(tmp_path / "wrong.imgcluster"), "--csv", str(tmp_path / "a.csv")]) == 1
        assert "makes no sense" in capsys.readouterr().err
    save_project(tmp_path / "bare.imgcluster", opened.project, private=False)
    assert main(["export", str(tmp_path / "bare.imgcluster"), "--csv", str(tmp_path / "a.csv")]) == 1
    assert "There are no groups in the file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "no project to export"),
        (["p.imgcluster"], "not said what to write"),
        (["p.imgcluster", "--copy-to", "out"], "--copy-to needs the pictures"),
        (["p.imgcluster", "--csv", "groups.txt"], "groups.txt should end with .csv"),
        (["p.imgcluster", "--folder", "f", "--copy-to", "o", "--csv", "a.csv", "--dry-run"], "--dry-run goes with"),
        (["p.imgcluster", "--undo", "out"], "--undo takes an export back"),
        (["p.imgcluster", "--csv", "a.csv"], "p.imgcluster"),
        (["--undo", "out"], "out"),
    ],
)
def test_what_cannot_be_is_one_sentence(tmp_path, monkeypatch, capsys, arguments, said):
    monkeypatch.chdir(tmp_path)
    assert main(["export", *arguments]) == 1
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_vectors_of_ones_own_cannot_be_sent(photos, tmp_path, capsys):
    np.save(tmp_path / "v.npy", np.eye(24))
    ask = ["cluster", str(photos), "--k", "2", "--vectors", str(tmp_path / "v.npy")]
    assert main([*ask, "--project", str(tmp_path / "p.imgcluster")]) == 1
    assert "No project can be sent" in capsys.readouterr().err


class FakeApp:
    """Stands in for the process of the app: runs until it is told to end, or ends by itself."""

    returncode = None

    def __init__(self, command, *, env, cwd):
        self.command, self.environment, self.directory = command, env, cwd
        started.append(self)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass

    def poll(self):
        if self.returncode is None:
            signal.raise_signal(signal.SIGINT)
        return self.returncode

    def terminate(self):
        self.returncode = -15

    def wait(self, timeout=None):
        return self.returncode


started: list[FakeApp] = []


def test_open_starts_the_app_for_this_computer_alone(project, monkeypatch):
    monkeypatch.setattr(open_project.subprocess, "Popen", FakeApp)
    monkeypatch.chdir(project.parent)
    started.clear()
    assert main(["open", project.name, "--port", "8600"]) == 0
    app = started[0]
    assert app.command[:4] == [sys.executable, "-m", "streamlit", "run"] and Path(app.command[4]).name == "app.py"
    assert app.command[5:] == ["--server.address", "127.0.0.1", "--server.port", "8600"]
    assert app.environment["IMGCLUSTER_OPEN"] == str(project) and app.directory == Path(app.command[4]).parent
    assert app.returncode == -15  # Ctrl+C was passed on


def test_an_app_that_fails_is_an_error(project, monkeypatch, capsys):
    monkeypatch.setattr(FakeApp, "returncode", 3)
    monkeypatch.setattr(open_project.subprocess, "Popen", FakeApp)
    assert main(["open", str(project)]) == 1
    assert "The app ended with the code 3" in capsys.readouterr().err


def test_what_is_no_project_is_not_opened(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(open_project.subprocess, "Popen", FakeApp)
    started.clear()
    path = tmp_path / "p.imgcluster"
    with zipfile.ZipFile(path, "w") as archive, io.BytesIO(b"no project") as nothing:
        archive.writestr("a", nothing.read())
    assert main(["open", str(path)]) == 1
    assert "p.imgcluster" in capsys.readouterr().err and not started
