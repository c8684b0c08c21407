"""What is done to every image before an extractor sees it."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from PIL import Image, ImageOps

from imgcluster.errors import ParameterError
from imgcluster.extractors.extractor import Extractor, Missing

__all__ = ["FITS", "Preprocessing", "parse_preprocessing", "preprocessed"]

FITS = ("stretch", "crop", "pad")
_SMALLEST, _LARGEST = 8, 1024
_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Preprocessing:
    """What is done to every image first; the default is nothing.

    Attributes
    ----------
    grayscale : bool
        Colours do not count (ITU-R 601 luma).
    invert : bool
        Dark becomes light: for white drawings on black beside black ones on white, not for photographs.
    fit : {"stretch", "crop", "pad"}
        How an image becomes the square that extractors look at: stretched, its middle alone, or with white beside it.
    size : int, default 0
        Its side in pixels, from 8 to 1024; 0 leaves that to the extractor. A small one blurs the details away.

    Raises
    ------
    ParameterError
        When ``fit`` or ``size`` makes no sense.
    """

    grayscale: bool = False
    invert: bool = False
    fit: Literal["stretch", "crop", "pad"] = "stretch"
    size: int = 0

    def __post_init__(self) -> None:
        if self.fit not in FITS:
            raise ParameterError(f"fit={self.fit} should be one of {', '.join(FITS)}.")
        if self.size and not _SMALLEST <= self.size <= _LARGEST:
            raise ParameterError(f"size={self.size} should be from {_SMALLEST} to {_LARGEST} pixels, or 0.")

    @property
    def text(self) -> str:
        """What differs from the default, such as "grayscale,crop,size=64"; empty for nothing."""
        steps = [name for name in ("grayscale", "invert") if getattr(self, name)]
        steps += [self.fit] if self.fit != "stretch" else []
        steps += [f"size={self.size}"] if self.size else []
        return ",".join(steps)

    def apply(self, image: Image.Image) -> Image.Image:
        """Return an RGB image with everything done to it, in the order of the attributes."""
        if self.grayscale:
            image = image.convert("L").convert("RGB")
        if self.invert:
            image = ImageOps.invert(image)
        if self.fit == "crop":
            image = ImageOps.fit(image, (min(image.size),) * 2, Image.Resampling.BICUBIC)
        elif self.fit == "pad":
            image = _padded(image)
        if self.size:
            image = image.resize((self.size, self.size), Image.Resampling.BICUBIC, reducing_gap=3.0)
        return image


def _padded(image: Image.Image) -> Image.Image:
    """Put white beside an image; at most 1024 x 1024, as a strip of 1 x 100,000 pixels would need 30 GB otherwise."""
    side = min(max(image.size), _LARGEST)
    width, height = (max(1, round(length * side / max(image.size))) for length in image.size)
    square = Image.new("RGB", (side, side), "white")
    shrunk = image.resize((width, height), Image.Resampling.BICUBIC, reducing_gap=3.0)
    square.paste(shrunk, ((side - width) // 2, (side - height) // 2))
    return square


def parse_preprocessing(text: str) -> Preprocessing:
    """Read what `Preprocessing.text` wrote.

    Raises
    ------
    ParameterError
    """
    steps: dict[str, bool | str | int] = {}
    for step in filter(None, (part.strip() for part in text.split(","))):
        if step in ("grayscale", "invert"):
            steps[step] = True
        elif step in FITS:
            steps["fit"] = step
        elif step.startswith("size=") and step.removeprefix("size=").isdecimal():
            steps["size"] = int(step.removeprefix("size="))
        else:
            raise ParameterError(
                f"{step!r} is nothing that can be done to the pictures first.",
                hint=f"Choose among grayscale, invert, {', '.join(FITS)} and size=64.",
            )
    return Preprocessing(**steps)


class _Preprocessed:
    """An extractor that sees each image only after its preprocessing."""

    def __init__(self, extractor: Extractor, preprocessing: Preprocessing) -> None:
        self._extractor, self._preprocessing = extractor, preprocessing
        self.min_side = max(extractor.min_side, preprocessing.size)

    def __getattr__(self, name: str) -> object:
        return getattr(self._extractor, name)

    @property
    def id(self) -> str:
        return f"{self._extractor.id}|{self._preprocessing.text}|{_VERSION}"

    def missing(self) -> Missing | None:
        return self._extractor.missing()

    def prepare(self, image: Image.Image) -> np.ndarray:
        return self._extractor.prepare(self._preprocessing.apply(image))

    def load(self) -> None:
        self._extractor.load()

    def __call__(self, batch: np.ndarray) -> np.ndarray:
        return self._extractor(batch)


def preprocessed(extractor: Extractor, preprocessing: Preprocessing) -> Extractor:
    """Return an extractor that sees each image only after its preprocessing; the same one where nothing is done."""
    return _Preprocessed(extractor, preprocessing) if preprocessing.text else extractor
