"""A model in a file: what is needed to say where a new image belongs, to be kept or given to somebody else.

Whoever opens one need not trust it: no file and no address that it names is ever opened, and every number is checked
against all others before anything is computed.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from imgcluster.errors import ParameterError, ProjectError
from imgcluster.features.options import parse_features
from imgcluster.keeping.archive import read_archive, write_archive
from imgcluster.keeping.models.model_checks import WrongModel, check_features, check_model, checked_numbers
from imgcluster.keeping.models.model_parts import (
    LEARNED_ARRAYS,
    SPACE_ARRAYS,
    hashes_to_array,
    learned_to_arrays,
    read_choice,
    read_hashes,
    read_learned,
    read_paths,
    read_space_model,
    read_text,
    space_model_to_arrays,
    space_model_to_header,
)
from imgcluster.keeping.texts import LONGEST_NAME, LONGEST_PATH, cleaned, is_clean, pack_texts
from imgcluster.pictures.home import expanded
from imgcluster.predicting.model import ClusterModel

__all__ = ["MODEL_SUFFIX", "load_model", "save_model"]

MODEL_SUFFIX = ".imgcluster"

_KIND, _VERSION = "model", 1
_SCALINGS = ("hellinger", "l2", "none")  # of features
_LONGEST_FEATURES, _LONGEST_ID, _LONGEST_METHOD = 1000, 1000, 60

_OWN_ARRAYS = {"labels": "int32", "coordinates": "float32", "vectors": "float16", "novelties": "float32"}
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
    arrays = {name: np.asarray(getattr(model, name), dtype=dtype) for name, dtype in _OWN_ARRAYS.items()}
    arrays |= space_model_to_arrays(model.space)
    arrays["paths"] = pack_texts([cleaned(path, LONGEST_PATH) for path in model.paths])
    arrays["hashes"] = hashes_to_array(model.hashes)
    arrays |= learned_to_arrays(model.learned)
    header = {
        "name": cleaned(model.name, LONGEST_NAME),
        "features": model.features,
        "extractor": model.extractor,
        "learned_from": None if model.learned is None else int(model.learned.n_images),
        "scaling": model.scaling,
        "method": model.method,
        "names": [cleaned(name, LONGEST_NAME) for name in model.names],
        "space": space_model_to_header(model.space),
    }
    write_archive(expanded(path), kind=_KIND, version=_VERSION, header=header, arrays=arrays)


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
    path = expanded(path)
    header, arrays = read_archive(path, kind=_KIND, version=_VERSION)
    try:
        return _model(header, arrays)
    except WrongModel as error:
        raise ProjectError(f"The model in {path.name} makes no sense: {error}.", hint=_AGAIN) from error


def _model(header: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> ClusterModel:
    learned_from = header.get("learned_from")
    _check_names(arrays, is_trained=learned_from is not None)
    own = {name: checked_numbers(arrays[name], dtype, name) for name, dtype in _OWN_ARRAYS.items()}
    features = read_text(header, "features", _LONGEST_FEATURES)
    check_features(features, is_trained=learned_from is not None)
    names = header.get("names")
    if not isinstance(names, list) or not all(is_clean(name, LONGEST_NAME) for name in names):
        raise WrongModel("the names of its groups are no names")
    n_images = len(own["labels"])
    model = ClusterModel(
        name=read_text(header, "name", LONGEST_NAME),
        features=features,
        extractor=read_text(header, "extractor", _LONGEST_ID),
        learned=read_learned(learned_from, arrays),
        scaling=read_choice(header, "scaling", _SCALINGS),
        space=read_space_model(header.get("space"), arrays),
        method=read_text(header, "method", _LONGEST_METHOD),
        names=tuple(names),
        paths=read_paths(arrays["paths"], n_images),
        hashes=read_hashes(arrays["hashes"], n_images),
        **own,
    )
    check_model(model)
    return model


def _check_names(arrays: Mapping[str, np.ndarray], *, is_trained: bool) -> None:
    expected = {*_OWN_ARRAYS, *SPACE_ARRAYS, "paths", "hashes"}
    if is_trained:
        expected |= {*LEARNED_ARRAYS}
    if arrays.keys() != expected:
        raise WrongModel(f"of its parts, {', '.join(sorted(expected ^ arrays.keys()))} are missing or too many")
