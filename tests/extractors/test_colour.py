import colorsys
import math
from itertools import product

import numpy as np
import pytest
from PIL import Image
from skimage.color import rgb2lab
from sklearn.datasets import load_sample_images

from imgcluster.errors import ParameterError
from imgcluster.extractors.colour import Colour, DominantColour, DominantColours, dominant_colours, soft_histogram

EXTRACTORS = [Colour(), Colour("hsv", 5), Colour("lab"), Colour("lab", 7), DominantColours(), DominantColours(1)]
SOME_COLOURS = [(230, 20, 20), (0, 0, 0), (255, 255, 255), (90, 90, 90), (12, 200, 90), (255, 0, 1), (70, 71, 80)]


@pytest.fixture(scope="module")
def photos():
    return [Image.fromarray(photo) for photo in load_sample_images().images]


def plain(rgb):
    return Image.new("RGB", (20, 10), rgb)


def of_pixels(colours):
    return Image.fromarray(np.array([colours], dtype=np.uint8))


def hellinger(first, second):
    return np.linalg.norm(np.sqrt(first) - np.sqrt(second))


def each_bin(position, n_bins, *, circular=False):
    """Every bin's part of one point: a triangle around the bin's centre."""
    scaled = position * (n_bins if circular else n_bins - 1)
    for index in range(n_bins):
        distance = abs(scaled - index)
        if circular:
            distance = min(distance, n_bins - distance)
        yield index, max(0.0, 1.0 - distance)


def slow_hsv(colours, bins):
    counts, greys = np.zeros((bins, 3, 3)), np.zeros(bins)
    for rgb in colours:
        hue, saturation, value = colorsys.rgb_to_hsv(*(channel / 255 for channel in rgb))
        coloured = min(saturation * value / 0.25, 1)
        axes = each_bin(hue, bins, circular=True), each_bin(saturation, 3), each_bin(value, 3)
        for (h, a), (s, b), (v, c) in product(*axes):
            counts[h, s, v] += coloured * a * b * c
        for v, part in each_bin(value, bins):
            greys[v] += (1 - coloured) * part
    return np.concatenate([counts.ravel(), greys]) / len(colours)


def slow_lab(colours, bins):
    counts = np.zeros(((bins + 1) // 2, bins, bins))
    for rgb in colours:
        lightness, a, b = rgb2lab(np.array(rgb) / 255)
        along = [min(max((x + 80) / 160, 0), 1) for x in (a, b)]
        axes = each_bin(lightness / 100, len(counts)), each_bin(along[0], bins), each_bin(along[1], bins)
        for (i, p), (j, q), (k, r) in product(*axes):
            counts[i, j, k] += p * q * r
    return counts.ravel() / len(colours)


@pytest.mark.parametrize("bins", [4, 5, 12])
@pytest.mark.parametrize(("space", "reference"), [("hsv", slow_hsv), ("lab", slow_lab)])
def test_equals_the_explicit_histogram(space, reference, bins):
    colours = [*SOME_COLOURS, *np.random.default_rng(bins).integers(0, 256, (40, 3)).tolist()]
    histogram = Colour(space, bins).prepare(of_pixels(colours))
    np.testing.assert_allclose(histogram, reference(colours, bins), atol=1e-6)


@pytest.mark.parametrize("extractor", EXTRACTORS, ids=lambda each: each.id)
def test_shares_sum_to_one(extractor, photos):
    noise = np.random.default_rng(0).integers(0, 256, (1, 900, 3), dtype=np.uint8)
    for image in (*photos, *map(plain, SOME_COLOURS), Image.fromarray(noise), Image.new("RGB", (1, 1), "blue")):
        vector = extractor.prepare(image)
        assert vector.dtype == np.float32
        assert vector.shape == (extractor.n_features,)
        assert vector.min() >= 0
        assert math.isclose(vector.sum(dtype=np.float64), 1, abs_tol=1e-5)
        np.testing.assert_array_equal(extractor.prepare(image), vector)


@pytest.mark.parametrize("extractor", EXTRACTORS, ids=lambda each: each.id)
def test_another_red_is_nearer_to_red_than_blue_is(extractor):
    red, other, blue = (extractor.prepare(plain(rgb)) for rgb in ((230, 20, 20), (215, 30, 35), (20, 20, 230)))
    assert 0 < hellinger(red, other) < 0.75 * hellinger(red, blue)


def test_hues_close_a_circle():
    before, after, away = (
        Colour().prepare(plain(tuple(round(255 * x) for x in colorsys.hsv_to_rgb(hue, 1, 1))))
        for hue in (0.99, 0.01, 0.1)
    )
    assert hellinger(before, after) < hellinger(after, away)


def test_greys_have_no_hue():
    for grey in (0, 1, 100, 254, 255):
        vector = Colour().prepare(plain((grey,) * 3))
        assert vector[:-12].sum() == 0
    dark, also_dark = Colour().prepare(plain((3, 0, 0))), Colour().prepare(plain((0, 3, 0)))
    assert np.abs(dark - also_dark).sum() < 0.1
    nearly, grey = Colour().prepare(plain((120, 121, 120))), Colour().prepare(plain((120, 120, 120)))
    assert np.abs(nearly - grey).sum() < 0.15


@pytest.mark.parametrize("extractor", EXTRACTORS, ids=lambda each: each.id)
def test_where_the_colours_are_does_not_count(extractor, photos):
    small = photos[0].crop((100, 100, 140, 160))
    turned = small.transpose(Image.Transpose.ROTATE_90)
    np.testing.assert_allclose(extractor.prepare(small), extractor.prepare(turned), atol=1e-6)


@pytest.mark.parametrize("positions", [[], [[0.0, 0.0], [1.0, 1.0], [0.5, 0.999], [0.26, 0.51]]])
def test_soft_bins_keep_the_weights(positions):
    positions = np.array(positions).reshape(-1, 2)
    weights = np.arange(1.0, len(positions) + 1)
    counts = soft_histogram(positions, (2, 5), circular=(False, True), weights=weights)
    expected = np.zeros((2, 5))
    for (x, y), weight in zip(positions, weights, strict=True):
        for (i, a), (j, b) in product(each_bin(x, 2), each_bin(y, 5, circular=True)):
            expected[i, j] += weight * a * b
    np.testing.assert_allclose(counts, expected, atol=1e-12)


def test_dominant_colours_of_a_few_patches():
    image = Image.new("RGB", (60, 40), (250, 250, 240))
    image.paste((200, 30, 30), (0, 0, 30, 20))
    image.paste((10, 60, 160), (0, 20, 15, 40))
    assert dominant_colours(image) == (
        DominantColour(rgb=(250, 250, 240), share=pytest.approx(0.625)),
        DominantColour(rgb=(200, 30, 30), share=pytest.approx(0.25)),
        DominantColour(rgb=(10, 60, 160), share=pytest.approx(0.125)),
    )


def test_dominant_colours_are_where_no_pixel_has_a_nearer_one(photos):
    """What k-means ends with: each colour is the mean of the pixels that are nearest to it."""
    pixels = np.asarray(photos[1].resize((64, 64), Image.Resampling.BOX)).reshape(-1, 3)
    found = dominant_colours(photos[1], 4)
    centers = rgb2lab(np.array([[colour.rgb for colour in found]], dtype=np.uint8))[0]
    nearest = np.linalg.norm(rgb2lab(pixels[None])[0][:, None] - centers, axis=2).argmin(axis=1)
    for index, colour in enumerate(found):
        assert abs((nearest == index).mean() - colour.share) < 0.05
        np.testing.assert_allclose(pixels[nearest == index].mean(axis=0), colour.rgb, atol=10)
    assert [colour.share for colour in found] == sorted((colour.share for colour in found), reverse=True)


@pytest.mark.parametrize("n_colours", [1, 2, 16, 256])
def test_no_more_dominant_colours_than_asked_for_or_there(photos, n_colours):
    found = dominant_colours(photos[0], n_colours)
    assert 1 <= len(found) <= n_colours
    assert len({colour.rgb for colour in found}) == len(found)
    assert math.isclose(sum(colour.share for colour in found), 1)
    assert dominant_colours(plain((7, 8, 9)), n_colours) == (DominantColour(rgb=(7, 8, 9), share=pytest.approx(1)),)


def test_dominant_colours_of_several_pictures_count_each_alike():
    found = dominant_colours([Image.new("RGB", (64, 64), "red"), Image.new("RGB", (1, 1), "blue")], 3)
    assert {colour.rgb: colour.share for colour in found} == pytest.approx({(255, 0, 0): 0.5, (0, 0, 255): 0.5})


def test_ids_tell_the_parameters_apart():
    assert len({extractor.id for extractor in EXTRACTORS}) == len(EXTRACTORS)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Colour("rgb"), "space=rgb should be one of hsv, lab"),
        (lambda: Colour(bins=3), "bins=3 should be from 4 to 24"),
        (lambda: DominantColours(17), "n_colours=17 should be from 1 to 16"),
        (lambda: dominant_colours(plain((0, 0, 0)), 0), "n_colours=0 should be from 1 to 256"),
        (lambda: dominant_colours([]), "0 pictures have no colours"),
    ],
)
def test_what_makes_no_sense_is_said(make, message):
    with pytest.raises(ParameterError, match=message):
        make()
