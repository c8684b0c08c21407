"""Built-in sample collections, made on this computer: something to try at once, with no network and no pictures.

Each is one ZIP file of PNGs in the user's cache directory, written once, with the same bytes on every run.
The folder inside the ZIP file names the true class, for scoring only: it is never shown to the clustering.
"""

import io
import os
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType

import numpy as np
from PIL import Image

from imgcluster.cache import cache_directory
from imgcluster.errors import ParameterError
from imgcluster.pictures.collection import Collection
from imgcluster.pictures.drawings import FAMILIES, draw
from imgcluster.pictures.finding import find_images

__all__ = ["SAMPLES", "Sample", "load_sample"]

_VERSION = 2  # part of the file's name: raise it whenever the pictures change
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the earliest date that a ZIP file can hold: the bytes do not depend on the day
_DIGIT_SIZE = 128  # pixels
_DIGIT_MARGIN = 2  # pixels of the 8 x 8 original, on each side
_DRAWINGS_PER_FAMILY = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A built-in sample collection, as the first screen offers it.

    Attributes
    ----------
    name, title, description : str
    n_images : int
    features : str
        What should count as similar in it, as `imgcluster.features.options.parse_features` reads it; what does for most
        pictures where it is empty.
    """

    name: str
    title: str
    description: str
    n_images: int
    features: str = ""


SAMPLES: Mapping[str, Sample] = MappingProxyType(
    {
        "digits": Sample(
            name="digits",
            title="Handwritten digits",
            description="1,797 digits from 0 to 9, written by 43 people.",
            n_images=1797,
            features="pixels",  # an NMI with the true digits of 0.87, the network 0.82, and several times as quick
        ),
        "dots": Sample(
            name="dots",
            title="Dots and shapes",
            description="600 black-on-white drawings of 12 kinds: rings, stripes, stars, spirals and more.",
            n_images=len(FAMILIES) * _DRAWINGS_PER_FAMILY,
        ),
    }
)
"""The built-in samples by name."""


def load_sample(name: str) -> Collection:
    """Return a built-in sample; the first call writes it into the user's cache directory.

    Parameters
    ----------
    name : str
        A key of `SAMPLES`.

    Returns
    -------
    Collection
        Paths are "<true class>/<name>-0001.png".

    Raises
    ------
    ParameterError
        There is no such sample.

    References
    ----------
    "digits": E. Alpaydin, C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning Repository, 1998,
    in the 8 x 8 version that comes with scikit-learn.
    """
    if name not in SAMPLES:
        raise ParameterError(f"There is no sample {name!r}.", hint=f"Choose one of: {', '.join(SAMPLES)}.")
    path = cache_directory() / "samples" / f"{name}-{_VERSION}.zip"
    if not path.exists():
        _write_zip(path, {"digits": _digits, "dots": _dots}[name]())
    return replace(find_images(path), name=SAMPLES[name].title)


def _digits() -> Iterator[tuple[str, Image.Image]]:
    values, labels = _written_digits()
    # As on paper: black on white, with a margin. The default network sees them best so, at 10 groups an NMI of 0.82
    # with the true digits; 0.71 without the margin, 0.78 white on black, and 0.42 with hard-edged squares for pixels.
    inked = np.pad(values, ((0, 0), (_DIGIT_MARGIN, _DIGIT_MARGIN), (_DIGIT_MARGIN, _DIGIT_MARGIN)))
    for number, (digit, label) in enumerate(zip(inked, labels, strict=True), start=1):
        grey = Image.fromarray(np.uint8(255 - np.rint(digit * (255 / 16))))  # 0 to 16, ink is high
        yield f"{label}/digit-{number:04d}.png", grey.resize((_DIGIT_SIZE, _DIGIT_SIZE), Image.Resampling.BICUBIC)


def _written_digits() -> tuple[np.ndarray, np.ndarray]:
    """Return the digits, (1797, 8, 8) from 0 to 16, and which ones they are, (1797,): both uint8.

    Read from scikit-learn's file of them: to import scikit-learn, with the pandas that it brings, takes longer than all
    else from the click on this sample to its pictures. Where the file has gone, it is asked for them.
    """
    path = Path(*find_spec("sklearn").submodule_search_locations, "datasets", "data", "digits.csv.gz")
    if path.exists():
        rows = np.loadtxt(path, delimiter=",", dtype=np.uint8)
        return rows[:, :-1].reshape(-1, 8, 8), rows[:, -1]
    from sklearn.datasets import load_digits

    digits = load_digits()
    return digits.images.astype(np.uint8), digits.target.astype(np.uint8)


def _dots() -> Iterator[tuple[str, Image.Image]]:
    rng = np.random.default_rng(0)
    for family in FAMILIES:
        for number in range(1, _DRAWINGS_PER_FAMILY + 1):
            yield f"{family}/{family}-{number:04d}.png", draw(family, rng)


def _write_zip(path: Path, pictures: Iterator[tuple[str, Image.Image]]) -> None:
    """Write all or nothing, so that neither a crash nor a second process leaves half a file behind."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(descriptor, "wb") as file, zipfile.ZipFile(file, "w") as archive:
            for name, picture in pictures:
                content = io.BytesIO()
                picture.save(content, "PNG", compress_level=1)  # twice as quick, and a tenth larger
                archive.writestr(zipfile.ZipInfo(name, _LONG_AGO), content.getvalue())
        Path(temporary).replace(path)
    finally:
        Path(temporary).unlink(missing_ok=True)
