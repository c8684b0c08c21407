"""DBSCAN and HDBSCAN against scikit-learn, their automatic values, their limits, and what is left over."""

import warnings

import numpy as np
import pytest
from sklearn.cluster import DBSCAN, HDBSCAN
from sklearn.datasets import make_blobs
from sklearn.metrics import adjusted_rand_score
from sklearn.neighbors import NearestNeighbors

from imgcluster.errors import ParameterError
from imgcluster.grouping import reach
from imgcluster.grouping.density import (
    assign_noise,
    dbscan,
    hdbscan,
    noise_advice,
    propose_eps,
    propose_min_cluster_size,
    propose_min_samples,
)
from imgcluster.grouping.reach import count_neighbors, k_distances


@pytest.fixture(scope="module")
def blobs():
    """Six blobs in six dimensions, and 20 points anywhere, labelled -1."""
    rows, truth = make_blobs(500, n_features=6, centers=6, random_state=3)
    scattered = np.random.default_rng(0).uniform(rows.min(), rows.max(), size=(20, 6))
    return np.concatenate([rows, scattered]).astype(np.float32), np.concatenate([truth, np.full(20, -1)])


@pytest.mark.parametrize(("eps", "min_samples"), [(1.0, 3), (2.0, 5), (3.0, 20), (50.0, 5), (0.01, 5)])
def test_dbscan_equals_scikit_learn(blobs, eps, min_samples):
    expected = DBSCAN(eps=eps, min_samples=min_samples).fit_predict(blobs[0])
    found = dbscan(blobs[0], eps=eps, min_samples=min_samples)
    assert adjusted_rand_score(expected, found.labels) == 1
    np.testing.assert_array_equal(found.labels < 0, expected < 0)
    assert (np.diff(found.sizes) <= 0).all()
    assert found.parameters == {"eps": eps, "min_samples": min_samples}
    np.testing.assert_array_equal(np.isnan(found.distances), expected < 0)


@pytest.mark.parametrize(("min_cluster_size", "min_samples"), [(5, 1), (5, 5), (20, 5), (100, 5)])
def test_hdbscan_equals_scikit_learn(blobs, min_cluster_size, min_samples):
    model = HDBSCAN(min_cluster_size=min_cluster_size, min_samples=min_samples, copy=True)
    expected = model.fit_predict(blobs[0].astype(np.float64))
    found = hdbscan(blobs[0], min_cluster_size=min_cluster_size, min_samples=min_samples)
    assert adjusted_rand_score(expected, found.labels) == 1
    np.testing.assert_array_equal(found.labels < 0, expected < 0)
    assert (np.diff(found.sizes) <= 0).all()


@pytest.mark.parametrize("method", [dbscan, hdbscan])
def test_automatic_values_find_the_blobs_and_little_of_what_is_scattered(method, blobs):
    found = method(blobs[0])
    assert found.n_clusters == 6
    assert adjusted_rand_score(blobs[1], found.labels) > 0.9
    assert (found.labels[-20:] < 0).mean() > 0.7
    assert found.notes == ()
    np.testing.assert_array_equal(found.labels, method(blobs[0]).labels)


@pytest.mark.parametrize(("n", "n_dims", "k"), [(60, 2, 2), (300, 20, 10), (800, 2, 5)])
def test_automatic_values_on_other_blobs(n, n_dims, k):
    rows, truth = make_blobs(n, n_features=n_dims, centers=k, center_box=(-40, 40), random_state=1)
    for method in (dbscan, hdbscan):
        assert adjusted_rand_score(truth, method(rows).labels) > 0.85


def test_rules_for_numbers():
    assert [propose_min_samples(n) for n in (1, 2, 3, 20, 400, 30_000)] == [2, 2, 2, 3, 6, 10]
    assert [propose_min_cluster_size(n) for n in (1, 2, 16, 400, 30_000)] == [2, 2, 3, 15, 100]


@pytest.mark.parametrize("min_samples", [1, 2, 5, 520, 9999])
def test_k_distances_equal_a_search_by_scikit_learn(blobs, min_samples, monkeypatch):
    k = min(min_samples, 520)
    expected = NearestNeighbors(n_neighbors=k).fit(blobs[0]).kneighbors(blobs[0])[0][:, -1]
    np.testing.assert_allclose(k_distances(blobs[0], min_samples), np.sort(expected), atol=1e-5)
    monkeypatch.setattr(reach, "_MAX_CURVE_DISTANCES", 0)
    monkeypatch.setattr(reach, "_BLOCK_ELEMENTS", 3000)
    np.testing.assert_allclose(k_distances(blobs[0], min_samples), np.sort(expected), atol=1e-5)


def test_curve_of_a_sample_has_a_place_for_each_image(blobs, monkeypatch):
    exact = k_distances(blobs[0], 5)
    monkeypatch.setattr(reach, "_MAX_CURVE_DISTANCES", 0)
    monkeypatch.setattr(reach, "_N_MEASURED", 100)
    curve = k_distances(blobs[0], 5)
    assert curve.shape == exact.shape
    assert (np.diff(curve) >= 0).all()
    assert np.abs(curve - exact)[:450].max() < 0.3


def test_eps_is_taken_from_the_curve(blobs):
    proposal = propose_eps(blobs[0])
    assert proposal.eps == proposal.knee
    assert proposal.knee in proposal.curve[:510]
    np.testing.assert_array_equal(proposal.curve, k_distances(blobs[0], 6))
    assert not proposal.curve.flags.writeable
    assert propose_eps(blobs[0], min_samples=30).eps > proposal.eps


def test_without_a_knee_nearly_all_are_within_reach():
    rows = np.arange(50.0)[:, None]  # each at the distance 1 from the next: a flat curve
    proposal = propose_eps(rows, min_samples=2)
    assert (proposal.knee, proposal.eps) == (None, 1.0)


def piles(*sizes, n_dims=3, apart=100.0):
    return np.repeat(apart * np.eye(len(sizes), n_dims), sizes, axis=0)


@pytest.mark.parametrize("method", [dbscan, hdbscan])
def test_identical_images_are_one_cluster(method):
    for rows in (np.ones((30, 4)), np.zeros((30, 4))):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            found = method(rows)
        assert found.labels.tolist() == [0] * 30
        assert found.notes == ("All 30 pictures are at the same place.",)
    proposal = propose_eps(np.ones((30, 4)))
    assert proposal.eps > 0 and proposal.knee is None


@pytest.mark.parametrize("method", [dbscan, hdbscan])
@pytest.mark.parametrize("noise", [0.0, 1e-9, 0.1])
def test_two_piles_far_apart(method, noise):
    rows = piles(30, 20) + noise * np.random.default_rng(0).normal(size=(50, 3))
    found = method(rows)
    assert found.n_noise <= 10
    assert found.n_clusters >= 2
    assert not set(found.labels[:30]) & set(found.labels[30:]) - {-1}
    if not noise:
        np.testing.assert_array_equal(found.labels, np.repeat([0, 1], [30, 20]))


@pytest.mark.parametrize("method", [dbscan, hdbscan])
@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_few_images(method, n):
    rows = np.random.default_rng(n).normal(size=(n, 3))
    found = method(rows)
    assert found.labels.shape == (n,)
    assert found.centers.shape == (found.n_clusters, 3)
    assert found.n_noise + found.sizes.sum() == n


def test_more_wanted_than_there_are():
    assert hdbscan(np.eye(4), min_cluster_size=5, min_samples=1).n_noise == 4
    assert hdbscan(np.eye(4), min_cluster_size=2, min_samples=9).n_noise == 4
    assert dbscan(np.eye(4), eps=10, min_samples=5).n_noise == 4


@pytest.mark.parametrize("rows", [np.full((3, 2), np.nan), [[0.0, np.inf], [1, 1]], np.empty((0, 3)), np.empty((3, 0))])
@pytest.mark.parametrize("function", [dbscan, hdbscan, propose_eps])
def test_impossible_coordinates(function, rows):
    with pytest.raises(ParameterError, match=r"are not numbers|have the shape"):
        function(rows)


def test_too_many_neighbors_are_counted_and_bundled(blobs):
    exact = dbscan(blobs[0], eps=2.0, min_samples=5)
    pairs = int((np.linalg.norm(blobs[0][:, None] - blobs[0], axis=2) <= 2.0).sum())
    assert abs(count_neighbors(blobs[0], 2.0) - pairs) < 0.1 * pairs
    bundled = dbscan(blobs[0], eps=2.0, min_samples=5, max_neighbors=100)
    assert adjusted_rand_score(exact.labels, bundled.labels) == 1  # 520 heaps of one
    assert bundled.notes[0].startswith("Within 2 there are about ")
    assert "more than the 100 that fit into memory: 520 bundles" in bundled.notes[0]


def test_bundles_have_weight():
    rows, truth = make_blobs(6000, n_features=2, centers=4, center_box=(-50, 50), random_state=0)
    found = dbscan(rows, eps=1.0, min_samples=10, max_neighbors=1_000_000)
    assert "2,000 bundles of similar pictures" in found.notes[0]
    assert adjusted_rand_score(dbscan(rows, eps=1.0, min_samples=10).labels, found.labels) > 0.95
    assert adjusted_rand_score(truth, found.labels) > 0.95


def test_a_sample_stands_for_too_many_images(blobs):
    found = hdbscan(blobs[0], max_exact=300)
    assert found.notes[0].startswith("520 pictures are too many for an exact HDBSCAN: 300 of them were grouped")
    assert adjusted_rand_score(blobs[1], found.labels) > 0.85
    np.testing.assert_array_equal(found.labels, hdbscan(blobs[0], max_exact=300).labels)
    wide = np.repeat(blobs[0], 20, axis=1)  # 120 dimensions: sqrt(20 / 120) of 1,000
    assert "408 of them" in hdbscan(wide, max_exact=1000).notes[0]


def test_noise_joins_the_cluster_of_the_nearest_image():
    ring = np.array([[10 * np.cos(a), 10 * np.sin(a)] for a in np.linspace(0, 6.28, 80)])
    middle = 0.5 * np.random.default_rng(0).normal(size=(40, 2))
    rows = np.concatenate([ring, middle, [[8.5, 0], [2.0, 0]]])
    labels = np.array([0] * 80 + [1] * 40 + [-1] * 2)
    assert assign_noise(rows, labels)[-2:].tolist() == [0, 1]  # the ring's centre is nearer to neither
    np.testing.assert_array_equal(assign_noise(rows, labels)[:-2], labels[:-2])
    assert labels[-1] == -1
    nothing = np.full(5, -1)
    np.testing.assert_array_equal(assign_noise(np.eye(5), nothing), nothing)
    assert assign_noise(rows, labels % 2).tolist() == (labels % 2).tolist()


def test_advice_has_the_numbers():
    nothing, one, some = np.full(9, -1), np.zeros(9, dtype=int), np.array([0] * 7 + [-1] * 2)
    near = {"eps": 0.3123, "min_samples": 6}
    assert noise_advice(nothing, near) == "Everything is noise: raise eps above 0.312 or lower min_samples below 6."
    assert noise_advice(nothing, {"min_cluster_size": 20, "min_samples": 1}) == (
        "Everything is noise: lower min_cluster_size below 20."
    )
    assert noise_advice(nothing, {"min_cluster_size": 2, "min_samples": 1}) == (
        "Everything is noise: these pictures form no groups."
    )
    assert noise_advice(one, near) == "Everything is one group: lower eps below 0.312 or raise min_samples above 6."
    assert noise_advice(some, near).startswith("Everything but 2 pictures is one group: lower eps")
    assert noise_advice(nothing) == "Everything is noise: make the distance larger, or ask for smaller groups."
    assert noise_advice(one) == "Everything is one group: make the distance smaller."


@pytest.mark.parametrize("labels", [[], [0, 1], [0, -1, -1], [0, 1, -1, -1, -1]])
def test_no_advice_where_none_is_needed(labels):
    assert noise_advice(np.array(labels, dtype=int), {"eps": 1.0, "min_samples": 2}) == ""


def test_one_group_that_was_asked_for_needs_no_advice():
    assert noise_advice(np.zeros(5, dtype=int), {"n_clusters": 1, "random_state": 0}) == ""
