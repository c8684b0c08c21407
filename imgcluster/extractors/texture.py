"""Local binary patterns (Ojala, Pietikäinen and Mäenpää, 2002): how a surface looks close up, wherever it is."""

import numpy as np
from PIL import Image

from imgcluster.extractors.extractor import Descriptor, Kind, Parameter

__all__ = ["KINDS", "Texture"]

_VERSION = 1
_POINTS_PER_RADIUS = 8
_LONGEST = 8  # times `size`: a strip of any length takes no longer than eight squares
_PARAMETERS = (
    Parameter(
        name="size",
        title="Shorter side in pixels",
        help="Larger pictures are made smaller first, never stretched. More pixels show finer threads and grains.",
        default=256,
        low=32,
        high=1024,
    ),
    Parameter(
        name="radius",
        title="Largest ring in pixels",
        help="Each pixel is compared with rings around it, from 1 pixel away up to so many: more see coarser patterns.",
        default=3,
        low=1,
        high=6,
    ),
)


class Texture(Descriptor):
    """Descriptor: how often each local binary pattern (LBP) occurs in the grey picture.

    A pattern says which points on a ring around a pixel are at least as light as the pixel. Rings have 8 points for
    each pixel of their radius; of the patterns, the "uniform" ones are counted by their number of such points, turned
    ones alike, and all others together. More light or less does not change them, and neither does a turn by 90 degrees
    or a mirror.

    The whole picture is counted at once. Histograms of its quarters beside it told surfaces apart no better (NMI .902
    against .917 on 10 kinds of them), and drawings worse (.629 against .754).

    Parameters
    ----------
    size : int, default 256
        Pictures whose shorter side is longer are made smaller to so many pixels, from 32 to 1024, with their
        proportions kept; none is made larger. Sides of more than eight times as many pixels are made as short as that.
    radius : int, default 3
        Rings of the radii 1, 2 and so on up to this, from 1 to 6 pixels.

    Attributes
    ----------
    id : str
        Name, version and both parameters.
    n_features : int
        ``8 * r + 2`` for each radius r: shares of all pixels, which sum to 1.

    Raises
    ------
    ParameterError
        When a parameter is of the wrong type or out of range.

    References
    ----------
    T. Ojala, M. Pietikäinen, T. Mäenpää, Multiresolution Gray-Scale and Rotation Invariant Texture Classification with
    Local Binary Patterns, IEEE Transactions on Pattern Analysis and Machine Intelligence 24(7), 2002.
    """

    name = "texture"
    title = "Texture (local binary patterns)"
    good_for = "fabrics, surfaces, materials"
    rate = 45.0

    def __init__(self, size: int = 256, radius: int = 3) -> None:
        for parameter, value in zip(_PARAMETERS, (size, radius), strict=True):
            parameter.check(value, extractor=self.name)
        self._size, self._radii = size, range(1, radius + 1)
        self.id = f"{self.name}-{_VERSION}-{size}-{radius}"
        self.n_features = sum(_n_patterns(r) for r in self._radii)
        self.min_side = size

    def prepare(self, image: Image.Image) -> np.ndarray:
        """Return the shares of the patterns in an RGB image of any size, float32 of shape (n_features,)."""
        grey = np.asarray(_reduced(image.convert("L"), self._size))
        return np.concatenate([_shares_of_patterns(grey, radius) for radius in self._radii], dtype=np.float32)


def _n_patterns(radius: int) -> int:
    return _POINTS_PER_RADIUS * radius + 2


def _reduced(grey: Image.Image, size: int) -> Image.Image:
    """Return the picture with its shorter side at most ``size`` pixels long, and its longer one eight times that."""
    shorter, longer = sorted(grey.size)
    scale = min(1.0, size / shorter, _LONGEST * size / longer)
    if scale == 1.0:
        return grey
    width, height = (max(1, round(side * scale)) for side in grey.size)
    return grey.resize((width, height), Image.Resampling.BICUBIC, reducing_gap=3.0)


def _shares_of_patterns(grey: np.ndarray, radius: int) -> np.ndarray:
    """Return how large a share of the pixels has each pattern, float64, summing to 1."""
    from skimage.feature import local_binary_pattern

    # What is beyond the border would count as black, and every picture would seem to have an edge there.
    padded = np.pad(grey, radius, mode="symmetric")
    patterns = local_binary_pattern(padded, _POINTS_PER_RADIUS * radius, radius, method="uniform")
    inside = patterns[radius:-radius, radius:-radius].astype(np.intp)
    return np.bincount(inside.ravel(), minlength=_n_patterns(radius)) / inside.size


KINDS = (Kind(name=Texture.name, make=Texture, parameters=_PARAMETERS),)
