"""Small JPEGs for the screen: thumbnails for the map and the gallery, and one image large."""

import io

from PIL import Image

from imgcluster.pictures.collection import ImageFile
from imgcluster.pictures.opening import decode, read_bytes

__all__ = ["THUMBNAIL_SIZE", "display_jpeg", "make_thumbnail"]

THUMBNAIL_SIZE = 160
"""Longest side of a thumbnail in pixels."""


def make_thumbnail(image: Image.Image, *, size: int = THUMBNAIL_SIZE) -> bytes:
    """Return an image as a small JPEG.

    A smaller image keeps its size: enlarging it would only cost bytes, the browser does that as well.

    Parameters
    ----------
    image : PIL.Image.Image
        Mode RGB; not changed.
    size : int
        Longest side in pixels.

    Returns
    -------
    bytes
        A JPEG of quality 80.
    """
    return _jpeg(image, size=size, quality=80)


def display_jpeg(image: ImageFile, *, size: int = 1600) -> bytes:
    """Return an image file as a JPEG for the large view, the right way up, whatever its format.

    Parameters
    ----------
    image : ImageFile
    size : int
        Longest side in pixels; smaller images keep their size.

    Returns
    -------
    bytes
        A JPEG of quality 90.

    Raises
    ------
    UnreadableImageError
        With the reason in plain words.
    """
    return _jpeg(decode(read_bytes(image), min_side=size), size=size, quality=90)


def _jpeg(image: Image.Image, *, size: int, quality: int) -> bytes:
    small = image.copy()
    # Reducing by whole numbers first is several times faster and, with this gap, not visibly different.
    small.thumbnail((size, size), Image.Resampling.LANCZOS, reducing_gap=3.0)
    file = io.BytesIO()
    small.save(file, "JPEG", quality=quality, optimize=True)
    return file.getvalue()
