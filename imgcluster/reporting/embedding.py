"""Small pictures as text within the page, of a size that many of them still make a file which opens at once."""

import base64
from collections.abc import Callable, Iterator, Sequence

from imgcluster.errors import UnreadableImageError
from imgcluster.pictures.opening import decode
from imgcluster.pictures.thumbnails import THUMBNAIL_SIZE, make_thumbnail

__all__ = ["Thumbnails", "embedded", "embedded_size"]

Thumbnails = Callable[[Sequence[int]], Sequence[bytes | None]]
"""Gives the JPEG thumbnails of images by their indices; None where there is none."""

_AT_ONCE = 100

# Longest side, in pixels, of each of so many pictures at most: some 25 MB of photographs in every line.
_SIZES = ((2_500, THUMBNAIL_SIZE), (7_000, 112), (15_000, 80))
_SMALLEST = 64
_MAX_PIXELS = 1024 * 1024  # what is larger was never a thumbnail of ours


def embedded_size(n_images: int) -> int:
    """Return the longest side in pixels at which the pictures of a report are kept."""
    return next((size for most, size in _SIZES if n_images <= most), _SMALLEST)


def embedded(images: Sequence[int], thumbnails: Thumbnails, *, size: int) -> Iterator[str | None]:
    """Yield the pictures of some images as base64, in order; no more than 100 are in memory.

    Parameters
    ----------
    images : sequence of int
    thumbnails : callable
        See `Thumbnails`.
    size : int
        Longest side in pixels. Thumbnails are made smaller where they are larger.

    Yields
    ------
    str or None
        A JPEG; None where there is no thumbnail, or it is damaged.
    """
    for start in range(0, len(images), _AT_ONCE):
        for thumbnail in thumbnails(images[start : start + _AT_ONCE]):
            jpeg = None if thumbnail is None else _as_jpeg(thumbnail, size)
            yield None if jpeg is None else base64.b64encode(jpeg).decode("ascii")


def _as_jpeg(thumbnail: bytes, size: int) -> bytes | None:
    try:
        image = decode(thumbnail, max_pixels=_MAX_PIXELS)
    except UnreadableImageError:
        return None
    if max(image.size) <= size and thumbnail.startswith(b"\xff\xd8\xff"):
        return thumbnail
    return make_thumbnail(image, size=size)
