"""The recipe of tutorials: ``load_img`` and ``model.predict`` one picture at a time, z-scores, KMeans.

The network is ours, so that what differs is how it is used; nothing needs to be downloaded for it.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.common import timed
from imgcluster.extractors.networks.efficientnet import LITE0, build_model
from imgcluster.extractors.networks.keras_backend import import_keras

__all__ = ["TUTORIAL", "keras_model", "one_by_one", "resnet50", "zscore_kmeans"]

TUTORIAL = (sys.executable, "-m", "benchmarks.recipe")
"""The command that runs it; a folder of JPEGs, the number of groups and a JSON file for the result are to be added."""


def keras_model(*, published: bool) -> Any:
    """Return EfficientNet-Lite0 in Keras.

    Parameters
    ----------
    published : bool
        As it was published, with a batch normalisation behind every convolution, which here changes nothing but the
        time: ours are folded into the convolutions.
    """
    model = build_model(LITE0)
    if not published:
        return model
    keras = import_keras()
    convolutions = (keras.layers.Conv2D, keras.layers.DepthwiseConv2D)

    def apply(layer: Any, *args: Any, **kwargs: Any) -> Any:
        result = layer(*args, **kwargs)
        # Its mean is 0 and its variance 1 to begin with; without epsilon it changes nothing.
        return keras.layers.BatchNormalization(epsilon=0)(result) if isinstance(layer, convolutions) else result

    clone = keras.models.clone_model(model, call_function=apply)
    weighted = ([layer for layer in network.layers if isinstance(layer, convolutions)] for network in (clone, model))
    for new, old in zip(*weighted, strict=True):
        new.set_weights(old.get_weights())
    return clone


def resnet50() -> Any:
    """Return the network that most tutorials take, with random weights, which take the same time as any."""
    keras = import_keras()
    pixels = keras.layers.Input((224, 224, 3))
    scaled = keras.applications.resnet50.preprocess_input(pixels)
    return keras.applications.ResNet50(include_top=False, weights=None, pooling="avg", input_tensor=scaled)


def one_by_one(model: Any, paths: Sequence[Path]) -> tuple[np.ndarray, float]:
    """Return the vectors (n, 1280) of some pictures and the seconds that they take, after the first call."""
    utils, side = import_keras().utils, LITE0.input_side
    model.predict(np.zeros((1, side, side, 3), dtype=np.float32), verbose=0)

    def vectors() -> np.ndarray:
        found = []
        for path in paths:
            pixels = utils.img_to_array(utils.load_img(path, target_size=(side, side)))
            found.append(model.predict(pixels[np.newaxis], verbose=0)[0])
        return np.stack(found)

    return timed(vectors)


def zscore_kmeans(vectors: np.ndarray, n_clusters: int) -> np.ndarray:
    """Standardise every feature, then KMeans on all of them."""
    from sklearn.cluster import KMeans
    from sklearn.preprocessing import StandardScaler

    scaled = StandardScaler().fit_transform(vectors)
    return KMeans(n_clusters, n_init=10, random_state=0).fit_predict(scaled)


def main() -> None:
    """Group the pictures of a folder."""
    folder, n_clusters, out = sys.argv[1:]
    paths = sorted(Path(folder).rglob("*.jpg"))
    vectors, _ = one_by_one(keras_model(published=True), paths)
    labels = zscore_kmeans(vectors, int(n_clusters))
    Path(out).write_text(json.dumps({"paths": list(map(str, paths)), "labels": labels.tolist()}))


if __name__ == "__main__":
    main()
