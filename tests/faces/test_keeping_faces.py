"""What is kept of faces: lines of detections, names, options, and the folder that they are written to."""

import os
import threading
import time
import zipfile

import pytest
from drawn_faces import draw_face, write_photo

from imgcluster.cache import Workspace
from imgcluster.errors import ArchiveError, Cancelled, FolderError, ParameterError, StoreError
from imgcluster.faces.album import photo_of, read_album
from imgcluster.faces.kept import Detection, KeptDetections
from imgcluster.faces.names import CropNames
from imgcluster.faces.options import FaceOptions
from imgcluster.faces.unpacking import unpack_faces
from imgcluster.pictures.destination import check_destination
from imgcluster.pictures.finding import find_images
from imgcluster.stages.faces import faces_path, find_faces

DETECTION = Detection(width=300, height=200, faces=(draw_face((300, 200), (150, 100), side=80, degrees=7)[1],))


@pytest.mark.parametrize("rest", [b"", b'{"photo": "cu', b"\xff\x00\n", b'{"photo": 1}\n[1]\nnull\n'], ids=repr)
def test_detections_survive_a_crash(tmp_path, rest):
    path = tmp_path / "new" / "found.jsonl"
    with KeptDetections(path) as kept:
        kept.put("a", DETECTION)
        kept.put("b", Detection(width=5, height=6, faces=()))
    path.write_bytes(path.read_bytes() + rest)
    with KeptDetections(path) as kept:
        kept.put("c", DETECTION)
    with KeptDetections(path) as kept:
        assert kept.get("a") == kept.get("c") == DETECTION
        assert kept.get("b").faces == () and kept.get("d") is None


def test_what_another_detector_found_is_not_taken(tmp_path):
    path = tmp_path / "found.jsonl"
    with KeptDetections(path) as kept:
        kept.put("a", DETECTION)
    path.write_text(path.read_text().replace("mtcnn-1", "mtcnn-0"))
    with KeptDetections(path) as kept:
        assert kept.get("a") is None


def test_a_place_that_cannot_be_written(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be kept"):
        KeptDetections(tmp_path / "file" / "found.jsonl")


def named(*photos):
    names = CropNames(photos)
    return [names.name(photo, 1) for photo in photos]


def test_names_are_like_those_of_the_photos():
    assert named("anna.jpg", "trip/both.png") == ["anna-face1.jpg", "trip/both-face1.jpg"]


@pytest.mark.parametrize(
    "photos",
    [
        ("a.jpg", "a.png", "a.PNG", "A.jpg"),
        ("a.jpg", "a-face1.jpg/b.jpg"),
        ("a/../b.jpg", "b.jpg", "/b.jpg"),
        ("x?.jpg", "x*.jpg", "x:.jpg"),
        ("e" * 300 + "1.jpg", "e" * 300 + "2.jpg"),
        (".hidden/a.jpg", "CON/nul.jpg", "dot./a .jpg", "tab\t/\x00.jpg"),
    ],
    ids=["endings", "folder", "dots", "signs", "long", "odd"],
)
def test_no_two_names_are_alike_and_every_system_takes_them(photos, tmp_path):
    names = named(*photos)
    assert len({name.casefold() for name in names}) == len(photos)
    for name in names:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
        for part in name.split("/"):
            assert part not in ("", ".", "..") and not part.startswith(".") and not set(part) & set('<>:"\\|?*\t\x00')
    assert sum(path.is_file() for path in tmp_path.rglob("*")) == len(photos)


@pytest.mark.parametrize(
    "option",
    [{"min_confidence": 0.4}, {"min_confidence": float("nan")}, {"margin": -0.1}, {"margin": 3.0}, {"size": 8}],
    ids=str,
)
def test_options_out_of_range_are_refused_with_the_number(option):
    ((name, value),) = option.items()
    with pytest.raises(ParameterError, match=f"{name}={value:g} should be from"):
        FaceOptions(**option)


@pytest.fixture
def album(tmp_path, collect):
    write_photo(tmp_path / "photos" / "anna.png", 1)
    write_photo(tmp_path / "photos" / "trip" / "ben.png", 1, shade=60)
    return collect(tmp_path / "photos")


@pytest.mark.parametrize("exists", [False, True])
def test_the_faces_as_files(album, tmp_path, exists):
    out = tmp_path / "deep" / "out"
    if exists:
        out.mkdir(parents=True)
    check_destination(out, source=tmp_path / "photos")
    unpack_faces(album, out)
    files = sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file())
    assert files == ["anna-face1.jpg", "faces.csv", "trip/ben-face1.jpg"]
    assert photo_of(out, "trip/ben-face1.jpg").photo == "trip/ben.png"
    assert str(tmp_path) not in (out / "faces.csv").read_text()


def test_nothing_is_left_when_it_is_stopped(album, tmp_path):
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(Cancelled):
        unpack_faces(album, tmp_path / "out", cancel=cancel)
    assert not (tmp_path / "out").exists()


def test_folders_that_are_refused(album, tmp_path):
    photos = tmp_path / "photos"
    for out in (photos, photos / "faces", photos / "a" / ".." / "faces"):
        with pytest.raises(ParameterError, match="lies in the folder of the pictures"):
            check_destination(out, source=photos)
    with pytest.raises(FolderError, match="is a file"):
        check_destination(photos / "anna.png", source=tmp_path / "deep.zip")
    with pytest.raises(FolderError, match=r"not empty \(2 there\)"):
        check_destination(photos, source=tmp_path / "deep.zip")
    with pytest.raises(FolderError, match="cannot be written"):
        unpack_faces(album, photos / "anna.png" / "out")


@pytest.mark.parametrize("content", [None, b"not a zip", {"faces.json": "[]"}, {"faces.json": '{"format": 1}'}, {}])
def test_a_zip_file_that_is_none_of_faces(tmp_path, content):
    path = tmp_path / "faces.zip"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        with zipfile.ZipFile(path, "w") as archive:
            for name, text in content.items():
                archive.writestr(name, text)
    with pytest.raises(ArchiveError, match="not there, or damaged"):
        read_album(path)
    with pytest.raises(ArchiveError, match="not there, or damaged"):
        photo_of(path, "a.jpg")


def test_what_a_killed_run_left_behind_is_removed_a_day_later(album, tmp_path, collect):
    old, new = album.path.with_name("faces-old.part"), album.path.with_name("faces-new.part")
    for path in (old, new):
        path.touch()
    os.utime(old, (time.time() - 100_000,) * 2)
    collect(tmp_path / "photos")
    assert new.exists() and not old.exists()


def test_the_faces_of_a_collection_are_made_once(album, tmp_path, detector):
    workspace, photos = Workspace(tmp_path / "workspace"), find_images(tmp_path / "photos")
    detector.asked = 0
    made = find_faces(photos, workspace=workspace)
    stamp = made.path.stat().st_mtime_ns
    assert made.path == faces_path(photos, workspace=workspace) and made.path.name == "Faces in photos.zip"
    assert find_faces(photos, workspace=workspace) == made
    assert made.path.stat().st_mtime_ns == stamp and detector.asked == 2
    made.path.write_bytes(b"damaged")
    assert find_faces(photos, workspace=workspace) == made and detector.asked == 2
    write_photo(tmp_path / "photos" / "anna.png", 2)
    changed = find_faces(find_images(tmp_path / "photos"), FaceOptions(min_confidence=0.5), workspace=workspace)
    assert changed.path != made.path and changed.n_faces == 3 and detector.asked == 3
