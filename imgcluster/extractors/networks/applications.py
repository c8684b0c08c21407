"""The networks of keras.applications as extractors: what each sees just before it names what is in the picture.

Their weights are Keras' own, learnt from ImageNet, which Keras fetches at first use and keeps in its cache; or those
in a file of the user's.
"""

import contextlib
import functools
import hashlib
import importlib.util
import os
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from imgcluster.errors import ExtractorError
from imgcluster.extractors.extractor import Kind, Missing, Parameter
from imgcluster.extractors.networks.application_table import APPLICATIONS, Application
from imgcluster.extractors.networks.feeding import predict_in_batches, stretched
from imgcluster.extractors.networks.keras_backend import import_keras
from imgcluster.pictures.home import expanded

__all__ = ["KINDS", "KerasApplication", "kind_of_application", "models_directory"]

_VERSION = 1
_LISTED = ("resnet50", "vgg16", "mobilenetv2", "efficientnetv2b0", "convnexttiny")
_BATCH_PIXELS = 32 * 224 * 224
# One network at a time is built: Keras' settings, which are the whole process's, are changed for it.
_BUILDING = threading.Lock()

_WEIGHTS = Parameter(
    name="weights",
    title="File with weights",
    help=(
        "A file that Keras wrote (.weights.h5, or .h5), with weights for this network without its classifying head. "
        "Leave it empty for those that Keras offers, learnt from the photographs of ImageNet."
    ),
    default="",
)


def models_directory() -> Path:
    """Return the folder in which Keras looks for its own weights, and keeps what it has fetched."""
    home = Path.home()
    default = (home if os.access(home, os.W_OK) else Path("/tmp")) / ".keras"
    directory = Path(os.environ.get("KERAS_HOME") or default).expanduser()
    if directory.exists() and not os.access(directory, os.W_OK):  # Keras then passes it over, also for reading
        directory = Path("/tmp/.keras")
    return directory / "models"


@functools.lru_cache(maxsize=32)
def _digest(path: Path, _size: int, _modified: int) -> str:
    """Return 16 hexadecimal digits for a file's content; size and time are there to notice that it was replaced."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=8)).hexdigest()


@contextlib.contextmanager
def _plain_settings(keras: Any) -> Iterator[None]:
    """Build a network by Keras' usual settings, whatever the user's keras.json says, and without its progress bar."""
    with _BUILDING:
        data_format, policy = keras.config.image_data_format(), keras.config.dtype_policy()
        talkative = keras.config.is_interactive_logging_enabled()
        keras.config.set_image_data_format("channels_last")
        keras.config.set_dtype_policy("float32")
        keras.config.disable_interactive_logging()
        try:
            yield
        finally:
            keras.config.set_image_data_format(data_format)
            keras.config.set_dtype_policy(policy)
            if talkative:
                keras.config.enable_interactive_logging()


class KerasApplication:
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
    model : keras.Model or None
        None until `load`.
    """

    scaling = "hellinger"

    def __init__(self, application: Application, *, weights: str = "") -> None:
        self._application = application
        self._weights = expanded(weights) if weights else None
        self._loading = threading.Lock()
        self._loaded_id = ""
        self.model: Any = None
        self.name = application.name
        self.title = application.title
        self.good_for = application.good_for
        self.n_features = application.n_features
        self.min_side = application.side
        self.rate = application.rate
        self.load_seconds = application.load_seconds

    @property
    def id(self) -> str:
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
                hint=self._own_weights_hint,
            ) from error

    @property
    def note(self) -> str:
        """What to know before the first use: that the weights are fetched then; empty where nothing is."""
        if self._weights is not None or self._kept.is_file():
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
            return Missing(sentence=f"There is no file {self._weights}.", command=self._own_weights_hint)
        if self._weights.suffix.lower() != ".h5":
            return Missing(
                sentence=f"{self._weights.name} is no file of weights alone, whose name ends with .h5.",
                command='Write one in Keras with: model.save_weights("my.weights.h5")',
            )
        return None

    def prepare(self, image: Image.Image) -> np.ndarray:
        """Stretch an RGB image to the network's input, uint8 of shape (side, side, 3)."""
        return stretched(image, self._application.side)

    def load(self) -> None:
        """Build the network and run it once, unless that was done; Keras may fetch its weights on the way.

        Raises
        ------
        ExtractorError
            The weights cannot be fetched or read, or are another network's; or TensorFlow is missing.
        """
        with self._loading:
            wanted = self.id
            if self._loaded_id == wanted:
                return
            if missing := self.missing():
                raise missing.error()
            keras = import_keras()
            with _plain_settings(keras):
                self.model = self._with_own_weights(keras) if self._weights is None else self._with_file(keras)
                self._predict(np.zeros((self._batch_size, *self.model.input_shape[1:]), dtype=np.uint8))
            self._loaded_id = wanted

    def __call__(self, batch: np.ndarray) -> np.ndarray:
        """Return the features of prepared images.

        Parameters
        ----------
        batch : ndarray of shape (n, side, side, 3), uint8

        Returns
        -------
        ndarray of shape (n, n_features), float32
        """
        self.load()
        return predict_in_batches(self._predict, batch, size=self._batch_size)

    @property
    def _batch_size(self) -> int:
        # 32 images of 224 pixels; fewer of larger ones, so that no network needs many gigabytes.
        return max(1, _BATCH_PIXELS // self._application.side**2)

    @property
    def _kept(self) -> Path:
        return models_directory() / self._application.file

    @property
    def _own_weights_hint(self) -> str:
        return f"Give the path of a file with weights for {self.title}, or none at all for Keras' own."

    def _predict(self, batch: np.ndarray) -> np.ndarray:
        module = getattr(import_keras().applications, self._application.module)
        pixels = module.preprocess_input(batch.astype(np.float32), data_format="channels_last")
        return self.model.predict_on_batch(pixels)

    def _built(self, keras: Any, weights: str | None) -> Any:
        make = getattr(keras.applications, self._application.title)
        side = self._application.side
        return make(weights=weights, include_top=False, pooling="avg", input_shape=(side, side, 3))

    def _with_own_weights(self, keras: Any) -> Any:
        try:
            return self._built(keras, "imagenet")
        except Exception as error:  # Keras turns what goes wrong in fetching into a bare Exception
            if self._kept.is_file():
                raise ExtractorError(
                    f"Keras cannot use the weights of {self.title} in {self._kept}: they seem to be damaged.",
                    hint="Delete that file, and Keras fetches it again.",
                ) from error
            raise ExtractorError(
                f"The weights of {self.title} could not be fetched: bring the file {self._kept.name} into the folder "
                f"{self._kept.parent}, or go on with the built-in network, which needs nothing from elsewhere.",
                hint=f"Keras offers it at {self._application.url}",
            ) from error

    def _with_file(self, keras: Any) -> Any:
        import h5py

        try:
            h5py.File(self._weights, "r").close()
        except OSError as error:
            raise ExtractorError(
                f"The file {self._weights.name} is cut off, or no file of weights at all.", hint=self._own_weights_hint
            ) from error
        model = self._built(keras, None)
        try:
            model.load_weights(self._weights)
        except Exception as error:  # many kinds, by what differs first
            raise ExtractorError(
                f"The weights in {self._weights.name} do not fit {self.title} without its classifying head.",
                hint=self._own_weights_hint,
            ) from error
        if not all(np.isfinite(array).all() for array in model.get_weights()):
            raise ExtractorError(
                f"The weights in {self._weights.name} are not all numbers: their training must have failed.",
                hint=self._own_weights_hint,
            )
        return model


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
