"""Nearest rows against brute force; the inverted file of many rows."""

import faiss
import numpy as np
import pytest
from some_spaces import blobs, space_of

from imgcluster.spaces import nearest, space
from imgcluster.spaces.nearest import inverted_file, nearest_neighbors


def brute_force(X, k):
    X = X.astype(np.float64)
    indices, distances = [], []
    for i, row in enumerate(X):
        to_all = np.sqrt(((X - row) ** 2).sum(axis=1))
        others = sorted((to_all[j], j) for j in range(len(X)) if j != i)[: k - 1]
        indices.append([i] + [j for _, j in others])
        distances.append([0.0] + [d for d, _ in others])
    return np.array(indices), np.array(distances)


@pytest.mark.parametrize(("n", "k"), [(1, 1), (2, 2), (5, 3), (60, 15), (500, 15)])
def test_neighbors_equal_brute_force(n, k):
    X = np.random.default_rng(n).normal(size=(n, 7)).astype(np.float32)
    indices, distances = nearest_neighbors(X, k)
    expected_indices, expected_distances = brute_force(X, k)
    np.testing.assert_array_equal(indices, expected_indices)
    np.testing.assert_allclose(distances, expected_distances, atol=1e-6)
    assert (indices.dtype, distances.dtype) == (np.int32, np.float32)


def test_a_row_is_its_own_first_neighbor_even_among_many_twins():
    X = np.repeat(np.random.default_rng(0).normal(size=(3, 4)), 40, axis=0).astype(np.float32)
    indices, distances = nearest_neighbors(X, 15)
    np.testing.assert_array_equal(indices[:, 0], np.arange(120))
    assert all(len(set(row)) == 15 for row in indices)
    np.testing.assert_array_equal(distances, 0)
    np.testing.assert_array_equal(indices // 40, np.repeat(np.arange(120)[:, None] // 40, 15, axis=1))


@pytest.fixture
def inverted_above(monkeypatch):
    """Return a function that sets the number of rows above which the inverted file serves."""

    def set_limit(n_rows):
        monkeypatch.setattr(nearest, "MAX_SEARCHED_EXACTLY", n_rows)
        monkeypatch.setattr(space, "MAX_SEARCHED_EXACTLY", n_rows)

    return set_limit


def clusters_of_rows(n, d=8):
    generator = np.random.default_rng(0)
    centers = 2 * generator.normal(size=(30, d))
    return (centers[generator.integers(0, 30, n)] + generator.normal(size=(n, d))).astype(np.float32)


def test_an_inverted_file_finds_nearly_all_and_says_true_distances(inverted_above):
    X = clusters_of_rows(6000)
    exact, _ = nearest_neighbors(X, 15)
    inverted_above(5999)
    found, distances = nearest_neighbors(X, 15)
    np.testing.assert_array_equal(found[:, 0], np.arange(len(X)))
    assert np.mean([np.isin(row, true).mean() for row, true in zip(found, exact, strict=True)]) > 0.98
    np.testing.assert_allclose(distances, np.linalg.norm(X[found] - X[:, None], axis=2), atol=1e-5)
    assert (np.diff(distances, axis=1) >= 0).all()
    again, _ = nearest_neighbors(X, 15)
    np.testing.assert_array_equal(found, again)


@pytest.mark.parametrize("n", [2, 3, 20, 70])
def test_so_many_neighbors_that_all_lists_are_searched_are_exact(inverted_above, n):
    X = clusters_of_rows(n)
    exact = nearest_neighbors(X, min(n, 15))
    inverted_above(1)
    for found, true in zip(nearest_neighbors(X, min(n, 15)), exact, strict=True):
        np.testing.assert_array_equal(found, true)


def test_rows_whose_lists_are_too_short_are_searched_exactly(inverted_above, monkeypatch):
    # A list of two far rows: what is looked at first holds fewer than five.
    X = np.concatenate([clusters_of_rows(4000), [[1e3] * 8, [1e3 + 1] * 8]]).astype(np.float32)
    exact, _ = nearest_neighbors(X, 5)
    inverted_above(10)
    monkeypatch.setattr(nearest, "_ROWS_PER_NEIGHBOR", 0)
    monkeypatch.setattr(nearest, "_SHARE", 10**9)
    exactly, knn = [], faiss.knn
    monkeypatch.setattr(faiss, "knn", lambda rows, *others: exactly.append(rows) or knn(rows, *others))
    found, _ = nearest_neighbors(X, 5)
    (searched,) = exactly
    assert len(searched) < len(X) / 2
    np.testing.assert_array_equal(searched[-2:], X[-2:])
    np.testing.assert_array_equal(found[-2:], exact[-2:])


def test_identical_rows_in_an_inverted_file_are_their_own_first_neighbors(inverted_above):
    inverted_above(100)
    indices, distances = nearest_neighbors(np.ones((400, 4), dtype=np.float32), 15)
    np.testing.assert_array_equal(indices[:, 0], np.arange(400))
    assert all(len(set(row)) == 15 for row in indices)
    np.testing.assert_array_equal(distances, 0)


def test_a_space_says_that_neighbors_are_approximate(inverted_above):
    vectors, _ = blobs(300)
    assert not any("of the nearest" in note for note in space_of(vectors).notes)
    inverted_above(299)
    said = "Of more than 299 different pictures, about 98 in 100 of the nearest are found on average, as measured."
    assert said in space_of(vectors).notes


@pytest.mark.parametrize("half", [False, True])
def test_unit_rows_are_searched_by_their_cosine(half):
    X = clusters_of_rows(3000)
    X /= np.linalg.norm(X, axis=1, keepdims=True)
    inverted = inverted_file(len(X), X.__getitem__, np.array_split(X, 3), cosine=True, half=half)
    inverted.nprobe = inverted.nlist
    values, found = inverted.search(X[:50], 4)
    np.testing.assert_allclose(values, -np.sort(-(X[:50] @ X.T), axis=1)[:, :4], atol=2e-3)
    np.testing.assert_allclose(values, np.einsum("ij,ikj->ik", X[:50], X[found]), atol=2e-3)
