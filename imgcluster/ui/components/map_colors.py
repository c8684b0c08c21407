"""Colours of dots by a number, such as how well a picture fits or when it was taken."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["VALUE_COLORS", "value_codes"]

# From low to high: rising lightness (39 to 72), so that the order is seen without telling hues apart, and no end of it
# is lost on white or on black.
VALUE_COLORS = ("#4a4fb5", "#8f4fb0", "#c9567f", "#e07b45", "#e0a92e")

# Shades between the ends: more than the eye tells apart.
_STEPS = 100


def value_codes(values: ArrayLike, colorscale: Sequence[str]) -> tuple[NDArray[np.int16], list[str]]:
    """Turn numbers into the numbers of the colours that show them.

    Parameters
    ----------
    values : array-like of float, (n_images,)
        NaN where there is none.
    colorscale : sequence of str
        At least two colours ("#rrggbb"), from the lowest value to the highest, at equal distances.

    Returns
    -------
    codes : ndarray, shape (n_images,), int16
        -1 for NaN; the middle colour where all values are equal.
    colors : list of str, length 100
        Between two given colours those between them, in sRGB.

    Raises
    ------
    ValueError
        If a value is infinite, or there are less than two colours.
    """
    values = np.asarray(values, dtype=np.float64)
    if len(colorscale) < 2:
        raise ValueError(f"the colorscale has {len(colorscale)} colours; expected at least 2")
    known = ~np.isnan(values)
    if np.isinf(values).any():
        raise ValueError("values must be finite, or NaN where there is none")
    codes = np.full(values.shape, -1, dtype=np.int16)
    if known.any():
        low, high = values[known].min(), values[known].max()
        shares = (values[known] - low) / (high - low) if high > low else np.full(known.sum(), 0.5)
        codes[known] = np.minimum(shares * _STEPS, _STEPS - 1)
    return codes, _between(colorscale)


def _between(colorscale: Sequence[str]) -> list[str]:
    corners = np.array([[int(color[at : at + 2], 16) for at in (1, 3, 5)] for color in colorscale])
    places = np.linspace(0, len(corners) - 1, _STEPS)
    shades = [np.interp(places, np.arange(len(corners)), channel) for channel in corners.T]
    return ["#{:02x}{:02x}{:02x}".format(*shade) for shade in np.rint(np.stack(shades, axis=1)).astype(int)]
