"""Each scaling against plain NumPy."""

import numpy as np
import pytest

from imgcluster.errors import ParameterError
from imgcluster.features.rows import normalize_rows, power_normalize
from imgcluster.features.scaling import checked_vectors, fit_scaling, scaled_blocks
from imgcluster.spaces.options import SCALINGS


def scaled(vectors, kind):
    blocks = [block for _, block in scaled_blocks(vectors, fit_scaling(vectors, kind))]
    assert all(block.dtype == np.float32 for block in blocks)
    return np.concatenate(blocks)


def expected(X, kind):
    X = X.astype(np.float64)
    if kind == "zscore":
        deviations = X.std(axis=0)
        return (X - X.mean(axis=0)) / np.where(deviations > 0, deviations, 1)
    if kind == "hellinger":
        X = np.sign(X) * np.sqrt(np.abs(X))
    if kind == "none":
        return X
    lengths = np.linalg.norm(X, axis=1, keepdims=True)
    return X / np.where(lengths > 0, lengths, 1)


@pytest.mark.parametrize("kind", SCALINGS)
@pytest.mark.parametrize("n", [1, 2, 3, 100, 9000])  # 9,000: three blocks
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_equals_plain_numpy(kind, n, dtype):
    X = np.random.default_rng(n).normal(3, 2, size=(n, 7)).astype(dtype)
    X[0] = 0
    np.testing.assert_allclose(scaled(X, kind), expected(X, kind), rtol=2e-5, atol=2e-5)


def test_zscore_of_a_constant_column_is_exactly_zero():
    X = np.random.default_rng(0).normal(size=(5000, 3)).astype(np.float32)
    X[:, 1] = 0.1  # its mean is not 0.1 in floating point
    np.testing.assert_array_equal(scaled(X, "zscore")[:, 1], 0)
    np.testing.assert_array_equal(scaled(np.full((5, 2), 0.3), "zscore"), 0)


def test_zscore_of_columns_far_from_zero():
    X = 1e6 + np.arange(1000.0)[:, None] * np.array([1.0, 2.0])
    np.testing.assert_allclose(scaled(X, "zscore"), expected(X, "zscore"), atol=1e-5)


def test_a_new_row_is_scaled_with_the_old_means():
    X = np.random.default_rng(0).normal(size=(50, 4))
    new = fit_scaling(X, "zscore").apply(X.mean(axis=0, keepdims=True) + X.std(axis=0))
    np.testing.assert_allclose(new, 1, rtol=1e-6)


def test_hellinger_is_square_roots_at_unit_length():
    X = np.random.default_rng(0).normal(size=(20, 5))
    np.testing.assert_array_equal(scaled(X, "hellinger"), normalize_rows(power_normalize(X)))


def test_no_scaling_makes_no_copy():
    X = np.ones((10, 3), dtype=np.float32)
    assert np.shares_memory(fit_scaling(X, "none").apply(X), X)


@pytest.mark.parametrize("shape", [(0, 5), (5, 0), (5,), (2, 2, 2)])
def test_wrong_shapes_are_refused(shape):
    with pytest.raises(ParameterError, match="shape"):
        checked_vectors(np.zeros(shape))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_is_refused(bad):
    X = np.ones((9, 4))
    X[6, 2] = bad
    with pytest.raises(ParameterError, match=r"1 pictures are not numbers .*picture 7"):
        checked_vectors(X)


@pytest.mark.parametrize("large", [2e15, -1e30])
def test_what_is_too_large_is_refused(large):
    with pytest.raises(ParameterError, match=r"up to 1e\+15"):
        checked_vectors(np.array([[1.0, large]]))
