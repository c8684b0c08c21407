"""The networks of keras.applications as extractors: what each sees just before it names what is in the picture.

Their weights are Keras' own, learnt from ImageNet, which Keras fetches at first use and keeps in its cache; or those
in a file of the user's.
"""

import functools
import hashlib
import importlib.util
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from imgcluster.errors import ExtractorError
from imgcluster.extractors.extractor import Kind, Missing, Parameter
from imgcluster.extractors.networks.application_building import build_application, kept_weights, own_weights_hint
from imgcluster.extractors.networks.application_table import APPLICATIONS, Application
from imgcluster.extractors.networks.engine import is_converted
from imgcluster.extractors.networks.feeding import stretched
from imgcluster.extractors.networks.network import Network
from imgcluster.pictures.home import expanded

__all__ = ["KINDS", "KerasApplication", "kind_of_application"]

_VERSION = 1
_LISTED = ("resnet50", "vgg16", "mobilenetv2", "efficientnetv2b0", "convnexttiny")
_BATCH_PIXELS = 32 * 224 * 224

_WEIGHTS = Parameter(
    name="weights",
    title="File with weights",
    help=(
        "A file that Keras wrote (.weights.h5, or .h5), with weights for this network without its classifying head. "
        "Leave it empty for those that Keras offers, learnt from the photographs of ImageNet."
    ),
    default="",
)


@functools.lru_cache(maxsize=32)
def _digest(path: Path, _size: int, _modified: int) -> str:
    """Return 16 hexadecimal digits for a file's content; size and time are there to notice that it was replaced."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=8)).hexdigest()


class KerasApplication(Network):
    """Extractor: one of the networks of keras.applications, without its head, averaged over the picture.

    Parameters
    ----------
    application : Application
    weights : str, default ""
        Path of a file with weights, .weights.h5 or .h5; empty for Keras' own. Only arrays are read from it: a model
        saved whole (.keras) could bring code with it and is refused.

    Attributes
    ----------
    n_features, min_side : int
        Length of a vector, and the side of the network's input.
    """

    def __init__(self, application: Application, *, weights: str = "") -> None:
        super().__init__(load_seconds=application.load_seconds)
        self._application = application
        self._weights = expanded(weights) if weights else None
        self.name = application.name
        self.title = application.title
        self.good_for = application.good_for
        self.n_features = application.n_features
        self.min_side = application.side
        self.rate = application.rate

    @property
    def base_id(self) -> str:
        """Name, version, side, and what stands for the content of a weights file.

        Raises
        ------
        ExtractorError
            That file cannot be read.
        """
        own = f"{self.name}-{_VERSION}-{self._application.side}"
        if self._weights is None:
            return own
        try:
            facts = self._weights.stat()
            return f"{own}-{_digest(self._weights, facts.st_size, facts.st_mtime_ns)}"
        except OSError as error:
            raise ExtractorError(
                f"The file with weights, {self._weights}, cannot be read: {error.strerror}.",
                hint=own_weights_hint(self._application),
            ) from error

    @property
    def note(self) -> str:
        """What to know before the first use: that the weights are fetched then; empty where nothing is."""
        if self._weights is not None or kept_weights(self._application).is_file() or is_converted(self.base_id):
            return ""
        return f"Keras fetches its weights, about {self._application.megabytes} MB, at first use."

    def missing(self) -> Missing | None:
        """Return what makes it impossible on this computer. Weights that Keras may still fetch do not: see `note`."""
        if not all(importlib.util.find_spec(package) for package in ("keras", "tensorflow")):
            return Missing(
                sentence="TensorFlow, which runs the network, is not installed.",
                command="Install it with: pip install tensorflow",
            )
        if self._weights is None:
            return None
        if not self._weights.is_file():
            return Missing(sentence=f"There is no file {self._weights}.", command=own_weights_hint(self._application))
        if self._weights.suffix.lower() != ".h5":
            return Missing(
                sentence=f"{self._weights.name} is no file of weights alone, whose name ends with .h5.",
                command='Write one in Keras with: model.save_weights("my.weights.h5")',
            )
        return None

    @property
    def batch_size(self) -> int:
        """32 images of 224 pixels; fewer of larger ones, so that no network needs many gigabytes."""
        return max(1, _BATCH_PIXELS // self._application.side**2)

    def builder(self) -> Callable[[], Any]:
        """Return what builds the network."""
        return functools.partial(build_application, self._application, self._weights)

    def prepare(self, image: Image.Image) -> np.ndarray:
        """Stretch an RGB image to the network's input, uint8 of shape (side, side, 3)."""
        return stretched(image, self._application.side)


@functools.cache
def _kind(application: Application) -> Kind:
    make = functools.partial(KerasApplication, application)
    return Kind(name=application.name, make=make, parameters=(_WEIGHTS,))


def kind_of_application(name: str) -> Kind | None:
    """Return the entry for a network of keras.applications, listed or not, without importing Keras.

    Parameters
    ----------
    name : str
        Such as "ResNet50V2"; capitals, dashes, underscores and blanks do not count.

    Returns
    -------
    Kind or None
        Always the same object for the same network; None where Keras has none of that name.
    """
    key = re.sub(r"[-_\s]", "", name).lower()
    application = next((each for each in APPLICATIONS if each.name == key), None)
    return _kind(application) if application else None


KINDS = tuple(_kind(application) for application in APPLICATIONS if application.name in _LISTED)
