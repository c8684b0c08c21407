import warnings
from dataclasses import fields

import imagehash
import numpy as np
import pytest
from odd_images import encoded, quadrants, with_orientation
from PIL import Image, ImageFilter
from sklearn.datasets import load_sample_images

from imgcluster.errors import ParameterError
from imgcluster.extractors.looks import ImageLooks, Looks, parse_looks
from imgcluster.extractors.registry import available_kinds
from imgcluster.pictures.drawings import FAMILIES, draw
from imgcluster.pictures.opening import decode

LOOKS = Looks()


def looks_of(*images):
    return parse_looks(LOOKS(np.stack([LOOKS.prepare(image) for image in images])))


@pytest.fixture(scope="module")
def photo():
    """Return one of 512 x 342 pixels, which is measured as it is."""
    return Image.fromarray(load_sample_images().images[0]).resize((512, 342), Image.Resampling.LANCZOS)


def explicit_sharpness(levels):
    """Go through the pixels one by one."""
    height, width = levels.shape
    weights = np.exp(-2.0 * np.arange(-2, 3) ** 2)
    weights /= weights.sum()

    def at(values, y, x):
        return values[min(max(y, 0), height - 1), min(max(x, 0), width - 1)]

    def smoothed(values, down, right):
        result = np.zeros((height, width))
        for y, x in np.ndindex(height, width):
            result[y, x] = sum(weights[i + 2] * at(values, y + i * down, x + i * right) for i in range(-2, 3))
        return result

    soft = smoothed(smoothed(levels, 1, 0), 0, 1)
    sharpest = []
    for down, right in ((0, 1), (1, 0), (1, 1), (1, -1)):
        bends = [
            abs(at(soft, y + down, x + right) + at(soft, y - down, x - right) - 2 * soft[y, x]) / (down**2 + right**2)
            for y in range(height)
            for x in range(width)
        ]
        sharpest.append(np.quantile(bends, 0.999))
    return min(sharpest) / (np.quantile(levels, 0.999) - np.quantile(levels, 0.001)) / 0.34


def test_everything_equals_what_it_says(photo):
    small = photo.crop((60, 40, 130, 90))
    looks = looks_of(small)
    levels = np.asarray(small.convert("L"), dtype=np.float64)
    assert (looks.widths[0], looks.heights[0]) == (70, 50)
    assert looks.sharpness[0] == pytest.approx(explicit_sharpness(levels), rel=1e-6)
    assert looks.brightness[0] == pytest.approx(levels.mean() / 255)
    assert looks.contrast[0] == pytest.approx(levels.std() / 255)
    np.testing.assert_allclose(looks.tones[0], np.quantile(levels, [0.005, 0.05, 0.5, 0.95, 0.995]) / 255, rtol=1e-6)
    reach = [np.ptp(np.quantile(colour, [0.005, 0.995])) for colour in np.asarray(small).reshape(-1, 3).T]
    assert looks.spread[0] == pytest.approx(max(reach) / 255)
    for name, function in (("phash", imagehash.phash), ("dhash", imagehash.dhash)):
        np.testing.assert_array_equal(getattr(looks, name)[0], function(small).hash.ravel())
    assert np.abs(looks.miniatures[0].mean() - levels.mean()) < 1


def test_shapes_and_kinds(photo):
    looks = looks_of(photo, quadrants(), photo.rotate(90, expand=True))
    assert len(looks) == 3
    shapes = {"tones": (3, 5), "phash": (3, 64), "dhash": (3, 64), "digests": (3, 16), "miniatures": (3, 16, 16)}
    kinds = {"widths": "int64", "heights": "int64", "phash": "bool", "dhash": "bool"}
    kinds |= {"digests": "uint8", "miniatures": "uint8"}
    for field in fields(ImageLooks):
        array = getattr(looks, field.name)
        assert array.shape == shapes.get(field.name, (3,)), field.name
        assert array.dtype == kinds.get(field.name, "float32"), field.name
        assert not array.flags.writeable
    assert looks.widths.tolist() == [512, 48, 342]


def test_parsing_leaves_the_vectors_as_they_were(photo):
    vectors = np.stack([LOOKS.prepare(photo)])
    before = vectors.copy()
    looks = parse_looks(vectors)
    vectors[:] = 7
    assert looks.widths[0] == before[0, 0] == 512


def test_the_size_is_that_of_the_whole_picture(photo):
    large = photo.resize((3000, 2004))
    image = decode(encoded(large, "JPEG", quality=95), min_side=LOOKS.min_side)
    assert max(image.size) < 3000
    looks = looks_of(image)
    assert (looks.widths[0], looks.heights[0]) == (3000, 2004)


def test_sharpness_does_not_depend_on_the_number_of_pixels(photo):
    """A photograph of twice the resolution is as sharp; an enlarged one, or a blurred one, is not."""
    whole = Image.fromarray(load_sample_images().images[0])
    smaller = [whole.resize((side, side * 427 // 640), Image.Resampling.LANCZOS) for side in (600, 560, 512)]
    at_sizes = looks_of(whole, *smaller).sharpness
    assert np.ptp(at_sizes) < 0.35 * at_sizes.mean()
    enlarged = photo.resize((128, 86)).resize((2048, 1376), Image.Resampling.BICUBIC)
    assert looks_of(enlarged).sharpness[0] < 0.25 * at_sizes.min()


def test_sharpness_does_not_depend_on_the_contrast(photo):
    faint = photo.point(lambda value: 100 + value // 4)
    full, less = looks_of(photo, faint).sharpness
    assert less == pytest.approx(full, rel=0.1)


def test_sharpness_falls_with_every_blur(photo):
    blurred = [photo.filter(ImageFilter.GaussianBlur(radius)) for radius in (0, 1, 2, 4, 8)]
    sharpness = looks_of(*blurred).sharpness
    assert (np.diff(sharpness) < 0).all()
    assert sharpness[0] > 5 * sharpness[2]


@pytest.mark.parametrize("step", [(0, 1), (1, 0), (1, 1), (1, -1)])
def test_what_moved_is_not_sharp_though_it_has_sharp_edges_along_the_way(step, photo):
    levels = np.asarray(photo, dtype=np.float64)
    moved = sum(np.roll(levels, (i * step[0], i * step[1]), axis=(0, 1)) for i in range(12)) / 12
    sharp, blurred = looks_of(photo, Image.fromarray(moved.astype(np.uint8))).sharpness
    assert blurred < 0.4 * sharp


def test_an_edge_from_one_pixel_to_the_next_has_the_sharpness_1():
    y, x = np.mgrid[-100:100, -100:100] + 0.5
    edges = [Image.fromarray(np.uint8(255 * (np.hypot(x, y) < 70))).convert("RGB")]
    edges += [Image.fromarray(np.uint8(255 * ((abs(x) < 50) & (abs(y) < 60)))).convert("RGB")]
    np.testing.assert_allclose(looks_of(*edges).sharpness, 1, atol=0.25)


def test_grain_does_not_pass_for_sharpness(photo):
    soft = np.asarray(photo.filter(ImageFilter.GaussianBlur(3)))
    grain = np.random.default_rng(0).normal(0, 4, soft.shape)
    sharp, grainy = looks_of(photo, Image.fromarray(np.clip(soft + grain, 0, 255).astype(np.uint8))).sharpness
    assert grainy < 0.4 * sharp


def test_a_sharp_thing_before_a_soft_background_is_sharp(photo):
    soft = photo.filter(ImageFilter.GaussianBlur(6))
    half = soft.copy()
    half.paste(photo.crop((200, 100, 340, 240)), (200, 100))
    sharp, blurred, portrait = looks_of(photo, soft, half).sharpness
    assert portrait > 0.5 * sharp > 10 * blurred


@pytest.mark.parametrize("family", FAMILIES)
def test_drawings_are_sharp_however_few_their_lines_are(family):
    rng = np.random.default_rng(0)
    assert (looks_of(*(draw(family, rng).convert("RGB") for _ in range(4))).sharpness > 0.9).all()


def test_the_same_pixels_in_another_file_have_the_same_digest():
    picture = quadrants()
    files = [encoded(picture, "PNG"), encoded(picture, "WEBP", lossless=True), with_orientation(6, "PNG")]
    digests = looks_of(*(decode(data) for data in files)).digests
    assert len({row.tobytes() for row in digests}) == 1
    changed = picture.copy()
    changed.putpixel((3, 4), (0, 0, 0))
    others = [changed, Image.fromarray(np.asarray(picture).reshape(48, 32, 3)), picture.rotate(180)]
    assert len({row.tobytes() for row in looks_of(picture, *others).digests}) == 4


def test_metadata_and_name_of_a_large_photograph_do_not_change_its_digest(photo):
    large = photo.resize((2400, 1600))
    exif = Image.Exif()
    exif[0x010F] = "maker"
    files = [encoded(large, "JPEG", quality=90, **options) for options in ({}, {"exif": exif}, {"comment": b"x"})]
    files.append(encoded(large, "JPEG", quality=89))
    looks = looks_of(*(decode(data, min_side=LOOKS.min_side) for data in files))
    assert [row.tobytes() == looks.digests[0].tobytes() for row in looks.digests] == [True, True, True, False]


def test_pictures_of_any_shape_have_looks():
    rng = np.random.default_rng(0)
    shapes = [(1, 1), (1, 2), (2, 1), (2, 2), (3, 700), (700, 3), (1, 5000), (17, 16)]
    images = [Image.fromarray(rng.integers(0, 256, (*shape, 3), dtype=np.uint8)) for shape in shapes]
    images += [Image.new("RGB", size, colour) for size in ((1, 1), (90, 60)) for colour in ("black", "white", "red")]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        looks = looks_of(*images)
    assert all(np.isfinite(getattr(looks, field.name)).all() for field in fields(ImageLooks))
    assert ((looks.sharpness >= 0) & (looks.sharpness <= 4)).all()
    assert (looks.contrast <= 0.5).all()
    assert list(zip(looks.heights, looks.widths, strict=True))[: len(shapes)] == shapes
    np.testing.assert_array_equal(looks.spread[-6:], 0)
    np.testing.assert_array_equal(looks.sharpness[-6:], 0)


def test_preparing_twice_is_the_same_and_changes_nothing(photo):
    before = photo.tobytes()
    np.testing.assert_array_equal(LOOKS.prepare(photo), LOOKS.prepare(photo))
    assert photo.tobytes() == before
    assert LOOKS.prepare(photo).dtype == np.float32


def test_nobody_can_choose_it():
    assert Looks.name not in {kind.name for kind in available_kinds()}


def test_other_vectors_are_refused():
    for shape in ((3, 12), (0,), (Looks.n_features,)):
        with pytest.raises(ParameterError, match="do not say what pictures look like"):
            parse_looks(np.zeros(shape, dtype=np.float32))
    assert len(parse_looks(np.zeros((0, Looks.n_features), dtype=np.float32))) == 0
