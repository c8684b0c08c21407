"""Models as they come of small collections of rows, without a picture."""

import numpy as np

from imgcluster.extractors.networks.conv_autoencoder import SHAPES, Learned
from imgcluster.features.extraction import Features
from imgcluster.features.options import parse_features
from imgcluster.predicting.fitting import fit_model
from imgcluster.spaces.options import SpaceOptions
from imgcluster.spaces.space import make_space

NAMES = ("dogs", '=cmd|"/c calc"!A1', "<img src=x onerror=alert(1)>", "Ünïcode 📷")


def some_model(n_images=40, *, features="colour", space="pca", method="kmeans", scaling="hellinger", **options):
    """Return the model of rows around four middles, the last two images of no group."""
    rng = np.random.default_rng(0)
    labels = np.arange(n_images) % len(NAMES)
    middles = rng.uniform(0, 2, size=(len(NAMES), 30))
    vectors = np.abs(middles[labels] + 0.2 * rng.normal(size=(n_images, 30))).astype(np.float32)
    made = Features(
        vectors=vectors,
        hashes=tuple(rng.bytes(16).hex() for _ in range(n_images)),
        extractor="colour-1",
        fingerprint="f",
        scaling=scaling,
    )
    labels[-2:] = -1
    facts = {
        "name": "holiday",
        "collection_paths": [f"a/{index:04d}.png" for index in range(n_images)],
        "names": NAMES[: labels.max() + 1],
    }
    return fit_model(
        features=made,
        options=parse_features(features),
        space=make_space(made, SpaceOptions(method=space)),
        labels=labels,
        method=method,
        **facts | options,
    )


def some_learned():
    """Return what an autoencoder might have learned, from chance alone."""
    rng = np.random.default_rng(1)
    return Learned(
        weights=tuple(rng.normal(size=shape).astype(np.float32) for shape in SHAPES),
        history=rng.uniform(size=(3, 2)),
        n_images=700,
    )
