"""KMeans: order, numbers that stay put, and impossible requests."""

import threading
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from imgcluster.errors import Cancelled, ParameterError
from imgcluster.grouping import clustering, ward_kmeans
from imgcluster.grouping.clustering import (
    kmeans,
    kmeans_series,
    make_clustering,
    match_labels,
    number_by_size,
    series_of_labels,
)


@pytest.fixture(scope="module")
def coordinates():
    generator = np.random.default_rng(0)
    middles = generator.normal(size=(9, 6))
    rows = middles[generator.integers(0, 9, 700)] + 0.4 * generator.normal(size=(700, 6))
    return rows.astype(np.float32)


def explicit_centers(coordinates, labels):
    return np.array([coordinates[labels == c].astype(np.float64).mean(axis=0) for c in range(labels.max() + 1)])


def test_kmeans_is_as_good_as_many_random_starts_and_ordered_by_size(coordinates):
    found = kmeans(coordinates, 9)
    best = KMeans(9, n_init=20, random_state=0).fit(coordinates)
    assert (found.distances.astype(float) ** 2).sum() <= 1.002 * best.inertia_
    assert adjusted_rand_score(best.labels_, found.labels) > 0.97
    assert (np.diff(found.sizes) <= 0).all()
    centers = explicit_centers(coordinates, found.labels)
    np.testing.assert_allclose(found.centers, centers, atol=1e-9)
    np.testing.assert_allclose(found.distances, np.linalg.norm(coordinates - centers[found.labels], axis=1), atol=1e-6)
    assert (found.n_clusters, found.method, found.notes) == (9, "kmeans", ())
    assert found.parameters == {"n_clusters": 9, "random_state": 0}
    assert not found.labels.flags.writeable


def test_equally_large_clusters_are_numbered_by_their_first_image():
    coordinates = np.array([[5, 0], [0, 0], [9, 9], [5, 0.1], [0, 0.1], [9, 9.1]])
    np.testing.assert_array_equal(kmeans(coordinates, 3).labels, [0, 1, 2, 0, 1, 2])


@pytest.mark.parametrize("n", [1, 2, 3, 5, 16])
def test_every_possible_number_of_clusters(n):
    coordinates = np.random.default_rng(n).normal(size=(n, 3))
    for k in range(1, n + 1):
        assert kmeans(coordinates, k).n_clusters == k


@pytest.mark.parametrize("k", [-1, 0, 4, 100])
@pytest.mark.parametrize("function", [kmeans, kmeans_series])
def test_impossible_numbers_are_refused_with_both_numbers(function, k):
    with pytest.raises(ParameterError, match=rf"^{k} groups .* 3 pictures"):
        function(np.eye(3), k)


def test_fewer_places_than_clusters():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = kmeans(np.repeat(np.eye(3), 10, axis=0), 5)
    assert found.n_clusters == 3
    assert found.notes == ("5 groups were asked for, but there are only 3 different places to put them.",)
    np.testing.assert_array_equal(found.labels, np.repeat([0, 1, 2], 10))


def test_rows_that_differ_by_rounding_alone_warn_of_nothing():
    coordinates = np.repeat(np.eye(3), 10, axis=0) + 1e-9 * np.arange(30)[:, None]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = kmeans(coordinates.astype(np.float32), 8)
    assert 3 <= found.n_clusters <= 8
    assert (found.sizes > 0).all()
    assert bool(found.notes) == (found.n_clusters < 8)


def test_series_has_the_partitions_of_kmeans_and_steady_numbers(coordinates):
    series = kmeans_series(coordinates, 20)
    assert series.shape == (20, 700)
    assert series.dtype == np.int16
    for k in range(1, 21):
        assert adjusted_rand_score(kmeans(coordinates, k).labels, series[k - 1]) == 1
        np.testing.assert_array_equal(np.unique(series[k - 1]), np.arange(k))
    for k in range(2, 21):
        np.testing.assert_array_equal(match_labels(series[k - 1], series[k - 2]), series[k - 1])
    kept = [(series[k] == series[k - 1]).mean() for k in range(1, 20)]
    assert np.mean(kept) > 0.8


def test_a_cluster_that_stays_keeps_its_number():
    coordinates = np.concatenate([np.full((10, 2), 0.0), np.full((8, 2), 50.0), [[100, 0]] * 4, [[103, 0]] * 5])
    series = kmeans_series(coordinates, 4)
    np.testing.assert_array_equal(series[3, :18], series[2, :18])


def test_series_repeats_when_there_is_nothing_left_to_split():
    series = kmeans_series(np.repeat(np.eye(2), 3, axis=0), 5)
    np.testing.assert_array_equal(series, [[0] * 6] + [[0, 0, 0, 1, 1, 1]] * 4)


def test_series_reports_and_stops(coordinates):
    reports = []
    kmeans_series(coordinates, 6, progress=reports.append)
    assert [(report.done, report.total) for report in reports] == [(k, 6) for k in range(2, 7)]
    stop = threading.Event()
    stop.set()
    with pytest.raises(Cancelled):
        kmeans_series(coordinates, 6, cancel=stop)


labels_arrays = hnp.arrays(np.int32, 40, elements=st.integers(-1, 7))


@settings(deadline=None)
@given(labels_arrays, labels_arrays)
def test_matching_changes_numbers_and_nothing_else(raw, reference):
    clusters, compact = np.unique(raw, return_inverse=True)
    labels = (compact - np.count_nonzero(clusters < 0)).astype(np.int32)
    matched = match_labels(labels, reference)
    k = labels.max() + 1
    assert matched.dtype == labels.dtype
    np.testing.assert_array_equal(matched == -1, labels == -1)
    assert set(matched[matched >= 0]) == set(range(k))
    assert adjusted_rand_score(labels, matched) == 1
    np.testing.assert_array_equal(match_labels(labels, matched), matched)


@settings(deadline=None, max_examples=30)
@given(hnp.arrays(np.int32, 25, elements=st.integers(0, 4)), st.permutations(range(5)))
def test_matching_undoes_a_renumbering(raw, order):
    labels = np.unique(raw, return_inverse=True)[1].astype(np.int32)
    k = labels.max() + 1
    renumbered = np.array([number for number in order if number < k])[labels]
    np.testing.assert_array_equal(match_labels(renumbered, labels), labels)


def test_matching_keeps_as_many_images_as_possible():
    reference = np.array([0] * 5 + [1] * 5 + [2] * 5)
    labels = np.array([1] * 5 + [0] * 4 + [2] * 1 + [2] * 2 + [3] * 3)
    # 1 -> 0 (5 images), 0 -> 1 (4), 3 -> 2 (3, against 2 of cluster 2), so cluster 2 takes the free number 3.
    np.testing.assert_array_equal(match_labels(labels, reference), [0] * 5 + [1] * 4 + [3] + [3] * 2 + [2] * 3)


def test_numbers_stay_in_range_when_there_are_fewer_clusters_than_before():
    reference = np.arange(6)
    labels = np.array([0, 0, 0, 1, 1, 1])
    assert set(match_labels(labels, reference)) == {0, 1}


def test_labels_of_a_series_become_a_clustering(coordinates):
    labels = kmeans_series(coordinates, 5)[4]
    found = make_clustering(coordinates, labels, method="kmeans", parameters={"n_clusters": 5})
    np.testing.assert_array_equal(found.labels, labels)
    np.testing.assert_allclose(found.centers, explicit_centers(coordinates, labels), atol=1e-9)
    np.testing.assert_array_equal(found.sizes, np.bincount(labels))


def test_noise_is_in_no_cluster(coordinates):
    labels = np.random.default_rng(0).integers(-1, 4, 700)
    found = make_clustering(coordinates, labels, method="dbscan", parameters={})
    inside = labels >= 0
    np.testing.assert_allclose(found.centers, explicit_centers(coordinates, labels), atol=1e-9)
    np.testing.assert_array_equal(found.sizes, np.bincount(labels[inside]))
    np.testing.assert_array_equal(np.isnan(found.distances), ~inside)
    expected = np.linalg.norm(coordinates[inside] - found.centers[labels[inside]], axis=1)
    np.testing.assert_allclose(found.distances[inside], expected, atol=1e-6)
    assert (found.n_clusters, found.n_noise) == (4, (labels < 0).sum())


@pytest.mark.parametrize("n", [1, 2, 700])
def test_where_all_is_noise_there_is_no_cluster(coordinates, n):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = make_clustering(coordinates[:n], np.full(n, -1), method="dbscan", parameters={})
    assert (found.n_clusters, found.n_noise, found.centers.shape, found.sizes.tolist()) == (0, n, (0, 6), [])
    assert np.isnan(found.distances).all()


def test_numbering_by_size_leaves_noise_alone():
    np.testing.assert_array_equal(number_by_size(np.array([-1, 5, 2, 2, -1, 9, 9])), [-1, 2, 0, 0, -1, 1, 1])
    np.testing.assert_array_equal(number_by_size(np.array([-1, -1])), [-1, -1])


def test_any_method_can_have_a_series():
    series = series_of_labels(lambda k: 10 * (np.arange(12) % k), 12, 4)
    assert (series.shape, series.dtype) == ((4, 12), np.int16)
    for k in range(1, 5):
        assert adjusted_rand_score(np.arange(12) % k, series[k - 1]) == 1
        np.testing.assert_array_equal(np.unique(series[k - 1]), np.arange(k))


@pytest.mark.parametrize("function", [kmeans, kmeans_series])
def test_what_is_no_number_is_refused(function):
    with pytest.raises(ParameterError, match=r"1 pictures are not numbers \(the first is picture 2\)"):
        function(np.array([[0.0, 1], [np.nan, 0], [1, 1]]), 2)


def test_very_many_images_are_clustered_in_batches(coordinates, monkeypatch):
    whole = kmeans(coordinates, 9)
    monkeypatch.setattr(ward_kmeans, "_FEW_ROWS", 0)  # SciPy's share
    monkeypatch.setattr(ward_kmeans, "MAX_FULL_ROWS", 699)
    monkeypatch.setattr(clustering, "MAX_FULL_ROWS", 699)
    monkeypatch.setattr(ward_kmeans, "_BATCH_ROWS", 200)
    batches = kmeans(coordinates, 9)
    assert batches.notes == (
        "With more than 699 pictures KMeans works in batches (MiniBatchKMeans); the groups are a little looser than "
        "they could be.",
    )
    assert batches.n_clusters == 9
    assert adjusted_rand_score(whole.labels, batches.labels) > 0.9
    assert (batches.distances.astype(float) ** 2).sum() < 1.03 * (whole.distances.astype(float) ** 2).sum()
    np.testing.assert_array_equal(batches.labels, kmeans(coordinates, 9).labels)
    assert adjusted_rand_score(kmeans_series(coordinates, 9)[8], batches.labels) == 1


def test_the_same_every_time(coordinates):
    one, two = kmeans(coordinates, 12), kmeans(coordinates, 12)
    np.testing.assert_array_equal(one.labels, two.labels)
    assert one.centers.tobytes() == two.centers.tobytes()
    assert kmeans_series(coordinates, 12).tobytes() == kmeans_series(coordinates, 12).tobytes()
