"""Pictures into folders by group: under good names, never among the pictures, never over a file, never by halves."""

import errno
import json
import os
import shutil
import threading
import zipfile
from collections import namedtuple
from pathlib import Path, PurePosixPath

import numpy as np
import pytest
from exported_groups import grouped, snapshot, write_pictures

from imgcluster.errors import Cancelled, FolderError, NoImagesError, ParameterError
from imgcluster.keeping.exporting import run
from imgcluster.keeping.exporting.journal import Journal
from imgcluster.keeping.exporting.manifest import read_manifest
from imgcluster.keeping.exporting.plan import plan_export
from imgcluster.keeping.exporting.run import run_export
from imgcluster.keeping.exporting.scheme import SCHEMES
from imgcluster.keeping.exporting.target import check_target
from imgcluster.pictures.finding import find_images
from imgcluster.pictures.names import safe_name

NAMES = ["a.jpg", "b.PNG", "sub/a.jpg", "sub/deeper/c.jpg"]
HOSTILE = ["<img src=x onerror=alert(1)>", "../..", "CON", "🐺" * 120, "a" * 120, "/etc", "..", "C:\\x", " ", "nul.txt"]


@pytest.fixture
def four(tmp_path):
    return grouped(write_pictures(tmp_path / "pictures", NAMES), [0, 0, 0, -1], ["Dogs"])


def paths(plan):
    return [file.path for file in plan.files]


def test_a_plan_says_what_would_be_written_and_writes_nothing(four, tmp_path):
    before = snapshot(tmp_path)
    plan = plan_export(four)
    assert paths(plan) == ["Dogs/a.jpg", "Dogs/b.PNG", "Dogs/a (2).jpg", "No group/c.jpg"]
    assert [(group.title, group.n_files, group.n_bytes) for group in plan.groups] == [
        ("Dogs", 3, 1500),
        ("No group", 1, 500),
    ]
    assert (plan.n_files, plan.n_bytes, plan.n_numbered, plan.skipped) == (4, 2000, 1, ())
    assert plan_export(four, include_no_group=False).n_files == 3
    assert check_target(plan, tmp_path / "out").needed == 2000
    assert check_target(plan_export(four, how="symlink"), tmp_path / "out").needed == 0
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize(
    ("scheme", "expected"),
    [
        ("{group}/{path}", ["Dogs/a.jpg", "Dogs/b.PNG", "Dogs/sub/a.jpg", "No group/sub/deeper/c.jpg"]),
        ("{group}_{i}{ext}", ["Dogs_1.jpg", "Dogs_2.PNG", "Dogs_3.jpg", "No group_1.jpg"]),
        ("{nr} {group}\\{stem}-{i}{ext}", ["1 Dogs/a-1.jpg", "1 Dogs/b-2.PNG", "1 Dogs/a-3.jpg", "0 No group/c-1.jpg"]),
        ("{{{name}", ["{a.jpg", "{b.PNG", "{a (2).jpg", "{c.jpg"]),
        ("what?:{name}", ["what__a.jpg", "what__b.PNG", "what__a (2).jpg", "what__c.jpg"]),
    ],
)
def test_a_scheme_says_what_files_are_called(four, scheme, expected):
    assert paths(plan_export(four, scheme=scheme)) == expected


@pytest.mark.parametrize(
    ("scheme", "message"),
    [
        ("{grop}/{name}", "{grop}, and there is no such field"),
        ("{group.__class__}/{name}", "no such field"),
        ("{group!r}/{name}", "{group!r}, and there is no such field"),
        ("{i:03}{ext}", "{i:03}, and there is no such field"),
        ("{}/{name}", "no such field"),
        ("{group/{name}", "no such field|cannot be read"),
        ("}{name}", "cannot be read"),
        ("../{name}", "leads out of the folder"),
        ("{group}/../../{name}", "leads out of the folder"),
        ("/tmp/{name}", "leads out of the folder"),
        ("\\\\server\\{name}", "leads out of the folder"),
        ("C:\\{name}", "leads out of the folder"),
        ("~/{name}", "leads out of the folder"),
        ("", "lose their endings"),
        ("{group}", "lose their endings"),
        ("{name}/", "lose their endings"),
        ("x" * 300 + "{name}", "300|306"),
    ],
)
def test_schemes_that_make_no_sense_are_refused(four, scheme, message):
    with pytest.raises(ParameterError, match=message) as caught:
        plan_export(four, scheme=scheme)
    assert caught.value.hint


def test_numbers_are_as_long_as_the_longest(tmp_path):
    final = grouped(
        write_pictures(tmp_path / "pictures", [f"{n}.jpg" for n in range(24)]), [*range(12)] + [0] * 12, [""] * 12
    )
    plan = plan_export(final, scheme="{nr}/{i}{ext}")
    assert paths(plan)[:2] == ["01/01.jpg", "01/02.jpg"] and paths(plan)[-1] == "12/01.jpg"


@pytest.mark.parametrize("scheme", SCHEMES)
def test_whatever_a_group_is_called_its_pictures_stay_together_in_the_target(tmp_path, scheme):
    collection = write_pictures(tmp_path / "pictures", [f"{n}/same.jpg" for n in range(20)])
    final = grouped(collection, [*range(10), *range(10)], HOSTILE)
    plan = plan_export(final, scheme=scheme)
    for path in paths(plan):
        parts = PurePosixPath(path).parts
        assert all(safe_name(part) == part or len(part.encode()) <= 200 for part in parts)
        assert not {"..", ".", "/", ""} & set(parts) and not set(path) & set('<>:"\\|?*')
    assert len({path.casefold() for path in paths(plan)}) == 20
    before = snapshot(tmp_path / "pictures")
    run_export(plan, tmp_path / "out")
    written = {path for path, content in snapshot(tmp_path / "out").items() if content != "folder"}
    assert written == {*paths(plan), "imgcluster-manifest.json"}
    assert {path.name for path in tmp_path.iterdir()} == {"pictures", "out"}
    assert snapshot(tmp_path / "pictures") == before


def test_groups_of_names_that_some_system_takes_for_one_do_not_share_a_folder(tmp_path):
    collection = write_pictures(tmp_path / "pictures", [f"{n}.jpg" for n in range(7)])
    names = ["Dogs", "dogs", "Dogs", "No group", "a/b", "a_b"]
    plan = plan_export(grouped(collection, [0, 1, 2, 3, 4, 5, -1], names))
    assert [str(PurePosixPath(path).parent) for path in paths(plan)] == [
        "Dogs",
        "dogs (2)",
        "Dogs (3)",
        "No group",
        "a_b",
        "a_b (2)",
        "No group (2)",
    ]


def test_copies_are_the_pictures_byte_for_byte_with_their_dates(four, tmp_path):
    before = snapshot(tmp_path / "pictures")
    reports = []
    manifest = run_export(plan_export(four), tmp_path / "some" / "out", progress=reports.append)
    out = snapshot(tmp_path / "some" / "out")
    assert {file.path: out[file.path] for file in manifest.files} == {
        path: before[name] for path, name in zip(paths(plan_export(four)), NAMES, strict=True)
    }
    assert [(report.done, report.total, report.current) for report in reports] == [
        (n, 4, name) for n, name in enumerate(NAMES, 1)
    ]
    kept = json.loads((tmp_path / "some" / "out" / "imgcluster-manifest.json").read_text())
    assert kept["scheme"] == "{group}/{name}" and kept["folders"] == ["Dogs", "No group"]
    assert read_manifest(tmp_path / "some" / "out" / "imgcluster-manifest.json") == manifest
    assert snapshot(tmp_path / "pictures") == before


def test_links_lead_to_the_pictures(four, tmp_path):
    run_export(plan_export(four, how="hardlink"), tmp_path / "hard")
    run_export(plan_export(four, how="symlink"), tmp_path / "soft")
    assert (tmp_path / "hard/Dogs/a (2).jpg").samefile(tmp_path / "pictures/sub/a.jpg")
    assert (tmp_path / "soft/Dogs/a (2).jpg").readlink() == tmp_path / "pictures/sub/a.jpg"


def test_nothing_that_is_there_is_touched(four, tmp_path):
    out, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    (out / "Dogs").mkdir(parents=True)
    elsewhere.mkdir()
    (out / "Dogs" / "a.jpg").write_text("mine")
    (out / "Dogs" / "b.PNG").symlink_to("nowhere")
    (out / "No group").symlink_to(elsewhere, target_is_directory=True)
    (out / "No group (2)").write_text("a file")
    (out / "imgcluster-manifest-7.json").write_text("not this program's")
    before = snapshot(out)
    manifest = run_export(plan_export(four), out)
    assert [file.path for file in manifest.files] == [
        "Dogs/a (2).jpg",
        "Dogs/b (2).PNG",
        "Dogs/a (2) (2).jpg",
        "No group (3)/c.jpg",
    ]
    assert before.items() <= snapshot(out).items() and not list(elsewhere.iterdir())
    assert (out / "imgcluster-manifest-8.json").exists()
    assert check_target(plan_export(four), out).n_taken == 4 - 1


@pytest.mark.parametrize("where", ["pictures", "pictures/sub/new", "pictures/empty", "link/new", "x/../pictures"])
def test_nothing_is_written_among_the_pictures(four, tmp_path, where):
    (tmp_path / "pictures" / "empty").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "pictures" / "sub", target_is_directory=True)
    before = snapshot(tmp_path)
    for check in (check_target, run_export):
        with pytest.raises(ParameterError, match="lies in the folder of the pictures"):
            check(plan_export(four), tmp_path / where)
    assert snapshot(tmp_path) == before


def test_nothing_is_written_beside_the_folders_that_the_pictures_lie_in(tmp_path):
    plan = plan_export(grouped(write_pictures(tmp_path / "pictures", ["2019/may/a.jpg"]), [0], ["Dogs"]))
    for where in ("pictures", "pictures/new", "pictures/2019/june"):
        with pytest.raises(ParameterError, match="lies in the folder of the pictures"):
            check_target(plan, tmp_path / where)


def test_a_group_called_like_the_folder_of_the_pictures_gets_another_folder_beside_it(tmp_path):
    final = grouped(write_pictures(tmp_path / "pictures", NAMES), [0, 0, 0, 0], ["pictures"])
    before = snapshot(tmp_path / "pictures")
    run_export(plan_export(final), tmp_path)
    assert snapshot(tmp_path / "pictures") == before
    assert (tmp_path / "pictures (2)" / "a.jpg").exists()


def test_pictures_that_are_gone_are_named_and_the_others_exported(four, tmp_path):
    (tmp_path / "pictures" / "a.jpg").unlink()
    plan = plan_export(four)
    assert [(image.path, image.reason) for image in plan.skipped] == [("a.jpg", "it vanished meanwhile")]
    (tmp_path / "pictures" / "b.PNG").unlink()
    for how in ("copy", "hardlink", "symlink"):
        manifest = run_export(plan_export(four, how=how) if how != "copy" else plan, tmp_path / how)
        assert [image.path for image in manifest.skipped] == ["a.jpg", "b.PNG"]
        assert [file.image for file in manifest.files] == NAMES[2:]
    shutil.rmtree(tmp_path / "pictures")
    with pytest.raises(NoImagesError, match="4 pictures are wanted, and none of them"):
        run_export(plan_export(four), tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_pictures_in_a_zip_file_are_copied_and_never_linked(tmp_path):
    with zipfile.ZipFile(tmp_path / "all.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x/a.jpg", b"first" * 1000)
        archive.writestr("b.jpg", b"second")
    final = grouped(find_images(tmp_path / "all.zip"), [0, 0], ["Dogs"])
    for how in ("hardlink", "symlink"):
        with pytest.raises(ParameterError, match="inside a ZIP file") as caught:
            plan_export(final, how=how)
        assert "copy" in caught.value.hint
    run_export(plan_export(final), tmp_path)
    assert (tmp_path / "Dogs" / "a.jpg").read_bytes() == b"first" * 1000
    assert (tmp_path / "Dogs" / "b.jpg").read_bytes() == b"second"


def test_too_little_space_is_said_before_with_both_numbers(four, tmp_path, monkeypatch):
    usage = namedtuple("usage", "free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(1000))
    with pytest.raises(FolderError, match=r"4 pictures take 0.0 MB, and 0.0 MB are free"):
        run_export(plan_export(four), tmp_path / "out")
    assert not (tmp_path / "out").exists()
    run_export(plan_export(four, how="hardlink"), tmp_path / "out")


@pytest.mark.parametrize(("how", "method"), [("hardlink", "hardlink_to"), ("symlink", "symlink_to")])
def test_where_the_system_makes_no_links_the_advice_is_to_copy(four, tmp_path, monkeypatch, how, method):
    def refuse(self, target):
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))

    plan = plan_export(four, how=how)
    monkeypatch.setattr(Path, method, refuse)
    with pytest.raises(FolderError, match=r"There can be no .* links .*: Invalid cross-device") as caught:
        run_export(plan, tmp_path / "out" / "new")
    assert "Choose to copy" in caught.value.hint
    assert not (tmp_path / "out").exists()


def test_a_disk_without_links_gets_whole_copies_too_and_never_over_a_file(four, tmp_path, monkeypatch):
    def refuse(self, target):
        raise PermissionError(errno.EPERM, "no links here")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    (tmp_path / "out").mkdir()
    run_export(plan_export(four), tmp_path / "out")
    first = snapshot(tmp_path / "out")
    run_export(plan_export(four), tmp_path / "out")
    assert first.items() <= snapshot(tmp_path / "out").items()
    assert sorted(first.values()).count("folder") == 2 and len(snapshot(tmp_path / "out")) == 2 * (4 + 1) + 2


def test_a_name_taken_at_the_last_moment_is_left_to_its_owner(four, tmp_path, monkeypatch):
    """As if another program wrote the same file between our look and our writing."""
    real, rivals = run.put_in_place, []

    def with_a_rival(part, target):
        if target.name == "b.PNG":
            shutil.copy2(tmp_path / "pictures" / "b.PNG", target)
            rivals.append(target)
        real(part, target)

    monkeypatch.setattr(run, "put_in_place", with_a_rival)
    manifest = run_export(plan_export(four), tmp_path / "out")
    assert [file.path for file in manifest.files][1] == "Dogs/b (2).PNG"
    run.take_back(tmp_path / "out", tmp_path / "out" / "imgcluster-manifest.json")
    assert [path for path in (tmp_path / "out").rglob("*") if path.is_file()] == rivals


@pytest.mark.parametrize("how", ["copy", "hardlink", "symlink"])
def test_cancelling_leaves_the_target_as_it_was(four, tmp_path, how):
    out = tmp_path / "out"
    write_pictures(out, ["Dogs/a.jpg", "mine.jpg"])
    run_export(plan_export(four), out)
    before = snapshot(out)
    cancel = threading.Event()
    with pytest.raises(Cancelled, match="the folder is as it was"):
        run_export(plan_export(four, how=how), out, progress=lambda at: at.done == 3 and cancel.set(), cancel=cancel)
    assert snapshot(out) == before


def test_a_disk_that_fills_up_leaves_the_target_as_it_was(four, tmp_path, monkeypatch):
    def fill_up(part, target):
        if target.name.startswith("c"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(part, target)

    real = run.put_in_place
    monkeypatch.setattr(run, "put_in_place", fill_up)
    with pytest.raises(FolderError, match=r"cannot be written to .*: No space left on device"):
        run_export(plan_export(four), tmp_path / "new" / "out")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("out", ["a file", "a file/below", "nul\0"])
def test_a_target_that_cannot_be_is_refused(four, tmp_path, out):
    (tmp_path / "a file").write_text("x")
    with pytest.raises(FolderError):
        run_export(plan_export(four), tmp_path / out)


def test_a_target_named_by_a_detour_makes_no_folder_on_the_way(four, tmp_path):
    run_export(plan_export(four), tmp_path / "detour" / ".." / "out")
    assert {path.name for path in tmp_path.iterdir()} == {"pictures", "out"}


def test_a_disk_that_is_full_from_the_beginning_is_left_as_it_was(four, tmp_path, monkeypatch):
    def fill_up(self, line):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Journal, "_write", fill_up)
    with pytest.raises(FolderError, match="No space left"):
        run_export(plan_export(four), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_an_unknown_way_is_refused(four):
    with pytest.raises(ParameterError, match='no way "move"'):
        plan_export(four, how="move")


def test_a_large_collection_is_planned_in_linear_time(tmp_path):
    """Names that all are alike must not be tried from the beginning again and again."""
    one = write_pictures(tmp_path / "pictures", ["a.jpg"])
    many = type(one)(name="many", images=one.images * 4_000)
    assert len(set(paths(plan_export(grouped(many, np.zeros(4_000, int), ["Dogs"]))))) == 4_000
