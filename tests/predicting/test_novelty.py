import numpy as np
import pytest
from some_models import blobs

from imgcluster.errors import ParameterError
from imgcluster.predicting import novelty
from imgcluster.predicting.novelty import (
    comparable_vectors,
    held_out_novelties,
    known_images,
    mean_of_nearest,
    novelty_thresholds,
)


def slow_distance(one, other):
    """1 - cosine; equal ones are at 0 and those without a direction at 1 from all others."""
    if np.array_equal(one, other):
        return 0.0
    one, other = one.astype(np.float64), other.astype(np.float64)
    lengths = np.linalg.norm(one) * np.linalg.norm(other)
    return 1 - one @ other / lengths if lengths else 1.0


def slow_novelties(vectors):
    different = [row for index, row in enumerate(vectors) if not any((row == other).all() for other in vectors[:index])]
    found = []
    for index, row in enumerate(vectors):
        if any((row == other).all() for other in vectors[:index]):
            found.append(-1.0)
            continue
        distances = sorted(slow_distance(row, other) for other in different if not (row == other).all())
        found.append(np.mean(distances[:3]) if distances else -1.0)
    return found


def some_vectors(n, seed=0):
    vectors = comparable_vectors(blobs(n, seed=seed)[0] if n else np.empty((0, 30)), "hellinger")
    vectors[5:7] = vectors[0]  # twins
    vectors[8:10] = 0  # no direction
    return vectors


@pytest.mark.parametrize("scaling", ["hellinger", "l2", "none"])
def test_kept_vectors_have_unit_length_whatever_the_scaling(scaling):
    vectors = np.random.default_rng(0).normal(size=(20, 50)).astype(np.float32) * 100
    vectors[3] = 0
    kept = comparable_vectors(vectors, scaling)
    assert kept.dtype == np.float16 and kept.shape == vectors.shape
    lengths = np.linalg.norm(kept.astype(np.float64), axis=1)
    np.testing.assert_allclose(lengths, np.arange(20) != 3, atol=1e-3)
    expected = np.sign(vectors) * np.sqrt(np.abs(vectors)) if scaling == "hellinger" else vectors
    np.testing.assert_allclose(kept[0], expected[0] / np.linalg.norm(expected[0]), rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("n", [1, 2, 3, 4, 12, 80])
def test_held_out_novelties_equal_a_slow_loop(n):
    vectors = some_vectors(n)
    np.testing.assert_allclose(held_out_novelties(vectors), slow_novelties(vectors), atol=2e-6)


def test_of_identical_images_one_is_measured():
    novelties = held_out_novelties(np.repeat(some_vectors(2), 7, axis=0))
    assert np.flatnonzero(novelties >= 0).tolist() == [0, 7]


def test_where_all_are_identical_there_is_nothing_to_measure():
    np.testing.assert_array_equal(held_out_novelties(np.repeat(some_vectors(1), 7, axis=0)), -1)


def test_of_many_images_some_are_measured_against_all(monkeypatch):
    vectors = some_vectors(80)
    every = held_out_novelties(vectors)
    monkeypatch.setattr(novelty, "MOST_HELD_OUT", 20)
    some = held_out_novelties(vectors)
    assert (some >= 0).sum() == 20
    np.testing.assert_array_equal(some[some >= 0], every[some >= 0])
    np.testing.assert_array_equal(some, held_out_novelties(vectors))


@pytest.mark.parametrize("block_rows", [1, 7, 512])
@pytest.mark.parametrize("known_rows", [1, 9, 16_384])
def test_nearest_images_equal_a_slow_loop(monkeypatch, block_rows, known_rows):
    monkeypatch.setattr(novelty, "_BLOCK_ROWS", block_rows)
    monkeypatch.setattr(novelty, "_KNOWN_ROWS", known_rows)
    vectors, new = some_vectors(60), some_vectors(25, seed=1)
    known = known_images(vectors)
    assert known.images.tolist() == [*range(5), 7, 8, *range(10, 60)]
    positions, distances = known.nearest(new, 4)
    for row, found, at in zip(new, known.images[positions], distances, strict=True):
        every = np.array([slow_distance(row, vectors[image]) for image in known.images])
        np.testing.assert_allclose(at, np.sort(every)[:4], atol=2e-6)
        np.testing.assert_allclose([slow_distance(row, vectors[image]) for image in found], at, atol=2e-6)


def test_equal_vectors_are_at_no_distance_at_all():
    vectors = some_vectors(60)
    positions, distances = known_images(vectors).nearest(vectors, 1)
    assert not distances.any()
    np.testing.assert_array_equal(vectors[known_images(vectors).images[positions[:, 0]]], vectors)


def test_with_few_images_the_novelty_is_the_mean_of_those_there_are():
    np.testing.assert_allclose(mean_of_nearest(np.array([[0.1], [0.3]])), [0.1, 0.3])
    np.testing.assert_allclose(mean_of_nearest(np.array([[0.1, 0.3]])), [0.2])
    np.testing.assert_allclose(mean_of_nearest(np.array([[0.1, 0.2, 0.6, 2.0]])), [0.3])


def test_thresholds_are_between_the_groups_own_quantile_and_that_of_all():
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1, 2, -1], [200, 20, 1, 9])
    novelties = rng.uniform(size=230) * np.repeat([1, 2, 5, 3], [200, 20, 1, 9])
    thresholds = novelty_thresholds(novelties, labels, 3, 0.9)
    of_all = np.quantile(novelties, 0.9)
    assert thresholds[-1] == pytest.approx(of_all)
    for cluster, size in enumerate((200, 20, 1)):
        own = np.quantile(novelties[labels == cluster], 0.9)
        assert thresholds[cluster] == pytest.approx((size * own + 20 * of_all) / (size + 20))


def test_thresholds_grow_with_the_quantile():
    rng = np.random.default_rng(0)
    labels = rng.integers(-1, 4, 100)
    novelties = rng.gamma(2, size=100)
    found = np.array([novelty_thresholds(novelties, labels, 4, quantile) for quantile in np.linspace(0, 1, 21)])
    assert (np.diff(found, axis=0) >= 0).all()


def test_what_was_not_measured_does_not_count():
    labels = np.array([0, 0, 0, 1, 1, 1, 1, -1])
    novelties = np.array([0.1, 0.2, -1, 0.4, -1, 0.5, 0.3, 0.9])
    kept = novelties >= 0
    np.testing.assert_array_equal(
        novelty_thresholds(novelties, labels, 2, 0.95), novelty_thresholds(novelties[kept], labels[kept], 2, 0.95)
    )


def test_a_group_of_which_nothing_was_measured_is_judged_by_all():
    thresholds = novelty_thresholds(np.array([0.1, 0.2, 0.3, 0.4, 0.5, -1]), np.array([0, 0, 0, 0, 0, 1]), 2, 0.5)
    assert thresholds[1] == thresholds[-1] == pytest.approx(0.3)


@pytest.mark.parametrize("n", [1, 4])
def test_of_few_images_nothing_is_usual(n):
    np.testing.assert_array_equal(novelty_thresholds(np.full(n, 0.1), np.zeros(n, dtype=int), 1, 0.95), 0.999)


@pytest.mark.parametrize("quantile", [-0.1, 1.1, np.nan])
def test_a_quantile_out_of_range_is_an_error(quantile):
    with pytest.raises(ParameterError, match="from 0 to 1"):
        novelty_thresholds(np.ones(9), np.zeros(9, dtype=int), 1, quantile)
