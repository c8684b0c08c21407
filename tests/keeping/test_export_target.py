"""Where an export may go: the pictures' own folder is known, whatever they are called; and what a disk may refuse."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from exported_groups import grouped, snapshot, write_pictures

from imgcluster.errors import FolderError, ParameterError
from imgcluster.keeping.exporting.plan import plan_export
from imgcluster.keeping.exporting.run import run_export
from imgcluster.keeping.exporting.target import check_target
from imgcluster.keeping.exporting.zipping import zip_export
from imgcluster.pictures.collection import Collection


def renamed(collection, paths):
    """Return pictures where they are, under the names that a project knows."""
    images = zip(collection.images, paths, strict=True)
    return Collection(name=collection.name, images=tuple(replace(image, path=path) for image, path in images))


def planned(collection, *roots):
    return plan_export(replace(grouped(collection, [0] * len(collection), ["Dogs"]), roots=roots))


def test_pictures_that_were_called_otherwise_are_not_written_among(tmp_path):
    found = write_pictures(tmp_path / "photos", ["deep/down/a.jpg", "deep/down/b.jpg"])
    plan = planned(renamed(found, ["x.jpg", "y/z.jpg"]), tmp_path / "photos")
    before = snapshot(tmp_path)
    for where in ("photos", "photos/out", "photos/deep", "photos/deep/out", "photos/deep/down/out"):
        for write in (check_target, run_export):
            with pytest.raises(ParameterError, match="lies in the folder of the pictures"):
                write(plan, tmp_path / where)
        with pytest.raises(ParameterError, match="lies in the folder of the pictures"):
            zip_export(plan, tmp_path / where / "out.zip")
    assert snapshot(tmp_path) == before


def test_a_folder_called_like_one_that_a_project_knows_is_not_taken_for_the_pictures(tmp_path):
    found = write_pictures(tmp_path / "photos" / "holiday", ["a.jpg"])
    plan = planned(renamed(found, ["holiday/a.jpg"]), tmp_path / "photos" / "holiday")
    assert run_export(plan, tmp_path / "photos" / "by group").files[0].path == "Dogs/a.jpg"
    with pytest.raises(ParameterError, match="lies in the folder of the pictures"):
        check_target(plan, tmp_path / "photos" / "holiday" / "by group")


def test_a_group_called_like_the_folder_of_the_pictures_stays_out_of_it(tmp_path):
    found = write_pictures(tmp_path / "Dogs", ["deep/a.jpg"])
    before = snapshot(tmp_path / "Dogs")
    run_export(planned(renamed(found, ["x.jpg"]), tmp_path / "Dogs"), tmp_path)
    assert snapshot(tmp_path / "Dogs") == before and (tmp_path / "Dogs (2)" / "x.jpg").exists()


def test_a_disk_that_is_not_there_is_said(tmp_path, monkeypatch):
    plan = planned(write_pictures(tmp_path / "photos", ["a.jpg"]))
    monkeypatch.setattr(Path, "exists", lambda self: False)
    with pytest.raises(FolderError, match=r"The disk of .*out is not there\.") as caught:
        check_target(plan, tmp_path / "out")
    assert caught.value.hint


def test_a_disk_that_takes_no_dates_is_exported_to_all_the_same(tmp_path, monkeypatch):
    plan = planned(write_pictures(tmp_path / "photos", ["a.jpg", "b.jpg"]))

    def refuse(path, **times):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "utime", refuse)
    assert len(run_export(plan, tmp_path / "out").files) == 2
    shutil.rmtree(tmp_path / "photos")
    assert len(list((tmp_path / "out" / "Dogs").iterdir())) == 2
