"""The recommendation: exact on separate blobs, none where there is nothing, and each step of the vote alone."""

import warnings

import numpy as np
import pytest

from imgcluster.choosing.one_k import KScore
from imgcluster.choosing.recommendation import gap_choice, knee, recommend
from imgcluster.choosing.scan import KScan, scan_k
from imgcluster.choosing.wording import sentence
from imgcluster.spaces.space import fit_space


def blobs(k, n_dims, *, equal, seed=0):
    """Blobs at least 8 standard deviations apart."""
    generator = np.random.default_rng([seed, k, n_dims, equal])
    centers = []
    while len(centers) < k:
        place = generator.uniform(0, 14 * k**0.5 if n_dims == 2 else 10, n_dims)
        if all(np.linalg.norm(place - other) > 8 for other in centers):
            centers.append(place)
    sizes = np.full(k, max(30, 240 // k)) if equal else generator.integers(12, 60, k)
    truth = np.repeat(np.arange(k), sizes)
    return np.array(centers)[truth] + generator.normal(size=(len(truth), n_dims))


@pytest.mark.parametrize(
    ("k", "n_dims", "equal"),
    [(2, 2, True), (2, 20, False), (3, 20, True), (5, 2, False), (8, 20, False), (15, 2, True)],
)
def test_exact_on_separate_blobs(k, n_dims, equal):
    found = recommend(scan_k(blobs(k, n_dims, equal=equal), range(max(2, k - 5), k + 5), n_references=4))
    assert (found.k, found.confidence, found.at_edge) == (k, "clear", False)
    assert found.low <= k <= found.high


def test_forty_blobs():
    found = recommend(scan_k(blobs(40, 2, equal=False), range(37, 44), n_references=3))
    assert found.k == 40


@pytest.mark.parametrize(("kind", "n_dims"), [("uniform", 1), ("uniform", 20), ("normal", 2), ("normal", 20)])
def test_no_number_where_there_is_nothing(kind, n_dims):
    points = getattr(np.random.default_rng(n_dims), kind)(size=(200, n_dims))
    found = recommend(scan_k(points, range(2, 11), n_references=5))
    assert (found.k, found.low, found.high, found.confidence) == (None, None, None, "none")


class Vectors:
    fingerprint = ""
    scaling = "hellinger"

    def __init__(self, vectors):
        self.vectors = np.asarray(vectors, dtype=np.float32)


def test_no_number_in_the_diffusion_map_of_noise():
    generator = np.random.default_rng(0)
    sheet = np.maximum(generator.normal(size=(300, 3)) @ generator.normal(size=(3, 64)) + 1, 0)
    for vectors in (generator.uniform(size=(300, 64)), sheet):
        space = fit_space(Vectors(vectors))
        scan = scan_k(space.coordinates, range(2, 25, 4), column_scales=space.column_scales, n_references=3)
        assert scan.reference == "chain"
        assert recommend(scan).k is None


def test_classes_in_a_diffusion_map():
    generator = np.random.default_rng(0)
    centers = np.maximum(generator.normal(size=(9, 64)), 0)
    vectors = np.maximum(centers.repeat(40, axis=0) + 0.4 * generator.normal(size=(360, 64)), 0)
    space = fit_space(Vectors(vectors))
    found = recommend(scan_k(space.coordinates, range(7, 12), column_scales=space.column_scales, n_references=3))
    assert (found.k, found.confidence) == (9, "clear")


@pytest.mark.parametrize(
    ("points", "k"),
    [
        (np.zeros((1, 3)), None),
        (np.eye(2), None),
        (np.eye(3), None),
        (np.repeat([[1.0, 2.0]], 30, axis=0), None),
        (np.repeat(np.eye(2), 15, axis=0), 2),
        (np.repeat(np.eye(5), 12, axis=0), 5),
    ],
    ids=["one image", "two", "three", "30 copies", "two piles", "five piles"],
)
def test_degenerate_collections(points, k):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = recommend(scan_k(points, range(2, min(len(points), 10) + 1), n_references=3))
        assert found.k == k
        assert sentence(found).endswith(".")
    assert all(reason.k is None or reason.k <= found.n_distinct for reason in found.reasons)


def scan_of(
    silhouette, *, reference=0.3, stability=None, gap=None, inertia=None, reference_std=0.01, kind="box", n=500
):
    """Scores from k = 1 on; a flat gap says that there are no clusters, a growing one nothing."""
    count = len(silhouette)
    blank = np.full(count, np.nan)
    curves = {
        "silhouette": silhouette,
        "silhouette_reference": np.full(count, reference),
        "silhouette_reference_std": np.full(count, reference_std),
        "stability": np.ones(count) if stability is None else stability,
        "gap": np.arange(count, dtype=float) if gap is None else gap,
        "gap_error": np.full(count, 0.1),
        "inertia": -np.arange(count, dtype=float) if inertia is None else inertia,
    }
    others = dict.fromkeys(("distortion", "davies_bouldin", "calinski_harabasz", "stability_std"), blank)
    scores = tuple(
        KScore(k=i + 1, silhouette_samples=np.zeros(0), **{name: float(v[i]) for name, v in (curves | others).items()})
        for i in range(count)
    )
    sizes = dict.fromkeys(("n_distinct", "n_silhouette", "n_gap", "n_stability"), n)
    labels = np.zeros((count, n), dtype=np.int16)
    return KScan(scores=scores, labels=labels, n_references=10, reference=kind, n_dims=20, **sizes)


def peak(at, *, count=12, height=0.8, fall=0.1):
    """A silhouette with its peak at one k."""
    ks = np.arange(1, count + 1)
    return np.where(ks == 1, np.nan, height - fall * np.abs(ks - at))


def test_the_gap_stops_at_the_first_k_that_the_next_does_not_beat():
    assert gap_choice(scan_of(peak(4), gap=[0, 1, 2, 2.05, 3, 4, 5, 6, 7, 8, 9, 10])) == 3
    assert gap_choice(scan_of(peak(4), gap=[0, 1, 2, 2.15, 2.2, 4, 5, 6, 7, 8, 9, 10])) == 4
    assert gap_choice(scan_of(peak(4), gap=[0.0] * 12)) == 1
    assert gap_choice(scan_of(peak(4))) is None
    assert gap_choice(scan_of(peak(4), gap=[np.nan] * 12)) is None


def test_the_knee_of_a_bent_line_and_of_none():
    bent = np.concatenate([np.linspace(100, 10, 5), np.linspace(9, 2, 7)])
    assert knee(scan_of(peak(4), inertia=bent)) == 5
    assert knee(scan_of(peak(4), inertia=np.full(12, 3.0))) is None
    assert knee(scan_of(peak(2, count=3))) is None


def test_neighbours_that_look_alike_are_decided_by_the_other_scores():
    silhouette = peak(7, fall=0.01)
    from_6_on = np.where(np.arange(1, 13) >= 6, 1.0, 0.7)
    gap = [0, 1, 2, 3, 4, 5, 5, 5, 5, 5, 5, 5]  # stops at 6
    assert recommend(scan_of(silhouette, stability=from_6_on)).k == 7  # of two votes, that of the silhouette
    assert recommend(scan_of(silhouette, stability=from_6_on, gap=gap)).k == 6
    assert recommend(scan_of(silhouette, gap=gap)).k == 6  # halves agree from 4 on: the middle of 4, 6 and 7
    assert recommend(scan_of(silhouette, stability=from_6_on, gap=[0.0] * 12)).k == 7  # "no clusters" is no vote


def test_of_equals_within_the_error_of_the_references_the_smaller_is_the_best():
    silhouette = peak(9)
    silhouette[5] = silhouette[8] - 0.002  # k = 6; the standard error is 0.01 / sqrt(10)
    said = {reason.score: reason.k for reason in recommend(scan_of(silhouette)).reasons}
    assert (said["excess"], said["silhouette"]) == (6, 9)
    silhouette[5] -= 0.002
    assert {reason.score: reason.k for reason in recommend(scan_of(silhouette)).reasons}["excess"] == 9


def test_votes_for_what_looks_much_worse_do_not_count():
    found = recommend(scan_of(peak(7), gap=[0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], inertia=[9, 1] + [0.9] * 10))
    assert (found.k, found.low, found.high) == (7, 7, 7)
    said = {reason.score: (reason.k, reason.agrees) for reason in found.reasons}
    assert said["gap"] == (2, False)
    assert said["elbow"] == (2, False)
    assert said["silhouette"] == said["excess"] == (7, True)


@pytest.mark.parametrize(
    ("change", "confidence"),
    [
        ({}, "clear"),
        ({"reference": 0.7}, "fair"),
        ({"reference": 0.76}, "none"),
        ({"reference": 0.65, "reference_std": 0.06}, "none"),
        ({"stability": np.full(12, 0.8)}, "fair"),
    ],
)
def test_confidence(change, confidence):
    assert recommend(scan_of(peak(7), **change)).confidence == confidence


def test_a_peak_at_the_end_of_the_range_asks_for_a_wider_one():
    found = recommend(scan_of(peak(12)))
    assert (found.k, found.at_edge, found.confidence) == (12, True, "fair")
    assert "12 is the most that was tried" in sentence(found)
    assert not recommend(scan_of(peak(12), n=12)).at_edge  # there are no more pictures


def test_a_peak_near_the_number_of_columns_of_a_diffusion_map_is_not_clear():
    assert recommend(scan_of(peak(19, count=25), kind="chain")).confidence == "fair"
    assert recommend(scan_of(peak(19, count=25), kind="box")).confidence == "clear"


def test_a_wide_range_is_not_clear():
    flat = peak(7, fall=0.005)
    unsure = np.where(np.arange(1, 13) == 7, 1.0, 0.95)
    found = recommend(scan_of(flat, stability=unsure))
    assert (found.k, found.low, found.high, found.confidence) == (7, 2, 12, "fair")


def test_a_partial_scan_has_a_recommendation_too():
    for count in range(1, 5):
        recommend(scan_of(peak(3, count=count)))
