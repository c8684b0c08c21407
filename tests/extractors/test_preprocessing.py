from itertools import product

import numpy as np
import pytest
from fake_extractor import FakeExtractor
from odd_images import quadrants
from PIL import Image

from imgcluster.errors import ParameterError
from imgcluster.extractors.preprocessing import Preprocessing, parse_preprocessing, preprocessed

EVERY = [
    Preprocessing(grayscale=grayscale, invert=invert, fit=fit, size=size)
    for grayscale, invert, fit, size in product((False, True), (False, True), ("stretch", "crop", "pad"), (0, 8, 1024))
]
SHAPES = [(1, 1), (1, 9), (300, 1), (2, 3), (31, 30), (48, 32)]


def noise(height, width):
    return np.random.default_rng(height * width).integers(0, 256, (height, width, 3), dtype=np.uint8)


def luma(pixels):
    """ITU-R 601, in 16 bits after the point, as Pillow has it."""
    weighted = pixels.astype(np.int64) @ np.array([19595, 38470, 7471]) + 2**15
    return np.repeat((weighted >> 16)[..., None], 3, axis=2)


def applied(pixels, **options):
    image = Preprocessing(**options).apply(Image.fromarray(pixels))
    assert image.mode == "RGB"
    return np.asarray(image)


def test_nothing_by_default():
    image, extractor = quadrants(), FakeExtractor()
    assert Preprocessing().apply(image) is image
    assert Preprocessing().text == ""
    assert preprocessed(extractor, Preprocessing()) is extractor


@pytest.mark.parametrize("shape", SHAPES)
def test_grayscale_is_the_luma_and_invert_is_what_is_left_to_255(shape):
    pixels = noise(*shape)
    np.testing.assert_array_equal(applied(pixels, grayscale=True), luma(pixels))
    np.testing.assert_array_equal(applied(pixels, invert=True), 255 - pixels)
    np.testing.assert_array_equal(applied(pixels, grayscale=True, invert=True), 255 - luma(pixels))


def test_crop_leaves_the_middle_square():
    pixels = noise(32, 48)
    np.testing.assert_array_equal(applied(pixels, fit="crop"), pixels[:, 8:40])
    np.testing.assert_array_equal(applied(pixels.transpose(1, 0, 2), fit="crop"), pixels[:, 8:40].transpose(1, 0, 2))


def test_pad_keeps_everything_with_white_beside_it():
    pixels = noise(32, 48)
    padded = applied(pixels, fit="pad")
    assert padded.shape == (48, 48, 3)
    np.testing.assert_array_equal(padded[8:40], pixels)
    assert padded[:8].min() == padded[40:].min() == 255
    upright = applied(pixels.transpose(1, 0, 2), fit="pad")
    np.testing.assert_array_equal(upright, padded.transpose(1, 0, 2))


def test_white_beside_an_inverted_drawing_stays_white():
    padded = applied(np.zeros((10, 20, 3), dtype=np.uint8), fit="pad", invert=True)
    assert padded.min() == 255


@pytest.mark.parametrize("size", [8, 64, 500])
def test_size_is_that_of_the_square(size):
    pixels = noise(320, 480)
    expected = Image.fromarray(pixels).resize((size, size), Image.Resampling.BICUBIC, reducing_gap=3.0)
    np.testing.assert_array_equal(applied(pixels, size=size), np.asarray(expected))
    middle = Image.fromarray(pixels[:, 80:400]).resize((size, size), Image.Resampling.BICUBIC, reducing_gap=3.0)
    np.testing.assert_array_equal(applied(pixels, fit="crop", size=size), np.asarray(middle))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("preprocessing", EVERY, ids=lambda each: each.text or "nothing")
def test_every_shape_can_be_preprocessed_and_is_left_as_it_was(preprocessing, shape):
    pixels = noise(*shape)
    image = Image.fromarray(pixels)
    done = preprocessing.apply(image)
    np.testing.assert_array_equal(np.asarray(image), pixels)
    sides = {"stretch": image.size, "crop": (min(shape),) * 2, "pad": (max(shape),) * 2}
    assert done.mode == "RGB"
    assert done.size == ((preprocessing.size,) * 2 if preprocessing.size else sides[preprocessing.fit])


@pytest.mark.parametrize("preprocessing", EVERY, ids=lambda each: each.text or "nothing")
def test_text_is_read_back(preprocessing):
    assert parse_preprocessing(preprocessing.text) == preprocessing


def test_every_text_and_id_is_another():
    assert len({each.text for each in EVERY}) == len(EVERY)
    ids = {preprocessed(FakeExtractor(), each).id for each in EVERY}
    assert len(ids) == len(EVERY)
    assert all(id_.startswith("fake-1") for id_ in ids)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Preprocessing()),
        (" , ", Preprocessing()),
        ("stretch", Preprocessing()),
        (" size=64 , crop,invert", Preprocessing(invert=True, fit="crop", size=64)),
        ("size=0", Preprocessing()),
    ],
)
def test_text_in_other_words(text, expected):
    assert parse_preprocessing(text) == expected


@pytest.mark.parametrize("text", ["blur", "size", "size=", "size=-8", "size=8.5", "size=²", "grayscale crop", "Crop"])
def test_what_is_no_text_of_steps(text):
    with pytest.raises(ParameterError, match="is nothing that can be done") as caught:
        parse_preprocessing(text)
    assert "grayscale, invert, stretch, crop, pad and size=64" in caught.value.hint


@pytest.mark.parametrize("size", [1, 7, 1025, -1])
def test_size_out_of_range(size):
    with pytest.raises(ParameterError, match=f"size={size} should be from 8 to 1024 pixels, or 0"):
        Preprocessing(size=size)


def test_unknown_fit():
    with pytest.raises(ParameterError, match="fit=squeeze should be one of stretch, crop, pad"):
        Preprocessing(fit="squeeze")


def test_extractor_sees_the_preprocessed_image_and_is_itself_otherwise():
    extractor = FakeExtractor()
    wrapped = preprocessed(extractor, Preprocessing(invert=True, fit="crop"))
    seen = wrapped.prepare(quadrants())
    left, right = quadrants().crop((8, 0, 24, 32)), quadrants().crop((24, 0, 40, 32))
    expected = [[255 - np.array(half.getpixel((5, y))) for half in (left, right)] for y in (5, 25)]
    np.testing.assert_array_equal(seen, expected)
    wrapped.load()
    np.testing.assert_array_equal(wrapped(seen[None]), extractor(seen[None]))
    assert (extractor.loads, extractor.seen) == (1, 2)
    assert wrapped.missing() is None
    for name in ("name", "title", "good_for", "n_features", "scaling", "rate", "load_seconds"):
        assert getattr(wrapped, name) == getattr(extractor, name)


@pytest.mark.parametrize(("size", "expected"), [(0, 2), (8, 8), (300, 300)])
def test_images_are_decoded_as_large_as_either_needs(size, expected):
    assert preprocessed(FakeExtractor(), Preprocessing(size=size, grayscale=True)).min_side == expected
