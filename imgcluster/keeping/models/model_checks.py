"""What must be true of a model from a file before anything is computed with it."""

from collections.abc import Mapping

import numpy as np

from imgcluster.errors import ImgClusterError, ProjectError
from imgcluster.extractors.networks.conv_autoencoder import SHAPES, Learned
from imgcluster.extractors.registry import kind_named
from imgcluster.features.options import parse_features
from imgcluster.predicting.model import ClusterModel

__all__ = ["LARGEST", "WrongModel", "check_features", "check_learned", "check_model", "check_shapes", "checked_numbers"]

LARGEST = 1e15
"""As for features: squares of larger numbers may leave the range of float32."""

_MOST_EPOCHS, _MOST_IMAGES = 1000, 10**9


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
    check_shapes(
        {
            "coordinates": (model.coordinates, (n_images, model.space.n_dims)),
            "vectors": (model.vectors, (n_images, n_features)),
            "novelties": (model.novelties, (n_images,)),
        }
    )
    found = np.unique(model.labels)
    if not np.array_equal(found[found != -1], np.arange(model.n_clusters)):
        raise WrongModel(f"its pictures are not in {model.n_clusters} groups")


def check_shapes(arrays: Mapping[str, tuple[np.ndarray, tuple[int, ...]]]) -> None:
    """Raise `WrongModel` unless each array has the shape that is given with it."""
    for name, (array, shape) in arrays.items():
        if array.shape != shape:
            raise WrongModel(f"{name} has the shape {array.shape} and not {shape}")
