"""What becomes of a network whose files are damaged, that OpenVINO cannot run, or for which there is no room."""

import dataclasses
import json
import os

import numpy as np
import pytest
from openvino.frontend import OpConversionFailure
from small_network import Small, no_weights, open_small

from imgcluster.errors import ExtractorError
from imgcluster.extractors.networks import choice, conversion, engine, openvino_network
from imgcluster.extractors.networks.engine import expected_precision, is_converted

pytestmark = pytest.mark.usefixtures("in_this_process", "own_engines")


@pytest.mark.parametrize("file", ["network.bin", "network.xml", "facts.json", "reference.npy"])
@pytest.mark.parametrize("content", [b"", b"damaged"])
def test_what_is_damaged_is_converted_again(own_engines, in_this_process, images, file, content):
    first = open_small().predict(images)
    (directory,) = own_engines.iterdir()
    for path in (*directory.glob("choice-*"), *directory.glob("compiled/*")):
        path.unlink()
    (directory / file).write_bytes(content)
    again = open_small()
    assert again.framework == "openvino" and len(in_this_process) == 2
    np.testing.assert_array_equal(again.predict(images), first)


@pytest.mark.parametrize("content", [b"", b"damaged"])
def test_a_damaged_compiled_form_is_made_again(own_engines, in_this_process, images, content):
    first = open_small().predict(images)
    compiled = [path for path in own_engines.glob("*/compiled/*") if path.is_file()]
    assert compiled
    for path in compiled:
        path.write_bytes(content)
    again = open_small()
    assert again.framework == "openvino"
    np.testing.assert_array_equal(again.predict(images), first)


def test_only_the_chosen_precision_is_kept_compiled(own_engines):
    open_small()
    assert len(list(own_engines.glob("*/compiled/*.blob"))) == 1


def test_two_that_convert_at_once_take_the_first(monkeypatch, own_engines, in_this_process, images):
    def convert(build, directory):
        conversion.convert_network(build, directory)
        if not list(own_engines.glob("small*")):
            open_small()  # meanwhile, elsewhere

    monkeypatch.setattr(engine, "convert_network", convert)
    assert open_small().framework == "openvino"
    assert [path.name[:8] for path in own_engines.iterdir()] == ["small-1-"]


def test_what_a_killed_conversion_left_is_cleared(own_engines):
    old, new = own_engines / "tmpold", own_engines / "tmpnew"
    for path in (old, new):
        path.mkdir(parents=True)
    os.utime(old, (0, 0))
    open_small()
    assert not old.exists() and new.exists()


def test_a_choice_that_cannot_be_kept_is_no_damage(monkeypatch, own_engines, in_this_process):
    def full(*_):
        raise OSError("No space left on device")

    monkeypatch.setattr(choice, "asdict", full)  # on the way to the file
    assert [open_small().framework for _ in range(2)] == ["openvino"] * 2
    assert len(in_this_process) == 1 and not list(own_engines.glob("*/choice-*"))


def test_a_half_written_network_is_not_taken(own_engines, in_this_process):
    open_small()
    (directory,) = own_engines.iterdir()
    (directory / conversion.FACTS_FILE).unlink()
    assert open_small().framework == "openvino" and len(in_this_process) == 2


def test_a_choice_that_cannot_be_read_is_made_again(own_engines, in_this_process):
    open_small()
    (kept,) = own_engines.glob("*/choice-*.json")
    for content in (
        "",
        "[]",
        '{"framework": "openvino", "colour": "red"}',
        '{"framework": "openvino", "precision": null}',
    ):
        kept.write_text(content)
        assert expected_precision("small-1") == "f32"
        assert open_small().framework == "openvino"
        assert json.loads(kept.read_text())["framework"] == "openvino"
    assert len(in_this_process) == 1


def test_another_version_of_openvino_chooses_again(monkeypatch, own_engines, in_this_process):
    before = open_small().precision
    monkeypatch.setattr(engine, "_openvino_version", lambda: "2099.1")
    assert expected_precision("small-1") == before
    open_small()
    (kept,) = own_engines.glob("*/choice-*.json")
    assert json.loads(kept.read_text())["version"] == "2099.1" and len(in_this_process) == 1


def test_a_card_that_only_tensorflow_sees_is_used(own_engines):
    open_small()
    (directory,) = own_engines.iterdir()
    (directory / conversion.FACTS_FILE).write_text('{"graphics_card": true}')
    (kept,) = directory.glob("choice-*.json")
    kept.unlink()
    assert open_small().framework == "tensorflow"
    assert not is_converted("small-1") and expected_precision("small-1") == "f32"
    assert open_small().framework == "tensorflow"


def test_a_network_that_openvino_changes_is_run_by_tensorflow(monkeypatch, images, expected):
    monkeypatch.setattr(openvino_network, "lowest_cosine", lambda *_: 0.5)
    opened = open_small()
    assert opened.framework == "tensorflow"
    np.testing.assert_allclose(opened.predict(images), expected, atol=1e-6)


CANNOT = [
    RuntimeError("unknown operation"),
    OSError("disk full"),
    ImportError("libtbb"),
    MemoryError(),
    AttributeError("of another Keras"),
    OpConversionFailure("unknown operation"),
]


@pytest.mark.parametrize("error", CANNOT, ids=lambda error: type(error).__name__)
def test_what_openvino_cannot_do_is_done_by_tensorflow(monkeypatch, in_this_process, images, expected, error):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr(engine, "convert_network", fail)
    for _ in range(2):
        opened = open_small()
        assert (opened.framework, opened.precision) == ("tensorflow", "f32")
    np.testing.assert_allclose(opened.predict(images), expected, atol=1e-6)
    is_for_good = not isinstance(error, (OSError, MemoryError))
    assert len(in_this_process) == (1 if is_for_good else 2)


def test_a_card_that_does_not_work_is_passed_over():
    class Core:
        available_devices = ("CPU", "GPU.0")

        def get_property(self, device, name):
            if device == "GPU":
                raise RuntimeError("driver")
            return ["FP32", "BF16"]

    ways = list(openvino_network._ways(Core()))
    assert ways == [("GPU", "f32"), *(("CPU", each) for each in ("bf16", "bf16x2", "bf16x6", "bf16x12", "f32"))]


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("could not allocate")])
def test_too_little_memory_is_said(images, error):
    small = Small()
    small.load()

    def fail(batch):
        raise error

    small._engine = dataclasses.replace(small._engine, predict=fail)
    with pytest.raises(ExtractorError, match="failed at 16 pictures"):
        small(images)


def test_missing_weights_are_said(own_engines):
    with pytest.raises(ExtractorError, match=r"The weights are missing\.") as caught:
        open_small(no_weights)
    assert caught.value.hint == "Bring them."
    assert list(own_engines.iterdir()) == []
