"""A small network of Keras, run by OpenVINO and by TensorFlow."""

import subprocess
import sys
from xml.etree import ElementTree

import numpy as np
import pytest
from small_network import SIDE, Small, build_small, open_small

from imgcluster.errors import ExtractorError
from imgcluster.extractors.networks import conversion, engine, openvino_network
from imgcluster.extractors.networks.conversion import probe_images
from imgcluster.extractors.networks.engine import expected_precision, is_converted, open_engine, quicker_engine
from imgcluster.extractors.networks.network import precision_of, without_precision
from imgcluster.extractors.networks.openvino_network import SMALLEST_COSINE, lowest_cosine

pytestmark = pytest.mark.usefixtures("in_this_process", "own_engines")


def test_vectors_are_those_of_tensorflow(images, expected):
    opened = open_small()
    assert opened.framework == "openvino"
    vectors = opened.predict(images)
    assert vectors.dtype == np.float32 and vectors.shape == (16, 32)
    assert lowest_cosine(vectors, expected) >= SMALLEST_COSINE
    np.testing.assert_array_equal(opened.predict(images[5:6]), vectors[5:6])
    np.testing.assert_array_equal(opened.predict(images[::-1]), vectors[::-1])


def test_the_second_time_nothing_is_built(in_this_process, images):
    first = open_small().predict(images)

    def never():
        raise AssertionError("it is in the cache")

    assert is_converted("small-1") and not is_converted("small-2")
    np.testing.assert_array_equal(open_small(never).predict(images), first)
    assert len(in_this_process) == 1


def test_a_new_process_needs_no_tensorflow(own_engines):
    """With a conversion in a process of its own before, as in the program."""
    script = """
import sys
sys.path.insert(0, sys.argv[1])
from small_network import build_small
from imgcluster.extractors.networks.conversion import probe_images
from imgcluster.extractors.networks.engine import open_engine
opened = open_engine("small-1", build_small, batch_size=4)
assert opened.framework == "openvino"
assert opened.predict(probe_images(32)).shape == (16, 32)
assert not {"tensorflow", "keras"} & set(sys.modules), "TensorFlow"
"""
    subprocess.run([sys.executable, "-c", script, __file__.rpartition("/")[0]], check=True)
    assert len(list(own_engines.iterdir())) == 1


def test_a_precision_that_changes_vectors_is_not_taken(monkeypatch, images, expected):
    made = []

    class Coarse(openvino_network.OpenVinoNetwork):
        def __init__(self, directory, *, precision, device, kept=None):
            made.append(precision)
            if precision == "f16":
                raise RuntimeError("not on this processor")
            super().__init__(directory, precision="f32", device=device, kept=kept)
            self.is_bad = precision != "f32"

        def __call__(self, images):
            vectors = super().__call__(images)
            vectors[3] += 0.1 * self.is_bad * vectors[3, ::-1]
            return vectors

    monkeypatch.setattr(openvino_network, "OpenVinoNetwork", Coarse)
    monkeypatch.setattr(openvino_network, "_precisions", lambda capabilities: iter(("f16", "bf16", "bf16x2", "f32")))
    assert open_small().precision == expected_precision("small-1") == "f32"
    assert made == ["f16", "bf16", "bf16x2", "f32", "f32"]  # the last to be used


@pytest.mark.parametrize(
    ("capabilities", "tried"),
    [
        (["FP32", "INT8"], ["f32"]),
        (["BF16", "FP32"], ["bf16", "bf16x2", "bf16x6", "bf16x12", "f32"]),
        (["FP16"], ["f16", "f16x2", "f16x6", "f16x12", "f32"]),
    ],
)
def test_precisions_are_tried_from_the_quickest_on(capabilities, tried):
    assert list(openvino_network._precisions(capabilities)) == tried


def test_the_chosen_precision_is_in_the_id(monkeypatch):
    monkeypatch.setattr(openvino_network, "_precisions", lambda capabilities: iter(("bf16x2", "f32")))
    small, other = Small(), Small()
    assert small.id == "small-1" and small.load_seconds == 8.0
    small.load()
    precision = expected_precision("small-1")
    assert precision in ("bf16x2", "f32")
    assert small.id == other.id == ("small-1@bf16x2" if precision == "bf16x2" else "small-1")
    assert without_precision(small.id) == "small-1" and other.load_seconds < 8.0


def test_ids_without_their_precisions():
    assert (
        without_precision("lite0-1@bf16x6|grayscale|1:1+hog-1:0.3+lite2-1@f16:1")
        == "lite0-1|grayscale|1:1+hog-1:0.3+lite2-1:1"
    )


@pytest.mark.parametrize("n_kept", [0, 1, 2, 3, 9])
def test_the_first_convolutions_stay_in_float32(own_engines, n_kept):
    open_small()
    (file,) = own_engines.glob(f"*/{conversion.NETWORK_FILE}")
    layers = list(ElementTree.fromstring(openvino_network._with_float32_start(file.read_bytes(), n_kept)).iter("layer"))
    kept = [layer.find("rt_info/attribute[@name='precise']") is not None for layer in layers]
    convolutions = [is_kept for layer, is_kept in zip(layers, kept, strict=True) if layer.get("type") == "Convolution"]
    assert convolutions == [number < n_kept for number in range(3)]
    assert sum(kept) > 0  # the first step, before any convolution


def test_without_openvino(monkeypatch, in_this_process, images, expected):
    opened = open_small()
    monkeypatch.setattr(engine, "_openvino_version", lambda: "")
    assert expected_precision("small-1") == "f32" and not is_converted("small-1")
    assert "four times" in quicker_engine().sentence and "pip install openvino" in Small().tip
    slow = open_small()
    assert slow.framework == "tensorflow" and len(in_this_process) == 1
    np.testing.assert_allclose(slow.predict(images), expected, atol=1e-6)
    np.testing.assert_array_equal(slow.predict(images[5:6]), slow.predict(images)[5:6])
    assert lowest_cosine(opened.predict(images), slow.predict(images)) >= SMALLEST_COSINE


def test_with_openvino_there_is_no_advice():
    assert quicker_engine() is None and Small().tip == ""


def test_the_lowest_cosine():
    rows = np.float32([[1, 0], [0, 0], [3, 4]])
    assert lowest_cosine(rows, rows) == 1
    assert lowest_cosine(rows, 2 * rows) == 1
    assert lowest_cosine(rows, rows[:, ::-1]) == 0
    assert lowest_cosine(rows, rows + np.float32([[0, 0], [1, 0], [0, 0]])) == 0
    assert lowest_cosine(rows * np.nan, rows) == -1


def test_probes_are_always_the_same_and_all_different():
    images = probe_images(SIDE)
    assert images.shape == (16, SIDE, SIDE, 3) and images.dtype == np.uint8
    np.testing.assert_array_equal(images, probe_images(SIDE))
    assert len({image.tobytes() for image in images}) == 16


def test_a_given_precision_is_taken(own_engines, images, expected):
    own = open_small().precision
    exact = open_engine("small-1", build_small, batch_size=4, precision="f32")
    assert (exact.framework, exact.precision) == ("openvino", "f32")
    np.testing.assert_allclose(exact.predict(images), expected, atol=1e-5)
    assert expected_precision("small-1") == own  # for this computer nothing has changed


def test_a_precision_that_this_computer_has_not(own_engines):
    with pytest.raises(ExtractorError, match="the precision f8, in which this computer cannot compute"):
        open_engine("small-1", build_small, batch_size=4, precision="f8")


def test_a_network_is_made_ready_in_the_precision_of_another_computer(monkeypatch, images, expected):
    monkeypatch.setattr(openvino_network, "lowest_cosine", lambda *_: 1.0)
    monkeypatch.setattr(openvino_network, "_precisions", lambda capabilities: iter(("f32x1", "f32")))
    small = Small()
    small.load()
    assert small.id == "small-1@f32x1" and precision_of(small.id) == "f32x1"
    small.load_in("f32")
    assert small.id == "small-1" and precision_of(small.id) == "f32"
    np.testing.assert_allclose(small(images), expected, atol=1e-5)
