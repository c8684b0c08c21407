"""How images reach a network: as squares of its input's size, and in batches that are all of one size."""

from collections.abc import Callable, Iterator

import numpy as np
from PIL import Image

__all__ = ["predict_in_batches", "predicted_batches", "stretched"]


def stretched(image: Image.Image, side: int) -> np.ndarray:
    """Stretch an RGB image to a square, uint8 of shape (side, side, 3).

    Stretching keeps all of the picture. On ten classes of photographs (k given, EfficientNet-Lite0) it was as good as
    padding (NMI .972 against .971 to .976) and better than a centre crop (.963 to .968), which loses what is at the
    edges.
    """
    return np.asarray(image.resize((side, side), Image.Resampling.BICUBIC, reducing_gap=3.0))


def predicted_batches(
    predict: Callable[[np.ndarray], np.ndarray], images: np.ndarray, *, size: int
) -> Iterator[np.ndarray]:
    """Predict ``size`` images at a time, the last batch filled up with black ones, and yield what is of the images.

    Always one size: an image's vector is then the same to the last bit, whatever else is in its batch (TensorFlow
    takes another path through a batch of one), and nothing is compiled twice.

    Parameters
    ----------
    predict : callable
        From (size, side, side, 3) uint8 to an array with one row for each.
    images : ndarray of shape (n, side, side, 3), uint8
    size : int
    """
    for start in range(0, len(images), size):
        batch = images[start : start + size]
        padded = np.zeros((size, *images.shape[1:]), dtype=np.uint8)
        padded[: len(batch)] = batch
        yield predict(padded)[: len(batch)]


def predict_in_batches(predict: Callable[[np.ndarray], np.ndarray], images: np.ndarray, *, size: int) -> np.ndarray:
    """Return all that `predicted_batches` yields as one array, (n, n_features); of one image at least."""
    return np.concatenate(list(predicted_batches(predict, images, size=size)))
