"""Copies of pictures: their names, their dates, where they may go, and that the pictures stay as they are."""

import hashlib
import os
import threading
import zipfile
from collections import namedtuple
from dataclasses import replace
from pathlib import Path

import pytest
from fake_extractor import write_images

from imgcluster.errors import Cancelled, FolderError, ParameterError
from imgcluster.keeping import copying
from imgcluster.keeping.copying import copy_images
from imgcluster.pictures.destination import check_destination, written_whole
from imgcluster.pictures.finding import find_images
from imgcluster.pictures.names import UniqueNames, name_key


def state(folder):
    """Return everything that is in a folder: paths, contents and dates."""
    return {
        path.relative_to(folder).as_posix(): (
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None,
            path.stat().st_mtime_ns,
            path.stat().st_mode,
        )
        for path in folder.rglob("*")
    }


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "photos"
    for place in (folder, folder / "trip"):
        for number, path in enumerate(write_images(place, 3, seed=len(place.name))):
            os.utime(path, (1_000_000_000 + number,) * 2)
    return folder


@pytest.fixture
def archive(photos):
    path = photos.parent / "photos.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for photo in sorted(photos.rglob("*.png")):
            file.write(photo, photo.relative_to(photos).as_posix())
    return path


@pytest.mark.parametrize("exists", [False, True])
def test_copies_are_equal_to_the_last_byte_and_keep_their_dates(photos, tmp_path, exists):
    before, out = state(photos), tmp_path / "deep" / "out"
    if exists:
        out.mkdir(parents=True)
    check_destination(out, source=photos)
    copied = copy_images([(image, image.path) for image in find_images(photos).images], out)
    files = {name: value for name, value in before.items() if value[0]}
    assert {name: value[:2] for name, value in state(out).items() if value[0]} == {
        name: value[:2] for name, value in files.items()
    }
    assert copied.names == tuple(find_images(photos).paths) and copied.n_copied == len(files) and not copied.skipped
    assert state(photos) == before


def test_pictures_in_a_zip_file_are_copied_as_well(photos, archive, tmp_path):
    before = archive.read_bytes()
    check_destination(tmp_path / "out", source=archive)
    copied = copy_images([(image, f"x/{image.path}") for image in find_images(archive).images], tmp_path / "out")
    assert copied.n_copied == 6 and archive.read_bytes() == before
    for name in copied.names:
        assert (tmp_path / "out" / name).read_bytes() == (photos / name.removeprefix("x/")).read_bytes()


def test_names_that_are_alike_are_numbered(photos, tmp_path):
    images = find_images(photos).images
    wanted = ["a.png", "A.PNG", "b/../a.png", "/a.png", "x?.png", "x*.png"]
    copied = copy_images(list(zip(images, wanted, strict=True)), tmp_path / "out")
    assert copied.names == ("a.png", "A (2).PNG", "b/a.png", "a (3).png", "x_.png", "x_ (2).png")
    for image, name in zip(images, copied.names, strict=True):
        assert (tmp_path / "out" / name).read_bytes() == image.source.read_bytes()


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("../../up.png", "up.png"),
        ("/etc/passwd", "etc/passwd"),
        ("C:\\Windows\\a.png", "C__Windows_a.png"),
        ("con.png", "_con.png"),
        ("nul", "_nul"),
        ("LPT1 .tar.gz", "_LPT1 .tar.gz"),
        ("com².png", "_com².png"),
        ("console.png", "console.png"),
        (".hidden/.a.png", "_.hidden/_.a.png"),
        ("dot./a. . ", "dot/a"),
        ("a\n\x00\x85b.png", "a___b.png"),
        ("\udcff.png", "_.png"),
        ("", "picture"),
        ("..", "picture"),
        ("e" * 300 + ".jpeg", "e" * 175 + ".jpeg"),
        ("é" * 300 + ".jpeg", "é" * 87 + ".jpeg"),
        ("e" * 179 + "." + "f" * 200, "e" * 179),
    ],
    ids=lambda text: repr(text[:20]),
)
def test_every_system_takes_the_names(wanted, name):
    assert UniqueNames([wanted]).name(wanted) == name
    assert len(name.encode()) < 200


def test_no_file_is_called_like_a_folder_or_like_another():
    wanted = ["a", "a/b.png", "A/B.png", "a (2)", "a", "e\u0301.png", "\u00e9.png", *["same.png"] * 2000]
    unique = UniqueNames(wanted)
    names = [unique.name(name) for name in wanted]
    assert names[:7] == ["a (2)", "a/b.png", "A/B (2).png", "a (2) (2)", "a (3)", "e\u0301.png", "\u00e9 (2).png"]
    keys = {name_key(name) for name in names}
    assert len(keys) == len(names) and "a" not in keys and names[-1] == "same (2000).png"


def test_what_cannot_be_read_is_reported_and_the_others_are_copied(photos, tmp_path):
    images = find_images(photos).images
    (photos / "0001.png").unlink()
    copied = copy_images([(image, image.path) for image in images], tmp_path / "out")
    assert [(skipped.path, skipped.reason) for skipped in copied.skipped] == [("0001.png", "it vanished meanwhile")]
    assert copied.names[1] is None and copied.n_copied == 5
    assert sum(path.is_file() for path in (tmp_path / "out").rglob("*")) == 5


@pytest.mark.parametrize("n_before", [0, 3, 6])
def test_nothing_is_left_when_it_is_stopped(photos, tmp_path, n_before):
    cancel, images = threading.Event(), [(image, image.path) for image in find_images(photos).images]
    (tmp_path / "there").mkdir()

    def stop(report):
        if report.done == n_before:
            cancel.set()

    if n_before == 0:
        cancel.set()
    for out in (tmp_path / "there" / "deep" / "out", tmp_path / "there"):
        with pytest.raises(Cancelled):
            copy_images(images, out, progress=stop, cancel=cancel)
        assert list((tmp_path / "there").iterdir()) == []
        cancel.clear()
        if n_before == 0:
            cancel.set()


def test_nothing_is_left_when_it_cannot_be_written(photos, tmp_path, monkeypatch):
    images = [(image, image.path) for image in find_images(photos).images]
    written = Path.write_bytes

    def full(path, data):
        if path.name == "0002.png":
            raise OSError(28, "No space left on device")
        return written(path, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(FolderError, match=r"cannot be written to .*out: No space left on device"):
        copy_images(images, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_file_that_appears_meanwhile_is_not_replaced(tmp_path):
    out = tmp_path / "out"

    def write():
        with written_whole(out, what="The pictures") as aside:
            (aside / "a.png").write_text("ours")
            (aside / "b.png").write_text("ours")
            (out / "b.png").write_text("theirs")

    with pytest.raises(FolderError, match=r"b\.png appeared meanwhile"):
        write()
    assert [path.name for path in out.iterdir()] == ["b.png"] and (out / "b.png").read_text() == "theirs"


def test_too_little_space_is_said_with_the_numbers(photos, tmp_path, monkeypatch):
    images = [(replace(image, size=1_300_000_000), image.path) for image in find_images(photos).images]
    usage = namedtuple("usage", "free")
    monkeypatch.setattr(copying.shutil, "disk_usage", lambda path: usage(7_800_000_000 - 100_000))
    with pytest.raises(FolderError, match=r"The 6 pictures take 7,800\.0 MB, and 7,799\.9 MB are free where .*out is"):
        copy_images(images, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    monkeypatch.setattr(copying.shutil, "disk_usage", lambda path: usage(7_800_000_000))
    assert copy_images(images, tmp_path / "out").n_copied == 6


def test_no_pictures_are_no_trouble(tmp_path):
    assert copy_images([], tmp_path / "out").names == ()
    assert list((tmp_path / "out").iterdir()) == []


def test_the_folder_of_the_pictures_and_those_in_it_are_refused(photos, tmp_path):
    (tmp_path / "link").symlink_to(photos, target_is_directory=True)
    (tmp_path / "inner").symlink_to(photos / "trip", target_is_directory=True)
    inside = [photos, photos / "new", photos / "trip" / "a" / "b", tmp_path / "x" / ".." / "photos" / "new"]
    inside += [tmp_path / "link" / "new", tmp_path / "inner" / "new"]
    for source in (photos, tmp_path / "link"):
        for out in inside:
            with pytest.raises(ParameterError, match="lies in the folder of the pictures"):
                check_destination(out, source=source)
    check_destination(photos / ".." / "new", source=photos)
    check_destination(tmp_path / "photos2", source=photos)


def test_what_is_there_is_never_written_over(photos, archive, tmp_path):
    with pytest.raises(FolderError, match=r"not empty \(2 there\)"):  # the folder of the ZIP file, and of the pictures
        check_destination(tmp_path, source=archive)
    with pytest.raises(FolderError, match=r"not empty \(2 there\)"):
        check_destination(tmp_path, source=photos)
    with pytest.raises(FolderError, match="is a file"):
        check_destination(archive, source=photos)
    with pytest.raises(FolderError, match="cannot be written"):
        check_destination(tmp_path / "a\x00b", source=photos)
    for out in (tmp_path, archive, archive / "out"):
        with pytest.raises(FolderError):
            copy_images([(image, image.path) for image in find_images(photos).images], out)
