"""Spaces of features that are kept in a file, as those larger than memory are."""

import tracemalloc

import numpy as np
import pytest
from some_spaces import features

from imgcluster.features import blocks
from imgcluster.spaces import linear
from imgcluster.spaces.options import SpaceOptions
from imgcluster.spaces.space import make_space


def drawings(n, d):
    """Give rows of whole numbers, mixed of eight patterns; four are there twice."""
    generator = np.random.default_rng(0)
    weights = generator.uniform(size=(n, 8)) * 0.8 ** np.arange(8)
    vectors = weights @ generator.uniform(0, 60, size=(8, d)) + generator.uniform(0, 20, size=(n, d))
    vectors[[5, 100, 101, n - 1]] = vectors[[4, 4, 7, 0]]
    return np.rint(vectors).astype(np.float32)


def in_file(path, vectors):
    vectors.tofile(path)
    return np.memmap(path, dtype=np.float32, mode="r", shape=vectors.shape)


@pytest.mark.parametrize("method", ["pca", "svd", "diffusion", "none"])
@pytest.mark.parametrize("scaling", ["none", "hellinger"])
def test_a_file_gives_the_space_that_an_array_gives(monkeypatch, tmp_path, method, scaling):
    monkeypatch.setattr(blocks, "_MOST_ROWS", 64)
    vectors = drawings(250, 700)
    options = SpaceOptions(method=method, scaling=scaling)
    expected = make_space(features(vectors), options)
    found = make_space(features(in_file(tmp_path / "vectors", vectors)), options)
    np.testing.assert_array_equal(found.first_twin, expected.first_twin)
    np.testing.assert_array_equal(found.coordinates, expected.coordinates)
    assert found.notes == expected.notes


@pytest.mark.parametrize(
    ("method", "scaling", "max_exact"),
    [
        ("svd", "zscore", 100),
        ("diffusion", "hellinger", 100),
        ("pca", "none", 4096),
    ],
)
def test_the_features_are_never_copied_all_together(monkeypatch, tmp_path, method, scaling, max_exact):
    monkeypatch.setattr(blocks, "_BLOCK_BYTES", 2**21)
    monkeypatch.setattr(linear, "MAX_EXACT", max_exact)
    vectors = in_file(tmp_path / "vectors", drawings(1200, 9000))
    options = SpaceOptions(method=method, scaling=scaling, n_neighbors=4)
    make_space(features(vectors[:50]), options)  # what is imported on the way does not count
    tracemalloc.start()
    try:
        make_space(features(vectors), options)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 0.95 * vectors.nbytes
