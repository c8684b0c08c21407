import numpy as np
import pytest
from PIL import Image

from imgcluster.errors import ParameterError
from imgcluster.extractors.pixels import KINDS, Pixels


def noise(width, height, *, seed=0):
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8))


def test_grey_pixels_are_means_of_luma_over_what_each_covers():
    image = noise(48, 32)
    red, green, blue = np.moveaxis(np.asarray(image, dtype=np.float64), -1, 0)
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    means = luma.reshape(8, 4, 8, 6).mean(axis=(1, 3))
    # Pillow rounds the luma of each pixel, and once more after each of its two passes.
    np.testing.assert_allclose(Pixels(size=8).prepare(image), means.ravel(), atol=1.5)


def test_equal_what_pillow_resizes():
    image = noise(100, 75)
    grey = Pixels().prepare(image)
    assert grey.tolist() == list(image.convert("L").resize((64, 64), Image.Resampling.BOX).tobytes())
    colored = Pixels(size=32, color=True).prepare(image)
    assert colored.tolist() == list(image.resize((32, 32), Image.Resampling.BOX).tobytes())


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (50, 1), (3, 5), (300, 200)])
@pytest.mark.parametrize("color", [False, True])
def test_whole_numbers_of_one_byte_for_every_size(size, color):
    extractor = Pixels(size=16, color=color)
    vector = extractor.prepare(noise(*size))
    assert vector.shape == (extractor.n_features,)
    assert vector.dtype == np.float32
    np.testing.assert_array_equal(vector, vector.astype(np.uint8))


def test_one_colour_stays_that_colour():
    image = Image.new("RGB", (70, 30), (10, 200, 255))
    np.testing.assert_array_equal(Pixels(size=8, color=True).prepare(image).reshape(64, 3), [[10, 200, 255]] * 64)
    assert set(Pixels().prepare(image)) == {round(0.299 * 10 + 0.587 * 200 + 0.114 * 255)}


def test_a_batch_is_what_was_prepared():
    extractor = Pixels()
    prepared = [extractor.prepare(noise(20, 30, seed=seed)) for seed in range(3)]
    np.testing.assert_array_equal(extractor(np.stack(prepared)), prepared)


def test_parameters_are_in_the_id_and_in_the_length():
    made = [Pixels(), Pixels(size=32), Pixels(color=True), Pixels(size=32, color=True)]
    assert [each.n_features for each in made] == [4096, 1024, 12288, 3072]
    assert len({each.id for each in made}) == 4
    assert all(each.id.startswith("pixels-") for each in made)
    assert [each.min_side for each in made] == [64, 32, 64, 32]


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"size": 7}, "pixels: size=7 should be from 8 to 256."),
        ({"size": 257}, "pixels: size=257 should be from 8 to 256."),
        ({"size": 64.0}, "pixels: size=64.0 should be a whole number."),
        ({"color": 1}, "pixels: color=1 should be true or false."),
    ],
)
def test_bad_parameters(parameters, sentence):
    with pytest.raises(ParameterError) as caught:
        Pixels(**parameters)
    assert str(caught.value) == sentence


def test_the_list_makes_it_with_its_defaults():
    (kind,) = KINDS
    assert kind.make(**{parameter.name: parameter.default for parameter in kind.parameters}).id == kind.make().id
