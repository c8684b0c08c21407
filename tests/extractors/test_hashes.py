import warnings

import imagehash
import numpy as np
import pytest
from odd_images import quadrants
from PIL import Image, ImageFilter
from sklearn.datasets import load_sample_images

from imgcluster.errors import ParameterError
from imgcluster.extractors.hashes import KINDS, ColourHash, CropResistantHash, ImageHash, WaveletHash, segment_hashes

MAKERS = {kind.name: kind.make for kind in KINDS}
IMAGEHASH = {
    "ahash": imagehash.average_hash,
    "phash": imagehash.phash,
    "dhash": imagehash.dhash,
    "whash-haar": imagehash.whash,
    "whash-db4": lambda image, size: imagehash.whash(image, size, mode="db4"),
}


def noise(height, width, seed=0):
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8))


@pytest.fixture(scope="module")
def pictures():
    """Each with a shorter side of 256 to 1023 pixels."""
    photos = [Image.fromarray(photo) for photo in load_sample_images().images]
    flat = Image.new("RGB", (300, 280), (120, 130, 140))
    return [*photos, photos[0].crop((0, 0, 256, 400)), quadrants().resize((480, 320)), noise(300, 270), flat]


@pytest.mark.parametrize("size", [8, 16, 32])
@pytest.mark.parametrize("name", IMAGEHASH)
def test_equals_imagehash_bit_for_bit(name, size, pictures):
    extractor = MAKERS[name](hash_size=size)
    for picture in pictures:
        vector = extractor.prepare(picture)
        assert vector.dtype == np.float32
        assert vector.shape == (extractor.n_features,)
        np.testing.assert_array_equal(vector, IMAGEHASH[name](picture, size).hash.flatten())


@pytest.mark.parametrize("name", ["ahash", "phash", "dhash"])
def test_other_sizes_of_a_hash(name, pictures):
    for size in (4, 7):
        vector = MAKERS[name](hash_size=size).prepare(pictures[0])
        np.testing.assert_array_equal(vector, IMAGEHASH[name](pictures[0], size).hash.flatten())


@pytest.mark.parametrize("binbits", [2, 3, 8])
def test_colour_hash_equals_imagehash(binbits, pictures):
    extractor = ColourHash(binbits)
    for picture in pictures:
        vector = extractor.prepare(picture)
        assert vector.shape == (extractor.n_features,)
        np.testing.assert_array_equal(vector, imagehash.colorhash(picture, binbits).hash.flatten())


def test_segments_equal_those_of_imagehash(pictures):
    """Except for the one or two last dark ones, of more than 500 pixels, when ImageHash stops with 1,200 to go."""
    for picture in (pictures[0], noise(10, 14)):
        hashes = segment_hashes(picture)
        expected = [each.hash.flatten() for each in imagehash.crop_resistant_hash(picture).segment_hashes]
        assert len(expected) <= len(hashes) <= len(expected) + 2
        np.testing.assert_array_equal(hashes[: len(expected)], expected)


def test_the_crop_resistant_hash_is_that_of_the_largest_segment(pictures):
    (largest,) = imagehash.crop_resistant_hash(pictures[1], limit_segments=1).segment_hashes
    np.testing.assert_array_equal(CropResistantHash().prepare(pictures[1]), largest.hash.flatten())


def test_segments_with_hashes_of_another_size(pictures):
    assert segment_hashes(pictures[0], hash_size=4).shape == (len(segment_hashes(pictures[0])), 16)
    limited = segment_hashes(pictures[0], hash_size=4, limit=2)
    assert len(limited) == 2
    np.testing.assert_array_equal(limited[0], CropResistantHash(4).prepare(pictures[0]))


def test_a_crop_that_leaves_the_largest_segment_whole_is_near():
    picture = Image.new("RGB", (600, 600), "black")
    picture.paste(noise(8, 8).resize((300, 300)).point(lambda value: 150 + value // 3), (200, 150))
    picture = picture.filter(ImageFilter.GaussianBlur(2))
    cropped = picture.crop((180, 130, 520, 470))
    first, second = (CropResistantHash().prepare(each) for each in (cropped, picture.crop((150, 100, 550, 500))))
    assert np.abs(first - second).sum() <= 4
    plain = [ImageHash("dhash").prepare(each) for each in (cropped, picture)]
    assert np.abs(plain[0] - plain[1]).sum() > 10


@pytest.mark.parametrize("name", MAKERS)
def test_pictures_of_any_shape_have_a_hash(name):
    extractor = MAKERS[name]()
    shapes = [(1, 1), (1, 2), (3, 1), (1, 5000), (3000, 1), (2, 7), (5, 5), (9, 40), (65, 129)]
    flat = [Image.new("RGB", size, colour) for size in ((1, 1), (50, 40)) for colour in ("black", "white", "red")]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for picture in [*(noise(*shape, seed) for shape in shapes for seed in range(2)), *flat]:
            vector = extractor.prepare(picture)
            assert vector.dtype == np.float32
            assert vector.shape == (extractor.n_features,)
            assert set(np.unique(vector)) <= {0.0, 1.0}
            np.testing.assert_array_equal(extractor.prepare(picture), vector)


@pytest.mark.parametrize("mode", ["haar", "db4"])
def test_wavelet_hashes_of_tiny_and_huge_pictures_are_those_at_a_given_scale(mode, pictures):
    extractor = WaveletHash(mode, 8)
    tiny, huge = pictures[0].resize((40, 30)), pictures[0].resize((1100, 1030))
    for picture, scale in ((tiny, 64), (huge, 512)):
        expected = imagehash.whash(picture, 8, image_scale=scale, mode=mode)
        np.testing.assert_array_equal(extractor.prepare(picture), expected.hash.flatten())
    assert np.abs(extractor.prepare(huge) - extractor.prepare(pictures[0])).sum() <= 0.05 * extractor.n_features


@pytest.mark.parametrize("name", ["ahash", "phash", "dhash", "whash-haar", "whash-db4"])
def test_a_smaller_copy_is_near_and_another_picture_is_not(name, pictures):
    extractor = MAKERS[name]()
    whole, small, other = (
        extractor.prepare(each) for each in (pictures[0], pictures[0].resize((320, 214)), pictures[1])
    )
    assert np.abs(whole - small).sum() <= 0.1 * extractor.n_features
    assert np.abs(whole - other).sum() >= 0.25 * extractor.n_features


def test_ids_tell_kinds_and_sizes_apart():
    extractors = [make(hash_size=size) for name, make in MAKERS.items() if name != "colorhash" for size in (8, 16)]
    extractors += [ColourHash(), ColourHash(2)]
    assert len({each.id for each in extractors}) == len(extractors)
    assert all(each.id.startswith(f"{each.name}-1") for each in extractors)
    assert all(kind.make().name == kind.name for kind in KINDS)


@pytest.mark.parametrize(
    ("name", "parameters", "message"),
    [
        ("phash", {"hash_size": 3}, "phash: hash_size=3 should be from 4 to 32"),
        ("whash-haar", {"hash_size": 12}, "whash-haar: hash_size=12 should be a power of two"),
        ("whash-db4", {"hash_size": 4}, "from 8 to 32"),
        ("colorhash", {"binbits": 1}, "from 2 to 8"),
        ("crop-resistant", {"hash_size": 33}, "from 4 to 32"),
    ],
)
def test_what_makes_no_sense_is_said(name, parameters, message):
    with pytest.raises(ParameterError, match=message):
        MAKERS[name](**parameters)
