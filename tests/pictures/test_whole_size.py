"""The size of the whole picture goes with its pixels, however small those were decoded, and into no file."""

import numpy as np
import pytest
from odd_images import encoded, quadrants, with_orientation, write_odd_images
from PIL import Image

from imgcluster.pictures.collection import ImageFile
from imgcluster.pictures.opening import decode, image_details
from imgcluster.pictures.thumbnails import make_thumbnail


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "TIFF", "WEBP", "AVIF", "HEIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("min_side", [None, 4])
def test_size_is_known_the_right_way_up(format_, orientation, min_side):
    image = decode(with_orientation(orientation, format_, quality=95), min_side=min_side)
    assert image.info == {"size": (48, 32)}
    assert image.size == ((6, 4) if min_side and format_ == "JPEG" else (48, 32))


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
@pytest.mark.parametrize("min_side", [100, 126, 503, 5000])
def test_size_of_a_jpeg_decoded_smaller(orientation, min_side):
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = decode(encoded(Image.new("RGB", (2001, 1003)), "JPEG", exif=exif), min_side=min_side)
    assert image.info["size"] == ((1003, 2001) if orientation in (6, 8) else (2001, 1003))
    assert (image.size == image.info["size"]) == (min_side >= 503)


def test_size_is_that_of_the_details(tmp_path):
    folder = tmp_path / "odd"
    folder.mkdir()
    for name in write_odd_images(folder).good:
        path = folder / name
        if path.exists():
            details = image_details(ImageFile(path=name, source=path, size=path.stat().st_size, mtime_ns=0))
            image = decode(path.read_bytes(), min_side=4)
            assert image.info == {"size": (details.width, details.height)}, name


def test_files_made_of_a_picture_do_not_know_its_size():
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8))
    for picture in (quadrants(), noise):
        image = decode(encoded(picture, "PNG"))
        plain = image.copy()
        plain.info = {}
        assert make_thumbnail(image) == make_thumbnail(plain)
        for format_ in ("JPEG", "PNG", "WEBP", "TIFF", "GIF"):
            assert encoded(image, format_) == encoded(plain, format_)
