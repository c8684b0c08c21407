"""Each score against scikit-learn, or against its definition as a loop."""

import explicit_scores as explicit
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn import metrics
from sklearn.cluster import KMeans

from imgcluster.choosing import scores
from imgcluster.grouping.ward_kmeans import fit_kmeans, ward_tree

pytestmark = pytest.mark.filterwarnings("error")


def clustered(n, k, d=4, seed=0):
    generator = np.random.default_rng(seed)
    labels = np.concatenate([np.arange(k), generator.integers(0, k, n - k)])
    return 2 * generator.normal(size=(k, d))[labels] + generator.normal(size=(n, d)), labels


@pytest.mark.parametrize(("n", "k"), [(1, 1), (2, 1), (2, 2), (3, 2), (50, 1), (50, 7), (50, 50)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_inertia_and_distortion_equal_a_loop(n, k, dtype):
    rows, labels = clustered(n, k)
    rows = rows.astype(dtype)
    expected = explicit.inertia_and_distortion(rows.astype(np.float64), labels)
    np.testing.assert_allclose(scores.inertia_and_distortion(rows, labels.astype(np.int16)), expected, rtol=1e-9)


@pytest.mark.parametrize("k", [1, 2, 9, 40])
def test_inertia_is_that_of_sklearns_kmeans(k):
    rows, _ = clustered(200, 5)
    model = KMeans(k, tol=0, n_init=1, random_state=0).fit(rows)  # tol=0: the centres are the means to the last
    assert scores.inertia_and_distortion(rows, model.labels_)[0] == pytest.approx(model.inertia_, rel=1e-9)


@pytest.mark.parametrize("k", [1, 2, 5, 29])
@pytest.mark.parametrize("shift", [0, 100])
def test_log_dispersion_is_that_of_all_pairs(k, shift):
    rows, labels = clustered(30, k)
    rows += shift
    inertia, _ = explicit.inertia_and_distortion(rows, labels)
    found = scores.log_dispersion(rows, inertia)
    assert found == pytest.approx(np.log(explicit.dispersion(rows, labels)), abs=1e-9)


@pytest.mark.parametrize("rows", [np.zeros((1, 3)), np.zeros((9, 3)), np.full((30, 4), 0.1), np.arange(6.0)[:, None]])
def test_log_dispersion_is_undefined_where_nothing_is_left(rows):
    assert np.isnan(scores.log_dispersion(rows, 0.0))


def test_log_dispersion_takes_rounding_for_nothing():
    rows = 1e6 + np.arange(6.0)[:, None]
    assert np.isnan(scores.log_dispersion(rows, 1e-14))
    assert scores.log_dispersion(rows, 1e-6) == pytest.approx(np.log(1e-6))


@pytest.mark.parametrize(("n", "k"), [(3, 2), (50, 2), (50, 7), (50, 49)])
def test_indices_are_sklearns(n, k):
    rows, labels = clustered(n, k)
    assert scores.davies_bouldin(rows, labels) == pytest.approx(metrics.davies_bouldin_score(rows, labels))
    assert scores.calinski_harabasz(rows, labels) == pytest.approx(metrics.calinski_harabasz_score(rows, labels))


@pytest.mark.parametrize("labels", [[0], [0, 0], [0, 1], [0, 0, 0, 0], [0, 1, 2, 3]])
def test_indices_are_undefined_for_one_cluster_and_for_single_images(labels):
    rows = np.random.default_rng(0).normal(size=(len(labels), 3))
    for index in (scores.davies_bouldin, scores.calinski_harabasz):
        assert np.isnan(index(rows, np.array(labels)))


def test_indices_of_identical_images():
    piles = np.repeat(np.eye(3), 4, axis=0)
    labels = np.repeat([0, 1, 2], 4)
    assert scores.davies_bouldin(piles, labels) == 0
    assert scores.calinski_harabasz(piles, labels) == metrics.calinski_harabasz_score(piles, labels)
    same = np.ones((6, 3))
    assert scores.davies_bouldin(same, np.arange(6) % 2) == 0
    assert np.isfinite(scores.calinski_harabasz(same, np.arange(6) % 2))


def test_clusters_as_tight_as_numbers_allow_warn_of_nothing():
    rows = np.array([[0], [1e-160], [1], [1]])
    assert scores.calinski_harabasz(rows, np.array([0, 0, 1, 1])) > 1e300
    assert scores.davies_bouldin(rows, np.array([0, 0, 1, 1])) == pytest.approx(0)


@given(
    hnp.arrays(np.float32, st.tuples(st.integers(1, 10), st.integers(1, 3)), elements=st.integers(-3, 3)),
    st.integers(1, 4),
    st.integers(0, 99),
)
@settings(deadline=None, max_examples=60)
def test_any_labels_of_any_rows(rows, k, seed):
    labels = np.unique(np.random.default_rng(seed).integers(0, k, len(rows)), return_inverse=True)[1]
    inertia, distortion = scores.inertia_and_distortion(rows, labels)
    exact = rows.astype(np.float64)
    assert (inertia, distortion) == pytest.approx(explicit.inertia_and_distortion(exact, labels), abs=1e-9)
    assert inertia == pytest.approx(explicit.dispersion(exact, labels), abs=1e-9)
    defined = 2 <= labels.max() + 1 < len(rows)
    for index in (scores.davies_bouldin, scores.calinski_harabasz):
        assert (index(exact, labels) >= 0) if defined else np.isnan(index(exact, labels))


def halves_of(rows, n_pairs, seed=0):
    generator = np.random.default_rng(seed)
    shuffled = [rows[generator.permutation(len(rows))] for _ in range(n_pairs)]
    return [np.array_split(order, 2) for order in shuffled]


def found_agreement(rows, halves, k):
    return scores.agreement_of_halves(rows, [(ward_tree(first), ward_tree(second)) for first, second in halves], k)


@pytest.mark.parametrize(("n", "k"), [(2, 1), (11, 5), (80, 1), (80, 2), (80, 6), (80, 40)])
def test_agreement_equals_that_of_sklearns_kmeans(n, k):
    rows, _ = clustered(n, min(n, 5))
    halves = halves_of(rows, 4)
    expected = [explicit.agreement(rows, first, second, k) for first, second in halves]
    np.testing.assert_allclose(found_agreement(rows, halves, k), expected, rtol=1e-9)


def test_agreement_is_one_for_groups_and_about_zero_by_chance():
    blobs = np.repeat(10 * np.eye(3), 30, axis=0) + np.random.default_rng(0).normal(size=(90, 3))
    np.testing.assert_array_equal(found_agreement(blobs, halves_of(blobs, 5), 3), 1)
    noise = np.random.default_rng(0).normal(size=(400, 50))
    assert np.abs(found_agreement(noise, halves_of(noise, 5), 2)).max() < 0.3


def test_agreement_is_undefined_where_a_half_has_too_few_different_rows():
    rows = np.repeat(np.eye(3), [1, 5, 6], axis=0)
    halves = [(rows[:7], rows[7:]), (rows[::2], rows[1::2]), (rows, rows)]  # 3 and 1, 3 and 2, 3 and 3 different ones
    for k, undefined in [(1, [False] * 3), (2, [True, False, False]), (3, [True, True, False]), (4, [True] * 3)]:
        found = found_agreement(rows, halves, k)
        np.testing.assert_array_equal(np.isnan(found), undefined)
        np.testing.assert_array_equal(found[~np.isnan(found)] <= 1, True)
    assert found_agreement(rows, [], 2).shape == (0,)


def test_inertia_of_a_fit_is_the_dispersion_of_its_labels():
    rows = np.random.default_rng(54).uniform(size=(200, 1))
    fit = fit_kmeans(rows, 5, ward_tree(rows))
    assert fit.inertia == pytest.approx(explicit.dispersion(rows, fit.labels), rel=1e-9)
