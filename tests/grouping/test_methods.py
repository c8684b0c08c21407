"""Every method behind the one call: against scikit-learn and SciPy, on the oddest data, and what it refuses."""

import threading
import warnings

import numpy as np
import pytest
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import pdist
from sklearn.cluster import AgglomerativeClustering
from sklearn.metrics import adjusted_rand_score

from imgcluster.errors import Cancelled, ParameterError
from imgcluster.grouping.clustering import kmeans
from imgcluster.grouping.density import assign_noise, dbscan, hdbscan, propose_eps
from imgcluster.grouping.methods import METHODS, MethodOptions, cluster, is_by_number
from imgcluster.grouping.spherical import spherical_kmeans
from imgcluster.grouping.trees import hierarchy

LINKAGES = ["ward", "complete", "average", "single"]
BY_NUMBER = ["kmeans", "spherical", *LINKAGES]
BY_DENSITY = ["hdbscan", "dbscan"]


def options_of(name, **options):
    if name in LINKAGES:
        return MethodOptions(method="agglomerative", linkage=name, **options)
    return MethodOptions(method=name, **options)


@pytest.fixture(scope="module")
def coordinates():
    generator = np.random.default_rng(0)
    middles = generator.normal(size=(7, 5))
    return (middles[generator.integers(0, 7, 300)] + 0.3 * generator.normal(size=(300, 5))).astype(np.float32)


@pytest.mark.parametrize("kind", LINKAGES)
@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
def test_agglomerative_equals_scikit_learn_and_scipy(coordinates, kind, metric):
    if (kind, metric) == ("ward", "cosine"):
        return
    for k in (1, 2, 7, 40):
        expected = AgglomerativeClustering(k, linkage=kind, metric=metric).fit_predict(coordinates)
        found = cluster(coordinates, options_of(kind, metric=metric, n_clusters=k))
        assert adjusted_rand_score(expected, found.labels) == 1
        assert (np.diff(found.sizes) <= 0).all()
        assert found.parameters == {"linkage": kind, "metric": metric, "n_clusters": k, "random_state": 0}
    merges = linkage(pdist(coordinates.astype(np.float64), metric), kind)
    height = merges[-12:-10, 2].mean()
    expected = fcluster(merges, height, "distance")
    found = cluster(coordinates, options_of(kind, metric=metric, height=height))
    assert adjusted_rand_score(expected, found.labels) == 1
    assert found.parameters["height"] == height


def test_the_other_methods_are_what_they_are_called(coordinates):
    proposal = propose_eps(coordinates, min_samples=4)
    for options, expected in (
        (MethodOptions(n_clusters=7), kmeans(coordinates, 7)),
        (MethodOptions(method="spherical", n_clusters=7), spherical_kmeans(coordinates, 7)),
        (MethodOptions(method="hdbscan"), hdbscan(coordinates)),
        (
            MethodOptions(method="hdbscan", min_cluster_size=9, min_samples=2),
            hdbscan(coordinates, min_cluster_size=9, min_samples=2),
        ),
        (MethodOptions(method="dbscan", min_samples=4), dbscan(coordinates, eps=proposal.eps, min_samples=4)),
    ):
        found = cluster(coordinates, options)
        np.testing.assert_array_equal(found.labels, expected.labels)
        assert found.centers.tobytes() == expected.centers.tobytes()
        assert (found.method, found.parameters) == (options.method, expected.parameters)


@pytest.mark.parametrize("name", BY_NUMBER)
@pytest.mark.parametrize("n", [1, 2, 3, 16])
def test_every_possible_number_of_few_images(name, n):
    rows = np.random.default_rng(n).normal(size=(n, 3))
    for k in range(1, n + 1):
        found = cluster(rows, options_of(name, n_clusters=k))
        assert (found.n_clusters, found.n_noise) == (k, 0)


@pytest.mark.parametrize("name", [*BY_NUMBER, *BY_DENSITY])
def test_identical_images(name):
    for rows in (np.full((20, 3), 0.7, dtype=np.float32), np.zeros((20, 3))):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            found = cluster(rows, options_of(name) if name in BY_DENSITY else options_of(name, n_clusters=4))
        assert found.labels.tolist() == [0] * 20
        assert found.notes


@pytest.mark.parametrize("name", [*BY_NUMBER, *BY_DENSITY])
def test_two_piles_far_apart(name):
    rows = np.repeat([[1.0, 0, 0], [0, 1000, 0]], [12, 18], axis=0)
    for options in [options_of(name)] if name in BY_DENSITY else [options_of(name, n_clusters=k) for k in (2, 5)]:
        np.testing.assert_array_equal(cluster(rows, options).labels, np.repeat([1, 0], [12, 18]))


def test_directions_that_only_lengths_tell_apart():
    rows = np.repeat([[1.0, 2], [2, 1], [-3, 1]], 10, axis=0) * np.arange(1, 31)[:, None]
    found = cluster(rows, options_of("average", metric="cosine", n_clusters=5))
    assert found.n_clusters == 3
    assert found.notes == ("5 groups were asked for, but there are only 3 different places to put them.",)


@pytest.mark.parametrize("name", [*BY_NUMBER, *BY_DENSITY])
def test_the_same_every_time_and_data_untouched(name, coordinates):
    rows, options = coordinates.copy(), options_of(name) if name in BY_DENSITY else options_of(name, n_clusters=9)
    one, two = cluster(rows, options), cluster(rows.tolist(), options)
    np.testing.assert_array_equal(one.labels, two.labels)
    np.testing.assert_array_equal(rows, coordinates)
    assert one.labels.dtype == np.int32
    assert not one.labels.flags.writeable


def test_noise_is_put_away_and_never_silently(coordinates):
    options = {"method": "dbscan", "eps": 0.45, "min_samples": 5}
    found = cluster(coordinates, MethodOptions(**options))
    filled = cluster(coordinates, MethodOptions(**options, assign_noise=True))
    assert 0 < found.n_noise < 300
    assert filled.n_noise == 0
    assert np.isfinite(filled.distances).all()
    assert adjusted_rand_score(assign_noise(coordinates, found.labels), filled.labels) == 1
    assert (np.diff(filled.sizes) <= 0).all()
    assert filled.notes == (
        f"In no group were {found.n_noise} of 300 pictures; each was put into the group of the picture nearest to it.",
    )
    nothing = cluster(coordinates, MethodOptions(method="dbscan", eps=1e-6, assign_noise=True))
    assert (nothing.n_noise, nothing.n_clusters) == (300, 0)
    assert nothing.notes == ("There is no group that the pictures without one could be put into.",)


def test_a_tree_that_is_not_exact_says_so(coordinates, monkeypatch):
    monkeypatch.setitem(hierarchy.MAX_EXACT, "ward", 100)
    found = cluster(coordinates, options_of("ward", n_clusters=5))
    assert found.n_clusters == 5
    assert found.notes


def test_only_methods_that_need_a_number_ask_for_one():
    assert [is_by_number(MethodOptions(method=method.name)) for method in METHODS] == [True, True, True, False, False]
    assert not is_by_number(MethodOptions(n_clusters=3))
    assert not is_by_number(options_of("ward", height=1.0))


def test_words_for_the_screen():
    assert [method.name for method in METHODS] == ["kmeans", "spherical", "agglomerative", "hdbscan", "dbscan"]
    for method in METHODS:
        words = (method.goal, method.title, method.explanation, method.memory, method.time)
        assert all(words)
        assert method.explanation.endswith(".") and method.explanation.count(".") == 1
        assert set(method.by) <= {"number", "height", "density"}
        assert method.max_exact is None or f"{method.max_exact:,}" in method.time


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "magic"}, "no method 'magic'"),
        ({"method": "agglomerative", "n_clusters": 5, "height": 0.7}, "n_clusters=5 and height=0.7 were both given"),
        ({"method": "agglomerative", "linkage": "ward", "metric": "cosine"}, "'ward' needs Euclidean .* 'cosine'"),
        ({"method": "agglomerative", "linkage": "median"}, "no linkage 'median'"),
        ({"method": "agglomerative", "metric": "hamming"}, "the metric 'hamming'"),
        ({"method": "agglomerative", "height": -1.0}, "height=-1.0 should be 0 or more"),
        ({"method": "agglomerative", "height": np.nan}, "height=nan should be 0 or more"),
        ({"method": "dbscan", "eps": 0.0}, "eps=0.0 should be above 0"),
        ({"method": "dbscan", "eps": np.inf}, "eps=inf should be above 0"),
        ({"method": "dbscan", "min_samples": 0}, "min_samples=0 should be 1 or more"),
        ({"method": "hdbscan", "min_cluster_size": 1}, "min_cluster_size=1 should be 2 or more"),
        ({"n_clusters": 0}, "n_clusters=0 should be 1 or more"),
        ({"method": "dbscan", "n_clusters": 3}, "'dbscan' has no n_clusters, and n_clusters=3 was given"),
        ({"eps": 0.5}, "'kmeans' has no eps, and eps=0.5 was given"),
        ({"assign_noise": True}, "'kmeans' has no assign_noise"),
        ({"method": "hdbscan", "linkage": "single"}, "'hdbscan' has no linkage"),
    ],
)
def test_options_that_make_no_sense(options, message):
    with pytest.raises(ParameterError, match=message):
        MethodOptions(**options)


@pytest.mark.parametrize("name", [*BY_NUMBER, *BY_DENSITY])
def test_impossible_requests(name, coordinates):
    options = options_of(name) if name in BY_DENSITY else options_of(name, n_clusters=2)
    with pytest.raises(ParameterError, match=r"1 pictures are not numbers \(the first is picture 8\)"):
        cluster(np.where(np.arange(300)[:, None] == 7, np.nan, coordinates), options)
    with pytest.raises(ParameterError, match=r"shape \(0, 3\)"):
        cluster(np.empty((0, 3)), options)
    if name in BY_NUMBER:
        with pytest.raises(ParameterError, match=r"^4 groups .* 3 pictures"):
            cluster(np.eye(3), options_of(name, n_clusters=4))
        with pytest.raises(ParameterError, match="300 pictures is not said"):
            cluster(coordinates, options_of(name))


@pytest.mark.parametrize("name", [*BY_NUMBER, *BY_DENSITY])
def test_reports_and_stops(name, coordinates):
    options = options_of(name) if name in BY_DENSITY else options_of(name, n_clusters=2)
    reports = []
    cluster(coordinates, options, progress=reports.append)
    assert [(report.done, report.total) for report in reports] == [(0, 1), (1, 1)]
    stop = threading.Event()
    stop.set()
    with pytest.raises(Cancelled):
        cluster(coordinates, options, cancel=stop)
