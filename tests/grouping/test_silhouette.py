"""The silhouette against its definition, scikit-learn, and its own estimate."""

import warnings

import numpy as np
import pytest
from sklearn import metrics

from imgcluster.grouping.silhouette import SilhouetteDistances, silhouette_samples


def clustered(n, k, seed=0):
    generator = np.random.default_rng(seed)
    labels = np.concatenate([np.arange(k), generator.integers(0, k, n - k)])
    middles = generator.normal(size=(k, 5))
    return (middles[labels] + 0.7 * generator.normal(size=(n, 5))).astype(np.float32), labels


def explicit(coordinates, labels):
    values = np.zeros(len(labels))
    for i, own in enumerate(labels):
        if own < 0:
            continue
        means = {}
        for cluster in set(labels[labels >= 0]):
            others = [j for j in np.flatnonzero(labels == cluster) if j != i]
            if others:
                means[cluster] = np.mean([np.linalg.norm(coordinates[i] - coordinates[j]) for j in others])
        if own not in means or len(means) < 2:
            continue
        a, b = means.pop(own), min(means.values())
        values[i] = (b - a) / max(a, b) if max(a, b) > 0 else 0
    return values


@pytest.mark.parametrize(("n", "k"), [(3, 2), (60, 4), (60, 30)])
def test_equals_the_definition_with_noise(n, k):
    coordinates, labels = clustered(n, k)
    np.testing.assert_allclose(silhouette_samples(coordinates, labels).values, explicit(coordinates, labels), atol=1e-6)
    labels[n // 2] = -1
    labels = np.unique(labels, return_inverse=True)[1] - 1
    np.testing.assert_allclose(silhouette_samples(coordinates, labels).values, explicit(coordinates, labels), atol=1e-6)


def test_equals_sklearn_over_several_blocks():
    coordinates, labels = clustered(3000, 12)
    found = silhouette_samples(coordinates, labels)
    assert found.exact
    assert found.n_reference == 3000
    np.testing.assert_allclose(found.values, metrics.silhouette_samples(coordinates, labels), atol=1e-5)


def test_the_sample_is_seeded_near_and_fair_to_small_clusters():
    coordinates, labels = clustered(4000, 8)
    labels[:3995] %= 7  # one cluster has only the few that are left
    found = silhouette_samples(coordinates, labels, max_distances=4_000_000)
    exact = silhouette_samples(coordinates, labels)
    assert not found.exact
    assert found.n_reference == 1000
    assert abs(found.values.mean() - exact.values.mean()) < 0.01
    assert np.abs(found.values - exact.values).max() < 0.2
    np.testing.assert_allclose(found.values[labels == 7], exact.values[labels == 7], atol=0.05)
    np.testing.assert_array_equal(found.values, silhouette_samples(coordinates, labels, max_distances=4_000_000).values)
    assert not found.values.flags.writeable


@pytest.mark.parametrize("n_reference", [200, 800])
def test_means_of_several_samples_differ_by_no_more_than_is_said(n_reference):
    coordinates, labels = clustered(4000, 8)
    means = [
        silhouette_samples(coordinates, labels, max_distances=4000 * n_reference, random_state=seed).values.mean()
        for seed in range(12)
    ]
    error = SilhouetteDistances.error_of(n_reference)
    assert 0 < np.std(means, ddof=1) < error
    assert abs(np.mean(means) - metrics.silhouette_score(coordinates, labels)) < error


@pytest.mark.parametrize("max_distances", [10_000_000, 200_000])
def test_noise_counts_for_nothing(max_distances):
    coordinates, labels = clustered(1500, 6)
    labels[np.random.default_rng(1).choice(1500, 500, replace=False)] = -1
    inside = labels >= 0
    found = silhouette_samples(coordinates, labels, max_distances=max_distances)
    assert found.exact == (max_distances > 200_000)
    expected = metrics.silhouette_samples(coordinates[inside], labels[inside])
    np.testing.assert_array_equal(found.values[~inside], 0)
    if found.exact:
        np.testing.assert_allclose(found.values[inside], expected, atol=1e-5)
    assert abs(found.values[inside].mean() - expected.mean()) < 0.02


def test_all_noise_and_many_images():
    found = silhouette_samples(np.random.default_rng(0).normal(size=(900, 3)), np.full(900, -1), max_distances=90_000)
    np.testing.assert_array_equal(found.values, 0)
    assert not found.exact


@pytest.mark.parametrize("labels", [[0], [0, 0, 0], [0, 1], [-1, -1], [0, -1], []])
def test_where_it_is_not_defined_it_is_zero(labels):
    coordinates = np.random.default_rng(0).normal(size=(len(labels), 2))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = silhouette_samples(coordinates, np.array(labels, dtype=int))
    np.testing.assert_array_equal(found.values, np.zeros(len(labels)))
    assert found.exact


def test_identical_images_in_two_clusters_are_undecided():
    coordinates = np.repeat(np.random.default_rng(0).normal(size=(1, 20)), 50, axis=0).astype(np.float32)
    np.testing.assert_array_equal(silhouette_samples(coordinates, np.arange(50) % 2).values, 0)


def test_piles_of_identical_images_are_perfect():
    coordinates = np.repeat(np.random.default_rng(0).normal(size=(3, 20)), 50, axis=0).astype(np.float32)
    np.testing.assert_array_equal(silhouette_samples(coordinates, np.repeat([0, 1, 2], 50)).values, 1)
