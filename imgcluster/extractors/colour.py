"""Which colours a picture has, wherever they are in it: a histogram, and the few dominant colours."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from imgcluster.errors import ParameterError
from imgcluster.extractors.extractor import Descriptor, Kind, Parameter

__all__ = ["KINDS", "Colour", "DominantColour", "DominantColours", "dominant_colours", "soft_histogram"]

_VERSION = 1
_SIDE = 128  # pixels; colours need no detail
_DOMINANT_SIDE = 64
_N_SATURATIONS, _N_VALUES = 3, 3
_FULL_CHROMA = 0.25  # from this saturation * value on, a pixel counts as coloured only
_LAB_REACH = 80.0  # a* and b* of most pictures; what is beyond counts as the outermost
_LAB_GRID = tuple(itertools.product((10.0, 30.0, 50.0, 70.0, 90.0), *((-80.0, -40.0, 0.0, 40.0, 80.0),) * 2))
_LAB_WIDTH = 20.0  # standard deviation, half the grid's step in a* and b*
_N_STEPS = 20

_PARAMETERS = (
    Parameter(
        name="space",
        title="How colours are told apart",
        help="hsv: by hue, saturation and brightness, with greys on their own. lab: by how different they look to the "
        "eye.",
        default="hsv",
        choices=("hsv", "lab"),
    ),
    Parameter(
        name="bins",
        title="Bins",
        help="How many hues, or steps from green to red and from blue to yellow, are told apart. Few forgive another "
        "light, many tell finer shades apart.",
        default=12,
        low=4,
        high=24,
    ),
)
_DOMINANT_PARAMETERS = (
    Parameter(
        name="n_colours",
        title="Colours",
        help="How many dominant colours are taken from each picture.",
        default=5,
        low=1,
        high=16,
    ),
)


class Colour(Descriptor):
    """Descriptor: a colour histogram with soft bins (Swain and Ballard, 1991).

    Each pixel shares its weight linearly between the bins around it, so that a small change of colour changes the
    histogram by little. "hsv" has ``bins`` hues x 3 saturations x 3 values; the hue is circular. As dark and grey
    pixels have no reliable hue, a pixel gives only min(saturation * value / 0.25, 1) of its weight to these and the
    rest to a ramp of ``bins`` grey values. "lab" has (bins + 1) // 2 steps of lightness x ``bins`` steps of a* x
    ``bins`` of b*, from -80 to 80 each, of CIE L*a*b* (1976) for sRGB and D65.

    Parameters
    ----------
    space : {"hsv", "lab"}, default "hsv"
    bins : int, default 12
        From 4 to 24.

    Attributes
    ----------
    id : str
        Name, version, space and bins.
    n_features : int
        10 * bins, or (bins + 1) // 2 * bins ** 2; none below 0, and their sum is 1.

    Raises
    ------
    ParameterError
        When a parameter is of the wrong type or out of range.

    References
    ----------
    M. J. Swain, D. H. Ballard, Color Indexing, International Journal of Computer Vision 7, 1991.
    """

    name = "colour"
    title = "Colours"
    good_for = "pictures that differ in colour: seasons, fabrics, paintings, sunsets"
    scaling = "hellinger"
    rate = 150.0
    min_side = _SIDE

    def __init__(self, space: str = "hsv", bins: int = 12) -> None:
        for parameter, value in zip(_PARAMETERS, (space, bins), strict=True):
            parameter.check(value, extractor=self.name)
        self._space, self._bins = space, bins
        self.id = f"{self.name}-{_VERSION}-{space}-{bins}"
        self.n_features = bins * (_N_SATURATIONS * _N_VALUES + 1) if space == "hsv" else (bins + 1) // 2 * bins**2

    def prepare(self, image: Image.Image) -> np.ndarray:
        """Return the histogram of an RGB image of any size, float32 of shape (n_features,)."""
        pixels = _pixels(image, _SIDE)
        histogram = _hsv_histogram(pixels, self._bins) if self._space == "hsv" else _lab_histogram(pixels, self._bins)
        return (histogram / len(pixels)).astype(np.float32)


class DominantColours(Descriptor):
    """Descriptor: the dominant colours of a picture, spread over a fixed palette of 125 colours.

    The palette is a grid in CIE L*a*b*. Each dominant colour shares its part of the picture among the palette's colours
    by a Gaussian of their distance (standard deviation 20).

    Parameters
    ----------
    n_colours : int, default 5
        From 1 to 16; see `dominant_colours`.

    Attributes
    ----------
    id : str
        Name, version and number of colours.
    n_features : int
        125; none below 0, and their sum is 1.

    Raises
    ------
    ParameterError
        When ``n_colours`` is of the wrong type or out of range.
    """

    name = "dominant-colours"
    title = "Dominant colours"
    good_for = "pictures with few colours: logos, posters, flags, fabrics"
    scaling = "hellinger"
    rate = 120.0
    min_side = _DOMINANT_SIDE
    n_features = len(_LAB_GRID)

    def __init__(self, n_colours: int = 5) -> None:
        _DOMINANT_PARAMETERS[0].check(n_colours, extractor=self.name)
        self._n_colours = n_colours
        self.id = f"{self.name}-{_VERSION}-{n_colours}"

    def prepare(self, image: Image.Image) -> np.ndarray:
        """Return the shares of the palette's colours in an RGB image of any size, float32 of shape (125,)."""
        colours = dominant_colours(image, self._n_colours)
        lab = _lab(np.array([colour.rgb for colour in colours], dtype=np.uint8))
        squares = np.square(lab[:, None] - np.array(_LAB_GRID)).sum(axis=2)
        nearness = np.exp((squares.min(axis=1, keepdims=True) - squares) / (2 * _LAB_WIDTH**2))
        shares = np.array([colour.share for colour in colours])
        return (shares @ (nearness / nearness.sum(axis=1, keepdims=True))).astype(np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class DominantColour:
    """One of the few colours that stand for a picture.

    Attributes
    ----------
    rgb : tuple of int
        Red, green and blue, 0 to 255: the mean of the pixels it stands for.
    share : float
        Which part of the pixels it stands for, in (0, 1].
    """

    rgb: tuple[int, int, int]
    share: float


def dominant_colours(images: Image.Image | Sequence[Image.Image], n_colours: int = 5) -> tuple[DominantColour, ...]:
    """Find the few colours that stand for a picture, or for several together.

    K-means in CIE L*a*b* from the colours of a median cut (Heckbert, 1982), on the pictures at no more than 64 x 64
    pixels: no chance is involved.

    Parameters
    ----------
    images : PIL.Image.Image or sequence of these
        RGB, of any size. Of several, all count alike.
    n_colours : int, default 5
        How many at most, from 1 to 256; there are fewer where the pictures have fewer.

    Returns
    -------
    tuple of DominantColour
        The largest share first; the shares' sum is 1.

    Raises
    ------
    ParameterError
        When there is no image, or ``n_colours`` is out of range.
    """
    images = [images] if isinstance(images, Image.Image) else list(images)
    if not images:
        raise ParameterError("0 pictures have no colours.", hint="Give one picture or more.")
    if not 1 <= n_colours <= 256:
        raise ParameterError(f"n_colours={n_colours} should be from 1 to 256.")
    pixels = [_pixels(image, _DOMINANT_SIDE) for image in images]
    weights = np.concatenate([np.full(len(each), 1 / len(each) / len(pixels)) for each in pixels])
    rgb, inverse = np.unique(np.concatenate(pixels), axis=0, return_inverse=True)
    weights = np.bincount(inverse.ravel(), weights=weights)
    labels = _k_means(_lab(rgb), weights, _lab(_median_cut(np.concatenate(pixels), n_colours)))
    shares = np.bincount(labels, weights=weights)
    sums = np.stack([np.bincount(labels, weights=weights * channel) for channel in rgb.T], axis=1)
    means = np.rint(sums[shares > 0] / shares[shares > 0, None]).astype(int)
    found: dict[tuple[int, int, int], float] = {}
    for colour, share in zip(map(tuple, means.tolist()), shares[shares > 0].tolist(), strict=True):
        found[colour] = found.get(colour, 0.0) + share
    ordered = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return tuple(DominantColour(rgb=colour, share=share) for colour, share in ordered)


def soft_histogram(
    positions: np.ndarray, shape: Sequence[int], *, circular: Sequence[bool], weights: np.ndarray | None = None
) -> np.ndarray:
    """Count points in bins, each shared linearly between the bins around it on every axis.

    Parameters
    ----------
    positions : ndarray, shape (n, n_axes)
        In [0, 1]. On an axis with ends, the first bin's centre is at 0 and the last one's at 1; on a circular axis the
        bins' centres are at 0, 1 / n_bins, 2 / n_bins and so on, and 1 is 0 again.
    shape : sequence of int
        Bins of each axis; 2 or more.
    circular : sequence of bool
        For each axis.
    weights : ndarray, shape (n,), optional
        What each point counts; 1 by default.

    Returns
    -------
    ndarray, shape ``shape``, float64
        Their sum is that of the weights.
    """
    weights = np.ones(len(positions)) if weights is None else weights
    sides = []
    for position, n_bins, is_circular in zip(positions.T, shape, circular, strict=True):
        scaled = position * (n_bins if is_circular else n_bins - 1)
        lower = np.floor(scaled).astype(np.int64)
        if not is_circular:
            lower = np.minimum(lower, n_bins - 2)
        above = scaled - lower
        sides.append(((lower % n_bins, 1 - above), ((lower + 1) % n_bins, above)))
    counts = np.zeros(int(np.prod(shape)))
    for corner in itertools.product(*sides):
        flat = np.ravel_multi_index([index for index, _ in corner], shape)
        parts = np.prod([part for _, part in corner], axis=0)
        counts += np.bincount(flat, weights=weights * parts, minlength=len(counts))
    return counts.reshape(shape)


def _pixels(image: Image.Image, side: int) -> np.ndarray:
    """Return the pixels of the image at no more than side x side, (n, 3) uint8."""
    size = (min(image.width, side), min(image.height, side))
    return np.asarray(image.resize(size, Image.Resampling.BOX)).reshape(-1, 3)


def _lab(rgb: np.ndarray) -> np.ndarray:
    """Return L* in [0, 100], a* and b* of (n, 3) uint8 sRGB colours, float64."""
    from skimage.color import rgb2lab

    return rgb2lab(rgb[None])[0]


def _hsv_histogram(rgb: np.ndarray, bins: int) -> np.ndarray:
    from skimage.color import rgb2hsv

    hsv = rgb2hsv(rgb[None])[0]
    coloured = np.minimum(hsv[:, 1] * hsv[:, 2] / _FULL_CHROMA, 1.0)
    shape = (bins, _N_SATURATIONS, _N_VALUES)
    colours = soft_histogram(hsv, shape, circular=(True, False, False), weights=coloured)
    greys = soft_histogram(hsv[:, 2:], (bins,), circular=(False,), weights=1 - coloured)
    return np.concatenate([colours.ravel(), greys])


def _lab_histogram(rgb: np.ndarray, bins: int) -> np.ndarray:
    low, high = np.array([0.0, -_LAB_REACH, -_LAB_REACH]), np.array([100.0, _LAB_REACH, _LAB_REACH])
    positions = np.clip((_lab(rgb) - low) / (high - low), 0.0, 1.0)
    return soft_histogram(positions, ((bins + 1) // 2, bins, bins), circular=(False,) * 3).ravel()


def _median_cut(rgb: np.ndarray, n_colours: int) -> np.ndarray:
    """Return up to n_colours colours, (n, 3) uint8."""
    quantized = Image.fromarray(rgb[None]).quantize(n_colours, Image.Quantize.MEDIANCUT)
    used = np.unique(np.asarray(quantized))
    return np.array(quantized.getpalette(), dtype=np.uint8).reshape(-1, 3)[used]


def _k_means(points: np.ndarray, weights: np.ndarray, centers: np.ndarray) -> np.ndarray:
    """Assign the points to centers by Lloyd's method; a center that loses all its points stays where it is.

    Not scikit-learn's: that adds up in the order in which its threads finish, and the last bit would be left to chance.
    """
    from scipy.cluster.vq import vq

    labels = vq(points, centers, check_finite=False)[0]
    for _ in range(_N_STEPS):
        totals = np.bincount(labels, weights=weights, minlength=len(centers))
        sums = np.stack([np.bincount(labels, weights=weights * x, minlength=len(centers)) for x in points.T], axis=1)
        centers = np.divide(sums, totals[:, None], out=centers.copy(), where=totals[:, None] > 0)
        before, labels = labels, vq(points, centers, check_finite=False)[0]
        if np.array_equal(before, labels):
            break
    return labels


KINDS = (
    Kind(name=Colour.name, make=Colour, parameters=_PARAMETERS),
    Kind(name=DominantColours.name, make=DominantColours, parameters=_DOMINANT_PARAMETERS),
)
