"""Weights of an autoencoder, for what does not depend on what was learned."""

import numpy as np

from imgcluster.extractors.networks.conv_autoencoder import SHAPES, Learned


def some_learned(*, n_images=600, seed=0):
    """Weights that nobody learned, of a size that keeps the numbers near 1."""
    rng = np.random.default_rng(seed)
    weights = [rng.normal(0, 1.5 / np.sqrt(np.prod(shape[:-1])), shape).astype(np.float32) for shape in SHAPES]
    return Learned(weights=tuple(weights), history=np.array([[0.1, 0.2]]), n_images=n_images)
