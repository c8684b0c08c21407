"""Read the weights in a torch file of the legacy (pre-zip) format, without torch and without trusting the file.

The format, as ``torch.save`` wrote it until version 1.5: four pickles (magic number, protocol version, facts about
the writer's machine, the state dict whose tensors point at storages by key), a fifth pickle with the storages' keys,
then the storages themselves in that order: the number of elements as int64, and the raw little-endian data.

A pickle can name any function and have it called. The unpickler here knows four names and refuses everything else.
"""

import pickle
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from imgcluster.errors import ExtractorError

__all__ = ["read_state_dict"]

_MAGIC_NUMBER = 0x1950A86A20F9469CFC6C
_PROTOCOL_VERSION = 1001
_STORAGE_DTYPES = {
    "DoubleStorage": "<f8",
    "FloatStorage": "<f4",
    "HalfStorage": "<f2",
    "LongStorage": "<i8",
    "IntStorage": "<i4",
    "ShortStorage": "<i2",
    "CharStorage": "<i1",
    "ByteStorage": "<u1",
    "BoolStorage": "?",
}


class _Storage:
    """A storage that the pickle names; its data follow after all pickles."""

    def __init__(self, key: str, dtype: str, n_elements: int) -> None:
        self.key, self.dtype, self.n_elements = key, np.dtype(dtype), n_elements


class _Tensor:
    """A view into a storage: shape and strides in elements."""

    def __init__(self, storage: _Storage, offset: int, shape: tuple, strides: tuple, *_: Any) -> None:
        self.storage, self.offset, self.shape, self.strides = storage, offset, tuple(shape), tuple(strides)

    def view(self, data: np.ndarray) -> np.ndarray:
        """Return the tensor's elements, copied out of its storage's data."""
        extent = sum((size - 1) * stride for size, stride in zip(self.shape, self.strides, strict=True))
        if 0 in self.shape:
            return np.empty(self.shape, dtype=data.dtype)
        if min((self.offset, extent, *self.strides)) < 0 or self.offset + extent >= len(data):
            raise ValueError(f"a tensor of shape {self.shape} reaches beyond its storage of {len(data)} elements")
        strides = [stride * data.itemsize for stride in self.strides]
        return np.lib.stride_tricks.as_strided(data[self.offset :], self.shape, strides).copy()


class _RestrictedUnpickler(pickle.Unpickler):
    """Unpickles what a state dict is made of, and nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _Tensor
        if module == "torch" and name in _STORAGE_DTYPES:
            return name
        raise pickle.UnpicklingError(f"it names {module}.{name}, which weights have no need of")

    def persistent_load(self, pid: Any) -> _Storage:
        kind, storage_name, key, _device, n_elements, view = pid
        if kind != "storage" or view is not None:
            raise pickle.UnpicklingError(f"it holds an unknown kind of object: {kind!r}")
        return _Storage(key, _STORAGE_DTYPES[storage_name], n_elements)


def _read_storage(file: BinaryIO, storage: _Storage) -> np.ndarray:
    (n_elements,) = np.frombuffer(file.read(8), dtype="<i8")
    if n_elements != storage.n_elements:
        raise ValueError(f"storage {storage.key} has {n_elements} elements instead of {storage.n_elements}")
    data = file.read(storage.n_elements * storage.dtype.itemsize)
    if len(data) < storage.n_elements * storage.dtype.itemsize:
        raise ValueError(f"it ends within storage {storage.key}")
    return np.frombuffer(data, dtype=storage.dtype)


def _read(file: BinaryIO) -> dict[str, np.ndarray]:
    def unpickle() -> Any:
        return _RestrictedUnpickler(file).load()

    if unpickle() != _MAGIC_NUMBER or unpickle() != _PROTOCOL_VERSION:
        raise ValueError("it is not in torch's legacy format")
    if not unpickle()["little_endian"]:
        raise ValueError("it was written on a big-endian machine")
    tensors = unpickle()
    if not isinstance(tensors, Mapping) or not all(isinstance(tensor, _Tensor) for tensor in tensors.values()):
        raise ValueError("it holds something else than a state dict")
    storages = {tensor.storage.key: tensor.storage for tensor in tensors.values()}
    data = {key: _read_storage(file, storages[key]) for key in unpickle()}
    return {name: tensor.view(data[tensor.storage.key]) for name, tensor in tensors.items()}


def read_state_dict(path: Path) -> dict[str, np.ndarray]:
    """Read the named arrays of a torch file in the legacy format.

    Parameters
    ----------
    path : Path
        Such as ``efficientnet-lite0-57934424.pth``.

    Returns
    -------
    dict of str to ndarray
        In the file's order, each with the shape and dtype that torch would give it.

    Raises
    ------
    ExtractorError
        The file is missing, damaged, of another format, or asks for code to be run.
    """
    hint = "Install the package that brings the weights again."
    try:
        with path.open("rb") as file:
            return _read(file)
    except OSError as error:
        raise ExtractorError(f"The network's weights cannot be read: {error.strerror}.", hint=hint) from error
    except Exception as error:  # a damaged pickle fails in any way it likes
        raise ExtractorError(f"The network's weights in {path.name} cannot be used: {error}.", hint=hint) from error
