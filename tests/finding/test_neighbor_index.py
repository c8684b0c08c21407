"""The index of neighbours against the sorted distances of all pairs."""

import numpy as np
import pytest

from imgcluster.errors import ParameterError
from imgcluster.features import blocks
from imgcluster.features.rows import normalize_rows
from imgcluster.features.scaling import fit_scaling
from imgcluster.finding import row_search
from imgcluster.finding.neighbors import build_index

METRICS = ("cosine", "euclidean")


def all_distances(vectors, queries, scaling="none", metric="cosine"):
    """Measure every pair of scaled rows in float64."""
    scale = fit_scaling(vectors, scaling).apply
    rows, others = (scale(np.asarray(part, dtype=np.float32)).astype(np.float64) for part in (vectors, queries))
    if metric == "euclidean":
        return np.array([np.sqrt(((rows - other) ** 2).sum(axis=1)) for other in others])
    if scaling in ("none", "zscore"):
        rows, others = (normalize_rows(part).astype(np.float32).astype(np.float64) for part in (rows, others))
    rows, others = normalize_rows(rows), normalize_rows(others)
    return np.array([1 - np.round((rows * other).sum(axis=1), 9) for other in others])


def check(neighbors, distances, k, *, images=None):
    """Compare with a stable sort, the images themselves left out."""
    distances = distances.copy()
    if images is not None:
        distances[np.arange(len(images)), images] = np.inf
        k = min(k, distances.shape[1] - 1)
    k = min(k, distances.shape[1])
    assert neighbors.indices.shape == neighbors.distances.shape == (len(distances), k)
    assert neighbors.indices.dtype == np.int64 and neighbors.distances.dtype == np.float64
    expected = np.argsort(distances, axis=1, kind="stable")[:, :k]
    np.testing.assert_allclose(neighbors.distances, np.take_along_axis(distances, expected, axis=1), atol=1e-12)
    np.testing.assert_array_equal(neighbors.indices, expected)


@pytest.mark.parametrize(
    ("metric", "scaling"),
    [("cosine", "none"), ("cosine", "hellinger"), ("cosine", "zscore"), ("euclidean", "none"), ("euclidean", "l2")],
)
def test_neighbors_equal_brute_force_for_every_small_number_of_images(metric, scaling):
    for n in range(1, 51):
        generator = np.random.default_rng(n)
        vectors = generator.normal(size=(n, 6)).astype(np.float32)
        vectors[generator.integers(0, n, n // 4)] = vectors[0]
        vectors[generator.integers(0, n, n // 6)] = 0
        index = build_index(vectors, scaling=scaling, metric=metric)
        distances = all_distances(vectors, vectors, scaling, metric)
        for k in (1, 20, 60):
            check(index.table(k), distances, k, images=np.arange(n))
        check(index.query_image(n - 1, 7), distances[-1:], 7, images=np.array([n - 1]))
        check(index.query(vectors[:3] + 1, 60), all_distances(vectors, vectors[:3] + 1, scaling, metric), 60)
        np.testing.assert_allclose(index.distances(vectors[0]), distances[0], atol=1e-12)
        np.testing.assert_allclose(index.image_distances(0), distances[0], atol=1e-12)
        assert index.exact and index.n_images == n and index.metric == metric


@pytest.mark.parametrize("metric", METRICS)
def test_neighbors_equal_brute_force_for_many_images(metric):
    generator = np.random.default_rng(0)
    vectors = generator.uniform(size=(5000, 48)).astype(np.float32)
    vectors[1000:1100] = vectors[7]  # more twins than are asked for
    vectors[2000:2040] = 3 * vectors[8]
    vectors[3000:3030] = 0
    index = build_index(vectors, scaling="hellinger", metric=metric)
    some = np.concatenate([[0, 7, 8, 1000, 1050, 1099, 2000, 2039, 3000, 3029], generator.integers(0, 5000, 150)])
    table = index.table(20)
    distances = all_distances(vectors, vectors[some], "hellinger", metric)
    expected = distances.copy()
    expected[np.arange(len(some)), some] = np.inf
    order = np.argsort(expected, axis=1, kind="stable")[:, :20]
    np.testing.assert_array_equal(table.indices[some], order)
    np.testing.assert_allclose(table.distances[some], np.take_along_axis(expected, order, axis=1), atol=1e-12)
    assert (table.indices != np.arange(5000)[:, None]).all()
    for i in (0, 7, 1050, 3000):
        np.testing.assert_array_equal(index.query_image(i, 20).indices[0], table.indices[i])
    outside = generator.uniform(size=(3, 48))
    check(index.query(outside, 20), all_distances(vectors, outside, "hellinger", metric), 20)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("kind", ["all equal", "all zero", "almost equal", "huge", "tiny"])
def test_neighbors_of_images_that_float32_cannot_tell_apart(metric, kind):
    generator = np.random.default_rng(1)
    vectors = {
        "all equal": np.full((300, 20), 0.3),
        "all zero": np.zeros((300, 20)),
        "almost equal": 100 + 1e-4 * generator.normal(size=(300, 20)),
        "huge": 9e14 * generator.uniform(size=(300, 20)),
        "tiny": 1e-30 * generator.uniform(size=(300, 20)),
    }[kind].astype(np.float32)
    index = build_index(vectors, scaling="none", metric=metric)
    distances = all_distances(vectors, vectors, "none", metric)
    table = index.table(5)
    expected = distances + np.diag(np.full(300, np.inf))
    np.testing.assert_array_equal(table.indices, np.argsort(expected, axis=1, kind="stable")[:, :5])


@pytest.mark.parametrize("metric", METRICS)
def test_features_too_large_to_be_kept_are_read_block_by_block(metric, tmp_path, monkeypatch):
    vectors = np.random.default_rng(0).uniform(size=(211, 40)).astype(np.float32)
    vectors[50:120] = vectors[3]
    np.save(tmp_path / "vectors.npy", vectors)
    kept = build_index(vectors, scaling="zscore", metric=metric)
    monkeypatch.setattr(row_search, "_MOST_BYTES", 1000)
    monkeypatch.setattr(row_search, "_QUERY_BYTES", 3000)
    monkeypatch.setattr(blocks, "_MOST_ROWS", 16)
    mapped = np.load(tmp_path / "vectors.npy", mmap_mode="r")
    index = build_index(mapped, scaling="zscore", metric=metric)
    assert index._rows.kept is None
    for found, expected in (
        (index.table(12), kept.table(12)),
        (index.query_image(60, 12), kept.query_image(60, 12)),
        (index.query(vectors[:20] + 0.1, 300), kept.query(vectors[:20] + 0.1, 300)),
    ):
        np.testing.assert_array_equal(found.indices, expected.indices)
        np.testing.assert_array_equal(found.distances, expected.distances)
    np.testing.assert_array_equal(index.image_distances(7), kept.image_distances(7))


@pytest.mark.parametrize("metric", METRICS)
def test_very_many_images_are_searched_by_an_inverted_file(metric):
    generator = np.random.default_rng(0)
    centers = generator.normal(size=(40, 24))
    vectors = (centers[generator.integers(0, 40, 6000)] + 0.3 * generator.normal(size=(6000, 24))).astype(np.float32)
    vectors[100:130] = vectors[5]
    exact = build_index(vectors, scaling="none", metric=metric).table(10)
    index = build_index(vectors, scaling="none", metric=metric, max_exact=5000)
    table = index.table(10)
    assert not index.exact
    shared = [len(np.intersect1d(a, b)) for a, b in zip(table.indices, exact.indices, strict=True)]
    assert np.mean(shared) >= 9.5
    assert (table.indices != np.arange(6000)[:, None]).all()
    np.testing.assert_array_equal(table.distances[100:130], 0)
    again = build_index(vectors, scaling="none", metric=metric, max_exact=5000).table(10)
    np.testing.assert_array_equal(again.indices, table.indices)
    assert index.query_image(0, 5990).indices.shape == (1, 5990)


def test_no_neighbors_wanted():
    index = build_index(np.eye(4), scaling="none")
    assert index.query_image(0, 0).indices.shape == (1, 0)
    assert index.query(np.eye(4)[:2], 0).indices.shape == (2, 0)
    assert index.table(0).indices.shape == (4, 0)


def test_results_are_read_only():
    assert not build_index(np.eye(4), scaling="none").table(2).indices.flags.writeable


def test_what_cannot_be_found_is_said():
    index = build_index(np.eye(4), scaling="none")
    for number in (-1, 4):
        with pytest.raises(ParameterError, match=f"no picture {number}"):
            index.query_image(number)
        with pytest.raises(ParameterError, match=f"no picture {number}"):
            index.image_distances(number)
    with pytest.raises(ParameterError, match="5 numbers each, those of the pictures 4"):
        index.query(np.ones((1, 5)))
    with pytest.raises(ParameterError, match="not numbers"):
        index.distances(np.full(4, np.nan))
    with pytest.raises(ParameterError, match="-2 neighbours"):
        index.table(-2)
    with pytest.raises(ParameterError, match="no metric 'manhattan'"):
        build_index(np.eye(4), metric="manhattan")
