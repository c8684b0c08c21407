"""Every kind of pixel becomes the right 8-bit RGB: explicit values, and a slow pixel-by-pixel reference."""

import io
import struct
import zlib

import numpy as np
import pytest
from odd_images import encoded, png_chunk
from PIL import Image, ImageCms

from imgcluster.pictures.colours import grey_levels, to_rgb
from imgcluster.pictures.opening import decode

WHITE = (255, 255, 255)


def one_colour(mode, colour, **info):
    image = Image.new(mode, (4, 3), colour)
    image.info.update(info)
    return image


def palette_image(mode="P"):
    image = Image.new("P", (4, 3), 1)
    image.putpalette([255, 0, 0, 10, 20, 30])
    return image


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (one_colour("1", 0), (0, 0, 0)),
        (one_colour("1", 1), WHITE),
        (one_colour("L", 77), (77, 77, 77)),
        (one_colour("L", 77, transparency=77), WHITE),
        (one_colour("L", 77, transparency=78), (77, 77, 77)),
        (one_colour("LA", (100, 128)), (177, 177, 177)),
        (one_colour("LA", (100, 0)), WHITE),
        (one_colour("RGB", (1, 2, 3)), (1, 2, 3)),
        (one_colour("RGB", (1, 2, 3), transparency=(1, 2, 3)), WHITE),
        (one_colour("RGBX", (1, 2, 3, 0)), (1, 2, 3)),
        (one_colour("RGBA", (10, 20, 30, 255)), (10, 20, 30)),
        (one_colour("RGBA", (10, 20, 30, 64)), (193, 196, 199)),
        (one_colour("RGBA", (10, 20, 30, 0)), WHITE),
        (palette_image(), (10, 20, 30)),
        (one_colour("CMYK", (0, 255, 255, 0)), (255, 0, 0)),
        (one_colour("CMYK", (255, 0, 0, 0)), (0, 255, 255)),
        (one_colour("CMYK", (0, 0, 0, 255)), (0, 0, 0)),
        (one_colour("CMYK", (0, 0, 0, 0)), WHITE),
        (one_colour("YCbCr", (76, 85, 255)), (254, 0, 0)),
        (one_colour("HSV", (85, 255, 255)), (0, 255, 0)),
        (one_colour("LAB", (255, 128, 128)), WHITE),
        (one_colour("LAB", (0, 128, 128)), (0, 0, 0)),
        (one_colour("I;16", 0), (0, 0, 0)),
        (one_colour("I;16", 65_535), WHITE),
        (one_colour("I;16", 257 * 100), (100, 100, 100)),
        (one_colour("I;16", 300), (1, 1, 1)),
        (one_colour("I;16B", 257 * 100), (100, 100, 100)),
        (one_colour("I;16", 300, transparency=300), WHITE),
        (one_colour("I", 257 * 100), (100, 100, 100)),
        (one_colour("F", 0.4), (102, 102, 102)),
        (one_colour("F", 200.0), (200, 200, 200)),
        (one_colour("F", 257 * 100.0), (100, 100, 100)),
        (one_colour("F", float("nan")), (0, 0, 0)),
    ],
    ids=lambda value: value.mode if isinstance(value, Image.Image) else str(value),
)
def test_one_colour(image, expected):
    rgb = to_rgb(image)
    assert rgb.mode == "RGB"
    assert rgb.size == image.size
    assert rgb.info == {}
    assert np.abs(np.subtract(rgb.getpixel((1, 1)), expected)).max() <= 1


def test_palette_with_partial_transparency():
    image = palette_image()
    image.info["transparency"] = bytes([255, 64])
    assert np.abs(np.subtract(to_rgb(image).getpixel((0, 0)), (193.5, 196, 198.5))).max() <= 1


def test_alpha_against_a_slow_reference():
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (9, 7, 4), dtype=np.uint8)
    rgb = np.asarray(to_rgb(Image.fromarray(pixels)))
    for row in range(9):
        for column in range(7):
            *colour, alpha = (int(value) for value in pixels[row, column])
            expected = [(value * alpha + 255 * (255 - alpha)) / 255 for value in colour]
            assert np.abs(rgb[row, column] - np.array(expected)).max() <= 0.51


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.array([[0, 128, 129, 65_535]], np.uint16), [0, 0, 1, 255]),
        (np.array([[0, 65_535]], np.int32), [0, 255]),
        (np.array([[0, 100_000]], np.int32), [0, 255]),
        (np.array([[-10, 0, 10]], np.int32), [0, 128, 255]),
        (np.array([[0, 0.5, 1]], np.float32), [0, 128, 255]),
        (np.array([[0, 1.5, 255]], np.float32), [0, 2, 255]),
        (np.array([[-1, 0, 1]], np.float32), [0, 128, 255]),
        (np.array([[5e5, 5e5]], np.float32), [0, 0]),
        (np.array([[np.nan, np.inf, 1]], np.float32), [0, 0, 255]),
        (np.array([[np.nan, -np.inf]], np.float32), [0, 0]),
    ],
)
def test_grey_levels(values, expected):
    assert grey_levels(values).tolist() == [expected]


def test_grey_levels_of_all_16_bit_values():
    levels = grey_levels(np.arange(65_536, dtype=np.uint16).reshape(256, 256)).ravel()
    assert levels.tolist() == [round(value / 257) for value in range(65_536)]


def png_16_bit(colour_type, *values, extra=b""):
    header = struct.pack(">LLBBBBB", 1, 1, 16, colour_type, 0, 0, 0)
    pixels = zlib.compress(b"\0" + struct.pack(f">{len(values)}H", *values))
    chunks = png_chunk(b"IHDR", header) + extra + png_chunk(b"IDAT", pixels) + png_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (png_16_bit(0, 30_000), (117, 117, 117)),
        (png_16_bit(2, 0, 30_000, 65_535), (0, 117, 255)),
        (png_16_bit(4, 30_000, 65_535), (117, 117, 117)),
        (png_16_bit(4, 30_000, 0), WHITE),
        (png_16_bit(6, 0, 30_000, 65_535, 65_535), (0, 117, 255)),
        (png_16_bit(0, 30_000, extra=png_chunk(b"tRNS", struct.pack(">H", 30_000))), WHITE),
        (b"P5 1 1 65535\n" + struct.pack(">H", 30_000), (117, 117, 117)),
        (encoded(Image.fromarray(np.array([[30_000]], "<u2")), "TIFF"), (117, 117, 117)),
        (encoded(Image.fromarray(np.array([[30_000]], ">u2")), "TIFF"), (117, 117, 117)),
    ],
)
def test_16_bit_files(data, expected):
    assert np.abs(np.subtract(decode(data).getpixel((0, 0)), expected)).max() <= 1


@pytest.mark.parametrize("colour", [(255, 0, 0), (0, 255, 0), (10, 20, 200), WHITE, (0, 0, 0)])
def test_cmyk_jpeg_as_photoshop_writes_it(colour):
    """YCCK, with the values upside down: cyan, magenta and yellow go through YCbCr, black does not."""
    ink = Image.new("RGB", (16, 16), tuple(255 - value for value in colour)).convert("YCbCr")
    stored = Image.merge(
        "CMYK", [*(band.point(lambda v: 255 - v) for band in ink.split()), Image.new("L", (16, 16), 0)]
    )
    data = bytearray(encoded(stored, "JPEG", quality=100, subsampling=0))
    marker = data.index(b"Adobe")
    assert data[marker + 11] == 0
    data[marker + 11] = 2
    assert np.abs(np.subtract(decode(bytes(data)).getpixel((8, 8)), colour)).max() <= 4


def swapped_profile():
    """Return a profile in which red and green have changed places: nobody can miss that it was applied."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, green = profile.index(b"rXYZ"), profile.index(b"gXYZ")
    profile[red : red + 4], profile[green : green + 4] = b"gXYZ", b"rXYZ"
    return bytes(profile).replace("sRGB".encode("utf-16-be"), "odd!".encode("utf-16-be"))


@pytest.mark.parametrize("format_", ["PNG", "TIFF", "WEBP"])
def test_a_colour_profile_is_applied(format_):
    data = encoded(Image.new("RGB", (8, 8), (255, 0, 0)), format_, icc_profile=swapped_profile(), lossless=True)
    assert np.abs(np.subtract(decode(data).getpixel((0, 0)), (0, 255, 0))).max() <= 2


def test_a_colour_profile_keeps_the_transparency():
    image = Image.new("RGBA", (8, 8), (255, 0, 0, 0))
    image.paste((255, 0, 0, 255), (0, 0, 4, 8))
    rgb = decode(encoded(image, "PNG", icc_profile=swapped_profile()))
    assert np.abs(np.subtract(rgb.getpixel((0, 0)), (0, 255, 0))).max() <= 2
    assert rgb.getpixel((7, 0)) == WHITE


@pytest.mark.parametrize("profile", [b"nonsense", b"\0" * 200, swapped_profile()[:300]])
def test_a_broken_colour_profile_is_ignored(profile):
    assert decode(encoded(Image.new("RGB", (8, 8), (255, 0, 0)), "PNG", icc_profile=profile)).getpixel((0, 0)) == (
        255,
        0,
        0,
    )


def test_srgb_is_left_alone():
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (8, 8, 3), dtype=np.uint8)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", icc_profile=profile)
    np.testing.assert_array_equal(np.asarray(decode(file.getvalue())), pixels)
