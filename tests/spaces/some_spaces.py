"""Rows to make spaces of, and spaces made of them."""

import warnings
from types import SimpleNamespace

import numpy as np

from imgcluster.spaces.options import SpaceOptions
from imgcluster.spaces.space import make_space


def features(vectors, fingerprint="f"):
    return SimpleNamespace(vectors=np.asarray(vectors, dtype=np.float32), fingerprint=fingerprint, scaling="hellinger")


def space_of(vectors, *, random_state=0, **options):
    """Make a space without a single warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return make_space(features(vectors), SpaceOptions(**options), random_state=random_state)


def blobs(n, centers=4, d=30, seed=0, spread=0.3):
    """Give rows around a few middles, in turn; the middles are the same for every seed."""
    labels = np.arange(n) % centers
    middles = np.random.default_rng(99).uniform(0, 2, size=(centers, d))
    noise = spread * np.random.default_rng(seed).normal(size=(n, d))
    return np.maximum(middles[labels] + noise, 0).astype(np.float32), labels


def assert_same_up_to_sign(actual, expected, **tolerance):
    """Compare columns, each of which may be turned round as a whole."""
    signs = np.sign((actual * expected).sum(axis=0))
    np.testing.assert_allclose(actual * signs, expected, **tolerance)
