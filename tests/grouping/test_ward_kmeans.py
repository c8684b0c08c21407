"""Ward's tree as a start for KMeans: its cuts against scipy's, its quality against random starts, and odd sizes."""

import numpy as np
import pytest
from scipy.cluster.hierarchy import cut_tree
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from imgcluster.grouping.ward_kmeans import count_distinct, fit_kmeans, ward_tree


def blobs(n, k, d, seed=0):
    generator = np.random.default_rng(seed)
    return generator.normal(size=(k, d))[generator.integers(0, k, n)] * 3 + generator.normal(size=(n, d))


@pytest.mark.parametrize("n", [1, 2, 3, 17, 200])
def test_starts_are_the_means_of_scipys_cuts(n):
    rows = blobs(n, 5, 4)
    tree = ward_tree(rows)
    for k in range(1, n + 1, max(1, n // 20)):
        labels = cut_tree(tree.linkage, n_clusters=k)[:, 0] if n > 1 else np.zeros(1, dtype=int)
        expected = np.array([rows[labels == c].mean(axis=0) for c in range(k)])
        found = tree.centers(k)
        np.testing.assert_allclose(found[np.lexsort(found.T)], expected[np.lexsort(expected.T)], atol=1e-9)


@pytest.mark.parametrize(("n", "k", "d"), [(800, 12, 5), (600, 40, 2), (3000, 25, 20)])
def test_no_worse_than_ten_random_starts(n, k, d):
    rows = blobs(n, k, d)
    found = fit_kmeans(rows, k, ward_tree(rows))
    best = KMeans(k, n_init=10, random_state=0).fit(rows)
    assert found.inertia <= 1.005 * best.inertia_
    np.testing.assert_allclose(found.inertia, ((rows - found.centers[found.labels]) ** 2).sum())


def test_a_sample_of_many_rows_serves_as_well():
    rows = blobs(9000, 8, 6)
    tree = ward_tree(rows)
    assert (tree.is_sample, tree.rows.shape, tree.n_distinct) == (True, (2000, 6), 2000)
    assert tree.centers(501) is None
    assert fit_kmeans(rows, 501, tree).labels.max() == 500  # k-means++ starts instead
    best = KMeans(8, n_init=10, random_state=0).fit(rows)
    assert adjusted_rand_score(fit_kmeans(rows, 8, tree).labels, best.labels_) > 0.99


def test_identical_rows_never_share_out_a_pile():
    rows = np.repeat(blobs(4, 4, 3), 25, axis=0)
    tree = ward_tree(rows)
    assert tree.n_distinct == count_distinct(rows) == 4
    found = fit_kmeans(rows, 4, tree)
    assert found.inertia == pytest.approx(0, abs=1e-20)
    np.testing.assert_array_equal(np.sort(np.bincount(found.labels)), [25] * 4)
