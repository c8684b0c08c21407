"""What must be true of a model from a file before anything is computed with it."""

from collections.abc import Mapping

import numpy as np

from imgcluster.errors import ImgClusterError, ProjectError
from imgcluster.extractors.networks.conv_autoencoder import SHAPES, Learned
from imgcluster.extractors.registry import kind_named
from imgcluster.features.options import parse_features
from imgcluster.predicting.model import ClusterModel
from imgcluster.spaces.transform import SpaceModel

__all__ = ["LARGEST", "WrongModel", "check_features", "check_learned", "check_model", "checked_numbers"]

LARGEST = 1e15
"""As for features: squares of larger numbers may leave the range of float32."""

_MOST_NEIGHBORS, _MOST_EPOCHS, _MOST_IMAGES = 1000, 1000, 10**9


class WrongModel(Exception):  # noqa: N818
    """What is wrong, in words that complete "The model in this file makes no sense: "."""


def check_features(text: str, *, is_trained: bool) -> None:
    """Refuse what would open a file or fetch something, whatever the file's maker meant by it.

    Parameters
    ----------
    text : str
        As `imgcluster.features.options.parse_features` reads it.
    is_trained : bool
        Whether the file brings what an autoencoder had learned.

    Raises
    ------
    WrongModel
        It is no such text, or names a file.
    ProjectError
        The network's weights would have to be fetched first.
    """
    try:
        options = parse_features(text)
    except ImgClusterError as error:
        raise WrongModel("what counts as similar in it is unknown to this program") from error
    if options.names_a_file:
        raise WrongModel("it would have a file of this computer opened")
    if any(kind_named(part.name).trained for part in options.parts) != is_trained:
        raise WrongModel("what its network learned is missing, or is there and belongs to none")
    # A network whose weights are not here yet has a note that says so.
    if note := next((extractor.note for extractor in options.extractors() if extractor.note), ""):
        raise ProjectError(
            f"This model needs a network that is not on this computer, and no file decides what is fetched. {note}",
            hint=f'If you want that, group some pictures with --extractor "{options.text}" first.',
        )


def checked_numbers(array: np.ndarray, dtype: str, name: str, *, largest: float = LARGEST) -> np.ndarray:
    """Return an array as it is, when its type is the one given and all of its numbers can be computed with.

    Raises
    ------
    WrongModel
    """
    if array.dtype != dtype:
        raise WrongModel(f"{name} holds numbers of another type")
    if array.dtype.kind == "f" and array.size:
        magnitude = float(np.maximum(array.max(), -array.min()))  # NaN where there is one
        if not magnitude <= largest:
            raise WrongModel(f"{name} holds what are no numbers, or too large ones")
    return array


def check_learned(learned: Learned) -> None:
    """Raise `WrongModel` unless an autoencoder can be made of what was learned."""
    if tuple(array.shape for array in learned.weights) != SHAPES:
        raise WrongModel("the weights of its network have other shapes")
    if learned.history.ndim != 2 or learned.history.shape[1] != 2 or len(learned.history) > _MOST_EPOCHS:
        raise WrongModel("the history of its network's learning has another shape")
    if not 1 <= learned.n_images <= _MOST_IMAGES:
        raise WrongModel(f"its network cannot have learned from {learned.n_images} pictures")


def check_model(model: ClusterModel) -> None:
    """Raise `WrongModel` unless all lengths are as they should be and every label is that of a group."""
    n_images, n_features = len(model.labels), len(model.space.mean)
    if model.labels.ndim != 1 or 0 in (n_images, n_features):
        raise WrongModel("it is of no pictures")
    _check_shapes(
        {
            "coordinates": (model.coordinates, (n_images, model.space.n_dims)),
            "vectors": (model.vectors, (n_images, n_features)),
            "novelties": (model.novelties, (n_images,)),
        }
    )
    found = np.unique(model.labels)
    if not np.array_equal(found[found != -1], np.arange(model.n_clusters)):
        raise WrongModel(f"its pictures are not in {model.n_clusters} groups")
    _check_space(model.space)


def _check_space(space: SpaceModel) -> None:
    if space.axes.ndim != 2 or space.known.ndim != 2 or space.mean.ndim != 1:
        raise WrongModel("its space has arrays of other dimensions")
    n_features, n_dims, (n_known, n_columns) = len(space.mean), space.n_dims, space.known.shape
    n_directions, n_scaled = space.axes.shape[1], n_features if space.scaling == "zscore" else 0
    _check_shapes(
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


def _check_shapes(arrays: Mapping[str, tuple[np.ndarray, tuple[int, ...]]]) -> None:
    for name, (array, shape) in arrays.items():
        if array.shape != shape:
            raise WrongModel(f"{name} has the shape {array.shape} and not {shape}")
