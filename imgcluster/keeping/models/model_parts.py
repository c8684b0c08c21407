"""What models and projects have in common, as plain arrays and back: a space's model, learned weights, images."""

import binascii
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from imgcluster.extractors.networks.conv_autoencoder import SHAPES, Learned
from imgcluster.keeping.models.model_checks import LARGEST, WrongModel, check_learned, check_shapes, checked_numbers
from imgcluster.keeping.texts import LONGEST_PATH, is_clean, unpack_texts
from imgcluster.spaces.options import SCALINGS, SPACES
from imgcluster.spaces.transform import SpaceModel

__all__ = [
    "LEARNED_ARRAYS",
    "SPACE_ARRAYS",
    "hashes_to_array",
    "learned_to_arrays",
    "read_choice",
    "read_hashes",
    "read_learned",
    "read_paths",
    "read_space_model",
    "read_text",
    "space_model_to_arrays",
    "space_model_to_header",
]

_METHODS = ("principal", *(space.name for space in SPACES if space.name != "map"))  # the map places as "umap" does
_ARRAYS = {
    "feature_means": "float64",
    "feature_factors": "float64",
    "mean": "float32",
    "axes": "float32",
    "known": "float32",
    "carried": "float32",
    "factors": "float64",
    "offsets": "float64",
}
_LARGEST = {"feature_factors": 1e38}  # of a column that hardly varies; see `imgcluster.features.scaling.fit_scaling`
_NUMBERS = ("n_dims", "n_neighbors", "rounding", "gamma")
_WEIGHTS = tuple(f"learned_{index}" for index in range(len(SHAPES)))
_HASH_BYTES, _MOST_NEIGHBORS = 16, 1000

SPACE_ARRAYS = tuple(f"space_{name}" for name in _ARRAYS)
"""Names of the arrays that `space_model_to_arrays` gives."""

LEARNED_ARRAYS = (*_WEIGHTS, "learned_history")
"""Names of the arrays that `learned_to_arrays` gives."""


def space_model_to_header(space: SpaceModel) -> dict[str, Any]:
    """Return the names and numbers of a space's model, as JSON can say them."""
    return {
        "method": space.method,
        "scaling": space.scaling,
        "n_dims": int(space.n_dims),
        "n_neighbors": int(space.n_neighbors),
        "rounding": float(space.rounding),
        "gamma": float(space.gamma),
    }


def space_model_to_arrays(space: SpaceModel) -> dict[str, np.ndarray]:
    """Return the arrays of a space's model under the names `SPACE_ARRAYS`."""
    return {f"space_{name}": np.asarray(getattr(space, name), dtype=dtype) for name, dtype in _ARRAYS.items()}


def read_space_model(header: object, arrays: Mapping[str, np.ndarray]) -> SpaceModel:
    """Make a space's model of what the two functions above gave, checked so that anything can be computed with it.

    Raises
    ------
    WrongModel
    """
    if not isinstance(header, dict) or header.keys() != {"method", "scaling", *_NUMBERS}:
        raise WrongModel("its space is not described")
    for key in _NUMBERS:
        kinds = (int,) if key.startswith("n_") else (int, float)
        if type(header[key]) not in kinds or not 0 <= header[key] <= LARGEST:
            raise WrongModel(f"{key} of its space is no such number")
    space = SpaceModel(
        method=read_choice(header, "method", _METHODS),
        scaling=read_choice(header, "scaling", SCALINGS),
        n_dims=header["n_dims"],
        n_neighbors=header["n_neighbors"],
        rounding=float(header["rounding"]),
        gamma=float(header["gamma"]),
        **{
            name: checked_numbers(arrays[f"space_{name}"], dtype, name, largest=_LARGEST.get(name, LARGEST))
            for name, dtype in _ARRAYS.items()
        },
    )
    _check_space_model(space)
    return space


def _check_space_model(space: SpaceModel) -> None:
    if space.axes.ndim != 2 or space.known.ndim != 2 or space.mean.ndim != 1:
        raise WrongModel("its space has arrays of other dimensions")
    n_features, n_dims, (n_known, n_columns) = len(space.mean), space.n_dims, space.known.shape
    n_directions, n_scaled = space.axes.shape[1], n_features if space.scaling == "zscore" else 0
    check_shapes(
        {
            "feature_means": (space.feature_means, (n_scaled,)),
            "feature_factors": (space.feature_factors, (n_scaled,)),
            "axes": (space.axes, (n_features, n_directions)),
            "carried": (space.carried, (n_known, n_dims)),
            "factors": (space.factors, (n_dims,)),
            "offsets": (space.offsets, (n_dims,)),
        }
    )
    is_placed_by = {
        "none": n_dims == n_features,
        "pca": n_dims == n_directions,
        "svd": n_dims == n_directions,
        "principal": n_dims <= n_directions,
    }
    # All others compare a new picture with known ones, most of them with its nearest.
    by_known = n_columns == n_directions and n_known >= (1 if space.method == "kernel_pca" else space.n_neighbors - 1)
    if n_dims < 1 or not 2 <= space.n_neighbors <= _MOST_NEIGHBORS or not is_placed_by.get(space.method, by_known):
        raise WrongModel(
            f"its space ({space.method}) cannot have {n_dims} dimensions, {n_directions} directions, {n_known} known "
            f"pictures and {space.n_neighbors} neighbours"
        )


def learned_to_arrays(learned: Learned | None) -> dict[str, np.ndarray]:
    """Return what an autoencoder had learned under the names `LEARNED_ARRAYS`; nothing where there was none."""
    if learned is None:
        return {}
    return dict(zip(LEARNED_ARRAYS, (*learned.weights, learned.history), strict=True))


def read_learned(n_images: object, arrays: Mapping[str, np.ndarray]) -> Learned | None:
    """Make what an autoencoder had learned of arrays; None where it learned from None images.

    Raises
    ------
    WrongModel
    """
    if n_images is None:
        return None
    if type(n_images) is not int:
        raise WrongModel("it does not say from how many pictures its network learned")
    learned = Learned(
        weights=tuple(checked_numbers(arrays[name], "float32", name) for name in _WEIGHTS),
        history=checked_numbers(arrays["learned_history"], "float64", "learned_history"),
        n_images=n_images,
    )
    check_learned(learned)
    return learned


def hashes_to_array(hashes: Sequence[str]) -> np.ndarray:
    """Return hashes of 32 hexadecimal digits as bytes, shape (n_images, 16), uint8."""
    return np.frombuffer(binascii.unhexlify("".join(hashes)), dtype=np.uint8).reshape(len(hashes), _HASH_BYTES)


def read_hashes(array: np.ndarray, n_images: int) -> tuple[str, ...]:
    """Return the hashes that `hashes_to_array` was given.

    Raises
    ------
    WrongModel
    """
    if array.dtype != np.uint8 or array.shape != (n_images, _HASH_BYTES):
        raise WrongModel("the marks of its pictures are not as many as these")
    digits = array.tobytes().hex()
    return tuple(digits[start : start + 2 * _HASH_BYTES] for start in range(0, len(digits), 2 * _HASH_BYTES))


def read_paths(array: np.ndarray, n_images: int) -> tuple[str, ...]:
    """Return the paths that `imgcluster.keeping.texts.pack_texts` put into an array, none of them with controls in it.

    Raises
    ------
    WrongModel
    """
    try:
        paths = unpack_texts(array, n_images)
    except ValueError as error:
        raise WrongModel(f"the names of its pictures cannot be read, or are not {n_images:,}") from error
    if not all(is_clean(path, LONGEST_PATH) for path in paths):
        raise WrongModel("the names of its pictures are no names")
    return paths


def read_text(header: Mapping[str, Any], key: str, longest: int) -> str:
    """Return a text of a header.

    Raises
    ------
    WrongModel
        There is none, it is too long, or controls are in it.
    """
    text = header.get(key)
    if not is_clean(text, longest):
        raise WrongModel(f"its {key} is no text of up to {longest} characters")
    return text


def read_choice(header: Mapping[str, Any], key: str, choices: tuple[str, ...]) -> str:
    """Return a text of a header that should be one of several.

    Raises
    ------
    WrongModel
    """
    if header.get(key) not in choices:
        raise WrongModel(f"its {key} is none that this program knows")
    return header[key]
