"""Data with a known number of clusters, and data without any."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from types import SimpleNamespace

import numpy as np

from imgcluster.cache import Workspace
from imgcluster.pipeline import open_collection
from imgcluster.spaces.space import fit_space
from imgcluster.stages.looking import embed_images

__all__ = ["Case", "blob_cases", "class_cases", "labelled_features", "structureless_cases", "structureless_spaces"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One data set to guess the number of clusters of.

    Attributes
    ----------
    group : str
        The line of the table that it counts for.
    coordinates : ndarray, shape (n_rows, n_dims)
    truth : ndarray of int, shape (n_rows,)
    column_scales : ndarray, shape (n_dims,), or None
    k_max : int
        The end of the range to scan.
    """

    group: str
    coordinates: np.ndarray
    truth: np.ndarray
    column_scales: np.ndarray | None = None
    k_max: int = 30


def blob_cases(n_seeds: int) -> Iterator[Case]:
    """Give Gaussian blobs whose centres are at least 8 standard deviations apart."""
    for seed, k, n_dims, equal in product(range(n_seeds), (1, 2, 3, 5, 8, 15, 40), (2, 20), (True, False)):
        generator = np.random.default_rng([seed, k, n_dims, equal])
        side = 14 * max(1.0, k**0.5) if n_dims == 2 else 10.0
        centers: list[np.ndarray] = []
        while len(centers) < k:
            place = generator.uniform(0, side, n_dims)
            if all(np.linalg.norm(place - other) > 8 for other in centers):
                centers.append(place)
        shares = np.full(k, 1 / k) if equal else generator.uniform(0.25, 1, k) ** 1.5
        sizes = np.maximum(10, shares / shares.sum() * max(300, 30 * k)).astype(int)
        truth = np.repeat(np.arange(k), sizes)
        points = np.array(centers)[truth] + generator.normal(size=(len(truth), n_dims))
        group = "one blob" if k == 1 else f"{k} blobs"
        yield Case(group=group, coordinates=points, truth=truth, k_max=45 if k == 40 else 30)


def structureless_cases(n_seeds: int) -> Iterator[Case]:
    """Give points that form no clusters: uniform in a box, or one Gaussian blob, long or round."""
    for seed, n_dims in product(range(n_seeds), (1, 2, 5, 20)):
        generator = np.random.default_rng([seed, n_dims])
        lengths = generator.uniform(0.2, 2, n_dims)
        for name, points in (
            ("uniform", generator.uniform(size=(500, n_dims))),
            ("one Gaussian", generator.normal(size=(500, n_dims)) * lengths),
        ):
            yield Case(group=name, coordinates=points, truth=np.zeros(500, dtype=int))


def structureless_spaces(n_seeds: int, collections: dict[str, tuple[np.ndarray, np.ndarray]]) -> Iterator[Case]:
    """Give diffusion maps of features that form no clusters: noise, sheets, and real ones shuffled column by column."""
    for seed in range(n_seeds):
        generator = np.random.default_rng(seed)
        for n_rows in (100, 400, 1500):
            yield _in_space("noise features", generator.uniform(size=(n_rows, 1280)), np.zeros(n_rows, dtype=int))
            for n_dims in (2, 3, 5, 20):
                places = generator.normal(size=(n_rows, n_dims)) @ generator.normal(size=(n_dims, 1280))
                yield _in_space("sheets and balls", np.maximum(places + 1, 0), np.zeros(n_rows, dtype=int))
        for features, _ in collections.values():
            shuffled = np.stack([generator.permutation(column) for column in features.T], axis=1)
            yield _in_space("shuffled features", shuffled, np.zeros(len(shuffled), dtype=int))


def class_cases(n_seeds: int, name: str, features: np.ndarray, classes: np.ndarray) -> Iterator[Case]:
    """Give diffusion maps of some of the classes of a collection: all of each class, and unequal parts."""
    n_classes = classes.max() + 1
    for seed, k in product(range(n_seeds), range(2, n_classes + 1)):
        for equal in (True, False):
            generator = np.random.default_rng([seed, k, equal])
            rows = []
            for chosen in generator.permutation(n_classes)[:k]:
                members = generator.permutation(np.flatnonzero(classes == chosen))
                rows.append(members if equal else members[: int(len(members) * generator.uniform(0.25, 1))])
            truth = np.repeat(np.arange(k), [len(members) for members in rows])
            yield _in_space(f"classes of {name}", features[np.concatenate(rows)], truth)


def labelled_features(source: str, *, sample: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return the features of a collection, and the number of the folder in which each picture lies."""
    extraction, _ = embed_images(open_collection(source, sample=sample), workspace=Workspace.default())
    folders = [path.rpartition("/")[0] for path in extraction.collection.paths]
    return extraction.features.vectors, np.unique(folders, return_inverse=True)[1]


def _in_space(group: str, features: np.ndarray, truth: np.ndarray) -> Case:
    space = fit_space(
        SimpleNamespace(vectors=np.ascontiguousarray(features, dtype=np.float32), fingerprint="", scaling="hellinger")
    )
    return Case(
        group=group,
        coordinates=space.coordinates,
        truth=truth,
        column_scales=space.column_scales,
        k_max=min(30, len(truth) - 1),
    )
