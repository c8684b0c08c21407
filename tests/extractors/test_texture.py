import math

import numpy as np
import pytest
from PIL import Image, ImageOps

from imgcluster.errors import ParameterError
from imgcluster.extractors.texture import KINDS, Texture


def noise(width, height, *, seed=0):
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8))


def mirrored(index, length):
    """The nearest index inside, where the picture is continued by its mirror image."""
    if index < 0:
        return mirrored(-index - 1, length)
    return mirrored(2 * length - 1 - index, length) if index >= length else index


def value_between(grey, row, column):
    """The grey value at any place, from the four pixels around it (bilinear)."""
    height, width = grey.shape
    top, left = math.floor(row), math.floor(column)
    total = 0.0
    for i in (top, top + 1):
        for j in (left, left + 1):
            share = (1 - abs(row - i)) * (1 - abs(column - j))
            total += share * grey[mirrored(i, height), mirrored(j, width)] if share > 0 else 0.0
    return total


def shares_by_definition(grey, radius):
    """Local binary patterns as their definition reads, pixel by pixel."""
    n_points = 8 * radius
    counts = [0] * (n_points + 2)
    for row, column in np.ndindex(grey.shape):
        angles = [2 * math.pi * point / n_points for point in range(n_points)]
        ring = [
            value_between(grey, round(row - radius * math.sin(a), 5), round(column + radius * math.cos(a), 5))
            for a in angles
        ]
        lighter = [value - grey[row, column] > -1e-9 for value in ring]
        changes = sum(lighter[point] != lighter[point - 1] for point in range(n_points))
        counts[sum(lighter) if changes <= 2 else n_points + 1] += 1
    return np.array(counts) / grey.size


@pytest.mark.parametrize("size", [(9, 7), (1, 6), (2, 2)])
def test_equals_its_definition(size):
    image = noise(*size)
    grey = np.asarray(image.convert("L")).astype(int)
    expected = np.concatenate([shares_by_definition(grey, radius) for radius in (1, 2, 3)])
    np.testing.assert_allclose(Texture().prepare(image), expected, atol=1e-6)


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (50, 1), (2, 3), (300, 200), (3000, 2)])
def test_shares_of_each_ring_sum_to_one(size):
    extractor = Texture(size=64)
    vector = extractor.prepare(noise(*size))
    assert vector.shape == (extractor.n_features,) == (54,)
    assert vector.dtype == np.float32
    assert vector.min() >= 0
    np.testing.assert_allclose([ring.sum() for ring in np.split(vector, [10, 28])], 1, rtol=1e-6)


@pytest.mark.parametrize("value", [0, 77, 255])
def test_in_one_colour_every_point_is_as_light_as_its_middle(value):
    vector = Texture().prepare(Image.new("RGB", (40, 30), (value,) * 3))
    assert np.flatnonzero(vector).tolist() == [8, 10 + 16, 28 + 24]
    assert set(vector) == {0, 1}


def test_light_and_turns_do_not_count():
    image = noise(40, 40).point(lambda value: value // 2)
    vector = Texture().prepare(image)
    np.testing.assert_array_equal(Texture().prepare(image.point(lambda value: value + 90)), vector)
    for changed in (image.transpose(Image.Transpose.ROTATE_90), ImageOps.mirror(image)):
        np.testing.assert_allclose(Texture().prepare(changed), vector, atol=0.01)


@pytest.mark.parametrize(
    ("before", "size", "after"),
    [((400, 100), 50, (200, 50)), ((100, 400), 50, (50, 200)), ((2000, 50), 32, (256, 6)), ((5000, 1), 32, (256, 1))],
)
def test_large_pictures_and_long_strips_are_made_smaller_in_proportion(before, size, after):
    image = noise(*before)
    smaller = image.convert("L").resize(after, Image.Resampling.BICUBIC, reducing_gap=3.0).convert("RGB")
    extractor = Texture(size=size)
    np.testing.assert_array_equal(extractor.prepare(image), extractor.prepare(smaller))


def test_nothing_is_made_larger():
    image = noise(400, 100)
    np.testing.assert_array_equal(Texture(size=100).prepare(image), Texture(size=1024).prepare(image))


def test_parameters_are_in_the_id_and_in_the_length():
    made = [Texture(), Texture(size=128), Texture(radius=1), Texture(radius=6)]
    assert [each.n_features for each in made] == [54, 54, 10, 180]
    assert len({each.id for each in made}) == 4
    assert all(each.id.startswith("texture-") for each in made)
    assert made[1].min_side == 128


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"size": 16}, "texture: size=16 should be from 32 to 1024."),
        ({"radius": 7}, "texture: radius=7 should be from 1 to 6."),
        ({"radius": 1.5}, "texture: radius=1.5 should be a whole number."),
    ],
)
def test_bad_parameters(parameters, sentence):
    with pytest.raises(ParameterError) as caught:
        Texture(**parameters)
    assert str(caught.value) == sentence


def test_the_list_makes_it_with_its_defaults():
    (kind,) = KINDS
    assert kind.make(**{parameter.name: parameter.default for parameter in kind.parameters}).id == kind.make().id
