"""What makes features out of an image, and the list of them."""

from typing import Protocol

import numpy as np
from PIL import Image

from imgcluster.errors import ExtractorError
from imgcluster.features.efficientnet import LITE0, EfficientNetLite

__all__ = ["DEFAULT_EXTRACTOR", "Extractor", "available_extractors", "get_extractor"]

DEFAULT_EXTRACTOR = LITE0.name


class Extractor(Protocol):
    """Turns images into vectors, in two steps: one for worker threads, one for whole batches.

    Attributes
    ----------
    id : str
        Name and version: vectors in the store are kept under it.
    name, title, good_for : str
        The key, and two texts for the screen.
    n_features : int
        Length of a vector.
    min_side : int
        Images need not be decoded larger than this (pixels of the shorter side).
    """

    id: str
    name: str
    title: str
    good_for: str
    n_features: int
    min_side: int

    def prepare(self, image: Image.Image) -> np.ndarray:
        """Turn one RGB image into what `__call__` takes a stack of; runs in many threads at once."""

    def load(self) -> None:
        """Do what is slow and needed once; called before the first batch."""

    def __call__(self, batch: np.ndarray) -> np.ndarray:
        """Return (n, n_features) float32 for n stacked results of `prepare`; a row depends on its image alone."""


_EXTRACTORS = {extractor.name: extractor for extractor in (EfficientNetLite(),)}


def available_extractors() -> tuple[Extractor, ...]:
    """Return all extractors, the default first. None of them is loaded by this."""
    return tuple(_EXTRACTORS.values())


def get_extractor(name: str) -> Extractor:
    """Return the extractor of that name, always the same object, so that a network is loaded once.

    Raises
    ------
    ExtractorError
        There is none of that name; the hint lists those that there are.
    """
    try:
        return _EXTRACTORS[name]
    except KeyError:
        raise ExtractorError(
            f"There is no extractor named {name!r}.", hint=f"Choose one of: {', '.join(_EXTRACTORS)}."
        ) from None
