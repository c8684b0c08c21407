"""Flaws of single images: blurred, too dark, too bright, nearly one colour, very small, of an odd shape."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from imgcluster.extractors.looks import ImageLooks

__all__ = ["QualityFlag", "quality_flags"]

# With fewer images nothing is usual.
_LEAST_IMAGES = 6

# Robust standard deviations from the median: by the median absolute deviation, which is 0.6745 of one in normal data.
_FAR = 3.0
_MAD_OF_NORMAL = 0.6745

# A picture that spans less of the range of colours is nearly one colour, and has no edges to be sharp or blurred.
_FLAT = 0.06


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityFlag:
    """One flaw of one image.

    Attributes
    ----------
    image : int
    kind : {"blurred", "dark", "bright", "flat", "small", "odd_shape"}
    severity : float
        How far beyond the limit: the logarithm of their ratio, above 0 and finite.
    reason : str
        One sentence with the number, and what is usual here, or what is a flaw anywhere.
    """

    image: int
    kind: str
    severity: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Flaw:
    """How one flaw is told: one value per image, from 0, the smaller the worse; NaN where it says nothing.

    Below ``always`` it is a flaw whatever is usual, above ``never`` it is none. Between them it is one where the value
    is three robust standard deviations below the median, on a logarithmic scale. A standard deviation is at least
    ``deviation``: of pictures that are all but equal, the least different one would have a flaw otherwise.
    """

    values: Callable[[ImageLooks], np.ndarray]
    always: float
    never: float
    deviation: float
    title: str
    number: Callable[[ImageLooks, int], str]
    anywhere: str

    def limit(self, values: np.ndarray) -> float:
        known = values[~np.isnan(values)]
        if len(known) < _LEAST_IMAGES:
            return self.always
        logs = np.log(self.at_least(known))
        median = np.median(logs)
        deviation = max(np.median(np.abs(logs - median)) / _MAD_OF_NORMAL, self.deviation)
        return float(np.clip(np.exp(median - _FAR * deviation), self.always, self.never))

    def at_least(self, values: np.ndarray) -> np.ndarray:
        """Return values that have a logarithm."""
        return np.maximum(values, self.always / 100)


def _sharpness(looks: ImageLooks) -> np.ndarray:
    return np.where(looks.spread < _FLAT, np.nan, looks.sharpness)


def _squareness(looks: ImageLooks) -> np.ndarray:
    return np.minimum(looks.widths, looks.heights) / np.maximum(looks.widths, looks.heights)


def _proportion(looks: ImageLooks, image: int) -> str:
    short, long = sorted((looks.widths[image], looks.heights[image]))
    return f"{long / short:.1f} to 1"


# Sharpness: edges between black and white that a Gaussian of s pixels blurred (of 512 on the longer side) have some
# 0.35 / s^2, which is 0.04 at 3 pixels.
_FLAWS = {
    "blurred": _Flaw(
        values=_sharpness,
        always=0.04,
        never=0.37,
        deviation=0.2,
        title="Blurred: sharpness",
        number=lambda looks, image: f"{100 * looks.sharpness[image]:.0f}",
        anywhere="less than 4 is blurred anywhere",
    ),
    "dark": _Flaw(
        values=lambda looks: looks.tones[:, -1],
        always=0.1,
        never=0.35,
        deviation=0.2,
        title="Too dark: the brightness of its lightest parts is",
        number=lambda looks, image: f"{100 * looks.tones[image, -1]:.0f} %",
        anywhere="less than 10 % is dark anywhere",
    ),
    "bright": _Flaw(
        values=lambda looks: 1 - looks.tones[:, 0],
        always=0.1,
        never=0.35,
        deviation=0.2,
        title="Too bright: the brightness of its darkest parts is",
        number=lambda looks, image: f"{100 * looks.tones[image, 0]:.0f} %",
        anywhere="more than 90 % is bright anywhere",
    ),
    "flat": _Flaw(
        values=lambda looks: looks.spread,
        always=_FLAT,
        never=0.1,
        deviation=0.2,
        title="Nearly one colour: the span of its colours is",
        number=lambda looks, image: f"{100 * looks.spread[image]:.0f} %",
        anywhere="less than 6 % is nearly one colour anywhere",
    ),
    "small": _Flaw(
        values=lambda looks: np.maximum(looks.widths, looks.heights),
        always=8,
        never=400,
        deviation=0.35,
        title="Very small:",
        number=lambda looks, image: f"{looks.widths[image]:,} x {looks.heights[image]:,} pixels",
        anywhere="less than 8 on the longer side is small anywhere",
    ),
    "odd_shape": _Flaw(
        values=_squareness,
        always=1 / 20,
        never=1 / 4,
        deviation=0.2,
        title="Odd shape: its sides are",
        number=_proportion,
        anywhere="more than 20 to 1 is odd anywhere",
    ),
}


def quality_flags(looks: ImageLooks) -> tuple[QualityFlag, ...]:
    """List the flaws of images: what is unusual in their collection, or a flaw in any.

    A flaw is a value three robust standard deviations (by the median absolute deviation) below the median of the
    collection, on a logarithmic scale, and within fixed bounds: what is good enough anywhere is no flaw in the best of
    collections, and a black picture is one among black pictures. With fewer than six images only the bounds count.

    Parameters
    ----------
    looks : ImageLooks

    Returns
    -------
    tuple of QualityFlag
        Worst first; an image may have several.
    """
    flags = [flag for kind, flaw in _FLAWS.items() for flag in _flags(kind, flaw, looks)]
    return tuple(sorted(flags, key=lambda flag: (-flag.severity, flag.image)))


def _flags(kind: str, flaw: _Flaw, looks: ImageLooks) -> list[QualityFlag]:
    values = np.asarray(flaw.values(looks), dtype=np.float64)
    limit = flaw.limit(values)
    flawed = np.flatnonzero(values < limit)
    if not len(flawed):
        return []
    severities = np.log(limit / flaw.at_least(values[flawed]))
    known = np.flatnonzero(~np.isnan(values))
    usual = int(known[np.argsort(values[known], kind="stable")[len(known) // 2]])
    is_unusual = limit > flaw.always
    compared = f"usual here is {flaw.number(looks, usual)}" if is_unusual else f"and {flaw.anywhere}"
    return [
        QualityFlag(
            image=image,
            kind=kind,
            severity=severity,
            reason=f"{flaw.title} {flaw.number(looks, image)}, {compared}.",
        )
        for image, severity in zip(flawed.tolist(), severities.tolist(), strict=True)
    ]
