"""Two thumbnails laid on each other."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance

from benchmarks.planting import photo_like
from imgcluster.finding.copies.alignment import aligned_similarities, small_pictures
from imgcluster.pictures.thumbnails import make_thumbnail


def similarity(first, second):
    pictures = small_pictures([make_thumbnail(first), make_thumbnail(second)])
    sizes = np.array([first.size, second.size])
    return float(aligned_similarities(pictures, sizes, np.array([0]), np.array([1]))[0])


def photo(seed, size=(240, 180)):
    return photo_like(np.random.default_rng(seed), size)


def cropped(picture, left, top, right, bottom):
    width, height = picture.size
    box = (width * left, height * top, width * (1 - right), height * (1 - bottom))
    return picture.crop(tuple(round(edge) for edge in box))


@pytest.mark.parametrize("seed", range(5))
def test_copies_and_others(seed):
    picture = photo(seed)
    assert similarity(picture, picture) > 0.999
    assert similarity(picture, picture.resize((96, 72), Image.Resampling.LANCZOS)) > 0.97
    assert similarity(picture, cropped(picture, 0.05, 0.05, 0.05, 0.05)) > 0.9
    assert similarity(picture, cropped(picture, 0.12, 0, 0, 0)) > 0.9
    assert similarity(picture, photo(seed + 100)) < 0.5
    assert similarity(picture, picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)) < 0.5


@pytest.mark.parametrize("seed", range(3))
def test_it_does_not_matter_which_is_the_first(seed):
    picture = photo(seed)
    for other in (cropped(picture, 0.05, 0, 0.05, 0.1), picture.resize((120, 90)), photo(seed + 50)):
        assert similarity(picture, other) == pytest.approx(similarity(other, picture), abs=0.02)


def test_edits():
    picture = photo(1)
    assert similarity(picture, ImageEnhance.Brightness(picture).enhance(1.1)) > 0.9
    assert similarity(picture, ImageEnhance.Contrast(picture).enhance(0.8)) > 0.9
    stamped = picture.copy()
    ImageDraw.Draw(stamped).text((170, 160), "2024-05-01", fill="white")
    assert similarity(picture, stamped) > 0.9


def test_a_shot_in_which_something_moved_is_no_copy():
    scene = photo(3)
    first, second = scene.copy(), scene.copy()
    ImageDraw.Draw(first).ellipse((60, 40, 140, 150), fill="white")
    ImageDraw.Draw(second).ellipse((80, 40, 160, 150), fill="white")
    assert similarity(first, second) < 0.9


def test_a_part_as_large_as_the_whole_is_another_drawing():
    def drawn(radius):
        picture = Image.new("RGB", (160, 160), "white")
        ImageDraw.Draw(picture).ellipse((80 - radius, 80 - radius, 80 + radius, 80 + radius), fill="black")
        return picture

    assert similarity(drawn(40), drawn(40)) > 0.999
    assert similarity(drawn(40), drawn(44)) < 0.9


def test_slides_with_the_same_frame_are_no_copies():
    def slide(seed):
        picture = Image.new("RGB", (480, 270), "#204080")
        pen, rng = ImageDraw.Draw(picture), np.random.default_rng(seed)
        pen.rectangle((20, 50, 460, 250), fill="white")
        for line in range(5):
            text = "".join(rng.choice(list("abcdefgh    "), rng.integers(10, 30)))
            pen.text((40, 65 + 30 * line), text, fill="black", font_size=14)
        return picture

    slides = [slide(seed) for seed in range(6)]
    assert all(similarity(slides[0], other) < 0.9 for other in slides[1:])
    assert similarity(slides[0], slides[0].resize((240, 135), Image.Resampling.LANCZOS)) > 0.95


def test_flat_pictures():
    flat = [Image.new("RGB", (100, 100), colour) for colour in ("white", "black", "red", "#0000fe", "#fcfcfc")]
    white, black, red, blue, nearly_white = flat
    assert all(similarity(picture, picture) > 0.99 for picture in flat)
    assert similarity(white, nearly_white) > 0.9
    assert max(similarity(white, black), similarity(red, blue), similarity(white, red), similarity(black, blue)) < 0.5
    assert similarity(white, photo(0)) < 0.5
    assert similarity(white, Image.new("RGB", (1000, 10), "white")) == 0


@pytest.mark.parametrize("size", [(1, 1), (1, 2), (1, 500), (500, 1), (3, 3)])
def test_tiny_and_thin_pictures(size):
    picture = Image.fromarray(np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8))
    assert similarity(picture, picture) > 0.99
    assert 0 <= similarity(picture, photo(0)) < 0.9


def test_a_picture_depends_on_no_other_of_its_batch():
    pictures = [photo(seed) for seed in range(6)]
    pictures += [cropped(picture, 0, 0.03, 0.02, 0) for picture in pictures]
    small = small_pictures([make_thumbnail(picture) for picture in pictures])
    sizes = np.array([picture.size for picture in pictures])
    first, second = np.triu_indices(len(pictures), 1)
    together = aligned_similarities(small, sizes, first, second)
    alone = [aligned_similarities(small, sizes, first[[k]], second[[k]])[0] for k in range(len(first))]
    assert together == pytest.approx(np.array(alone), abs=1e-4)


def test_without_a_thumbnail_nothing_is_alike():
    good = make_thumbnail(photo(0))
    small = small_pictures([good, None, b"no JPEG", good])
    assert small.known.tolist() == [True, False, False, True]
    found = aligned_similarities(small, np.full((4, 2), 100), np.array([0, 1, 2, 0]), np.array([1, 2, 3, 3]))
    assert found[:3].tolist() == [0, 0, 0] and found[3] > 0.999
    assert small_pictures([]).greys.shape == (0, 64, 64)
