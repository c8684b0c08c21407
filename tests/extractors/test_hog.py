import numpy as np
import pytest
from PIL import Image
from skimage.feature import hog

from imgcluster.errors import ParameterError
from imgcluster.extractors.hog import KINDS, Hog


def noise(width, height, *, seed=0):
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8))


def stripes(*, upright):
    rows = np.tile(np.repeat(np.array([0, 255], dtype=np.uint8), 8), (128, 8))
    return Image.fromarray(rows if upright else rows.T).convert("RGB")


def test_equals_scikit_image_on_the_same_grey_values():
    image = noise(128, 128)
    expected = hog(
        np.asarray(image.convert("L")), orientations=9, pixels_per_cell=(16, 16), cells_per_block=(2, 2),
        block_norm="L2-Hys",
    )  # fmt: skip
    np.testing.assert_array_equal(Hog().prepare(image), expected.astype(np.float32))


def test_settings_reach_scikit_image():
    image = noise(64, 64)
    expected = hog(
        np.asarray(image.convert("L")), orientations=6, pixels_per_cell=(8, 8), cells_per_block=(3, 3),
        block_norm="L2-Hys",
    )  # fmt: skip
    vector = Hog(size=64, orientations=6, cell=8, block=3).prepare(image)
    np.testing.assert_array_equal(vector, expected.astype(np.float32))


def test_counts_the_directions_of_edges():
    """Of two directions, every cell sees only that of its stripes."""
    extractor = Hog(orientations=2, block=1)
    across, upright = (extractor.prepare(stripes(upright=each)).reshape(64, 2) for each in (False, True))
    assert (across > 0.99).any(axis=0).tolist() in ([True, False], [False, True])
    np.testing.assert_allclose(across, np.broadcast_to(across[0], across.shape), atol=0.001)
    np.testing.assert_allclose(across, upright[:, ::-1], atol=0.001)


def test_is_the_same_at_any_size():
    small, large = stripes(upright=True), stripes(upright=True).resize((256, 512), Image.Resampling.NEAREST)
    first, second = (Hog().prepare(image) for image in (small, large))
    assert first @ second / np.linalg.norm(first) / np.linalg.norm(second) > 0.99


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (50, 1), (3, 5), (400, 300)])
def test_finite_for_every_size(size):
    extractor = Hog()
    vector = extractor.prepare(noise(*size))
    assert vector.shape == (extractor.n_features,)
    assert vector.dtype == np.float32
    assert vector.min() >= 0
    assert vector.max() <= 1


@pytest.mark.parametrize("color", ["black", "white", (12, 200, 31)])
def test_one_colour_has_no_edges(color):
    assert not Hog().prepare(Image.new("RGB", (90, 40), color)).any()


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"size": 100},
        {"orientations": 5},
        {"cell": 20},
        {"block": 1},
        {"block": 8},
        {"size": 32, "cell": 32, "block": 1},
        {"size": 512, "cell": 32, "orientations": 2, "block": 3},
    ],
)
def test_length_is_as_computed(parameters):
    extractor = Hog(**parameters)
    assert extractor.prepare(noise(60, 40)).shape == (extractor.n_features,)


def test_every_parameter_is_in_the_id():
    made = [Hog(), Hog(size=64), Hog(orientations=8), Hog(cell=32), Hog(block=1)]
    assert len({each.id for each in made}) == 5
    assert all(each.id.startswith("hog-") for each in made)


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"size": 31}, "hog: size=31 should be from 32 to 512."),
        ({"orientations": 1}, "hog: orientations=1 should be from 2 to 32."),
        ({"cell": 65}, "hog: cell=65 should be from 4 to 64."),
        ({"block": 0}, "hog: block=0 should be from 1 to 8."),
        ({"block": True}, "hog: block=True should be a whole number."),
        (
            {"cell": 64, "block": 3},
            "hog: a block of 3 x 3 cells of 64 pixels is 192 pixels wide, and the picture is 128.",
        ),
        ({"size": 512, "cell": 8}, "hog: 142,884 numbers for each picture are too many (limit 20,000)."),
    ],
)
def test_bad_parameters(parameters, sentence):
    with pytest.raises(ParameterError) as caught:
        Hog(**parameters)
    assert str(caught.value) == sentence


def test_both_kinds_share_their_vectors_and_differ_in_the_space():
    plain, with_pca = KINDS
    assert (plain.name, with_pca.name) == ("hog", "pca-hog")
    assert plain.make(cell=32).id == with_pca.make(cell=32).id
    assert (plain.space, with_pca.space) == ("diffusion", "pca")
    assert plain.make(**{each.name: each.default for each in plain.parameters}).id == plain.make().id
