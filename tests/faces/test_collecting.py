"""From a folder of photos to the collection of their faces, and back to the photo."""

import csv
import io
import shutil
import threading
import zipfile

import pytest
from drawn_faces import write_photo
from PIL import Image

from imgcluster.errors import Cancelled
from imgcluster.faces.album import photo_file, photo_of, read_album
from imgcluster.faces.marking import marked_photo
from imgcluster.faces.options import FaceOptions
from imgcluster.pictures.finding import find_images
from imgcluster.pictures.opening import decode, read_bytes


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "photos"
    write_photo(folder / "anna.png", 1)
    write_photo(folder / "trip" / "both.png", 3, shade=120)
    write_photo(folder / "wall.png", 0, shade=140)
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff nothing more")
    return folder


def table(album):
    with zipfile.ZipFile(album.path) as archive:
        return list(csv.DictReader(io.StringIO(archive.read("faces.csv").decode())))


def test_what_was_found(photos, collect):
    album = collect(photos, options=FaceOptions(min_confidence=0.6))
    assert (album.n_faces, album.n_with_faces, album.n_photos) == (4, 2, 3)
    assert album.without == ("wall.png",)
    assert [photo.path for photo in album.skipped] == ["broken.jpg"] and album.skipped[0].reason
    assert read_album(album.path) == album


def test_the_faces_are_a_collection_like_any_other(photos, collect):
    faces = find_images(collect(photos, options=FaceOptions(min_confidence=0.6, size=96)).path)
    assert faces.paths == (
        "anna-face1.jpg",
        "trip/both-face1.jpg",
        "trip/both-face2.jpg",
        "trip/both-face3.jpg",
    )
    assert faces.skipped == ()
    assert {decode(read_bytes(face)).size for face in faces.images} == {(96, 96)}


def test_the_table(photos, collect):
    rows = table(collect(photos))
    assert list(rows[0]) == [
        *("crop", "photo", "face", "x", "y", "width", "height", "confidence", "photo_width", "photo_height")
    ]
    assert list(rows[1].values()) == [
        *("trip/both-face1.jpg", "trip/both.png", "1", "0", "8", "8", "10", "0.9800", "64", "48")
    ]


def test_only_sure_finds_are_taken_and_asking_for_others_detects_nothing_anew(photos, collect, detector):
    assert collect(photos, options=FaceOptions(min_confidence=0.9)).n_faces == 2
    assert collect(photos, options=FaceOptions(min_confidence=0.8)).n_faces == 3
    assert collect(photos, options=FaceOptions(min_confidence=0.5)).n_faces == 4
    assert detector.asked == 3


def test_each_face_leads_back_to_its_photo(photos, collect):
    album = collect(photos, options=FaceOptions(min_confidence=0.6))
    origin = photo_of(album.path, "trip/both-face2.jpg")
    assert (origin.photo, origin.number) == ("trip/both.png", 2)
    assert (origin.x, origin.y, origin.width, origin.height) == (10, 8, 8, 10)
    assert photo_file(album.path, origin.photo).source == photos / "trip" / "both.png"
    assert photo_of(album.path, "nobody.jpg") is None and photo_file(album.path, "nobody.png") is None


def test_the_face_is_marked_in_its_photo(photos, collect):
    album = collect(photos)
    origin = photo_of(album.path, "anna-face1.jpg")
    marked = Image.open(io.BytesIO(marked_photo(photo_file(album.path, origin.photo), origin)))
    assert marked.size == (64, 48)
    assert min(marked.getpixel((origin.x + 4, origin.y + origin.height))) > 150
    assert max(marked.getpixel((40, 40))) == pytest.approx(100, abs=12)


def test_a_zip_file_of_photos(photos, tmp_path, collect):
    archive = shutil.make_archive(str(tmp_path / "all"), "zip", photos)
    album = collect(archive)
    assert album.n_faces == 2
    photo = photo_file(album.path, "trip/both.png")
    assert photo.member == "trip/both.png" and decode(read_bytes(photo)).size == (64, 48)


def test_two_photos_that_differ_in_their_ending_alone(tmp_path, collect):
    write_photo(tmp_path / "photos" / "a.jpg", 1)
    write_photo(tmp_path / "photos" / "a.png", 1, shade=50)
    rows = table(collect(tmp_path / "photos"))
    assert {row["photo"]: row["crop"] for row in rows} == {"a.jpg": "a-face1.jpg", "a.png": "a.png-face1.jpg"}


def test_copies_are_looked_at_once_and_both_have_their_face(tmp_path, collect, detector):
    for name in ("one.png", "two.png"):
        write_photo(tmp_path / "photos" / name, 1)
    assert collect(tmp_path / "photos").n_faces == 2
    assert detector.asked == 1


@pytest.mark.parametrize("size", [(4096, 3072), (3072, 6144)], ids=str)
def test_places_are_those_of_the_whole_photo(tmp_path, collect, size):
    write_photo(tmp_path / "photos" / "large.jpg", 0, size=size)
    photo = Image.open(tmp_path / "photos" / "large.jpg")
    photo.paste((60, 0, 0), (0, 0, 200, 200))
    photo.save(tmp_path / "photos" / "large.jpg", quality=100, subsampling=0)
    (row,) = table(collect(tmp_path / "photos"))
    assert (int(row["photo_width"]), int(row["photo_height"])) == size
    assert int(row["y"]) == 16 and int(row["height"]) == 20  # it was looked at in half the size


def test_a_photo_on_its_side(tmp_path, collect):
    path = write_photo(tmp_path / "photos" / "a.jpg", 0)
    photo, exif = Image.open(path), Image.Exif()
    photo.paste((60, 0, 0), (0, 40, 8, 48))  # the lower left corner, which is the upper left one when it is turned
    exif[0x0112] = 6
    photo.save(path, quality=100, subsampling=0, exif=exif)
    (row,) = table(collect(tmp_path / "photos"))
    assert (row["photo_width"], row["photo_height"]) == ("48", "64")


def test_a_run_that_was_stopped_goes_on_where_it_was(tmp_path, collect, detector):
    for number in range(12):
        write_photo(tmp_path / "photos" / f"{number}.png", 1, shade=60 + number)
    cancel = threading.Event()
    detector.before = lambda: cancel.set() if detector.asked == 4 else None
    with pytest.raises(Cancelled):
        collect(tmp_path / "photos", cancel=cancel)
    assert [path.name for path in (tmp_path / "kept").iterdir()] == ["found.jsonl"]
    stopped_at = detector.asked
    seen = []
    assert collect(tmp_path / "photos", progress=seen.append).n_faces == 12
    assert 0 < stopped_at < 12 and detector.asked == 12
    assert seen[-1].done == seen[-1].total == 12 and seen[-1].fresh == 12 - stopped_at


def test_the_photos_are_as_they_were(photos, collect):
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in photos.rglob("*") if path.is_file()}
    collect(photos)
    assert {
        path: (path.read_bytes(), path.stat().st_mtime_ns) for path in photos.rglob("*") if path.is_file()
    } == before


def test_the_same_photos_make_the_same_file(photos, collect):
    first = collect(photos).path.read_bytes()
    assert collect(photos).path.read_bytes() == first


def test_photos_without_any_face(tmp_path, collect, detector):
    write_photo(tmp_path / "photos" / "wall.png", 0)
    album = collect(tmp_path / "photos")
    assert (album.n_faces, album.n_with_faces, album.n_photos) == (0, 0, 1)
    assert collect(tmp_path / "photos") == album and detector.asked == 1
