import warnings

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier

from imgcluster.predicting.assigning import N_VOTERS, shares_by_centers, shares_by_neighbors


@pytest.fixture(autouse=True)
def no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def points(n, k, seed=0, d=3):
    rng = np.random.default_rng(seed)
    labels = np.concatenate([np.arange(k), rng.integers(0, k, n - k)]).astype(np.int32)
    return (rng.normal(size=(20, d))[labels] + 0.4 * rng.normal(size=(n, d))).astype(np.float32), labels


def slow_posterior(coordinates, labels, place, *, spherical):
    """Bayes' rule with equal priors, one cluster at a time."""

    def unit(row):
        row = np.asarray(row, dtype=np.float64)
        return row / np.linalg.norm(row) if spherical and row.any() else row

    k = labels.max() + 1
    rows = [unit(row) for row in coordinates]
    centers = [
        unit(np.mean([row for row, own in zip(rows, labels, strict=True) if own == c], axis=0)) for c in range(k)
    ]
    squares = [np.sum((row - centers[own]) ** 2) for row, own in zip(rows, labels, strict=True) if own >= 0]
    variance = np.sum(squares) / (len(squares) - k)
    densities = [np.exp(-np.sum((unit(place) - center) ** 2) / (2 * variance)) for center in centers]
    return [*(np.array(densities) / np.sum(densities)), 0.0]


@pytest.mark.parametrize("spherical", [False, True])
@pytest.mark.parametrize("k", [1, 2, 5])
def test_centers_give_bayes_posterior(k, spherical):
    coordinates, labels = points(40, k)
    labels[[7, 9]] = -1
    places, _ = points(15, k, seed=1)
    shares = shares_by_centers(coordinates, labels, places, spherical=spherical)
    expected = [slow_posterior(coordinates, labels, place, spherical=spherical) for place in places]
    np.testing.assert_allclose(shares, expected, atol=1e-9)


def test_the_nearest_center_is_the_most_probable():
    coordinates, labels = points(60, 6)
    places, _ = points(200, 6, seed=2)
    centers = np.array([coordinates[labels == c].mean(axis=0) for c in range(6)])
    nearest = np.linalg.norm(places[:, None] - centers, axis=2).argmin(axis=1)
    np.testing.assert_array_equal(
        shares_by_centers(coordinates, labels, places, spherical=False).argmax(axis=1), nearest
    )


def test_the_length_of_a_row_says_nothing_to_spherical_kmeans():
    coordinates, labels = points(40, 4)
    places, _ = points(15, 4, seed=1)
    scales = np.random.default_rng(0).uniform(0.1, 10, size=(15, 1))
    np.testing.assert_allclose(
        shares_by_centers(coordinates, labels, (places * scales).astype(np.float32), spherical=True),
        shares_by_centers(coordinates, labels, places, spherical=True),
        atol=1e-5,
    )


@pytest.mark.parametrize("spherical", [False, True])
def test_as_many_clusters_as_images_leave_no_doubt(spherical):
    coordinates = np.eye(4, dtype=np.float32)
    shares = shares_by_centers(coordinates, np.arange(4), coordinates, spherical=spherical)
    np.testing.assert_array_equal(shares, np.eye(4, 5))


def test_without_variance_equally_near_centers_share():
    coordinates = np.array([[0.0], [0.0], [2.0], [2.0]], dtype=np.float32)
    shares = shares_by_centers(coordinates, np.array([0, 0, 1, 1]), np.array([[1.0], [1.5]]), spherical=False)
    np.testing.assert_array_equal(shares, [[0.5, 0.5, 0], [0, 1, 0]])


def test_where_all_is_noise_nothing_else_is_answered():
    coordinates, _ = points(10, 1)
    noise = np.full(10, -1)
    np.testing.assert_array_equal(shares_by_centers(coordinates, noise, coordinates[:3], spherical=False), 1)
    np.testing.assert_array_equal(shares_by_neighbors(coordinates, noise, coordinates[:3]), 1)


@pytest.mark.parametrize("n", [3, 5, 60])
def test_votes_are_those_of_scikit_learn(n):
    coordinates, labels = points(n, 3)
    labels[n // 2 :: 4] = -1
    labels[0], labels[1] = 0, labels.max()
    places = np.concatenate([points(30, 3, seed=1)[0], coordinates[:3]])
    voters = KNeighborsClassifier(min(N_VOTERS, n), weights="distance").fit(coordinates.astype(float), labels)
    shares = shares_by_neighbors(coordinates, labels, places)
    expected = np.zeros_like(shares)
    expected[:, voters.classes_] = voters.predict_proba(places.astype(float))
    np.testing.assert_allclose(shares, expected, atol=1e-6)


def test_images_at_the_very_place_vote_alone():
    coordinates = np.array([[0.0], [0.0], [1e-6], [1.0], [1.0]], dtype=np.float32)
    labels = np.array([0, -1, 1, 1, 1])
    np.testing.assert_array_equal(shares_by_neighbors(coordinates, labels, coordinates[:1]), [[0.5, 0, 0.5]])
