"""A small convolutional autoencoder: what 64 numbers must say of an image so that it can be drawn again from them.

Hinton and Salakhutdinov (2006), "Reducing the dimensionality of data with neural networks", Science 313:504-507, with
convolutions as in Masci et al. (2011), "Stacked convolutional auto-encoders for hierarchical feature extraction".
"""

import hashlib
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from imgcluster.extractors.networks.feeding import predict_in_batches, predicted_batches
from imgcluster.extractors.networks.keras_backend import import_keras
from imgcluster.progress import Progress, ProgressCallback, raise_if_cancelled

__all__ = ["BATCH_SIZE", "N_CODE", "SHAPES", "SIDE", "Learned", "build_encoder", "fit_autoencoder"]

SIDE, N_CODE, BATCH_SIZE = 64, 64, 32

_STAGE = "Learning from your pictures"
_CHANNELS = (16, 32, 64)
_SMALLEST_SIDE = SIDE // 2 ** len(_CHANNELS)
_SEED = 0
_HELD_OUT = 10  # one image in so many
_LEARNING_RATE = 1e-3
_FLOOR = 0.01
_TINY = 1e-12

SHAPES: tuple[tuple[int, ...], ...] = (
    *(
        shape
        for before, after in zip((3, *_CHANNELS), _CHANNELS, strict=False)
        for shape in ((3, 3, before, after), (after,))
    ),
    (_SMALLEST_SIDE**2 * _CHANNELS[-1], N_CODE),
    (N_CODE,),
)
"""Shapes of the encoder's weights: kernel and bias of three convolutions and of the dense layer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """What came of a training.

    Attributes
    ----------
    weights : tuple of ndarray, float32
        The encoder's, of the shapes `SHAPES`.
    history : ndarray of shape (n_epochs, 2), float64
        Mean squared error of pixels in [0, 1] after each epoch: of the images learned from (the mean over the epoch's
        batches, each before the step that it led to), and of the tenth that was held back.
    n_images : int
        How many images there were, those held back included.
    """

    weights: tuple[np.ndarray, ...]
    history: np.ndarray
    n_images: int

    def __post_init__(self) -> None:
        for array in (*self.weights, self.history):
            array.setflags(write=False)

    @property
    def digest(self) -> str:
        """16 hexadecimal digits that stand for the weights: vectors under the same digest can be compared."""
        digest = hashlib.blake2b(digest_size=8)
        for array in self.weights:
            digest.update(np.ascontiguousarray(array, dtype="<f4").tobytes())
        return digest.hexdigest()


def build_encoder(weights: Sequence[np.ndarray]) -> Any:
    """Build the half of the network that makes the code, for predicting.

    Parameters
    ----------
    weights : sequence of ndarray
        As in `Learned`.

    Returns
    -------
    keras.Model
        From (n, 64, 64, 3) uint8 RGB in [0, 255] to (n, 64) float32.
    """
    pixels, code, _ = _layers()
    encoder = import_keras().Model(pixels, code)
    encoder.set_weights(list(weights))
    return encoder


def fit_autoencoder(
    pixels: np.ndarray,
    *,
    epochs: int,
    progress: ProgressCallback | None = None,
    cancel: threading.Event | None = None,
) -> Learned:
    """Train on images: Adam (Kingma and Ba, 2015) on the mean squared error, in batches of 32.

    No global seed is touched, so that nothing else in the process changes. On one computer, trainings on the same
    images gave the same weights to the last bit; with another number of threads the loss differed in the seventh digit
    after one epoch, and in the third after four. So the weights are what is to be kept.

    Parameters
    ----------
    pixels : ndarray of shape (n, 64, 64, 3), uint8
        RGB; n at least 10.
    epochs : int
        How many times all images are seen.
    progress : callable, optional
        Called after each batch; ``partial`` is the history so far, shape (epochs finished, 2).
    cancel : threading.Event, optional

    Returns
    -------
    Learned
        The code is made zero on average over the images, and of the variance 1 in each of its principal directions
        (those that vary by less than a tenth of the strongest are not enlarged further): without this, brightness
        and other large things drown all else. It is a linear map, so it is part of the weights of the last layer.

    Raises
    ------
    Cancelled
        ``cancel`` was set, between two batches.
    ExtractorError
        TensorFlow cannot be loaded.
    """
    report = progress or (lambda report: None)
    rng = np.random.default_rng(_SEED)
    held, learned_from = np.split(rng.permutation(len(pixels)), [len(pixels) // _HELD_OUT])
    n_batches = -(-len(learned_from) // BATCH_SIZE)
    network, encoder = _build()
    history = np.empty((0, 2))
    started = time.perf_counter()
    for epoch in range(epochs):
        # All batches are of one size; the last is filled up with images of the first.
        order = np.resize(rng.permutation(learned_from), (n_batches, BATCH_SIZE))
        losses = []
        for batch in order:
            raise_if_cancelled(cancel)
            losses.append(float(network.train_on_batch(pixels[batch], _as_shares(pixels[batch]))))
            report(
                Progress(
                    stage=_STAGE,
                    done=epoch * n_batches + len(losses),
                    total=epochs * n_batches,
                    current=f"epoch {epoch + 1} of {epochs}, loss {np.mean(losses):.4f}",
                    seconds=time.perf_counter() - started,
                    partial=history,
                )
            )
        history = np.vstack([history, [np.mean(losses), _loss(network, pixels[held])]])
    raise_if_cancelled(cancel)
    codes = predict_in_batches(encoder.predict_on_batch, pixels, size=BATCH_SIZE)
    return Learned(weights=_whitened(encoder.get_weights(), codes), history=history, n_images=len(pixels))


def _build() -> tuple[Any, Any]:
    """Return the whole network, ready to be trained, and the encoder, which shares its layers."""
    keras = import_keras()
    pixels, code, drawn = _layers()
    network = keras.Model(pixels, drawn)
    network.compile(
        optimizer=keras.optimizers.Adam(_LEARNING_RATE),
        loss=keras.losses.MeanSquaredError(dtype="float32"),
        jit_compile=False,
    )
    return network, keras.Model(pixels, code)


def _layers() -> tuple[Any, Any, Any]:
    """Return input, code and output as Keras' symbolic tensors, with fresh weights that are always the same."""
    keras = import_keras()
    layers = keras.layers
    # Said on every layer: the user's keras.json may have other defaults.
    plain, spatial = {"dtype": "float32"}, {"dtype": "float32", "data_format": "channels_last"}
    seeds = iter(range(_SEED, _SEED + 2 * len(_CHANNELS) + 2))

    def start() -> Any:
        return keras.initializers.GlorotUniform(seed=next(seeds))

    def convolution(channels: int, *, stride: int = 1, activation: str = "relu") -> Any:
        return layers.Conv2D(
            channels,
            3,
            strides=stride,
            padding="same",
            activation=activation,
            kernel_initializer=start(),
            **spatial,
        )

    pixels = layers.Input((SIDE, SIDE, 3), dtype="uint8")
    x = layers.Rescaling(1 / 255, **plain)(pixels)
    for channels in _CHANNELS:
        x = convolution(channels, stride=2)(x)
    shape = x.shape[1:]
    code = layers.Dense(N_CODE, kernel_initializer=start(), **plain)(layers.Flatten(**spatial)(x))
    x = layers.Dense(int(np.prod(shape)), activation="relu", kernel_initializer=start(), **plain)(code)
    x = layers.Reshape(shape, **plain)(x)
    for channels in _CHANNELS[-2::-1]:
        x = convolution(channels)(layers.UpSampling2D(2, **spatial)(x))
    drawn = convolution(3, activation="sigmoid")(layers.UpSampling2D(2, **spatial)(x))
    return pixels, code, drawn


def _as_shares(pixels: np.ndarray) -> np.ndarray:
    return pixels.astype(np.float32) / 255


def _loss(network: Any, pixels: np.ndarray) -> float:
    starts = range(0, len(pixels), BATCH_SIZE)
    batches = predicted_batches(network.predict_on_batch, pixels, size=BATCH_SIZE)
    squares = [
        np.square(drawn - _as_shares(pixels[start : start + BATCH_SIZE])).sum(dtype=np.float64)
        for start, drawn in zip(starts, batches, strict=True)
    ]
    return float(np.sum(squares) / pixels.size)


def _whitened(weights: Sequence[np.ndarray], codes: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return the encoder's weights with a linear map after its last layer, under which these codes are white (ZCA)."""
    codes = codes.astype(np.float64)
    mean = codes.mean(axis=0)
    variances, directions = np.linalg.eigh(np.cov(codes.T))
    factors = 1 / np.sqrt(np.maximum(variances, max(_FLOOR * variances[-1], _TINY)))
    by = (directions * factors) @ directions.T
    *before, kernel, bias = weights
    return (*before, (kernel @ by).astype(np.float32), ((bias - mean) @ by).astype(np.float32))
