"""Building a network of keras.applications, with Keras' own weights or those of a file."""

import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from imgcluster.errors import ExtractorError
from imgcluster.extractors.networks.application_table import Application
from imgcluster.extractors.networks.keras_backend import import_keras

__all__ = ["build_application", "kept_weights", "models_directory", "own_weights_hint"]

# One network at a time is built: Keras' settings, which are the whole process's, are changed for it.
_BUILDING = threading.Lock()


def models_directory() -> Path:
    """Return the folder in which Keras looks for its own weights, and keeps what it has fetched."""
    home = Path.home()
    default = (home if os.access(home, os.W_OK) else Path("/tmp")) / ".keras"
    directory = Path(os.environ.get("KERAS_HOME") or default).expanduser()
    if directory.exists() and not os.access(directory, os.W_OK):  # Keras then passes it over, also for reading
        directory = Path("/tmp/.keras")
    return directory / "models"


def kept_weights(application: Application) -> Path:
    """Return the file in which Keras keeps its own weights of a network, once they are fetched."""
    return models_directory() / application.file


def own_weights_hint(application: Application) -> str:
    """Return what to do when a file with weights will not do."""
    return f"Give the path of a file with weights for {application.title}, or none at all for Keras' own."


def build_application(application: Application, weights: Path | None) -> Any:
    """Build a network without its classifying head; Keras may fetch its weights on the way.

    Parameters
    ----------
    application : Application
    weights : Path or None
        A file, .weights.h5 or .h5; None for Keras' own.

    Returns
    -------
    keras.Model
        From (n, side, side, 3) uint8 RGB in [0, 255] to (n, n_features) float32: what the network's authors did to the
        pixels is its first step.

    Raises
    ------
    ExtractorError
        The weights cannot be fetched or read, or are another network's; or TensorFlow is missing.
    """
    keras = import_keras()
    with _plain_settings(keras):
        network = _with_own_weights(keras, application) if weights is None else _with_file(keras, application, weights)
        return _seeing_bytes(keras, application, network)


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


def _seeing_bytes(keras: Any, application: Application, network: Any) -> Any:
    """Put what the network's own function does to pixels in front of it."""
    prepare = getattr(keras.applications, application.module).preprocess_input
    pixels = keras.layers.Input((application.side, application.side, 3), dtype="uint8")
    prepared = prepare(keras.ops.cast(pixels, "float32"), data_format="channels_last")
    return keras.Model(pixels, network(prepared))


def _built(keras: Any, application: Application, weights: str | None) -> Any:
    make, side = getattr(keras.applications, application.title), application.side
    return make(weights=weights, include_top=False, pooling="avg", input_shape=(side, side, 3))


def _with_own_weights(keras: Any, application: Application) -> Any:
    try:
        return _built(keras, application, "imagenet")
    except Exception as error:  # Keras turns what goes wrong in fetching into a bare Exception
        kept = kept_weights(application)
        if kept.is_file():
            raise ExtractorError(
                f"Keras cannot use the weights of {application.title} in {kept}: they seem to be damaged.",
                hint="Delete that file, and Keras fetches it again.",
            ) from error
        raise ExtractorError(
            f"The weights of {application.title} could not be fetched: bring the file {kept.name} into the folder "
            f"{kept.parent}, or go on with the built-in network, which needs nothing from elsewhere.",
            hint=f"Keras offers it at {application.url}",
        ) from error


def _with_file(keras: Any, application: Application, weights: Path) -> Any:
    import h5py

    hint = own_weights_hint(application)
    try:
        h5py.File(weights, "r").close()
    except OSError as error:
        raise ExtractorError(f"The file {weights.name} is cut off, or no file of weights at all.", hint=hint) from error
    model = _built(keras, application, None)
    try:
        model.load_weights(weights)
    except Exception as error:  # many kinds, by what differs first
        raise ExtractorError(
            f"The weights in {weights.name} do not fit {application.title} without its classifying head.", hint=hint
        ) from error
    if not all(np.isfinite(array).all() for array in model.get_weights()):
        raise ExtractorError(
            f"The weights in {weights.name} are not all numbers: their training must have failed.", hint=hint
        )
    return model
