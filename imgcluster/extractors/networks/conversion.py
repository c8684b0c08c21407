"""A network of Keras written in OpenVINO's format; runs in a process of its own, which takes TensorFlow along with it.

Beside the network lies what Keras itself makes of a few pictures: by that every other way to run it is judged.
"""

import itertools
import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from imgcluster.extractors.networks.keras_backend import import_keras

__all__ = ["FACTS_FILE", "NETWORK_FILE", "REFERENCE_FILE", "convert_network", "probe_images"]

NETWORK_FILE, REFERENCE_FILE, FACTS_FILE = "network.xml", "reference.npy", "facts.json"

_N_PROBES = 16
_SHARES = (0.3, 1.0)  # of the photograph's shorter side


def probe_images(side: int) -> np.ndarray:
    """Return squares cut out of the two photographs that come with scikit-learn, always the same.

    Of a temple and a flower, and no drawings: what rounding does to drawn patterns says little of photographs.

    Parameters
    ----------
    side : int
        Height and width in pixels.

    Returns
    -------
    ndarray of shape (16, side, side, 3), uint8
    """
    from sklearn.datasets import load_sample_images

    generator, images = np.random.default_rng(0), []
    for photo, _ in zip(itertools.cycle(load_sample_images().images), range(_N_PROBES), strict=False):
        height, width = photo.shape[:2]
        length = int(min(height, width) * generator.uniform(*_SHARES))
        top, left = generator.integers(0, height - length + 1), generator.integers(0, width - length + 1)
        square = Image.fromarray(photo[top : top + length, left : left + length])
        images.append(np.asarray(square.resize((side, side), Image.Resampling.BICUBIC)))
    return np.stack(images)


def convert_network(build: Callable[[], Any], directory: Path) -> None:
    """Build a network and write it, with what Keras makes of the `probe_images`.

    Parameters
    ----------
    build : callable
        Returns a keras.Model from (n, side, side, 3) uint8 to (n, n_features) float32.
    directory : Path
        An empty one; the files get the names above. The last one written says whether TensorFlow sees a graphics card.

    Raises
    ------
    ExtractorError
        The network cannot be built: the weights are missing or damaged, or TensorFlow cannot be loaded.
    ImportError, RuntimeError, ...
        OpenVINO cannot be imported, or cannot convert it.
    """
    import openvino  # first: where it cannot be imported nothing else is worth its time

    import_keras()
    model = build()
    np.save(directory / REFERENCE_FILE, _predicted_singly(model), allow_pickle=False)

    import tensorflow

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        converted = openvino.convert_model(model)
    openvino.save_model(converted, directory / NETWORK_FILE, compress_to_fp16=False)
    facts = {"graphics_card": bool(tensorflow.config.list_physical_devices("GPU"))}
    (directory / FACTS_FILE).write_text(json.dumps(facts))


def _predicted_singly(model: Any) -> np.ndarray:
    """Return the vectors of the probes, two at a time: of large networks a batch of all would take gigabytes."""
    images = probe_images(model.input_shape[1])
    return np.concatenate([model.predict_on_batch(images[start : start + 2]) for start in range(0, len(images), 2)])
