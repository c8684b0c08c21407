"""Preparation and principal components against explicit NumPy."""

import numpy as np
import pytest

from imgcluster.grouping import reduction
from imgcluster.grouping.reduction import fixed_signs, normalize_rows, power_normalize, principal_coordinates


def reference(vectors, k):
    prepared = np.sign(vectors) * np.sqrt(np.abs(vectors.astype(np.float64)))
    lengths = np.linalg.norm(prepared, axis=1, keepdims=True)
    prepared = prepared / np.where(lengths > 0, lengths, 1)
    left, values, _ = np.linalg.svd(prepared - prepared.mean(axis=0), full_matrices=False)
    coordinates = (left * values)[:, :k]
    largest = coordinates[np.abs(coordinates).argmax(axis=0), np.arange(coordinates.shape[1])]
    return coordinates * np.sign(largest)


def decaying(n, d, seed=0):
    """Features whose components differ in variance, so that each is determined."""
    generator = np.random.default_rng(seed)
    rank = min(n, d, 12)
    mixed = generator.normal(size=(n, rank)) * 0.6 ** np.arange(rank) @ generator.normal(size=(rank, d))
    return np.abs(mixed).astype(np.float32)


@pytest.mark.parametrize(("n", "d"), [(2, 5), (30, 200), (200, 30), (5000, 40)])
def test_principal_coordinates_equal_the_svd(n, d):
    vectors = decaying(n, d)
    k = min(3, n - 1)
    np.testing.assert_allclose(principal_coordinates(vectors, k), reference(vectors, k), atol=2e-5)


def test_the_randomised_branch_agrees(monkeypatch):
    vectors = decaying(300, 200)
    exact = principal_coordinates(vectors, 4)
    monkeypatch.setattr(reduction, "_MAX_EXACT", 100)
    np.testing.assert_allclose(principal_coordinates(vectors, 4), exact, atol=1e-4)


@pytest.mark.parametrize("n", [1, 2, 5, 50])
def test_rows_that_equal_the_mean_become_exact_zeros(n):
    vectors = np.repeat(decaying(1, 20), n, axis=0)
    np.testing.assert_array_equal(principal_coordinates(vectors, 5), 0)


def test_rows_that_differ_in_brightness_alone_become_exact_zeros():
    vectors = np.linspace(0.1, 7, 40, dtype=np.float32)[:, None] * decaying(1, 20)
    np.testing.assert_array_equal(principal_coordinates(vectors, 5), 0)


def test_power_normalize_keeps_the_sign():
    np.testing.assert_array_equal(power_normalize(np.array([[4, 0, -9.0]])), [[2, 0, -3]])


def test_normalize_rows_leaves_zero_rows():
    np.testing.assert_allclose(normalize_rows(np.array([[3, 4.0], [0, 0]])), [[0.6, 0.8], [0, 0]])


def test_fixed_signs():
    np.testing.assert_array_equal(fixed_signs(np.array([[1.0, -5], [-2, 3]])), [-1, -1])
