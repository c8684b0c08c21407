"""The neighbour graph against UMAP's own kernel, and its bridges."""

import warnings

import numpy as np
import pytest
from scipy.sparse.csgraph import connected_components

from imgcluster.spaces.graph import connect_components, fuzzy_graph, smooth_bandwidths
from imgcluster.spaces.nearest import nearest_neighbors


def umap_bandwidths(distances):
    """UMAP's definition, row by row, with scalars."""
    sigmas, rhos = [], []
    for row in distances:
        positive = [d for d in row if d > 0]
        rho = min(positive, default=0.0)
        low, high, sigma = 0.0, np.inf, 1.0
        for _ in range(64):
            total = sum(np.exp(-max(0.0, d - rho) / sigma) for d in row[1:])
            if total > np.log2(len(row)):
                high = sigma
                sigma = (low + high) / 2
            else:
                low = sigma
                sigma = 2 * sigma if np.isinf(high) else (low + high) / 2
        floor = 1e-3 * (row.mean() if rho > 0 else distances.mean())
        sigmas.append(max(sigma, floor))
        rhos.append(rho)
    return np.array(sigmas), np.array(rhos)


@pytest.fixture
def mixed_distances():
    distances = np.sort(np.random.default_rng(1).uniform(0, 2, size=(50, 15)), axis=1)
    distances[:, 0] = 0
    distances[3, :5] = 0  # some twins
    distances[4] = 0  # twins only
    distances[5, 1:] = 0.7  # all equally far
    return distances


def test_bandwidths_equal_the_scalar_definition(mixed_distances):
    sigmas, rhos = smooth_bandwidths(mixed_distances)
    expected_sigmas, expected_rhos = umap_bandwidths(mixed_distances)
    np.testing.assert_allclose(sigmas, expected_sigmas, rtol=1e-6)
    np.testing.assert_array_equal(rhos, expected_rhos)


def test_bandwidths_solve_their_equation(mixed_distances):
    distances = mixed_distances[6:]
    sigmas, rhos = smooth_bandwidths(distances)
    beyond = np.maximum(distances[:, 1:] - rhos[:, None], 0)
    np.testing.assert_allclose(np.exp(-beyond / sigmas[:, None]).sum(axis=1), np.log2(15), atol=1e-6)


def test_fuzzy_graph_is_the_symmetric_union():
    X = np.random.default_rng(2).normal(size=(40, 3)).astype(np.float32)
    indices, distances = nearest_neighbors(X, 6)
    sigmas, rhos = umap_bandwidths(distances.astype(np.float64))
    directed = np.zeros((40, 40))
    for i in range(40):
        for j, d in zip(indices[i, 1:], distances[i, 1:], strict=True):
            directed[i, j] = np.exp(-max(0.0, d - rhos[i]) / sigmas[i])
    expected = directed + directed.T - directed * directed.T
    graph = fuzzy_graph(indices, distances)
    np.testing.assert_allclose(graph.toarray(), expected, atol=1e-6)
    assert (graph != graph.T).nnz == 0
    assert graph.data.max() <= 1


@pytest.mark.parametrize("value", [0.0, 0.5])
def test_fuzzy_graph_of_rows_all_equally_far(value):
    indices = np.array([[i, (i + 1) % 6, (i + 2) % 6] for i in range(6)])
    distances = np.full((6, 3), value)
    distances[:, 0] = 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        graph = fuzzy_graph(indices, distances)
    assert np.isfinite(graph.data).all()
    np.testing.assert_array_equal(graph.data, 1)


def test_bridges_join_the_nearest_rows_of_the_nearest_parts():
    X = np.array([[0, 0], [0, 1], [0, 2], [10, 0], [10, 1], [10, 2], [30, 0], [30, 1], [30, 2.0]], dtype=np.float32)
    graph = fuzzy_graph(*nearest_neighbors(X, 3))
    joined, n_parts = connect_components(graph, X)
    assert n_parts == 3
    assert connected_components(joined, directed=False)[0] == 1
    added = (joined - graph).toarray()
    assert (added > 0).sum() == 4  # two bridges, both ways
    assert added[:3, 3:6].sum() == added[3:6, 6:].sum() == 1
    assert added[:3, 6:].sum() == 0
    for i, j in zip(*np.nonzero(added), strict=True):
        assert X[i, 1] == X[j, 1]


def test_a_connected_graph_gets_no_bridges():
    X = np.random.default_rng(3).normal(size=(30, 2)).astype(np.float32)
    graph = fuzzy_graph(*nearest_neighbors(X, 10))
    joined, n_parts = connect_components(graph, X)
    assert n_parts == 1
    assert joined is graph


def test_parts_with_the_same_centre_are_joined():
    ring = np.array([[np.cos(a), np.sin(a)] for a in np.linspace(0, 2 * np.pi, 8, endpoint=False)])
    X = np.concatenate([ring, 100 * ring]).astype(np.float32)
    joined, n_parts = connect_components(fuzzy_graph(*nearest_neighbors(X, 3)), X)
    assert n_parts == 2
    assert connected_components(joined, directed=False)[0] == 1
