"""A few images that cover a cluster, and the mean of all: against slow and obviously right ones."""

import io
import itertools
import threading

import numpy as np
import pytest
from PIL import Image, ImageOps

from imgcluster.errors import Cancelled, NoImagesError, ParameterError
from imgcluster.finding.representatives import (
    covering_images,
    mean_image,
    mean_of,
    mean_of_pictures,
    mean_of_thumbnails,
)
from imgcluster.finding.summary import medoids
from imgcluster.pictures.finding import find_images
from imgcluster.pictures.thumbnails import make_thumbnail


def slowly_covering(coordinates, members, n_images, first):
    chosen = [first]
    while len(chosen) < n_images:
        gaps = [min(np.linalg.norm(coordinates[i] - coordinates[j]) for j in chosen) for i in sorted(members)]
        if max(gaps) == 0:
            break
        chosen.append(sorted(members)[gaps.index(max(gaps))])
    return chosen


@pytest.mark.parametrize("n_images", [1, 3, 5, 12, 100])
@pytest.mark.parametrize("seed", range(4))
def test_the_farthest_is_taken_next(n_images, seed):
    rng = np.random.default_rng(seed)
    # Whole numbers: many equal distances, and many images in one place.
    coordinates = rng.integers(0, 4, (60, 2)).astype(np.float32)
    members = rng.permutation(60)[:40]
    first = int(members[7])
    found = covering_images(coordinates, members, n_images, first)
    assert found.dtype == np.int64 and found.tolist() == slowly_covering(coordinates, members, n_images, first)
    assert len(np.unique(coordinates[found], axis=0)) == len(found)


@pytest.mark.parametrize("seed", range(5))
def test_no_image_is_farther_than_twice_the_least_that_is_possible(seed):
    rng = np.random.default_rng(seed)
    coordinates = rng.normal(size=(10, 2))
    gaps = np.linalg.norm(coordinates[:, None] - coordinates[None], axis=2)

    def radius(chosen):
        return gaps[:, list(chosen)].min(axis=1).max()

    for n_images in (1, 2, 3, 4):
        best = min(radius(chosen) for chosen in itertools.combinations(range(10), n_images))
        for first in range(10):
            found = covering_images(coordinates, np.arange(10), n_images, first)
            assert len(found) == n_images and radius(found) <= 2 * best


def test_the_medoid_comes_first():
    rng = np.random.default_rng(0)
    coordinates, labels = rng.normal(size=(80, 3)), rng.integers(0, 4, 80)
    for label, medoid in enumerate(medoids(coordinates, labels)):
        found = covering_images(coordinates, np.flatnonzero(labels == label), 5, medoid)
        assert found[0] == medoid and set(labels[found]) == {label} and len(set(found)) == 5


@pytest.mark.parametrize("scale", [0.0, 1e-300, 1e-30, 1e30])
def test_fewer_where_there_are_fewer_different_ones(scale):
    coordinates = np.repeat([[0.0, 1.0], [2.0, 1.0], [0.0, 4.0]], [4, 1, 2], axis=0) * scale
    found = covering_images(coordinates, np.arange(7), 12, 2)
    assert found.tolist() == ([2, 5, 4] if scale else [2])


def test_degenerate_clusters():
    coordinates = np.arange(6.0).reshape(3, 2)
    assert covering_images(coordinates, np.array([], dtype=int), 3, 0).tolist() == []
    assert covering_images(coordinates, np.array([1]), 3, 1).tolist() == [1]
    assert covering_images(coordinates, np.array([2, 1]), 3, 1).tolist() == [1, 2]
    assert covering_images(np.empty((3, 0)), np.arange(3), 3, 1).tolist() == [1]
    with pytest.raises(ParameterError, match="n_images=0"):
        covering_images(coordinates, np.arange(3), 0, 0)
    with pytest.raises(ParameterError, match="Picture 0 is none of the 2"):
        covering_images(coordinates, np.array([1, 2]), 3, 0)


@pytest.mark.parametrize("n", [1, 2, 3, 50])
def test_the_mean_is_the_explicit_one(n):
    stack = np.random.default_rng(n).integers(0, 256, (n, 7, 9, 3), dtype=np.uint8)
    mean, n_used = mean_of(iter(stack))
    assert n_used == n and mean.dtype == np.uint8
    np.testing.assert_array_equal(mean, np.rint(np.mean(stack, axis=0)))


def test_white_stays_white_however_many():
    mean, n_used = mean_of(itertools.repeat(np.full((2, 2, 3), 255, dtype=np.uint8), 3000))
    assert n_used == 3000 and (mean == 255).all()


def test_the_middle_square_of_each_picture_counts():
    red_between_blue = Image.new("RGB", (30, 10), "blue")
    red_between_blue.paste("red", (10, 0, 20, 10))
    tall = Image.new("RGB", (1, 500), "black")
    mean, n_used = mean_of_pictures([red_between_blue, tall], size=10)
    assert n_used == 2 and mean.shape == (10, 10, 3)
    assert (mean == [128, 0, 0]).all()  # 127.5


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(5)
    for number, shape in enumerate([(40, 60), (1, 1), (300, 200), (7, 90)]):
        Image.fromarray(rng.integers(0, 256, (*shape, 3), dtype=np.uint8)).save(tmp_path / f"{number}.png")
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.linear_gradient("L").convert("RGB").save(tmp_path / "5.jpg", exif=exif)
    (tmp_path / "4.png").write_bytes((tmp_path / "0.png").read_bytes()[:200])
    return tmp_path


def test_the_mean_of_files_leaves_out_what_cannot_be_read(folder):
    mean, n_used = mean_image(find_images(folder).images, size=32)
    pictures = [Image.open(folder / f"{number}.png") for number in range(4)]
    pictures.append(ImageOps.exif_transpose(Image.open(folder / "5.jpg")))
    stack = [np.asarray(ImageOps.fit(picture, (32, 32), Image.Resampling.LANCZOS)) for picture in pictures]
    assert n_used == 5 and mean.shape == (32, 32, 3)
    # A JPEG is decoded at a smaller size, which is a little different.
    np.testing.assert_allclose(mean, np.mean(stack, axis=0), atol=3)
    without, n_used = mean_image(find_images(folder).images[:4], size=32)
    assert n_used == 4
    np.testing.assert_array_equal(without, np.rint(np.mean(stack[:4], axis=0)))


def test_of_very_many_files_some_are_taken(folder):
    images = find_images(folder).images
    mean, n_used = mean_image(images, most=2, size=16)  # the first and the last
    assert n_used == 2
    np.testing.assert_array_equal(mean, mean_image([images[0], images[5]], size=16)[0])


def test_the_mean_of_thumbnails(folder):
    thumbnails = [make_thumbnail(Image.open(folder / f"{number}.png")) for number in range(4)]
    mean, n_used = mean_of_thumbnails([thumbnails[0], None, b"damaged", *thumbnails[1:]], size=20)
    expected, _ = mean_of_pictures([Image.open(io.BytesIO(data)) for data in thumbnails], size=20)
    assert n_used == 4
    np.testing.assert_array_equal(mean, expected)


def test_no_mean_of_nothing(folder):
    for make in (lambda: mean_of([]), lambda: mean_of_thumbnails([None, b""]), lambda: mean_image([])):
        with pytest.raises(NoImagesError, match="Not one picture"):
            make()
    with pytest.raises(NoImagesError, match="Not one picture"):
        mean_image([image for image in find_images(folder).images if image.path == "4.png"])


def test_it_can_be_stopped(folder):
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(Cancelled):
        mean_image(find_images(folder).images, cancel=cancel)
