"""Days, months and cameras, out of the beginnings of files."""

import io
import zipfile
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image

from imgcluster.naming.origins import Origins, camera_evidence, date_evidence, read_origins
from imgcluster.pictures.finding import find_images
from imgcluster.pictures.opening import ImageOrigin, image_origin


def picture(taken=None, maker=None, model=None, kind="JPEG"):
    exif = Image.Exif()
    if taken:
        exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = f"{taken:%Y:%m:%d %H:%M:%S}"
    for tag, text in ((ExifTags.Base.Make, maker), (ExifTags.Base.Model, model)):
        if text:
            exif[tag] = text
    file = io.BytesIO()
    Image.new("RGB", (16, 12), "red").save(file, kind, exif=exif)
    return file.getvalue()


def sample(origins, weights=None):
    n = len(origins)
    return Origins(images=np.arange(n), origins=tuple(origins), weights=np.ones(n) if weights is None else weights)


def names(found):
    return {label: evidence.names for label, evidence in found.items()}


def on(*days):
    return [ImageOrigin(taken=datetime.fromisoformat(day)) for day in days]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_date_and_camera_are_read_from_files_and_from_a_zip(tmp_path, kind):
    taken = datetime(2024, 7, 14, 12, 30)
    data = picture(taken, "Canon", "Canon EOS 5D", kind)
    suffix = {"JPEG": "jpg"}.get(kind, kind.lower())
    (tmp_path / f"a.{suffix}").write_bytes(data)
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr(f"b.{suffix}", data)
    for source in (tmp_path / f"a.{suffix}", tmp_path / "b.zip"):
        (image,) = find_images([source] if source.suffix != ".zip" else source).images
        assert image_origin(image) == ImageOrigin(taken=taken, camera="Canon EOS 5D")


@pytest.mark.parametrize(
    ("maker", "model", "camera"),
    [
        ("Canon", "Canon EOS 5D", "Canon EOS 5D"),
        ("NIKON CORPORATION", "NIKON D90", "NIKON D90"),
        ("Apple", "iPhone 12", "Apple iPhone 12"),
        (None, "X100", "X100"),
        ("Sony", None, ""),
    ],
)
def test_cameras_have_their_maker_once(tmp_path, maker, model, camera):
    (tmp_path / "a.jpg").write_bytes(picture(maker=maker, model=model))
    assert image_origin(find_images(tmp_path).images[0]) == ImageOrigin(camera=camera)


def test_what_cannot_be_opened_has_no_origin(tmp_path):
    for name, data in (("a.jpg", b"\xff\xd8\xff"), ("b.jpg", picture(datetime(2024, 1, 1))[:60]), ("c.png", b"x")):
        (tmp_path / name).write_bytes(data)
    images = find_images(tmp_path).images
    assert [image_origin(image) for image in images] == [ImageOrigin()] * 3
    Path(images[0].source).unlink()
    assert image_origin(images[0]) == ImageOrigin()


def test_the_shortest_time_that_explains_is_taken():
    others = on(*["1999-01-01"] * 8)
    labels = np.array([-1] * 8 + [0] * 4)
    for days, name in (
        (["2024-07-14"] * 4, "14 July 2024"),
        (["2024-07-14", "2024-07-02", "2024-07-30", "2024-07-30"], "July 2024"),
        (["2024-06-01", "2024-07-02", "2024-08-30", "2024-08-30"], "June to August 2024"),
        (["2023-12-01", "2024-01-02", "2024-02-28", "2024-02-29"], "December 2023 to February 2024"),
        (["2024-03-01", "2024-04-02", "2024-05-28", "2024-05-29"], "March to May 2024"),
        (["2024-09-01", "2024-10-02", "2024-11-28", "2024-11-29"], "September to November 2024"),
        (["2024-01-01", "2024-05-02", "2024-09-28", "2024-12-29"], "2024"),
    ):
        assert names(date_evidence(sample(others + on(*days)), labels)) == {0: (name,)}
    found = date_evidence(sample(others + on(*["2024-07-14"] * 4)), labels)
    assert found[0].reason == "4 of 4 pictures looked at were taken on 14 July 2024."


def test_a_time_or_camera_of_all_groups_explains_none():
    origins = [ImageOrigin(taken=datetime(2024, 7, 14), camera="X100")] * 12
    for labels in (np.repeat([0, 1, 2], 4), np.zeros(12, dtype=np.int64)):
        assert date_evidence(sample(origins), labels) == {} and camera_evidence(sample(origins), labels) == {}


def test_a_sample_counts_for_the_images_it_stands_for():
    """Two sampled pictures of a large group are of this camera too: most of its pictures are elsewhere."""
    origins = [ImageOrigin(camera="X100")] * 3 + [ImageOrigin(camera="X100")] * 2 + [ImageOrigin(camera="D90")] * 8
    labels = np.repeat([0, 1], [3, 10])
    assert names(camera_evidence(sample(origins), labels)) == {0: ("X100",), 1: ("D90",)}
    assert names(camera_evidence(sample(origins, np.repeat([1.0, 50.0], [3, 10])), labels)) == {1: ("D90",)}


def test_two_pictures_are_too_few_for_a_day():
    assert date_evidence(sample(on("2024-07-14", "2024-07-14", "1999-01-01")), np.array([0, 0, 1])) == {}


def test_a_few_files_of_each_group_are_opened_evenly_spread(tmp_path):
    for number in range(50):
        (tmp_path / f"{number:02d}.jpg").write_bytes(picture(datetime(2024, 1, 1 + number % 28)))
    images = find_images(tmp_path).images
    labels = np.repeat([0, 1, -1], [30, 4, 16])
    reports = []
    got = read_origins(images, labels, per_group=8, progress=reports.append)
    np.testing.assert_array_equal(got.images, [0, 3, 7, 11, 15, 18, 22, 26, 30, 31, 32, 33, *range(34, 50, 2)])
    assert [origin.taken.day for origin in got.origins] == [1 + image % 28 for image in got.images.tolist()]
    np.testing.assert_allclose(np.bincount(labels[got.images] + 1, got.weights), [16, 30, 4])
    assert (reports[-1].done, reports[-1].total) == (20, 20)
    nothing = read_origins((), np.empty(0, dtype=np.int32))
    assert date_evidence(nothing, np.empty(0, dtype=np.int32)) == {}


@pytest.mark.parametrize(
    ("labels", "n_opened"),
    [
        (np.repeat(np.arange(-1, 4999), 4), 3000),
        (np.r_[np.repeat(np.arange(1000), 4), np.full(60, -1)], 3000),
        (np.repeat(np.arange(1000), 4), 3000),
        (np.repeat(np.arange(50), 100), 1500),
        (np.arange(2500), 500 + 1500 + 500),
    ],
    ids=str,
)
def test_no_more_than_three_thousand_files_are_opened_and_they_stand_for_all(monkeypatch, labels, n_opened):
    monkeypatch.setattr("imgcluster.naming.origins.image_origin", lambda image: ImageOrigin())
    got = read_origins(range(len(labels)), labels)
    assert len(got.images) == len({*got.images.tolist()}) == n_opened <= 3000
    np.testing.assert_allclose(got.weights.sum(), len(labels))


def test_of_very_many_groups_the_largest_are_looked_at_more_closely(monkeypatch):
    monkeypatch.setattr("imgcluster.naming.origins.image_origin", lambda image: ImageOrigin())
    labels = np.repeat(np.arange(2000), np.where(np.arange(2000) % 4 == 0, 8, 3))
    got = read_origins(range(len(labels)), labels)
    n_each = np.bincount(labels[got.images], minlength=2000)
    assert (n_each[::4] == 3).all() and len(got.images) == 3000
