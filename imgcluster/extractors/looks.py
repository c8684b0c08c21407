"""What a picture is like as a picture: its size, how sharp and how light it is, and two hashes that find copies of it.

Not on the list of extractors: nobody groups by it. It is what quality flags and the search for copies need of every
image, worked out in one reading of the file and kept in the store as any vector is.
"""

import hashlib
from dataclasses import dataclass, fields

import numpy as np
from PIL import Image

from imgcluster.errors import ParameterError
from imgcluster.extractors.extractor import Descriptor

__all__ = ["MINIATURE_SIDE", "ImageLooks", "Looks", "parse_looks"]

_VERSION = 1

MINIATURE_SIDE = 16
"""Height and width of the miniature, in pixels."""

# Longest side at which everything but the size is measured: how sharp a picture is must not depend on how many
# pixels the camera has. Smaller ones are never enlarged.
_MEASURED_SIDE = 512

_QUANTILES = (0.005, 0.05, 0.5, 0.95, 0.995)
_N_TONES = len(_QUANTILES)
_N_BITS, _N_DIGEST = 64, 16

# The sharpest thousandth of a picture says how sharp it is: a portrait before a soft background is a sharp picture, and
# of a thin drawing hardly more than that is lines.
_SHARPEST = 0.999
_MOST_SHARP = 4.0  # more than that are single pixels in a picture of one colour
_SMOOTHING = 0.5  # pixels: enough for the grain of a blurred picture not to pass for edges
_HARD_EDGE = 0.34  # what all this is for an edge between black and white from one pixel to the next
_LEAST_RANGE = 10.0  # grey levels: with less, what is left is the rounding to whole levels

_DIGESTED_ROWS = 256

# Name -> number of values, in the order of the vector.
_LAYOUT = {
    "widths": 1,
    "heights": 1,
    "sharpness": 1,
    "brightness": 1,
    "contrast": 1,
    "spread": 1,
    "tones": _N_TONES,
    "phash": _N_BITS,
    "dhash": _N_BITS,
    "digests": _N_DIGEST,
    "miniatures": MINIATURE_SIDE**2,
}


class Looks(Descriptor):
    """Descriptor: what a picture is like, for `parse_looks`.

    Sharpness is how sharply the grey levels bend at the picture's sharpest edges: the 99.9 % quantile of their second
    difference, after a slight smoothing, as a share of their range, at no more than 512 pixels. Neither resolution nor
    contrast nor how much of the picture is empty counts. It is taken along rows, columns and both diagonals by itself
    (as the modified Laplacian does along two of them: Nayar & Nakagawa 1994), and the least of the four is the
    sharpness, for motion blurs in one direction only. It is 1 for an edge between black and white from one pixel to the
    next, and more for dots and corners.

    Of 120 Caltech photographs of 300 pixels and the same ones blurred, the area under the curve is 0.998 (Gaussian, 1
    pixel) and 1.000 (2 pixels, also with noise of 4 levels; motion over 7 pixels, where the Laplacian has 0.93).

    Attributes
    ----------
    id : str
        Name and version.
    n_features : int

    References
    ----------
    S. K. Nayar, Y. Nakagawa, Shape from Focus, IEEE Transactions on Pattern Analysis and Machine Intelligence, 1994.
    """

    name = "looks"
    title = "size, sharpness and light"
    good_for = "flaws and copies"
    scaling = "none"
    rate = 80.0
    min_side = _MEASURED_SIDE
    id = f"looks-{_VERSION}"
    n_features = sum(_LAYOUT.values())

    def prepare(self, image: Image.Image) -> np.ndarray:
        """Return the vector of an RGB image of any size, float32 of shape (n_features,).

        The size is that in ``image.info["size"]``, which `imgcluster.pictures.opening.decode` puts there, and where
        there is none, the image's own.
        """
        import imagehash

        small = _measured(image)
        grey = small.convert("L")
        levels = np.asarray(grey, dtype=np.float64)
        width, height = image.info.get("size", image.size)
        tones = np.quantile(levels, _QUANTILES)
        miniature = grey.resize((MINIATURE_SIDE, MINIATURE_SIDE), Image.Resampling.BOX)
        parts = (
            [width, height, _sharpness(levels), levels.mean() / 255, levels.std() / 255, _spread(small) / 255],
            tones / 255,
            imagehash.phash(grey).hash.ravel(),
            imagehash.dhash(grey).hash.ravel(),
            np.frombuffer(_digest(image, width, height), dtype=np.uint8),
            np.asarray(miniature).ravel(),
        )
        return np.concatenate([np.asarray(part, dtype=np.float32) for part in parts])


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageLooks:
    """What the images of a collection are like; entry or row i belongs to image i.

    Attributes
    ----------
    widths, heights : ndarray, shape (n_images,), int64
        Pixels of the whole picture, the right way up. Exact up to 16,777,216.
    sharpness : ndarray, shape (n_images,), float32
        In [0, 4]; see `Looks`. It says nothing where ``spread`` is near 0.
    brightness : ndarray, shape (n_images,), float32
        Mean grey level, in [0, 1].
    contrast : ndarray, shape (n_images,), float32
        Standard deviation of the grey levels, in [0, 0.5].
    spread : ndarray, shape (n_images,), float32
        In [0, 1]: from the 0.5 % to the 99.5 % quantile of red, green or blue, whichever reaches furthest. 0 for a
        picture of one colour.
    tones : ndarray, shape (n_images, 5), float32
        The grey levels' 0.5, 5, 50, 95 and 99.5 % quantiles, in [0, 1].
    phash, dhash : ndarray, shape (n_images, 64), bool
        The perceptual and the difference hash of the grey picture of at most 512 pixels.
    digests : ndarray, shape (n_images, 16), uint8
        A hash of size and pixels, equal for the same pixels in another file. Of a JPEG with more than 1,024 pixels on
        its shorter side the pixels are those at a half, a quarter or an eighth of the size: it has not the digest of
        a PNG that was made of it.
    miniatures : ndarray, shape (n_images, 16, 16), uint8
        The grey picture, stretched to a square.
    """

    widths: np.ndarray
    heights: np.ndarray
    sharpness: np.ndarray
    brightness: np.ndarray
    contrast: np.ndarray
    spread: np.ndarray
    tones: np.ndarray
    phash: np.ndarray
    dhash: np.ndarray
    digests: np.ndarray
    miniatures: np.ndarray

    def __post_init__(self) -> None:
        for field in fields(self):
            getattr(self, field.name).setflags(write=False)

    def __len__(self) -> int:
        return len(self.widths)


def parse_looks(vectors: np.ndarray) -> ImageLooks:
    """Take apart what `Looks` put into vectors.

    Parameters
    ----------
    vectors : ndarray, shape (n_images, n_features), float32

    Returns
    -------
    ImageLooks

    Raises
    ------
    ParameterError
        When the vectors are of another length.
    """
    if vectors.ndim != 2 or vectors.shape[1] != Looks.n_features:
        raise ParameterError(
            f"Vectors of shape {vectors.shape} do not say what pictures look like.",
            hint=f'They should be those of the extractor "{Looks.id}", with {Looks.n_features} columns.',
        )
    ends = np.cumsum(list(_LAYOUT.values()))
    columns = {name: np.array(vectors[:, end - n : end]) for (name, n), end in zip(_LAYOUT.items(), ends, strict=True)}
    columns = {name: values[:, 0] if _LAYOUT[name] == 1 else values for name, values in columns.items()}
    kinds = {"widths": np.int64, "heights": np.int64, "phash": bool, "dhash": bool}
    kinds |= {"digests": np.uint8, "miniatures": np.uint8}
    columns = {name: values.astype(kinds.get(name, np.float32)) for name, values in columns.items()}
    columns["miniatures"] = columns["miniatures"].reshape(-1, MINIATURE_SIDE, MINIATURE_SIDE)
    return ImageLooks(**columns)


def _measured(image: Image.Image) -> Image.Image:
    """Return the image with no side longer than 512 pixels."""
    share = _MEASURED_SIDE / max(image.size)
    if share >= 1:
        return image
    width, height = (max(1, round(side * share)) for side in image.size)
    return image.resize((width, height), Image.Resampling.BOX)


def _sharpness(levels: np.ndarray) -> float:
    from scipy.ndimage import gaussian_filter

    low, high = np.quantile(levels, [1 - _SHARPEST, _SHARPEST])
    bends = _bends(gaussian_filter(levels, _SMOOTHING, mode="nearest"))
    least = min(float(np.quantile(np.abs(bend), _SHARPEST)) for bend in bends)
    return min(least / max(high - low, _LEAST_RANGE) / _HARD_EDGE, _MOST_SHARP)


def _bends(levels: np.ndarray) -> list[np.ndarray]:
    """Return the second differences along rows, columns and diagonals; not across the one row of a strip."""
    height, width = levels.shape
    padded = np.pad(levels, 1, mode="edge")

    def along(down: int, right: int) -> np.ndarray:
        ends = (padded[1 + s * down :, 1 + s * right :][:height, :width] for s in (1, -1))
        return (sum(ends) - 2 * levels) / (down**2 + right**2)

    steps = [(0, 1), (1, 1), (1, -1), (1, 0)]
    if width == 1:
        steps = steps[1:]
    elif height == 1:
        steps = steps[:-1]
    return [along(*step) for step in steps]


def _spread(image: Image.Image) -> float:
    """Return how far the colour that varies most does so, in levels."""
    low, high = np.quantile(np.asarray(image).reshape(-1, 3), _QUANTILES[:: _N_TONES - 1], axis=0)
    return float((high - low).max())


def _digest(image: Image.Image, width: int, height: int) -> bytes:
    digest = hashlib.blake2b(f"{width} {height} {image.size}".encode(), digest_size=_N_DIGEST)
    for top in range(0, image.height, _DIGESTED_ROWS):  # of the largest pictures, a copy would take 600 MB
        digest.update(image.crop((0, top, image.width, min(top + _DIGESTED_ROWS, image.height))).tobytes())
    return digest.digest()
