"""Exports into one folder that run at once, and an undo that comes while one does: none does another harm."""

import os
import threading
from pathlib import Path

import pytest
from exported_groups import grouped, snapshot, write_pictures

from imgcluster.errors import Cancelled, FolderError
from imgcluster.keeping.exporting import holding, journal, run
from imgcluster.keeping.exporting.journal import Journal
from imgcluster.keeping.exporting.manifest import Manifest, read_manifest
from imgcluster.keeping.exporting.plan import plan_export
from imgcluster.keeping.exporting.run import run_export
from imgcluster.keeping.exporting.undo import undo_export

NAMES = ["a.jpg", "b.png", "sub/a.jpg", "sub/deeper/c.jpg"]
WAYS = ["copy", "hardlink", "symlink"]
LIST, PART = "imgcluster-manifest.json", "imgcluster-manifest.part"


@pytest.fixture
def four(tmp_path):
    return grouped(write_pictures(tmp_path / "pictures", NAMES), [0, 0, 0, -1], ["Dogs"])


def files_in(folder):
    return sorted(path for path, content in snapshot(folder).items() if content != "folder")


@pytest.mark.parametrize("how", WAYS)
def test_an_export_that_is_still_running_is_not_undone(four, tmp_path, how):
    out, said = tmp_path / "out", []

    def undo(report):
        with pytest.raises(FolderError, match="is still running") as caught:
            undo_export(out)
        said.append(caught.value.hint)

    manifest = run_export(plan_export(four, how=how), out, progress=undo)
    assert len(said) == 4 and all(said)
    assert read_manifest(out / LIST) == manifest and len(files_in(out)) == 4 + 1
    assert undo_export(out).n_removed == 4
    assert snapshot(out) == {}


def test_of_two_exports_at_once_each_is_whole_and_taken_back_by_itself(four, tmp_path):
    out, inner = tmp_path / "out", []

    def export_too(report):
        if report.done == 2:
            inner.append(run_export(plan_export(four), out))
            assert undo_export(out).n_removed == 4  # the later one, which is done
            inner.append(run_export(plan_export(four), out))

    outer = run_export(plan_export(four), out, progress=export_too)
    assert not {file.path for file in outer.files} & {file.path for file in inner[1].files}
    assert len(files_in(out)) == 2 * (4 + 1)
    assert [undo_export(out).n_removed for _ in range(2)] == [4, 4]
    assert files_in(out) == []


@pytest.mark.parametrize("how", WAYS)
def test_a_folder_that_another_export_takes_back_is_made_anew(four, tmp_path, monkeypatch, how):
    """As if another one had made the folders, and were stopped in the moment before a file is put into them."""
    out = tmp_path / "out"

    def gone(real):
        def put(self, *arguments):
            folder = (arguments[0] if how == "copy" else self).parent
            if folder not in (out, *taken) and not any(folder.iterdir()):
                taken.append(folder)
                folder.rmdir()
                folder.parent.rmdir()
            return real(self, *arguments)

        return put

    taken = []
    if how == "copy":
        monkeypatch.setattr(run, "put_in_place", gone(run.put_in_place))
    else:
        method = {"hardlink": "hardlink_to", "symlink": "symlink_to"}[how]
        monkeypatch.setattr(Path, method, gone(getattr(Path, method)))
    manifest = run_export(plan_export(four, how=how, scheme="{group}/x/{name}"), out)
    assert taken == [out / "Dogs" / "x", out / "No group" / "x"]
    assert files_in(out) == sorted([LIST, *(file.path for file in manifest.files)])
    assert undo_export(out).n_removed == 4 and snapshot(out) == {}


def test_where_everything_is_removed_the_export_ends_with_a_sentence(four, tmp_path, monkeypatch):
    out = tmp_path / "out"

    def remove_all(part, target):
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr(run, "put_in_place", remove_all)
    with pytest.raises(FolderError, match="No such file"):
        run_export(plan_export(four), out)
    assert not out.exists()


def test_an_undo_that_finds_a_journal_before_it_is_locked_takes_nothing_from_the_export(four, tmp_path, monkeypatch):
    out, real, taken = tmp_path / "out", journal.hold, []

    def undo_first(descriptor):
        if not taken:
            taken.append(undo_export(out))
        return real(descriptor)

    monkeypatch.setattr(journal, "hold", undo_first)
    assert len(run_export(plan_export(four), out).files) == 4
    assert taken[0].n_removed == 0
    assert undo_export(out).n_removed == 4 and snapshot(out) == {}


@pytest.mark.skipif(os.name == "nt", reason="Windows removes no file that is open")
def test_a_journal_that_is_gone_at_the_end_leaves_a_whole_export(four, tmp_path):
    out = tmp_path / "out"
    run_export(plan_export(four), out, progress=lambda at: at.done == 4 and (out / PART).unlink())
    assert undo_export(out).n_removed == 4 and snapshot(out) == {}


def test_a_disk_that_knows_no_locks_is_exported_to_as_well(four, tmp_path, monkeypatch):
    def refuse(descriptor):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(holding, "_lock", refuse)
    run_export(plan_export(four), tmp_path / "out")
    assert undo_export(tmp_path / "out").n_removed == 4


@pytest.mark.parametrize("is_whole", [True, False])
def test_an_export_that_was_broken_off_at_its_very_end_is_counted_once(four, tmp_path, is_whole):
    """Its list was there, or on a disk without links only the name of it, and its journal as well."""
    out, kept = tmp_path / "out", []
    run_export(plan_export(four), out, progress=lambda at: kept.append((out / PART).read_bytes()))
    (out / PART).write_bytes(kept[-1])
    if not is_whole:
        (out / LIST).write_bytes(b"")
    outcome = undo_export(out)
    assert (outcome.n_removed, outcome.n_gone, outcome.kept) == (4, 0, ())
    assert snapshot(out) == {}


def test_a_list_of_another_export_stays_when_a_journal_beside_it_is_undone(four, tmp_path):
    out = tmp_path / "out"
    run_export(plan_export(four), out)
    other = Journal(tmp_path / "pictures", Manifest(id="0" * 16, name="x", scheme="", how="copy", created=""))
    other.close()
    other.path.rename(out / PART)
    assert [undo_export(out).n_removed for _ in range(2)] == [0, 4]
    assert snapshot(out) == {}


def test_an_export_that_was_stopped_takes_itself_back_beside_another(four, tmp_path):
    out, cancel = tmp_path / "out", threading.Event()

    def stop_the_inner_one(report):
        if report.done == 1:
            with pytest.raises(Cancelled):
                run_export(plan_export(four), out, progress=lambda at: at.done == 3 and cancel.set(), cancel=cancel)

    run_export(plan_export(four), out, progress=stop_the_inner_one)
    assert len(files_in(out)) == 4 + 1
    assert undo_export(out).n_removed == 4 and snapshot(out) == {}
