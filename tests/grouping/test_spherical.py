"""Spherical k-means against an explicit Lloyd, KMeans, and its own promise that the sum of cosines grows."""

import threading
import warnings

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from imgcluster.errors import Cancelled, ParameterError
from imgcluster.grouping import spherical
from imgcluster.grouping.clustering import kmeans, match_labels
from imgcluster.grouping.spherical import count_directions, spherical_kmeans, spherical_series
from imgcluster.grouping.ward_kmeans import ward_tree


@pytest.fixture(scope="module")
def coordinates():
    generator = np.random.default_rng(0)
    middles = generator.normal(size=(8, 5))
    rows = middles[generator.integers(0, 8, 400)] + 0.5 * generator.normal(size=(400, 5))
    return (rows * generator.uniform(0.1, 10, size=(400, 1))).astype(np.float32)


def unit(rows):
    rows = np.asarray(rows, dtype=np.float64)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def sum_of_cosines(units, labels):
    return sum(np.linalg.norm(units[labels == cluster].sum(axis=0)) for cluster in np.unique(labels))


def explicit(units, centers):
    """Lloyd's rounds, row by row; no cluster may lose all its rows."""
    labels = np.full(len(units), -1)
    while True:
        cosines = [[sum(a * b for a, b in zip(row, center, strict=True)) for center in centers] for row in units]
        found = np.array([row.index(max(row)) for row in cosines])
        if (found == labels).all():
            return labels
        labels = found
        centers = unit([units[labels == cluster].sum(axis=0) for cluster in range(len(centers))])


@pytest.mark.parametrize("k", [1, 2, 5, 8, 12])
def test_equals_an_explicit_lloyd_from_the_same_start(coordinates, k):
    rows = coordinates[:120]
    units = unit(rows)
    expected = explicit(units, unit(ward_tree(units).centers(k)))
    found = spherical_kmeans(rows, k)
    assert adjusted_rand_score(expected, found.labels) == 1
    assert (found.n_clusters, found.method, found.notes) == (k, "spherical", ())
    assert (np.diff(found.sizes) <= 0).all()


def test_lengths_count_for_nothing(coordinates):
    lengths = np.random.default_rng(1).uniform(0.01, 100, size=(400, 1))
    np.testing.assert_array_equal(
        spherical_kmeans(unit(coordinates), 8).labels, spherical_kmeans(unit(coordinates) * lengths, 8).labels
    )


def test_no_worse_than_kmeans_on_unit_rows(coordinates):
    units = unit(coordinates)
    for k in (3, 8, 20):
        of_kmeans = sum_of_cosines(units, kmeans(units, k).labels)
        assert sum_of_cosines(units, spherical_kmeans(coordinates, k).labels) >= 0.9999 * of_kmeans


@pytest.mark.parametrize("start", ["bad", "zero", "twins"])
def test_the_sum_never_falls_and_no_cluster_stays_empty(coordinates, start, monkeypatch):
    units, sums = unit(coordinates), []
    centers = unit(np.random.default_rng(2).normal(size=(9, 5)))
    if start == "zero":
        centers[3] = 0
    elif start == "twins":
        centers[1:7] = centers[0]
    measure = spherical._sum_of_cosines
    monkeypatch.setattr(spherical, "_sum_of_cosines", lambda *args: sums.append(measure(*args)) or sums[-1])
    labels = spherical._iterate(units, centers)
    np.testing.assert_array_equal(np.unique(labels), np.arange(9))
    assert len(sums) > 2
    assert (np.diff(sums) >= -1e-9).all()
    assert sums[-1] == pytest.approx(sum_of_cosines(units, labels))


def test_empty_clusters_take_the_rows_that_fit_worst():
    units = unit([[1, 0], [1, 0.1], [0, 1], [1, 2], [1, 1]])
    labels = spherical._without_empty(
        np.array([0, 0, 0, 0, 1]), units, np.array([[1.0, 0], [0.7, 0.7], [0, 0], [0, 0]])
    )
    np.testing.assert_array_equal(labels, [0, 0, 2, 3, 1])  # the only member of cluster 1 stays


def test_rows_that_cancel_each_other():
    rows = np.array([[1.0, 0], [-1, 0], [0, 1], [0, -1]])
    assert spherical_kmeans(rows, 1).sizes.tolist() == [4]
    assert spherical_kmeans(rows, 4).sizes.tolist() == [1, 1, 1, 1]
    assert spherical_kmeans(rows, 2).n_clusters == 2


def test_rows_without_a_direction_join_the_largest_and_a_note_says_so(coordinates):
    rows = coordinates.copy()
    rows[[0, 7]] = 0
    found = spherical_kmeans(rows, 5)
    assert found.labels[[0, 7]].tolist() == [0, 0]
    others = np.delete(np.arange(400), [0, 7])
    assert adjusted_rand_score(spherical_kmeans(rows[others], 5).labels, found.labels[others]) == 1
    assert found.notes == (
        "2 of 400 pictures have no direction (all their numbers are 0); they were put into the largest group.",
    )
    nothing = spherical_kmeans(np.zeros((6, 3)), 4)
    assert nothing.labels.tolist() == [0] * 6
    assert nothing.notes[0] == "4 groups were asked for, but all pictures are alike."


@pytest.mark.parametrize("n", [1, 2, 3, 16])
def test_every_possible_number_of_clusters(n):
    rows = np.random.default_rng(n).normal(size=(n, 3))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert [spherical_kmeans(rows, k).n_clusters for k in range(1, n + 1)] == list(range(1, n + 1))


def test_fewer_directions_than_clusters():
    rows = np.repeat([[1.0, 2], [2, 1], [-3, 1]], 10, axis=0) * np.arange(1, 31)[:, None]
    found = spherical_kmeans(rows, 5)
    np.testing.assert_array_equal(found.labels, np.repeat([0, 1, 2], 10))
    assert found.notes == ("5 groups were asked for, but there are only 3 different directions.",)
    assert count_directions(rows) == 3


def test_many_clusters_of_a_sampled_tree_start_otherwise():
    rows = np.random.default_rng(0).normal(size=(2500, 3))
    assert spherical_kmeans(rows, 501).n_clusters == 501


@pytest.mark.parametrize("function", [spherical_kmeans, spherical_series])
def test_impossible_requests(function, coordinates):
    with pytest.raises(ParameterError, match=r"^4 groups .* 3 pictures"):
        function(np.eye(3), 4)
    with pytest.raises(ParameterError, match="1 pictures are not numbers"):
        function(np.where(np.arange(400)[:, None] == 7, np.nan, coordinates), 3)


def test_series_has_the_partitions_and_steady_numbers(coordinates):
    reports = []
    series = spherical_series(coordinates, 12, progress=reports.append)
    assert (series.shape, series.dtype) == ((12, 400), np.int16)
    for k in range(1, 13):
        assert adjusted_rand_score(spherical_kmeans(coordinates, k).labels, series[k - 1]) == 1
    for k in range(2, 13):
        np.testing.assert_array_equal(match_labels(series[k - 1], series[k - 2]), series[k - 1])
    assert [(report.done, report.total) for report in reports] == [(k, 12) for k in range(2, 13)]
    assert series.tobytes() == spherical_series(coordinates, 12).tobytes()
    stop = threading.Event()
    stop.set()
    with pytest.raises(Cancelled):
        spherical_series(coordinates, 6, cancel=stop)
