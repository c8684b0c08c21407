"""The scores of a scan against slow, obviously right ones, on all rows and on samples; degenerate data."""

import dataclasses

import explicit_scores as explicit
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn import metrics
from some_rows import SCALES, blobs, line, noise, piles, some_constant, unit_rows

from imgcluster.choosing import one_k, scan
from imgcluster.choosing.one_k import KScore
from imgcluster.choosing.scan import scan_k
from imgcluster.grouping.silhouette import SilhouetteDistances

pytestmark = pytest.mark.filterwarnings("error")

NAMES = [field.name for field in dataclasses.fields(KScore)]

DATA = {
    "blobs": (blobs(45), [2, 3, 4, 5, 9]),
    "noise": (noise(31, d=2), [2, 5, 30, 31]),
    "more columns than rows": (noise(9, d=20), range(1, 10)),
    "float32": (blobs(30).astype(np.float32), [2, 4]),
    "piles": (piles(30, distinct=4), [2, 3, 4, 5, 30]),
    "float32 piles": (piles(21, distinct=3).astype(np.float32), [2, 3, 4]),
    "constant columns": (some_constant(25), [2, 4]),
    "zero rows": (unit_rows(25, zero=8), [2, 3, 18, 20]),
    "line": (line(24), [2, 3, 24]),
    "one column": (noise(20, d=1), [2, 3]),
    "one image": (noise(1), []),
    "two images": (noise(2), [2]),
    "three images": (noise(3), [2, 3]),
    "five images": (noise(5), [2, 3, 4, 5]),
}


def assert_scores(scan, points, *, tolerance=None, **options):
    """Compare every field of every score with the explicit one.

    We measure silhouettes in single precision, and scikit-learn Davies and Bouldin's distances by their squares.
    """
    silhouettes = dict.fromkeys([name for name in NAMES if name.startswith("silhouette")], 1e-5)
    tolerance = silhouettes | {"davies_bouldin": 1e-7} | (tolerance or {})
    exact = np.asarray(points, dtype=np.float64)
    for found, expected in zip(scan.scores, explicit.scores(exact, scan.labels, scan.ks, **options), strict=True):
        assert set(expected) == set(NAMES)
        for name, value in expected.items():
            np.testing.assert_allclose(
                getattr(found, name), value, rtol=1e-9, atol=tolerance.get(name, 1e-9), err_msg=f"{name} of {found.k}"
            )


@pytest.mark.parametrize("name", DATA)
def test_every_score_equals_its_definition(name):
    points, ks = DATA[name]
    scan = scan_k(points, ks, n_references=2)
    assert_scores(scan, points, n_references=2)
    assert scan.n_distinct == explicit.n_distinct(points)
    for k, labels in zip(scan.ks, scan.labels, strict=True):
        assert len(set(labels)) == labels.max() + 1 == min(k, scan.n_distinct)


@pytest.mark.parametrize("points", [unit_rows(30, zero=0), piles(12, distinct=5), noise(2), noise(1)])
def test_silhouettes_are_compared_with_a_chain_where_the_space_is_a_diffusion_map(points):
    ks = [k for k in (2, 3, 6) if k <= len(points)]
    scan = scan_k(points, ks, column_scales=SCALES, n_references=3, random_state=5)
    assert_scores(scan, points, n_references=3, scales=SCALES, random_state=5)
    in_a_box = scan_k(points, ks, n_references=3, random_state=5)
    if len(points) > 2:
        assert not np.isclose(scan.at(2).silhouette_reference, in_a_box.at(2).silhouette_reference)


@pytest.mark.parametrize(("n_references", "random_state"), [(1, 0), (7, 3)])
def test_references_and_seeds(n_references, random_state):
    scan = scan_k(blobs(20), [3], n_references=n_references, random_state=random_state)
    assert scan.n_references == n_references
    assert_scores(scan, blobs(20), n_references=n_references, random_state=random_state)


def test_structureless_data_have_no_gap_and_separate_blobs_do():
    """The rule of Tibshirani, Walther & Hastie 2001, by hand, on data whose answer is known."""
    for points, answer in [(np.random.default_rng(0).uniform(size=(150, 2)), 1), (blobs(150, k=4, apart=12), 4)]:
        scan = scan_k(points, range(1, 7), n_references=10)
        gap, error = scan.curve("gap"), scan.curve("gap_error")
        assert next(k for k in range(1, 6) if gap[k - 1] >= gap[k] - error[k]) == answer


def test_gap_where_kmeans_stops_by_its_tolerance():
    points = np.random.default_rng(54).uniform(size=(200, 1))
    assert_scores(scan_k(points, [5], n_references=1), points, n_references=1)


# Samples -------------------------------------------------------------------------------------------------------------


class FewDistances(SilhouetteDistances):
    """Distances to 100 of 300 images."""

    def __init__(self, coordinates, *, random_state=0):
        super().__init__(coordinates, max_distances=30_000, random_state=random_state)

    @staticmethod
    def size_of_reference(n_images, max_distances=30_000):
        return SilhouetteDistances.size_of_reference(n_images, max_distances)


@pytest.fixture
def small_limits(monkeypatch):
    for module in (one_k, scan):
        monkeypatch.setattr(module, "GAP_ROWS", 60)
        monkeypatch.setattr(module, "STABILITY_ROWS", 90)
        monkeypatch.setattr(module, "SilhouetteDistances", FewDistances)


def test_samples_are_reported_right_and_near_the_whole(small_limits, monkeypatch):
    points = blobs(300, k=4, apart=12)
    sampled = scan_k(points, [2, 4, 6], n_references=3)
    assert (sampled.n_silhouette, sampled.n_gap, sampled.n_stability) == (100, 60, 90)
    of_a_third = {"silhouette": 0.01, "silhouette_samples": 0.25}
    assert_scores(sampled, points, n_references=3, tolerance=of_a_third, gap_rows=60, stability_rows=90)

    monkeypatch.undo()
    whole = scan_k(points, [2, 4, 6], n_references=3)
    assert (whole.n_silhouette, whole.n_gap, whole.n_stability) == (300, 300, 300)
    for name in ("inertia", "distortion", "davies_bouldin", "calinski_harabasz"):
        np.testing.assert_array_equal(sampled.curve(name), whole.curve(name))
    for name, tolerance in [("silhouette", 0.01), ("silhouette_reference", 0.06), ("gap", 0.4), ("stability", 0.25)]:
        np.testing.assert_allclose(sampled.curve(name), whole.curve(name), atol=tolerance, err_msg=name)
    assert np.nanargmax(sampled.curve("gap")) == np.nanargmax(whole.curve("gap")) == 2  # k = 4
    assert min(sampled.at(4).stability, whole.at(4).stability) > 0.98


def test_samples_are_as_large_as_the_data_where_those_are_smaller(small_limits):
    assert [scan_k(blobs(n), [2], n_references=1).n_gap for n in (59, 60, 61)] == [59, 60, 60]
    assert [scan_k(blobs(n), [2], n_references=1).n_stability for n in (89, 90, 91)] == [89, 90, 90]


def test_another_seed_draws_another_sample_for_the_silhouettes(small_limits):
    one, other = (scan_k(blobs(300), [4], n_references=1, random_state=seed) for seed in (0, 1))
    np.testing.assert_array_equal(one.labels, other.labels)
    assert one.at(4).silhouette != other.at(4).silhouette


def test_samples_of_7000_images():
    points = blobs(7000, k=3, d=2)
    scan = scan_k(points, [3], n_references=1)
    assert (scan.n_silhouette, scan.n_gap, scan.n_stability) == (5714, 1000, 1000)
    some = np.arange(0, 7000, 100)
    exact = [explicit_silhouette(points, scan.labels[1], image) for image in some]
    np.testing.assert_allclose(scan.at(3).silhouette_samples[some], exact, atol=0.02)


def explicit_silhouette(points, labels, image):
    distances = np.linalg.norm(points - points[image], axis=1)
    own = distances[labels == labels[image]].sum() / ((labels == labels[image]).sum() - 1)
    next_one = min(distances[labels == other].mean() for other in set(labels) - {labels[image]})
    return (next_one - own) / max(own, next_one)


def test_small_groups_keep_their_silhouettes_in_a_sample(small_limits):
    points = np.concatenate([blobs(297, k=2), 100 + 0.1 * noise(3, d=3)])
    for seed in range(6):  # of three images about one is in the sample
        scan = scan_k(points, [3], n_references=1, random_state=seed)
        exact = metrics.silhouette_samples(points, scan.labels[1])
        np.testing.assert_allclose(scan.at(3).silhouette_samples[-3:], exact[-3:], atol=0.1)


# Degenerate data -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rows",
    [np.zeros((6, 2)), np.full((30, 4), 0.1), np.repeat(noise(1, d=20), 7, axis=0).astype(np.float32), noise(1)],
)
@pytest.mark.parametrize("column_scales", [None, SCALES])
def test_identical_images_have_no_scores_but_the_distances(rows, column_scales):
    scan = scan_k(rows, [1, min(2, len(rows)), len(rows)], column_scales=column_scales, n_references=2)
    assert scan.n_distinct == 1
    np.testing.assert_array_equal(scan.labels, 0)
    for score in scan.scores:
        assert (score.inertia, score.distortion) == pytest.approx((0, 0), abs=1e-12)
        np.testing.assert_array_equal(score.silhouette_samples, 0)
        for name in ("gap", "davies_bouldin", "calinski_harabasz", "stability", "stability_std"):
            assert np.isnan(getattr(score, name)), name
        assert np.isnan(score.silhouette) and np.isnan(score.silhouette_reference)


def test_identical_images_have_no_silhouette():
    np.testing.assert_array_equal(scan_k(np.ones((6, 3)), [2, 3], n_references=1).curve("silhouette"), np.nan)


def test_piles_are_perfect_at_their_number_and_undefined_beyond():
    scan = scan_k(piles(60, distinct=3).astype(np.float32), [2, 3, 4, 60], n_references=2)
    assert scan.at(3).silhouette == pytest.approx(1)
    assert (scan.at(3).inertia, scan.at(3).stability) == (pytest.approx(0, abs=1e-12), 1)
    assert scan.at(2).silhouette < 1
    np.testing.assert_array_equal(scan.labels[3], scan.labels[2])
    for name in ("stability", "stability_std"):
        np.testing.assert_array_equal(np.isnan(scan.curve(name)), [True, False, False, True, True])
    np.testing.assert_array_equal(np.isnan(scan.curve("gap")), [False, False, True, True, True])


@pytest.mark.parametrize("rows", [np.zeros((3, 3)), np.array([[0, 1], [1, 0]]), np.zeros((6, 3))])
def test_rows_that_look_like_a_table_of_distances(rows):
    assert scan_k(rows, [2], n_references=1).n_images == len(rows)


@given(
    hnp.arrays(np.float32, st.tuples(st.integers(1, 9), st.integers(1, 3)), elements=st.integers(-2, 2)),
    st.integers(1, 9),
)
@settings(deadline=None, max_examples=15)
def test_any_rows_are_scored_within_bounds(rows, k):
    scan = scan_k(rows, [min(k, len(rows))], n_references=1)
    total = ((rows - rows.mean(axis=0, dtype=np.float64)) ** 2).sum()
    assert scan.n_distinct == explicit.n_distinct(rows)
    for score, labels in zip(scan.scores, scan.labels, strict=True):
        assert len(set(labels)) == min(score.k, scan.n_distinct)
        assert -1e-12 <= score.inertia <= total + 1e-9
        assert len(rows) * score.distortion**2 <= score.inertia + 1e-9
        assert np.abs(score.silhouette_samples).max() <= 1
        assert np.isnan(score.gap) == (score.k >= scan.n_distinct)
        assert np.isnan(score.gap_error) == (score.k >= len(rows) or scan.n_distinct == 1)
        for index in (score.davies_bouldin, score.calinski_harabasz):
            assert index >= 0 if explicit.several(labels) else np.isnan(index)
        assert np.isnan(score.stability) or -1 <= score.stability <= 1
    assert np.isnan(scan.at(1).silhouette)
    assert np.isnan(scan.at(1).stability)
