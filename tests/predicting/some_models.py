"""Models to predict with: of blobs, grouped by every method."""

from types import SimpleNamespace

import numpy as np

from imgcluster.features.options import FeatureOptions
from imgcluster.grouping.methods import MethodOptions, cluster
from imgcluster.predicting.fitting import fit_model
from imgcluster.spaces.options import SpaceOptions
from imgcluster.spaces.space import make_space

BY_NUMBER = ("kmeans", "spherical", "agglomerative")
METHODS = (*BY_NUMBER, "hdbscan", "dbscan")


def blobs(n, *, centers=4, d=30, seed=0, first=0, spread=0.2):
    """Give rows around a few middles, in turn; the middles are the same for every seed."""
    labels = np.arange(n) % centers
    middles = np.random.default_rng(99).gamma(0.5, size=(20, d))[first : first + centers]
    noise = spread * np.random.default_rng(seed).normal(size=(n, d))
    return np.maximum(middles[labels] + noise * middles[labels], 0).astype(np.float32), labels


def as_features(vectors, scaling="hellinger"):
    vectors = np.asarray(vectors, dtype=np.float32)
    hashes = tuple(f"{index:032x}" for index in range(len(vectors)))
    return SimpleNamespace(vectors=vectors, fingerprint="f", scaling=scaling, hashes=hashes, extractor="fake-1")


def model_from(vectors, labels, *, method="kmeans", scaling="hellinger", space=SpaceOptions(), **options):  # noqa: B008
    """Make a model of labels that are already there."""
    features = as_features(vectors, scaling)
    return fit_model(
        name="some",
        collection_paths=[f"{index}.png" for index in range(len(vectors))],
        features=features,
        options=FeatureOptions(),
        space=make_space(features, space),
        labels=labels,
        method=method,
        **options,
    )


def grouped(vectors, method, n_clusters=4, *, scaling="hellinger", space=SpaceOptions()):  # noqa: B008
    """Make a model of what a method finds."""
    options = MethodOptions(method=method, n_clusters=n_clusters if method in BY_NUMBER else None)
    found = cluster(make_space(as_features(vectors, scaling), space).coordinates, options)
    return model_from(vectors, found.labels, method=method, scaling=scaling, space=space)
