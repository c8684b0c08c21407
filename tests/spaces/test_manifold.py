"""Kernel PCA, LLE, spectral embedding and UMAP: against scikit-learn, on a sample, on islands."""

import threading
from itertools import combinations

import numpy as np
import pytest
from scipy.linalg import subspace_angles
from sklearn.datasets import make_swiss_roll
from sklearn.decomposition import KernelPCA
from sklearn.manifold import LocallyLinearEmbedding, SpectralEmbedding
from sklearn.manifold._locally_linear import barycenter_weights as reference_weights
from sklearn.metrics import adjusted_rand_score
from some_spaces import assert_same_up_to_sign, blobs, space_of

from imgcluster.errors import Cancelled
from imgcluster.features.rows import normalize_rows
from imgcluster.grouping.clustering import kmeans
from imgcluster.spaces import sampled
from imgcluster.spaces.graph import fuzzy_graph
from imgcluster.spaces.manifold import diffusion_map, spectral_embedding, umap_embedding
from imgcluster.spaces.nearest import nearest_neighbors
from imgcluster.spaces.sampled import barycenter_weights, kernel_pca, locally_linear


def unit_rows(n, d=6, seed=0):
    return normalize_rows(np.random.default_rng(seed).normal(size=(n, d))).astype(np.float32)


def roll(n):
    """A rolled-up sheet: the eigenvalues of its embeddings are well apart."""
    return (make_swiss_roll(n, random_state=0)[0] / 20).astype(np.float32)


def test_kernel_pca_equals_scikit_learn():
    rows = unit_rows(150)
    found = kernel_pca(rows, 4, random_state=0)
    squared = ((rows[:, None] - rows).astype(np.float64) ** 2).sum(axis=2)
    gamma = 1 / np.median(squared[~np.eye(150, dtype=bool)])
    assert found.gamma == pytest.approx(gamma, rel=1e-5)
    other = KernelPCA(4, kernel="rbf", gamma=gamma, eigen_solver="dense").fit_transform(rows.astype(np.float64))
    assert_same_up_to_sign(found.coordinates, other, atol=1e-4)


def test_barycentres_equal_scikit_learn():
    known, rows = unit_rows(40), unit_rows(9, seed=1)
    rows[0] = known[3]
    indices = np.random.default_rng(0).permuted(np.tile(np.arange(40), (9, 1)), axis=1)[:, :8]
    indices[0, 0] = 3
    weights = barycenter_weights(rows, known, indices)
    np.testing.assert_allclose(weights, reference_weights(rows.astype(np.float64), known, indices), atol=1e-6)
    np.testing.assert_allclose(weights.sum(axis=1), 1)
    twins = np.repeat(known[:1], 5, axis=0)
    np.testing.assert_allclose(barycenter_weights(twins[:1], twins, np.arange(5)[None]), 0.2)


@pytest.mark.parametrize("n_neighbors", [6, 15])
def test_lle_equals_scikit_learn(n_neighbors):
    rows = roll(300)
    indices, _ = nearest_neighbors(rows, n_neighbors)
    found = locally_linear(rows, indices, 3, random_state=0)
    reference = LocallyLinearEmbedding(n_neighbors=n_neighbors - 1, n_components=3, eigen_solver="dense")
    other = reference.fit_transform(rows.astype(np.float64))
    assert np.degrees(subspace_angles(found.coordinates, other)).max() < 0.1


def test_spectral_equals_scikit_learn():
    rows = roll(300)
    indices, distances = nearest_neighbors(rows, 15)
    found = spectral_embedding(rows, indices, distances, 4, random_state=0)
    reference = SpectralEmbedding(4, affinity="precomputed", eigen_solver="arpack", random_state=0)
    other = reference.fit_transform(fuzzy_graph(indices, distances).toarray())
    own = found.coordinates / np.linalg.norm(found.coordinates, axis=0)
    assert_same_up_to_sign(own, other / np.linalg.norm(other, axis=0), atol=2e-3)


def test_diffusion_and_spectral_come_from_the_same_eigenvectors():
    rows = roll(200)
    graph = nearest_neighbors(rows, 10)
    diffusion, spectral = (
        diffusion_map(rows, *graph, 6, random_state=0),
        spectral_embedding(rows, *graph, 5, random_state=0),
    )
    ratio = diffusion.carried[:, 1:] / diffusion.carried[:, :1]  # the first eigenvector is sqrt(degree)
    expected = spectral.coordinates * diffusion.eigenvalues[1:] ** 7
    np.testing.assert_allclose(ratio / np.abs(ratio).max(axis=0), expected / np.abs(expected).max(axis=0), atol=1e-3)


@pytest.mark.parametrize("method", ["kernel_pca", "lle"])
def test_a_sample_serves_for_the_rest(monkeypatch, method):
    vectors, truth = blobs(400)
    whole = space_of(vectors, method=method)
    monkeypatch.setattr(sampled, "MAX_FITTED", 150)
    monkeypatch.setattr("imgcluster.spaces.embedding.MAX_FITTED", 150)
    space, again, other = (space_of(vectors, method=method, random_state=seed) for seed in (0, 0, 1))
    assert len(space.model.known) == 150
    assert any("fitted on 150 of 400 different pictures" in note for note in space.notes)
    assert not any("fitted on" in note for note in whole.notes)
    assert adjusted_rand_score(truth, kmeans(space.coordinates, 4).labels) == 1
    np.testing.assert_array_equal(space.coordinates, again.coordinates)
    assert not np.array_equal(space.coordinates, other.coordinates)
    if method == "kernel_pca":  # the first components of the sample are nearly those of all
        assert np.degrees(subspace_angles(space.coordinates[:, :3], whole.coordinates[:, :3])).max() < 10


@pytest.mark.parametrize(("method", "n_dims"), [("diffusion", 5), ("lle", 4), ("spectral", 4)])
def test_five_islands_are_five_places(method, n_dims):
    vectors, truth = blobs(200, centers=5, spread=0.02)
    space = space_of(vectors, method=method, n_dims=n_dims)
    centers = np.stack([space.coordinates[truth == k].mean(axis=0) for k in range(5)])
    radius = max(np.linalg.norm(space.coordinates[truth == k] - centers[k], axis=1).max() for k in range(5))
    assert min(np.linalg.norm(centers[a] - centers[b]) for a, b in combinations(range(5), 2)) > 2 * radius


@pytest.mark.parametrize(("centers", "n_dims"), [(2, 1), (5, 4)])
def test_spectral_takes_the_columns_that_part_groups(centers, n_dims):
    vectors, truth = blobs(200, centers=centers, spread=0.1)
    space = space_of(vectors, method="spectral")
    assert space.coordinates.shape == (200, n_dims)
    assert adjusted_rand_score(truth, kmeans(space.coordinates, centers).labels) == 1


def test_umap_makes_tight_groups(umap_of_blobs):
    _, truth, space = umap_of_blobs
    assert space.coordinates.shape == (164, 6)
    assert space.coordinates.dtype == np.float32
    assert np.isfinite(space.coordinates).all()
    np.testing.assert_array_equal(space.coordinates[160:], space.coordinates[:4])
    assert adjusted_rand_score(truth, kmeans(space.coordinates, 4).labels) == 1


def test_umap_of_two_piles_with_no_distances_at_all():
    rows = np.repeat(unit_rows(2), 20, axis=0)  # as where pictures differ in brightness alone
    found = umap_embedding(rows, *nearest_neighbors(rows, 15), 3, random_state=0)
    assert np.isfinite(found.coordinates).all()
    assert adjusted_rand_score(np.repeat([0, 1], 20), kmeans(found.coordinates, 2).labels) == 1


def test_umap_is_cancelled():
    stop = threading.Event()
    stop.set()
    rows = unit_rows(50)
    with pytest.raises(Cancelled):
        umap_embedding(rows, *nearest_neighbors(rows, 10), 3, random_state=0, cancel=stop)
