"""The picture itself, made small: which pixel is dark where."""

import numpy as np
from PIL import Image

from imgcluster.extractors.extractor import Descriptor, Kind, Parameter

__all__ = ["KINDS", "Pixels"]

_VERSION = 1
_PARAMETERS = (
    Parameter(
        name="size",
        title="Side in pixels",
        help="Every picture is stretched to this height and width. Small ones blur the details away; the numbers to "
        "keep grow with the square: 4,096 per picture at 64, three times as many in colour.",
        default=64,
        low=8,
        high=256,
    ),
    Parameter(
        name="color",
        title="Colours count",
        help="Red, green and blue of each pixel instead of how light it is.",
        default=False,
    ),
)


class Pixels(Descriptor):
    """Descriptor: the values of the pixels of the picture stretched to a small square, row by row.

    They are whole numbers from 0 to 255, so that they fit into one byte each without loss. Each is the mean of what it
    covers of the picture: in a drawing, the share of ink there. Bicubic resizing told kinds of drawings apart as well
    (NMI .365 against .377 with PCA, .378 against .369 with a diffusion map), but it adds light and dark rims.

    They are compared as they are, with no scaling: white drawings on black are then as far from each other as black
    ones on white. On 12 kinds of drawings, with a diffusion map, that scored .369, and .372 with all of them inverted;
    rows of unit length .361 and .338.

    Parameters
    ----------
    size : int, default 64
        Height and width in pixels, from 8 to 256.
    color : bool, default False
        Red, green and blue of each pixel in turn; otherwise its grey value (ITU-R 601 luma).

    Attributes
    ----------
    id : str
        Name, version, size and kind of colours.
    n_features : int
        size ** 2, three times as many with colours; each in [0, 255].

    Raises
    ------
    ParameterError
        When a parameter is of the wrong type or out of range.
    """

    name = "pixels"
    title = "Pixels"
    good_for = "drawings, scans and black shapes: which pixel is dark where"
    scaling = "none"
    rate = 500.0

    def __init__(self, size: int = 64, color: bool = False) -> None:
        for parameter, value in zip(_PARAMETERS, (size, color), strict=True):
            parameter.check(value, extractor=self.name)
        self._size, self._mode = size, "RGB" if color else "L"
        self.id = f"{self.name}-{_VERSION}-{size}-{'rgb' if color else 'grey'}"
        self.n_features = size * size * (3 if color else 1)
        self.min_side = size

    def prepare(self, image: Image.Image) -> np.ndarray:
        """Return the pixels of an RGB image of any size, float32 of shape (n_features,)."""
        square = image.convert(self._mode).resize((self._size, self._size), Image.Resampling.BOX)
        return np.asarray(square, dtype=np.float32).ravel()


KINDS = (Kind(name=Pixels.name, make=Pixels, parameters=_PARAMETERS),)
