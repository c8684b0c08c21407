"""Thumbnails in a file for somebody else: small enough for many, and nothing but JPEG when they come from others."""

import contextlib
import io
from collections.abc import Mapping, Set

import numpy as np
from PIL import Image

from imgcluster.errors import UnreadableImageError
from imgcluster.keeping.models.model_checks import WrongModel
from imgcluster.keeping.models.model_parts import hashes_to_array, read_hashes
from imgcluster.pictures.opening import decode

__all__ = ["MOST_BYTES", "THUMBNAIL_ARRAYS", "is_thumbnail", "read_thumbnails", "shrunk", "thumbnails_to_arrays"]

MOST_BYTES = 6 * 1024
"""Of one thumbnail in a file; most have about two thirds of it."""

THUMBNAIL_ARRAYS = ("thumbnail_hashes", "thumbnail_bytes", "thumbnail_offsets")
"""Names of the arrays that `thumbnails_to_arrays` gives."""

_MOST_PIXELS = 512 * 512
_JPEG = b"\xff\xd8\xff"
_TRIALS = ((160, 70), (160, 55), (160, 40), (120, 40), (80, 40), (40, 30))  # longest side, quality


def is_thumbnail(data: bytes) -> bool:
    """Whether it is a small JPEG, and nothing else, that can be decoded to its end."""
    if not data.startswith(_JPEG) or len(data) > 16 * MOST_BYTES:
        return False
    with contextlib.suppress(UnreadableImageError):
        decode(data, max_pixels=_MOST_PIXELS)
        return True
    return False


def shrunk(data: bytes) -> bytes | None:
    """Return a thumbnail as it is when it is small enough, or compressed more; None where it is none.

    Few are larger: noise, sand and leaves.
    """
    if len(data) <= MOST_BYTES:
        return data if data.startswith(_JPEG) else None
    try:
        image = decode(data, max_pixels=_MOST_PIXELS)
    except UnreadableImageError:
        return None
    for side, quality in _TRIALS:
        small = image.copy()
        small.thumbnail((side, side), Image.Resampling.LANCZOS)
        file = io.BytesIO()
        small.save(file, "JPEG", quality=quality, optimize=True)
        if file.tell() <= MOST_BYTES:
            break
    return file.getvalue()


def thumbnails_to_arrays(thumbnails: Mapping[str, bytes]) -> dict[str, np.ndarray]:
    """Return thumbnails by hash as arrays, each at most 6 KB; what is no JPEG is left out."""
    found = {key: small for key, data in thumbnails.items() if (small := shrunk(data)) is not None}
    lengths = np.fromiter(map(len, found.values()), dtype=np.int64, count=len(found))
    return {
        "thumbnail_hashes": hashes_to_array(tuple(found)),
        "thumbnail_bytes": np.frombuffer(b"".join(found.values()), dtype=np.uint8),
        "thumbnail_offsets": np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
    }


def read_thumbnails(arrays: Mapping[str, np.ndarray], hashes: Set[str]) -> dict[str, bytes]:
    """Return what `thumbnails_to_arrays` was given, whoever wrote it; see `is_thumbnail` for what each may be.

    Raises
    ------
    WrongModel
        They are no such arrays, too large, or of other images than these.
    """
    data, offsets = arrays["thumbnail_bytes"], arrays["thumbnail_offsets"]
    if (data.dtype, data.ndim, offsets.dtype, offsets.ndim) != (np.uint8, 1, np.int64, 1) or len(offsets) == 0:
        raise WrongModel("its thumbnails are not kept as bytes")
    lengths = np.diff(offsets)
    if offsets[0] != 0 or offsets[-1] != len(data) or lengths.min(initial=0) < 0:
        raise WrongModel("its thumbnails cannot be told apart")
    if lengths.max(initial=0) > MOST_BYTES:
        raise WrongModel(f"a thumbnail in it has more than {MOST_BYTES:,} bytes")
    keys = read_hashes(arrays["thumbnail_hashes"], len(lengths))
    if len({*keys}) != len(keys) or not hashes.issuperset(keys):
        raise WrongModel("its thumbnails are of other pictures")
    ends = offsets.tolist()
    return {key: data[ends[at] : ends[at + 1]].tobytes() for at, key in enumerate(keys)}
