"""Thumbnails and the large view: right size, right way up, small."""

import io

import numpy as np
import pytest
from odd_images import encoded, looks_right, quadrants, with_orientation
from PIL import Image

from imgcluster.errors import UnreadableImageError
from imgcluster.pictures.finding import find_images
from imgcluster.pictures.thumbnails import display_jpeg, make_thumbnail


def opened(data):
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((1600, 800), (160, 80)),
        ((800, 1600), (80, 160)),
        ((160, 160), (160, 160)),
        ((8, 8), (8, 8)),
        ((1, 1), (1, 1)),
        ((1, 5000), (1, 160)),
        ((5000, 1), (160, 1)),
    ],
)
def test_longest_side(size, expected):
    thumbnail = opened(make_thumbnail(Image.new("RGB", size, "red")))
    assert (thumbnail.format, thumbnail.mode, thumbnail.size) == ("JPEG", "RGB", expected)
    assert np.abs(np.subtract(thumbnail.getpixel((0, 0)), (255, 0, 0))).max() < 5


def test_the_image_is_not_changed():
    image = quadrants().resize((1000, 700))
    before = image.tobytes()
    thumbnail = opened(make_thumbnail(image))
    assert image.size == (1000, 700)
    assert image.tobytes() == before
    assert looks_right(thumbnail)


def test_close_to_a_slow_reference():
    """Averages of blocks, compared with the thumbnail of a smooth picture."""
    across = np.linspace(0, 255, 1600)
    pixels = np.stack(np.broadcast_arrays(across[None], across[::-1][:, None], 100.0), axis=-1)
    blocks = pixels.reshape(160, 10, 160, 10, 3).mean(axis=(1, 3))
    thumbnail = np.asarray(opened(make_thumbnail(Image.fromarray(pixels.astype(np.uint8)))), float)
    assert np.abs(thumbnail - blocks).mean() < 2


def test_thumbnails_are_small_even_of_noise():
    noise = np.random.default_rng(0).integers(0, 256, (500, 500, 3), dtype=np.uint8)
    assert len(make_thumbnail(Image.fromarray(noise))) < 16_000


def test_display_is_the_right_way_up_and_not_enlarged(tmp_path):
    (tmp_path / "small.jpg").write_bytes(with_orientation(6, quality=95))
    (tmp_path / "large.png").write_bytes(encoded(quadrants().resize((3000, 1000)), "PNG"))
    large, small = (opened(display_jpeg(image)) for image in find_images(tmp_path).images)
    assert (large.format, large.size, small.size) == ("JPEG", (1600, 533), (48, 32))
    assert looks_right(large)
    assert looks_right(small)


def test_display_says_why_not(tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"text")
    with pytest.raises(UnreadableImageError, match="not a picture"):
        display_jpeg(find_images(tmp_path).images[0])
