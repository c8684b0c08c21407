"""What ``export`` writes and where: never in place of a picture or the project; each thing is said when it is there."""

import ast
import os
import shutil
import signal
from dataclasses import replace

import pytest
from fake_extractor import write_images

from imgcluster.__main__ import main
from imgcluster.commands import export
from imgcluster.keeping.projects.project_file import load_project, save_project
from imgcluster.pictures.samples import SAMPLES
from imgcluster.progress import raise_if_cancelled

pytestmark = pytest.mark.usefixtures("network", "quick_map")

FILES = {
    "--zip": ".zip",
    "--csv": ".csv",
    "--xlsx": ".xlsx",
    "--json": ".json",
    "--html": ".html",
    "--sheets": ".pdf",
    "--script": ".py",
}
N_IMAGES = 12


@pytest.fixture
def photos(tmp_path):
    write_images(tmp_path / "photos", N_IMAGES)
    return tmp_path / "photos"


@pytest.fixture
def project(photos, tmp_path, capsys):
    path = tmp_path / "p.imgcluster"
    assert main(["cluster", str(photos), "--k", "3", "--project", str(path)]) == 0
    capsys.readouterr()
    return path


def contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def refused(capsys, *arguments):
    """Return the sentence with which a command line is refused."""
    assert main([str(argument) for argument in arguments]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    return printed.err


def test_an_undo_is_not_tried(photos, project, tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["export", str(project), "--folder", str(photos), "--copy-to", str(out)]) == 0
    before = contents(out)
    capsys.readouterr()
    assert "--undo takes an export back" in refused(capsys, "export", "--undo", out, "--dry-run")
    assert contents(out) == before


@pytest.mark.parametrize(("option", "ending"), FILES.items())
def test_no_picture_is_replaced(photos, project, capsys, option, ending):
    before = contents(photos)
    said = refused(capsys, "export", project, "--folder", photos, option, photos / "0000.png")
    assert f"0000.png should end with {ending}." in said
    for where in (photos / f"new{ending}", photos / ".." / "photos" / f"new{ending}"):
        said = refused(capsys, "export", project, "--folder", photos, option, where)
        assert "lies in the folder of the pictures" in said
    assert contents(photos) == before


@pytest.mark.parametrize(("option", "ending"), FILES.items())
def test_the_project_itself_is_not_replaced(photos, project, tmp_path, capsys, option, ending):
    path = tmp_path / f"p{ending}"
    shutil.copy2(project, path)
    (tmp_path / f"link{ending}").symlink_to(path)
    for name in (path, tmp_path / f"link{ending}"):
        assert "is the project itself" in refused(capsys, "export", path, "--folder", photos, option, name)
    assert path.read_bytes() == project.read_bytes() and (tmp_path / f"link{ending}").is_symlink()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="takes a system with pipes")
@pytest.mark.parametrize(("option", "ending"), FILES.items())
def test_what_is_no_ordinary_file_is_not_replaced(photos, project, tmp_path, capsys, option, ending):
    path = tmp_path / f"pipe{ending}"
    os.mkfifo(path)
    assert str(path) in refused(capsys, "export", project, "--folder", photos, option, path)
    assert path.is_fifo()


def test_an_older_file_of_that_name_is_replaced(project, tmp_path):
    path = tmp_path / "report.html"
    path.write_text("old")
    assert main(["export", str(project), "--html", str(path)]) == 0
    assert path.read_bytes().startswith(b"<!")


def test_the_folder_of_the_pictures_is_known_whatever_they_are_called_now(photos, project, tmp_path, capsys):
    (photos / "deep").mkdir()
    for number, picture in enumerate(sorted(photos.glob("*.png"))):
        picture.rename(photos / "deep" / f"other {number}.png")
    before = contents(photos)
    said = refused(capsys, "export", project, "--folder", photos, "--copy-to", photos / "out")
    assert "lies in the folder of the pictures" in said and contents(photos) == before


def test_a_folder_beside_a_part_of_the_pictures_is_written_to(photos, tmp_path):
    above, path = tmp_path / "above", tmp_path / "p.imgcluster"
    above.mkdir()
    photos.rename(above / "holiday")
    assert main(["cluster", str(above), "--k", "3", "--project", str(path)]) == 0
    out = above / "by group"
    assert main(["export", str(path), "--folder", str(above / "holiday"), "--copy-to", str(out)]) == 0
    assert len(list(out.rglob("*.png"))) == N_IMAGES


def test_what_is_written_is_said_also_where_the_next_thing_fails(photos, project, tmp_path, capsys):
    out, table = tmp_path / "out", tmp_path / "groups.csv"
    ask = ["export", str(project), "--folder", str(photos), "--copy-to", str(out), "--csv", str(table)]
    assert main([*ask, "--html", str(tmp_path / "nowhere" / "report.html")]) == 1
    printed = capsys.readouterr()
    assert f"with a list of them for --undo {out}.\nWritten to {out}.\nWritten to {table}.\n" in printed.out
    assert "report.html cannot be written" in printed.err and table.exists()


def test_ctrl_c_tells_what_is_there(photos, project, tmp_path, capsys, monkeypatch):
    def press(*arguments, cancel, **options):
        signal.raise_signal(signal.SIGINT)
        raise_if_cancelled(cancel)

    table, report, script = (str(tmp_path / name) for name in ("groups.csv", "r.html", "s.py"))
    monkeypatch.setattr(export, "write_report", press)
    assert main(["export", str(project), "--csv", table, "--html", report, "--script", script]) == 130
    printed = capsys.readouterr()
    assert printed.out.splitlines()[0] == f"Written to {table}." and "s.py" not in printed.out
    assert "What is said to be written is there, and nothing else is." in printed.err and "goes on" not in printed.err

    assert main(["export", str(project), "--folder", str(photos), "--copy-to", str(tmp_path / "out")]) == 0
    capsys.readouterr()
    monkeypatch.setattr(export, "undo_export", press)
    assert main(["export", "--undo", str(tmp_path / "out")]) == 130
    assert capsys.readouterr().err == "Stopped before the end. The same command removes the rest.\n"


def test_ctrl_c_between_two_things_stops_before_the_next(project, tmp_path, capsys, monkeypatch):
    def press(*arguments, **options):
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(export, "write_report", press)
    assert main(["export", str(project), "--html", str(tmp_path / "r.html"), "--script", str(tmp_path / "s.py")]) == 130
    assert not (tmp_path / "s.py").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["export", "p.imgcluster", "--csv", "~nobodyx/x.csv"],
        ["export", "p.imgcluster", "--folder", "~nobodyx/photos", "--csv", "x.csv"],
        ["export", "~nobodyx/p.imgcluster", "--csv", "x.csv"],
        ["export", "--undo", "~nobodyx"],
        ["open", "~nobodyx/p.imgcluster"],
        ["cluster", "~nobodyx/photos"],
        ["cluster", "photos", "--project", "~nobodyx/p.imgcluster"],
        ["cluster", "photos", "--model", "~nobodyx/p.imgcluster"],
        ["predict", "photos", "--model", "~nobodyx/p.imgcluster"],
        ["unique", "photos", "--out", "~nobodyx/out"],
        ["faces", "photos", "--out", "~nobodyx/out"],
        ["duplicates", "photos", "--copy-to", "~nobodyx/out"],
    ],
)
def test_a_user_who_is_not_there_is_said(project, monkeypatch, capsys, arguments):
    monkeypatch.chdir(project.parent)
    assert "there is no user of that name" in refused(capsys, *arguments)


@pytest.mark.parametrize("name", ["/", ".", "..", ".html", "a.html/"])
def test_a_place_without_a_name_is_said(project, tmp_path, monkeypatch, capsys, name):
    (tmp_path / "a.html").mkdir()
    monkeypatch.chdir(tmp_path)
    assert refused(capsys, "export", project, "--html", name)


def test_the_script_of_a_sample_makes_its_groups_again(project, photos, tmp_path, monkeypatch):
    assert len({sample.n_images for sample in SAMPLES.values()}) == len(SAMPLES)
    opened = load_project(project)
    sample = replace(opened.project, kind="sample", name="My own title")
    dots = {"dots": replace(SAMPLES["dots"], n_images=N_IMAGES)}
    for known, kept, folder, source, is_sample in (
        (dots, sample, (), "dots", True),
        (dots, sample, ("--folder", str(photos)), str(photos), False),
        (dots, replace(sample, kind="folder"), (), "photos", False),
        (SAMPLES, sample, (), "photos", False),
    ):
        monkeypatch.setattr(export, "SAMPLES", known)
        save_project(project, kept, parts=opened.parts, private=False)
        assert main(["export", str(project), *folder, "--script", str(tmp_path / "s.py")]) == 0
        text = (tmp_path / "s.py").read_text(encoding="utf-8")
        set_to = {n.targets[0].id: n.value for n in ast.parse(text).body if isinstance(n, ast.Assign)}
        assert ast.literal_eval(set_to["SOURCE"]) == source
        assert ("sample=True" in text) == is_sample
