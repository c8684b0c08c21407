"""A model in a file: what is needed to say where a new image belongs, to be kept or given to somebody else.

Whoever opens one need not trust it: no file and no address that it names is ever opened, and every number is checked
against all others before anything is computed.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from imgcluster.errors import ParameterError, ProjectError
from imgcluster.extractors.networks.conv_autoencoder import SHAPES, Learned
from imgcluster.features.options import parse_features
from imgcluster.keeping.archive import read_archive, write_archive
from imgcluster.keeping.model_checks import (
    LARGEST,
    WrongModel,
    check_features,
    check_learned,
    check_model,
    checked_numbers,
)
from imgcluster.keeping.texts import LONGEST_NAME, LONGEST_PATH, cleaned, is_clean, pack_texts, unpack_texts
from imgcluster.predicting.model import ClusterModel
from imgcluster.spaces.options import SCALINGS, SPACES
from imgcluster.spaces.transform import SpaceModel

__all__ = ["MODEL_SUFFIX", "load_model", "save_model"]

MODEL_SUFFIX = ".imgcluster"

_KIND, _VERSION = "model", 1
_SPACES = ("principal", *(space.name for space in SPACES if space.name != "map"))  # the map places as "umap" does
_SCALINGS = ("hellinger", "l2", "none")  # of features
_LONGEST_FEATURES, _LONGEST_ID, _LONGEST_METHOD, _HASH_BYTES = 1000, 1000, 60, 16

_OWN_ARRAYS = {"labels": "int32", "coordinates": "float32", "vectors": "float16", "novelties": "float32"}
_SPACE_ARRAYS = {
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
_WEIGHTS = tuple(f"learned_{index}" for index in range(len(SHAPES)))
_SPACE_NUMBERS = ("n_dims", "n_neighbors", "rounding", "gamma")
_AGAIN = "Make the model anew: python -m imgcluster cluster FOLDER --model FILE.imgcluster"


def save_model(path: str | Path, model: ClusterModel) -> None:
    """Write a model to a file, whole or not at all; the same model is the same bytes.

    Control characters in names become the replacement character, and longer ones are cut to 200 characters (paths to
    1,024). Arrays are kept to the last bit.

    Parameters
    ----------
    path : str or Path
        An older file of that name is replaced.
    model : ClusterModel

    Raises
    ------
    ParameterError
        The model rests on a file: on vectors made elsewhere, or on somebody's own weights.
    ProjectError
        It is too large for one file: 2 GB, which is some 600,000 images.
    FolderError
        The file cannot be written there.
    """
    if parse_features(model.features).names_a_file:
        raise ParameterError(
            "A model of pictures that are compared by a file of yours cannot be kept: who opens it may not have "
            f"that file ({model.features}).",
            hint="Choose an extractor that comes with the program.",
        )
    space = model.space
    arrays = {name: np.asarray(getattr(model, name), dtype=dtype) for name, dtype in _OWN_ARRAYS.items()}
    arrays |= {f"space_{name}": np.asarray(getattr(space, name), dtype=dtype) for name, dtype in _SPACE_ARRAYS.items()}
    arrays["paths"] = pack_texts([cleaned(path, LONGEST_PATH) for path in model.paths])
    arrays["hashes"] = np.array([list(bytes.fromhex(each)) for each in model.hashes], dtype=np.uint8)
    if model.learned is not None:
        arrays |= dict(zip(_WEIGHTS, model.learned.weights, strict=True))
        arrays["learned_history"] = model.learned.history
    header = {
        "name": cleaned(model.name, LONGEST_NAME),
        "features": model.features,
        "extractor": model.extractor,
        "learned_from": None if model.learned is None else int(model.learned.n_images),
        "scaling": model.scaling,
        "method": model.method,
        "names": [cleaned(name, LONGEST_NAME) for name in model.names],
        "space": {
            "method": space.method,
            "scaling": space.scaling,
            "n_dims": int(space.n_dims),
            "n_neighbors": int(space.n_neighbors),
            "rounding": float(space.rounding),
            "gamma": float(space.gamma),
        },
    }
    write_archive(Path(path).expanduser(), kind=_KIND, version=_VERSION, header=header, arrays=arrays)


def load_model(path: str | Path) -> ClusterModel:
    """Read a model from a file, whoever made it.

    Parameters
    ----------
    path : str or Path
        Written by `save_model`.

    Returns
    -------
    ClusterModel

    Raises
    ------
    ProjectError
        There is no such file, it is no model, damaged, of another version, or made to do harm; or the weights of its
        network are not on this computer, from which nothing is fetched because a file says so.
    """
    path = Path(path).expanduser()
    header, arrays = read_archive(path, kind=_KIND, version=_VERSION)
    try:
        return _model(header, arrays)
    except WrongModel as error:
        raise ProjectError(f"The model in {path.name} makes no sense: {error}.", hint=_AGAIN) from error


def _model(header: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> ClusterModel:
    learned_from = header.get("learned_from")
    _check_names(arrays, is_trained=learned_from is not None)
    own = {name: checked_numbers(arrays[name], dtype, name) for name, dtype in _OWN_ARRAYS.items()}
    features = _text(header, "features", _LONGEST_FEATURES)
    check_features(features, is_trained=learned_from is not None)
    names = header.get("names")
    if not isinstance(names, list) or not all(is_clean(name, LONGEST_NAME) for name in names):
        raise WrongModel("the names of its groups are no names")
    n_images = len(own["labels"])
    model = ClusterModel(
        name=_text(header, "name", LONGEST_NAME),
        features=features,
        extractor=_text(header, "extractor", _LONGEST_ID),
        learned=None if learned_from is None else _learned(learned_from, arrays),
        scaling=_choice(header, "scaling", _SCALINGS),
        space=_space(header.get("space"), arrays),
        method=_text(header, "method", _LONGEST_METHOD),
        names=tuple(names),
        paths=_paths(arrays["paths"], n_images),
        hashes=_hashes(arrays["hashes"], n_images),
        **own,
    )
    check_model(model)
    return model


def _check_names(arrays: Mapping[str, np.ndarray], *, is_trained: bool) -> None:
    expected = {*_OWN_ARRAYS, *(f"space_{name}" for name in _SPACE_ARRAYS), "paths", "hashes"}
    if is_trained:
        expected |= {"learned_history", *_WEIGHTS}
    if arrays.keys() != expected:
        raise WrongModel(f"of its parts, {', '.join(sorted(expected ^ arrays.keys()))} are missing or too many")


def _text(header: Mapping[str, Any], key: str, longest: int) -> str:
    text = header.get(key)
    if not is_clean(text, longest):
        raise WrongModel(f"its {key} is no text of up to {longest} characters")
    return text


def _choice(header: Mapping[str, Any], key: str, choices: tuple[str, ...]) -> str:
    if header.get(key) not in choices:
        raise WrongModel(f"its {key} is none that this program knows")
    return header[key]


def _paths(array: np.ndarray, n_images: int) -> tuple[str, ...]:
    try:
        paths = unpack_texts(array, n_images)
    except ValueError as error:
        raise WrongModel(f"the names of its pictures cannot be read, or are not {n_images:,}") from error
    if not all(is_clean(path, LONGEST_PATH) for path in paths):
        raise WrongModel("the names of its pictures are no names")
    return paths


def _hashes(array: np.ndarray, n_images: int) -> tuple[str, ...]:
    if array.dtype != np.uint8 or array.shape != (n_images, _HASH_BYTES):
        raise WrongModel("the marks of its pictures are not as many as these")
    return tuple(row.tobytes().hex() for row in array)


def _learned(n_images: object, arrays: Mapping[str, np.ndarray]) -> Learned:
    if type(n_images) is not int:
        raise WrongModel("it does not say from how many pictures its network learned")
    learned = Learned(
        weights=tuple(checked_numbers(arrays[name], "float32", name) for name in _WEIGHTS),
        history=checked_numbers(arrays["learned_history"], "float64", "learned_history"),
        n_images=n_images,
    )
    check_learned(learned)
    return learned


def _space(header: object, arrays: Mapping[str, np.ndarray]) -> SpaceModel:
    if not isinstance(header, dict) or header.keys() != {"method", "scaling", *_SPACE_NUMBERS}:
        raise WrongModel("its space is not described")
    for key in _SPACE_NUMBERS:
        kinds = (int,) if key.startswith("n_") else (int, float)
        if type(header[key]) not in kinds or not 0 <= header[key] <= LARGEST:
            raise WrongModel(f"{key} of its space is no such number")
    return SpaceModel(
        method=_choice(header, "method", _SPACES),
        scaling=_choice(header, "scaling", SCALINGS),
        n_dims=header["n_dims"],
        n_neighbors=header["n_neighbors"],
        rounding=float(header["rounding"]),
        gamma=float(header["gamma"]),
        **{
            name: checked_numbers(arrays[f"space_{name}"], dtype, name, largest=_LARGEST.get(name, LARGEST))
            for name, dtype in _SPACE_ARRAYS.items()
        },
    )
