"""What an export wrote is taken back, whenever it ended; nothing else is, whatever its list says."""

import json
import random
import shutil
import threading
from dataclasses import replace

import pytest
from exported_groups import grouped, snapshot, write_pictures

from imgcluster.errors import Cancelled, FolderError, ProjectError
from imgcluster.keeping.exporting import manifest as manifests
from imgcluster.keeping.exporting.manifest import Manifest, WrittenFile, to_json
from imgcluster.keeping.exporting.plan import plan_export
from imgcluster.keeping.exporting.run import run_export
from imgcluster.keeping.exporting.undo import undo_export
from imgcluster.keeping.projects.project_checks import MAX_IMAGES

NAMES = ["a.jpg", "b.png", "sub/a.jpg", "sub/deeper/c.jpg"]
WAYS = ["copy", "hardlink", "symlink"]
MANIFEST = "imgcluster-manifest.json"


@pytest.fixture
def four(tmp_path):
    return grouped(write_pictures(tmp_path / "pictures", NAMES), [0, 0, 0, -1], ["Dogs"])


@pytest.fixture
def out(tmp_path):
    """A folder in use: with files of the person's own, one of them where a copy would lie."""
    write_pictures(tmp_path / "out", ["mine.jpg", "Dogs/a.jpg", "Cats/d.jpg"])
    return tmp_path / "out"


def n_files(folder):
    return sum(content != "folder" for content in snapshot(folder).values())


@pytest.mark.parametrize("how", ["copy", "hardlink"])
def test_400_pictures_twice_into_one_folder_and_back(tmp_path, how):
    names = [f"{n % 7}/{n % 50}.jpg" for n in range(350)] + [f"{n}.jpg" for n in range(50)]
    collection = write_pictures(tmp_path / "pictures", names)
    assert len(collection) == 400
    before = snapshot(tmp_path / "pictures")
    plan = plan_export(grouped(collection, [n % 9 - 1 for n in range(400)], ["Dogs"] * 8), how=how)
    for n_exports in (1, 2):
        run_export(plan, tmp_path / "out")
        assert n_files(tmp_path / "out") == n_exports * (400 + 1)
    for n_exports in (1, 0):
        outcome = undo_export(tmp_path / "out")
        assert (outcome.n_removed, outcome.n_gone, outcome.kept) == (400, 0, ())
        assert n_files(tmp_path / "out") == n_exports * (400 + 1)
    assert snapshot(tmp_path / "out") == {}
    assert snapshot(tmp_path / "pictures") == before


@pytest.mark.parametrize("how", WAYS)
def test_files_of_the_person_stay(four, out, how):
    before = snapshot(out)
    run_export(plan_export(four, how=how), out)
    (out / "No group" / "new.txt").write_text("mine")
    reports = []
    assert undo_export(out, progress=reports.append).n_removed == 4
    assert [report.done for report in reports] == [1, 2, 3, 4]
    assert before.items() < snapshot(out).items()
    assert snapshot(out).keys() - before.keys() == {"No group", "No group/new.txt"}


def test_copies_that_were_changed_are_kept_and_named(four, out):
    run_export(plan_export(four, scheme="{group}/{path}"), out)
    (out / "Dogs/a (2).jpg").write_bytes(bytes(500))
    (out / "Dogs/b.png").write_bytes(b"cut")
    (out / "Dogs/sub/a.jpg").unlink()
    (out / "No group/sub/deeper/c.jpg").unlink()
    (out / "No group/sub/deeper/c.jpg").mkdir()
    outcome = undo_export(out)
    assert (outcome.n_removed, outcome.n_gone) == (0, 1)
    assert {file.path: file.reason for file in outcome.kept} == {
        "Dogs/a (2).jpg": "it was changed since it was exported",
        "Dogs/b.png": "it was changed since it was exported",
        "No group/sub/deeper/c.jpg": "it is a folder now",
    }
    assert (out / "Dogs/a (2).jpg").exists() and not (out / "Dogs/sub").exists()
    with pytest.raises(FolderError, match="There is no export"):
        undo_export(out)


def test_links_that_became_something_else_are_kept(four, tmp_path):
    run_export(plan_export(four, how="symlink"), tmp_path / "soft")
    (tmp_path / "soft/Dogs/a.jpg").unlink()
    (tmp_path / "soft/Dogs/a.jpg").symlink_to(tmp_path / "pictures" / "b.png")
    (tmp_path / "soft/Dogs/b.png").unlink()
    shutil.copy2(tmp_path / "pictures/b.png", tmp_path / "soft/Dogs/b.png")
    assert [file.path for file in undo_export(tmp_path / "soft").kept] == ["Dogs/a.jpg", "Dogs/b.png"]

    run_export(plan_export(four, how="hardlink"), tmp_path / "hard")
    (tmp_path / "hard/Dogs/b.png").unlink()
    shutil.copy2(tmp_path / "pictures/b.png", tmp_path / "hard/Dogs/b.png")
    (tmp_path / "pictures/a.jpg").unlink()
    assert [(file.path, file.reason) for file in undo_export(tmp_path / "hard").kept] == [
        ("Dogs/a.jpg", "the picture is nowhere else any more"),
        ("Dogs/b.png", "it was changed since it was exported"),
    ]


def test_exports_of_every_kind_are_undone_one_by_one(four, out):
    before = snapshot(out)
    for how in WAYS:
        run_export(plan_export(four, how=how), out)
    assert [undo_export(out).n_removed for _ in WAYS] == [4, 4, 4]
    assert snapshot(out) == before


def test_the_list_of_the_largest_export_is_not_too_large(four):
    image = "2019-08 Summer holidays/Mountains/DSC_0123456.jpg"
    file = WrittenFile(path=f"A group with a name/{image}", image=image, group="A group with a name", size=2**24)
    for known in ({"digest": "0" * 32}, {"mtime_ns": 2**62, "inode": 2**62}, {"link": f"/home/somebody/{image}"}):
        manifest = Manifest(id="0" * 16, name="x", scheme="", how="copy", created="", files=(replace(file, **known),))
        assert len(to_json(manifest)) * MAX_IMAGES < manifests._MOST_BYTES


def test_an_undo_that_was_stopped_can_be_repeated(four, out):
    before = snapshot(out)
    run_export(plan_export(four), out)
    cancel = threading.Event()
    with pytest.raises(Cancelled):
        undo_export(out, progress=lambda at: at.done == 2 and cancel.set(), cancel=cancel)
    outcome = undo_export(out)
    assert (outcome.n_removed, outcome.n_gone) == (2, 2)
    assert snapshot(out) == before


def test_a_copy_of_the_folder_can_be_undone_as_well(four, out, tmp_path):
    before = snapshot(out)
    run_export(plan_export(four), out)
    shutil.copytree(out, tmp_path / "moved")
    undo_export(tmp_path / "moved")
    assert snapshot(tmp_path / "moved") == before


@pytest.mark.parametrize(
    "path", ["../victim.jpg", "Dogs/../../victim.jpg", "/victim.jpg", "Dogs/./b.png", "", r"C:\x", "a:b", "a\0b", 7]
)
def test_a_list_that_names_files_elsewhere_is_refused(four, tmp_path, path):
    out, victim = tmp_path / "out", tmp_path / "victim.jpg"
    shutil.copy2(tmp_path / "pictures" / "a.jpg", victim)
    run_export(plan_export(four), out)
    kept = json.loads((out / MANIFEST).read_text())
    for where in ("files", "folders"):
        changed = json.loads((out / MANIFEST).read_text())
        if where == "files":
            changed["files"][0]["path"] = str(victim) if path == "/victim.jpg" else path
        else:
            changed["folders"][0] = path
        (out / MANIFEST).write_text(json.dumps(changed))
        before = snapshot(tmp_path)
        with pytest.raises(ProjectError, match="Nothing was removed") as caught:
            undo_export(out)
        assert caught.value.hint and snapshot(tmp_path) == before
        (out / MANIFEST).write_text(json.dumps(kept))


def test_folders_that_became_links_are_not_followed(four, tmp_path):
    out, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    run_export(plan_export(four, scheme="{group}/{path}"), out)
    (out / "No group" / "sub").rename(elsewhere)
    (out / "No group" / "sub").symlink_to(elsewhere, target_is_directory=True)
    before = snapshot(tmp_path)
    with pytest.raises(ProjectError, match="is a link now"):
        undo_export(out)
    assert snapshot(tmp_path) == before


def test_a_list_that_is_a_link_is_refused(four, tmp_path):
    run_export(plan_export(four), tmp_path / "out")
    (tmp_path / "out" / MANIFEST).rename(tmp_path / "list.json")
    (tmp_path / "out" / MANIFEST).symlink_to(tmp_path / "list.json")
    with pytest.raises(ProjectError, match="no ordinary file"):
        undo_export(tmp_path / "out")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        "null",
        "[" * 100_000,
        '{"format": 1e999}',
        '{"format": "imgcluster-export", "format_version": 2}',
    ],
)
@pytest.mark.parametrize("suffix", [".json", ".part"])
def test_what_is_no_list_is_refused(tmp_path, text, suffix):
    (tmp_path / f"imgcluster-manifest{suffix}").write_text(f"{text}\n")
    before = snapshot(tmp_path)
    with pytest.raises(ProjectError, match="Nothing was removed"):
        undo_export(tmp_path)
    assert snapshot(tmp_path) == before


def test_damaged_lists_never_do_harm(four, out, tmp_path):
    """300 mutations: each is undone as far as it is right, or refused; what the person has stays."""
    mine = snapshot(out)
    run_export(plan_export(four), out)
    good, whole = (out / MANIFEST).read_bytes(), snapshot(out).keys()
    drawn, n_refused = random.Random(7), 0
    for number in range(300):
        bad = bytearray(good)
        for _ in range(drawn.randint(1, 4)):
            at = drawn.randrange(len(bad))
            bad[at : at + drawn.randint(0, 3)] = drawn.randbytes(drawn.randint(0, 3))
        if number % 10 == 0:
            del bad[drawn.randrange(len(bad)) :]
        hurt = tmp_path / "hurt"
        shutil.copytree(out, hurt, dirs_exist_ok=True)
        (hurt / MANIFEST).write_bytes(bad)
        try:
            undo_export(hurt)
            assert mine.items() <= snapshot(hurt).items()
        except ProjectError:
            n_refused += 1
            assert snapshot(hurt).keys() == whole
    assert 100 < n_refused < 300
    assert n_files(tmp_path / "pictures") == 4


def test_a_folder_without_an_export_says_so(tmp_path):
    with pytest.raises(FolderError, match="There is no export"):
        undo_export(tmp_path)
    for missing in ("nothing", "nul\0"):
        with pytest.raises(FolderError, match="cannot be taken back"):
            undo_export(tmp_path / missing)
