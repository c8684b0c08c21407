"""Data without clusters: in the box, on the chain, and what becomes of them where the data have no extent."""

import numpy as np
import pytest
from explicit_scores import box, chain
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.stats import kstest

from imgcluster.choosing.references import chain_reference, uniform_reference

FLOATS = st.floats(-1000, 1000, width=32)


def stretched(n, d, seed=0):
    """Rows whose principal axes have clearly different lengths, turned and shifted."""
    generator = np.random.default_rng(seed)
    turn = np.linalg.qr(generator.normal(size=(d, d)))[0]
    return (generator.normal(size=(n, d)) * 2.0 ** -np.arange(d)) @ turn + generator.normal(size=d)


class Evenly:
    """In place of a generator: the middles of equal parts of the unit interval."""

    def uniform(self, *, size):
        return (np.arange(size[0])[:, None] + 0.5) / size[0]


@pytest.mark.parametrize(("n", "d"), [(1, 3), (2, 3), (3, 3), (40, 1), (40, 4), (5, 20)])
def test_the_box_equals_its_definition_number_by_number(n, d):
    rows = stretched(n, d)
    found = uniform_reference(rows, np.random.default_rng(7))
    assert (found.shape, found.dtype) == (rows.shape, np.float64)
    np.testing.assert_allclose(found, box(rows, np.random.default_rng(7)), atol=1e-12)


def test_points_fill_the_box_of_the_principal_axes_evenly():
    rows = stretched(100, 3)
    middle = rows.mean(axis=0)
    axes = np.linalg.eigh(np.cov(rows.T))[1]
    generator = np.random.default_rng(0)
    points = np.concatenate([uniform_reference(rows, generator) for _ in range(40)])
    along = (rows - middle) @ axes
    low, high = along.min(axis=0), along.max(axis=0)
    places = ((points - middle) @ axes - low) / (high - low)
    assert places.min() >= -1e-9
    assert places.max() <= 1 + 1e-9
    for column in places.T:
        assert kstest(column, "uniform").pvalue > 0.01
    assert np.abs(np.corrcoef(places.T) - np.eye(3)).max() < 0.05  # drawn apart along each axis


@given(hnp.arrays(np.float32, hnp.array_shapes(min_dims=2, max_dims=2, max_side=12), elements=FLOATS))
@settings(deadline=None, max_examples=60)
def test_the_box_is_never_wider_than_the_data(rows):
    found = uniform_reference(rows, np.random.default_rng(0))
    exact = rows.astype(np.float64)
    centred = exact - exact.mean(axis=0)
    rounding = 1e-9 * max(1.0, np.abs(exact).max())
    assert found.shape == rows.shape
    assert np.isfinite(found).all()
    # No farther out than a corner of the box can be, and never off the plane or line that the data lie on.
    reach = np.linalg.norm(centred, axis=1).max() * np.sqrt(min(rows.shape))
    assert np.linalg.norm(found - exact.mean(axis=0), axis=1).max() <= reach + rounding
    _, lengths, axes = np.linalg.svd(centred, full_matrices=False)
    flat = axes[lengths <= 1e-12 * max(1.0, np.abs(exact).max())]
    assert np.abs((found - exact.mean(axis=0)) @ flat.T).max(initial=0) <= rounding


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_where_the_data_have_no_extent_the_box_has_none(dtype):
    one = stretched(1, 4).astype(dtype)
    np.testing.assert_allclose(uniform_reference(one, np.random.default_rng(0)), one, atol=1e-12)
    same = np.repeat(one, 30, axis=0)
    np.testing.assert_allclose(uniform_reference(same, np.random.default_rng(0)), same, atol=1e-12)
    np.testing.assert_array_equal(uniform_reference(np.zeros((5, 3), dtype), np.random.default_rng(0)), 0)


def test_a_constant_column_stays_constant():
    rows = stretched(30, 4)
    rows[:, 2] = 3.3
    np.testing.assert_allclose(uniform_reference(rows, np.random.default_rng(0))[:, 2], 3.3, atol=1e-12)


def test_between_two_rows_and_along_a_line():
    for rows in (np.array([[0, 0, 1], [3, 4, 1]]), np.outer([-1, 0, 0.25, 2], [3, 4, 0])):
        points = np.concatenate([uniform_reference(rows, np.random.default_rng(seed)) for seed in range(50)])
        share = (points - rows[0]) @ (rows[-1] - rows[0]) / ((rows[-1] - rows[0]) ** 2).sum()
        np.testing.assert_allclose(points, rows[0] + share[:, None] * (rows[-1] - rows[0]), atol=1e-12)
        assert share.min() >= -1e-12
        assert share.max() <= 1 + 1e-12
        assert share.max() - share.min() > 0.9


@pytest.mark.parametrize("scales", [[1.0], [1.0, 0.5], [1.0, 1.0, 0.0], list(0.9 ** np.arange(20))])
@pytest.mark.parametrize("n", [1, 2, 60])
def test_the_chain_equals_its_definition_number_by_number(n, scales):
    found = chain_reference(n, np.array(scales), np.random.default_rng(3))
    assert (found.shape, found.dtype) == ((n, len(scales)), np.float64)
    np.testing.assert_allclose(found, chain(n, scales, np.random.default_rng(3)), atol=1e-12)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-12)


def test_the_chain_is_the_diffusion_map_of_a_path():
    """The cosines are the eigenvectors of a path's Laplacian (sampled evenly), scaled and cut to unit length."""
    n, scales = 50, 0.8 ** np.arange(7)
    path = np.diag([1.0, *[2.0] * (n - 2), 1.0]) - np.eye(n, k=1) - np.eye(n, k=-1)
    vectors = np.linalg.eigh(path)[1][:, :7]
    vectors *= np.sign(vectors[0])
    expected = vectors * scales
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    np.testing.assert_allclose(chain_reference(n, scales, Evenly()), expected, atol=1e-9)


def test_the_same_generator_draws_the_same():
    rows = stretched(20, 3)
    for draw in (lambda g: uniform_reference(rows, g), lambda g: chain_reference(20, 0.5 ** np.arange(4), g)):
        assert draw(np.random.default_rng(1)).tobytes() == draw(np.random.default_rng(1)).tobytes()
        assert draw(np.random.default_rng(1)).tobytes() != draw(np.random.default_rng(2)).tobytes()


def test_the_data_are_left_as_they_are():
    rows = stretched(20, 3)
    rows.setflags(write=False)
    scales = 0.5 ** np.arange(4)
    scales.setflags(write=False)
    uniform_reference(rows, np.random.default_rng(0))
    chain_reference(5, scales, np.random.default_rng(0))
