"""Square roots, unit length and signs."""

import numpy as np

from imgcluster.features.rows import fixed_signs, normalize_rows, power_normalize


def test_power_normalize_keeps_the_sign():
    np.testing.assert_array_equal(power_normalize(np.array([[4, 0, -9.0]])), [[2, 0, -3]])


def test_normalize_rows_leaves_zero_rows():
    np.testing.assert_allclose(normalize_rows(np.array([[3, 4.0], [0, 0]])), [[0.6, 0.8], [0, 0]])


def test_fixed_signs():
    np.testing.assert_array_equal(fixed_signs(np.array([[1.0, -5], [-2, 3]])), [-1, -1])
