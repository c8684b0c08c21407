"""PCA and truncated SVD against explicit NumPy and scikit-learn."""

import threading

import numpy as np
import pytest
import scipy.linalg
from sklearn.decomposition import PCA, TruncatedSVD
from some_spaces import assert_same_up_to_sign

from imgcluster.errors import Cancelled
from imgcluster.features import blocks
from imgcluster.features.scaling import HELLINGER, fit_scaling
from imgcluster.spaces import linear
from imgcluster.spaces.linear import n_dims_for_variance, principal_components, project
from imgcluster.spaces.options import SCALINGS


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
def test_coordinates_equal_the_svd(n, d):
    vectors = decaying(n, d)
    k = min(3, n - 1)
    np.testing.assert_allclose(principal_components(vectors, k).coordinates, reference(vectors, k), atol=2e-5)


@pytest.mark.parametrize("centred", [True, False])
@pytest.mark.parametrize(("n", "d"), [(40, 90), (90, 40)])
@pytest.mark.parametrize("kind", SCALINGS)
def test_equals_scikit_learn(kind, n, d, centred):
    vectors = decaying(n, d)
    scaling = fit_scaling(vectors, kind)
    found = principal_components(vectors, 4, scaling=scaling, centred=centred)
    other = PCA(4, svd_solver="full") if centred else TruncatedSVD(4, algorithm="arpack", random_state=0)
    scaled = scaling.apply(vectors).astype(np.float64)
    coordinates = other.fit_transform(scaled)
    size = np.abs(coordinates).max()
    assert_same_up_to_sign(found.coordinates / size, coordinates / size, atol=2e-5)
    assert_same_up_to_sign(found.axes, other.components_.T, atol=1e-4)
    np.testing.assert_allclose(found.variance_ratio, other.explained_variance_ratio_, rtol=1e-3, atol=1e-5)
    new = decaying(7, d, seed=5)
    placed = project(scaling.apply(new), found.mean, found.axes, found.rounding)
    assert_same_up_to_sign(placed / size, other.transform(scaling.apply(new).astype(np.float64)) / size, atol=1e-4)


@pytest.mark.parametrize("centred", [True, False])
def test_the_randomised_branch_agrees(monkeypatch, centred):
    vectors = decaying(300, 200)
    exact = principal_components(vectors, 4, centred=centred)
    monkeypatch.setattr(linear, "MAX_EXACT", 100)
    found = principal_components(vectors, 4, centred=centred)
    np.testing.assert_allclose(found.coordinates, exact.coordinates, atol=1e-4)
    np.testing.assert_allclose(found.axes, exact.axes, atol=1e-3)
    np.testing.assert_allclose(found.variance_ratio, exact.variance_ratio, atol=1e-4)


@pytest.mark.parametrize("centred", [True, False])
@pytest.mark.parametrize("rows_a_block", [37, 4096])
def test_the_randomised_branch_finds_slowly_falling_directions(monkeypatch, centred, rows_a_block):
    monkeypatch.setattr(linear, "MAX_EXACT", 100)
    monkeypatch.setattr(blocks, "_MOST_ROWS", rows_a_block)
    generator = np.random.default_rng(0)
    left, right = (np.linalg.qr(generator.normal(size=(size, 300)))[0] for size in (300, 500))
    vectors = (20 + left * (30 / np.arange(1, 301)) @ right.T).astype(np.float32)
    found = principal_components(vectors, 10, scaling=fit_scaling(vectors, "none"), centred=centred)
    X = vectors.astype(np.float64) - (vectors.mean(axis=0, dtype=np.float64) if centred else 0)
    left, values, axes = np.linalg.svd(X, full_matrices=False)
    assert scipy.linalg.subspace_angles(found.axes, axes[:10].T).max() < 0.01
    assert_same_up_to_sign(found.coordinates, (left * values)[:, :10], atol=0.02)
    total = vectors.var(axis=0, dtype=np.float64).sum()
    expected = (left * values)[:, :10].var(axis=0) / total
    np.testing.assert_allclose(found.variance_ratio, expected, rtol=1e-3, atol=1e-6)
    np.testing.assert_allclose(found.axes.T @ found.axes, np.eye(10), atol=1e-5)
    again = principal_components(vectors, 10, scaling=fit_scaling(vectors, "none"), centred=centred)
    np.testing.assert_array_equal(again.coordinates, found.coordinates)


@pytest.mark.parametrize("shape", [(60, 200), (200, 60), (200, 150)])
@pytest.mark.parametrize("kind", SCALINGS)
def test_blocks_of_chosen_rows_of_a_file_equal_a_copy(monkeypatch, tmp_path, shape, kind):
    monkeypatch.setattr(linear, "MAX_EXACT", 100)
    vectors = decaying(*shape)
    index = np.flatnonzero(np.arange(len(vectors)) % 3)
    copy = vectors[index]
    expected = principal_components(copy, 4, scaling=fit_scaling(copy, kind))
    monkeypatch.setattr(blocks, "_MOST_ROWS", 17)
    vectors.tofile(tmp_path / "vectors")
    mapped = np.memmap(tmp_path / "vectors", dtype=np.float32, mode="r", shape=shape)
    found = principal_components(mapped, 4, scaling=fit_scaling(mapped, kind, index), index=index)
    size = np.abs(expected.coordinates).max()
    np.testing.assert_allclose(found.coordinates / size, expected.coordinates / size, atol=1e-4)
    np.testing.assert_allclose(found.axes, expected.axes, atol=1e-3)
    np.testing.assert_allclose(found.variance_ratio, expected.variance_ratio, atol=1e-5)


@pytest.mark.parametrize("shape", [(5, 9), (9, 5), (9, 9)])
def test_it_can_be_cancelled(shape):
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(Cancelled):
        principal_components(decaying(*shape), 2, cancel=cancel)


@pytest.mark.parametrize("shape", [(30, 200), (200, 30), (5000, 20)])
def test_known_rows_are_projected_on_their_places(shape):
    vectors = decaying(*shape)
    found = principal_components(vectors, 5)
    placed = project(HELLINGER.apply(vectors), found.mean, found.axes, found.rounding)
    np.testing.assert_allclose(placed, found.coordinates, atol=1e-5)


def test_all_directions_hold_everything():
    found = principal_components(decaying(60, 9), 20)
    assert found.coordinates.shape == (60, 9)
    assert found.variance_ratio.sum() == pytest.approx(1, abs=1e-5)
    assert (np.diff(found.variance_ratio) <= 1e-7).all()


@pytest.mark.parametrize("n", [1, 2, 5, 50])
@pytest.mark.parametrize("kind", SCALINGS)
def test_rows_that_equal_the_mean_become_exact_zeros(n, kind):
    vectors = np.repeat(decaying(1, 20), n, axis=0)
    found = principal_components(vectors, 5, scaling=fit_scaling(vectors, kind))
    np.testing.assert_array_equal(found.coordinates, 0)
    np.testing.assert_array_equal(found.variance_ratio, 0)
    assert np.isfinite(found.axes).all()


def test_rows_that_differ_in_brightness_alone_become_exact_zeros():
    vectors = np.linspace(0.1, 7, 40, dtype=np.float32)[:, None] * decaying(1, 20)
    np.testing.assert_array_equal(principal_components(vectors, 5).coordinates, 0)


@pytest.mark.parametrize(
    ("ratio", "n_dims"),
    [
        ([0.5, 0.3, 0.15, 0.05], 3),
        ([0.95, 0.05], 2),  # not below 2
        ([1.0], 1),  # nor above what there is
        ([0.0, 0.0, 0.0], 2),  # nothing differs
        ([0.01] * 80, 50),  # not above 50
        ([0.1] * 7, 7),  # together less than 90 %
    ],
)
def test_enough_directions_for_the_variance(ratio, n_dims):
    assert n_dims_for_variance(np.array(ratio)) == n_dims
