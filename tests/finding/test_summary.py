"""Medoids and summaries against plain loops."""

import warnings

import numpy as np
import pytest

from imgcluster.finding.summary import medoids, summarize


@pytest.fixture
def coordinates():
    return np.random.default_rng(0).normal(size=(200, 4)).astype(np.float32)


@pytest.fixture
def labels():
    return np.concatenate([[0, 1, 2, 3, 4], np.random.default_rng(1).integers(0, 4, 195)])  # 4 has one member


def test_summary_equals_plain_loops(coordinates, labels):
    summary = summarize(coordinates, labels)
    for cluster in range(5):
        members = np.flatnonzero(labels == cluster)
        center = coordinates[members].astype(np.float64).mean(axis=0)
        to_center = [np.linalg.norm(coordinates[i] - center) for i in members]
        assert summary.sizes[cluster] == len(members)
        assert summary.medoids[cluster] == members[np.argmin(to_center)]
        np.testing.assert_allclose(summary.distances[members], to_center, atol=1e-6)
        units = coordinates[members] / np.linalg.norm(coordinates[members], axis=1, keepdims=True)
        cosines = [units[i] @ units[j] for i in range(len(units)) for j in range(len(units)) if i != j]
        assert summary.cohesion[cluster] == pytest.approx(np.mean(cosines) if cosines else 1, abs=1e-6)
    np.testing.assert_array_equal(medoids(coordinates, labels), summary.medoids)
    assert not summary.distances.flags.writeable


def test_a_medoid_belongs_to_its_cluster_even_when_another_image_is_nearer():
    ring = np.array([[np.cos(a), np.sin(a)] for a in np.linspace(0, 6, 12)])
    coordinates = np.concatenate([ring, [[0, 0.01], [0.01, 0]]])
    labels = np.array([0] * 12 + [1] * 2)
    found = medoids(coordinates, labels)
    np.testing.assert_array_equal(labels[found], [0, 1])


def test_of_equally_central_images_the_first_is_the_medoid():
    np.testing.assert_array_equal(medoids(np.ones((5, 2)), np.array([1, 0, 1, 0, 0])), [1, 0])


def test_noise_is_in_no_cluster_and_no_medoid(coordinates, labels):
    labels[np.random.default_rng(2).choice(np.arange(5, 200), 60, replace=False)] = -1
    inside = labels >= 0
    summary, without = summarize(coordinates, labels), summarize(coordinates[inside], labels[inside])
    np.testing.assert_array_equal(summary.sizes, without.sizes)
    np.testing.assert_array_equal(summary.cohesion, without.cohesion)
    np.testing.assert_array_equal(summary.medoids, np.flatnonzero(inside)[without.medoids])
    np.testing.assert_array_equal(summary.distances[inside], without.distances)
    assert np.isnan(summary.distances[~inside]).all()


@pytest.mark.parametrize("n", [1, 5])
def test_where_all_is_noise_there_is_nothing_to_summarize(n):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        summary = summarize(np.ones((n, 3), dtype=np.float32), np.full(n, -1))
    assert [len(array) for array in (summary.sizes, summary.medoids, summary.cohesion)] == [0, 0, 0]
    assert np.isnan(summary.distances).tolist() == [True] * n
    assert summary.medoids.dtype.kind == "i"


@pytest.mark.parametrize("n", [1, 2, 5])
def test_summary_of_few_or_zero_rows_is_finite(n):
    for rows in (np.zeros((n, 3)), np.ones((n, 3))):
        summary = summarize(rows, np.zeros(n, dtype=int))
        assert np.isfinite(summary.cohesion).all()
        assert summary.medoids.tolist() == [0]
