"""Perceptual hashes, by the package ImageHash: a few bits, nearly the same for copies of the same picture."""

from collections.abc import Callable
from functools import partial

import numpy as np
from PIL import Image

from imgcluster.errors import ParameterError
from imgcluster.extractors.extractor import Descriptor, Kind, Parameter

__all__ = ["KINDS", "ColourHash", "CropResistantHash", "ImageHash", "WaveletHash", "segment_hashes"]

_VERSION = 1
_MIN_SIDE = 256
_COPIES = "copies of the same picture"

# ImageHash's own, which its crop_resistant_hash takes by default: side and least size of a segment in pixels.
_SEGMENTED_SIDE, _LEAST_SEGMENT, _THRESHOLD = 300, 500, 128

# Of larger pictures ImageHash would transform all the pixels, with gigabytes for some, and find the same.
_LARGEST_WAVELET_SIDE = 512

# Function of ImageHash, title, what it is good for.
_PLAIN = {
    "ahash": ("average_hash", "Average hash", f"{_COPIES} at another size"),
    "phash": ("phash", "Perceptual hash", f"{_COPIES}, also with other light or contrast"),
    "dhash": ("dhash", "Difference hash", f"{_COPIES}, also with other light"),
}

_SIZE = Parameter(
    name="hash_size",
    title="Side of the hash",
    help="The hash has about this number squared of bits. Few find also changed copies, many only exact ones.",
    default=8,
    low=4,
    high=32,
)
_WAVELET_SIZE = Parameter(
    name="hash_size",
    title="Side of the hash",
    help="The hash has about this number squared of bits; 8, 16 or 32.",
    default=8,
    low=8,
    high=32,
)
_BINBITS = Parameter(
    name="binbits",
    title="Bits for each of 14 colours",
    help="How finely the share of each colour is told: black, grey, six faint and six bright hues.",
    default=3,
    low=2,
    high=8,
)


class ImageHash(Descriptor):
    """Descriptor: the bits of a hash, 0 or 1 each, in the order of ``imagehash``'s ``hash.flatten()``.

    The squared Euclidean distance of two of them is the Hamming distance of the hashes.

    Parameters
    ----------
    name : {"ahash", "phash", "dhash"}
        Which pixels are lighter than the mean (average hash), which low frequencies of the cosine transform are above
        their median (perceptual hash), or which pixels are lighter than the one to the left (difference hash).
    hash_size : int, default 8
        From 4 to 32.

    Attributes
    ----------
    id : str
        Name, version and size.
    n_features : int
        hash_size ** 2.

    Raises
    ------
    ParameterError
        When ``hash_size`` is of the wrong type or out of range.

    References
    ----------
    N. Krawetz, Looks Like It, 2011, and Kind of Like That, 2013, hackerfactor.com.
    """

    scaling = "none"
    rate = 150.0
    min_side = _MIN_SIDE

    def __init__(self, name: str, hash_size: int = 8) -> None:
        _SIZE.check(hash_size, extractor=name)
        self.name, self._size = name, hash_size
        self._function, self.title, self.good_for = _PLAIN[name]
        self.id = f"{name}-{_VERSION}-{hash_size}"
        self.n_features = hash_size**2

    def prepare(self, image: Image.Image) -> np.ndarray:
        """Return the bits of an RGB image of any size, float32 of shape (n_features,)."""
        import imagehash

        return _as_vector(getattr(imagehash, self._function)(image, self._size).hash)


class WaveletHash(Descriptor):
    """Descriptor: the bits of a wavelet hash, which are the low frequencies of a wavelet transform above their median.

    They are those of ``imagehash.whash(image, hash_size, mode=mode)`` for images whose shorter side has from
    8 * hash_size to 1023 pixels. Smaller ones, for which "db4" would have fewer bits, are made larger, and of larger
    ones no more than 512 x 512 pixels are transformed.

    Parameters
    ----------
    mode : {"haar", "db4"}
        The wavelet: Haar's, or the one of Daubechies with four vanishing moments.
    hash_size : int, default 8
        8, 16 or 32.

    Attributes
    ----------
    id : str
        Name, version and size.
    n_features : int
        hash_size ** 2; (hash_size + 6) ** 2 for "db4", whose filter reaches beyond the borders.

    Raises
    ------
    ParameterError
        When ``hash_size`` is none of these.
    """

    scaling = "none"
    rate = 100.0
    min_side = _MIN_SIDE

    def __init__(self, mode: str, hash_size: int = 8) -> None:
        self.name, self._mode, self._size = f"whash-{mode}", mode, hash_size
        _WAVELET_SIZE.check(hash_size, extractor=self.name)
        if hash_size & (hash_size - 1):
            raise ParameterError(f"{self.name}: hash_size={hash_size} should be a power of two: 8, 16 or 32.")
        wavelet = {"haar": "Haar", "db4": "Daubechies 4"}[mode]
        self.title, self.good_for = f"Wavelet hash ({wavelet})", f"{_COPIES}, also somewhat blurred"
        self.id = f"{self.name}-{_VERSION}-{hash_size}"
        self.n_features = (hash_size + (6 if mode == "db4" else 0)) ** 2

    def prepare(self, image: Image.Image) -> np.ndarray:
        """Return the bits of an RGB image of any size, float32 of shape (n_features,)."""
        import imagehash

        side = 2 ** (min(image.size).bit_length() - 1)
        side = min(max(side, 8 * self._size), _LARGEST_WAVELET_SIDE)
        return _as_vector(imagehash.whash(image, self._size, image_scale=side, mode=self._mode).hash)


class ColourHash(Descriptor):
    """Descriptor: the bits of ``imagehash.colorhash``, which tell the shares of black, grey and twelve colours.

    Parameters
    ----------
    binbits : int, default 3
        Bits for each share, from 2 to 8.

    Attributes
    ----------
    id : str
        Name, version and bits.
    n_features : int
        14 * binbits.

    Raises
    ------
    ParameterError
        When ``binbits`` is of the wrong type or out of range.
    """

    name = "colorhash"
    title = "Colour hash"
    good_for = "copies that were turned, mirrored or cut a little: only the colours count"
    scaling = "none"
    rate = 120.0
    min_side = _MIN_SIDE

    def __init__(self, binbits: int = 3) -> None:
        _BINBITS.check(binbits, extractor=self.name)
        self._binbits = binbits
        self.id = f"{self.name}-{_VERSION}-{binbits}"
        self.n_features = 14 * binbits

    def prepare(self, image: Image.Image) -> np.ndarray:
        """Return the bits of an RGB image of any size, float32 of shape (n_features,)."""
        import imagehash

        return _as_vector(imagehash.colorhash(image, self._binbits).hash)


class CropResistantHash(Descriptor):
    """Descriptor: the difference hash of the largest segment, bright or dark, of a picture.

    A crop-resistant hash (Steinebach, Liu and Yannikos, 2014) has a hash for each segment, as many as there are, while
    a vector has one length. The largest segment alone finds a crop that leaves this segment whole, and no other. All of
    them are what `segment_hashes` gives.

    Parameters
    ----------
    hash_size : int, default 8
        From 4 to 32.

    Attributes
    ----------
    id : str
        Name, version and size.
    n_features : int
        hash_size ** 2.

    Raises
    ------
    ParameterError
        When ``hash_size`` is of the wrong type or out of range.
    """

    name = "crop-resistant"
    title = "Crop-resistant hash"
    good_for = "copies of which something was cut off at the borders"
    scaling = "none"
    rate = 50.0
    min_side = _SEGMENTED_SIDE

    def __init__(self, hash_size: int = 8) -> None:
        _SIZE.check(hash_size, extractor=self.name)
        self._size = hash_size
        self.id = f"{self.name}-{_VERSION}-{hash_size}"
        self.n_features = hash_size**2

    def prepare(self, image: Image.Image) -> np.ndarray:
        """Return the bits of an RGB image of any size, float32 of shape (n_features,)."""
        return _as_vector(segment_hashes(image, hash_size=self._size, limit=1)[0])


def segment_hashes(image: Image.Image, *, hash_size: int = 8, limit: int | None = None) -> np.ndarray:
    """Return the difference hash of every segment of an image: all of its crop-resistant hash.

    The segments are the connected bright and dark regions (4-neighbours) of the blurred picture at 300 x 300 pixels
    that have more than 500 pixels; where there is none, the whole picture is one. They are those of
    ``imagehash.crop_resistant_hash``, which takes half a second where this takes a hundredth, and stops early: now and
    then it leaves out a dark segment near the bottom, of up to 1,200 pixels.

    Parameters
    ----------
    image : PIL.Image.Image
        RGB, of any size.
    hash_size : int, default 8
    limit : int, optional
        Only so many of the largest.

    Returns
    -------
    ndarray, shape (n_segments, hash_size ** 2), bool
        Bright segments first, from top to bottom; with ``limit``, the largest first.

    References
    ----------
    M. Steinebach, H. Liu, Y. Yannikos, Efficient Cropping-Resistant Robust Image Hashing, ARES 2014.
    """
    import imagehash

    boxes = _segment_boxes(image)
    if limit is not None:
        boxes = sorted(boxes, key=lambda box: -box[0])[:limit]
    crops = [image.crop(_scaled_box(box, image.size)) for _, box in boxes]
    return np.stack([imagehash.dhash(crop, hash_size).hash.ravel() for crop in crops])


def _segment_boxes(image: Image.Image) -> list[tuple[int, tuple[int, int, int, int]]]:
    """Return size and (left, top, right, bottom) of each segment, in pixels of the small picture."""
    from PIL import ImageFilter
    from scipy.ndimage import find_objects, label

    small = image.convert("L").resize((_SEGMENTED_SIDE,) * 2, Image.Resampling.LANCZOS)
    is_bright = np.asarray(small.filter(ImageFilter.GaussianBlur()).filter(ImageFilter.MedianFilter())) > _THRESHOLD
    boxes = []
    for region in (is_bright, ~is_bright):
        labels, n_labels = label(region)
        sizes = np.bincount(labels.ravel(), minlength=n_labels + 1)[1:]
        for size, (rows, columns) in zip(sizes.tolist(), find_objects(labels), strict=True):
            if size > _LEAST_SEGMENT:
                boxes.append((size, (columns.start, rows.start, columns.stop, rows.stop)))
    return boxes or [(0, (0, 0, _SEGMENTED_SIDE, _SEGMENTED_SIDE))]


def _scaled_box(box: tuple[int, int, int, int], size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return the box in pixels of the picture, rounded as `PIL.Image.Image.crop` does; never empty."""
    width, height = size
    left, top, right, bottom = (
        round(edge * length / _SEGMENTED_SIDE) for edge, length in zip(box, (width, height) * 2, strict=True)
    )
    left, top = min(left, width - 1), min(top, height - 1)
    return left, top, max(right, left + 1), max(bottom, top + 1)


def _as_vector(bits: np.ndarray) -> np.ndarray:
    return bits.ravel().astype(np.float32)


def _kind(name: str, make: Callable[..., Descriptor], parameter: Parameter) -> Kind:
    return Kind(name=name, make=make, parameters=(parameter,))


KINDS = (
    *(_kind(name, partial(ImageHash, name), _SIZE) for name in _PLAIN),
    *(_kind(f"whash-{mode}", partial(WaveletHash, mode), _WAVELET_SIZE) for mode in ("haar", "db4")),
    _kind(ColourHash.name, ColourHash, _BINBITS),
    _kind(CropResistantHash.name, CropResistantHash, _SIZE),
)
