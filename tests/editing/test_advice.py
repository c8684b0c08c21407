"""Images that may not belong, and groups that look alike."""

import tracemalloc

import numpy as np
import pytest

from imgcluster.editing.advice import alike_groups, may_not_belong
from imgcluster.grouping.clustering import kmeans
from imgcluster.grouping.silhouette import silhouette_samples


def blobs(centers, n=60, *, spread=0.3, seed=0):
    rng = np.random.default_rng(seed)
    rows = [rng.normal(center, spread, (n, len(center))) for center in centers]
    return np.concatenate(rows), np.repeat(np.arange(len(centers)), n)


def misfits(coordinates, labels, **options):
    silhouettes = silhouette_samples(coordinates, labels).values
    return may_not_belong(coordinates, labels, silhouettes, **options)


def test_an_image_in_the_wrong_group_is_found_with_the_group_it_lies_nearer_to():
    coordinates, labels = blobs([(0, 0), (5, 0), (0, 5)])
    labels[[3, 70]] = [2, 0]
    found = misfits(coordinates, labels)
    assert {(each.image, each.label, each.nearest) for each in found} == {(3, 2, 0), (70, 0, 1)}
    assert found[0].silhouette <= found[1].silhouette < 0
    assert found[0].reason == f"It lies nearer to Group {found[0].nearest + 1} (fit {found[0].silhouette:.2f})."


def test_the_worst_come_first_no_more_than_asked_for_and_not_those_that_were_settled():
    coordinates, labels = blobs([(0, 0), (2, 0)], spread=0.8)
    found = misfits(coordinates, labels, n=1000)
    values = [each.silhouette for each in found]
    assert len(found) > 6 and values == sorted(values)
    assert misfits(coordinates, labels, n=3) == found[:3]
    assert misfits(coordinates, labels, n=1000, settled=[found[0].image, found[2].image]) == (found[1], *found[3:])
    titled = misfits(coordinates, labels, n=1, titles=["Dogs", "Wolves"])[0]
    assert ("Dogs", "Wolves")[titled.nearest] in titled.reason


def test_one_between_two_tight_groups_is_far_from_what_is_usual():
    coordinates, labels = blobs([(0, 0), (6, 0)])
    coordinates[0] = (2.9, 0)
    (found,) = misfits(coordinates, labels)
    assert (found.image, found.label, found.nearest) == (0, 0, 1) and found.silhouette > 0
    assert found.reason.startswith("It lies far from most of its group")


def test_in_a_group_of_four_nothing_is_usual():
    coordinates, labels = np.zeros((9, 2)), np.repeat([0, 1], [4, 5])
    low_in_each = np.array([0.8, 0.8, 0.8, 0.1, 0.8, 0.8, 0.8, 0.8, 0.1])
    assert [each.image for each in may_not_belong(coordinates, labels, low_in_each)] == [8]


def test_clear_groups_have_no_misfits_and_noise_is_none():
    coordinates, labels = blobs([(0, 0), (5, 0)])
    assert misfits(coordinates, labels) == ()
    labels[3], labels[70] = -1, 0
    assert [each.image for each in misfits(coordinates, labels)] == [70]


def test_halves_of_one_group_are_alike_and_whole_groups_are_not():
    coordinates, truth = blobs([(0, 0), (6, 0), (0, 6)])
    assert alike_groups(coordinates, truth) == ()
    halves = truth.copy()
    halves[(truth == 1) & (coordinates[:, 0] > 6)] = 3
    (pair,) = alike_groups(coordinates, halves, titles=["A", "B", "C", "D"])
    assert set(pair.labels) == {1, 3} and (halves == pair.labels[0]).sum() >= (halves == pair.labels[1]).sum()
    assert pair.similarity > 0.6 and "no gap between them" in pair.reason and "Group" not in pair.reason
    assert alike_groups(coordinates, halves, locked=[3]) == ()


def test_the_score_is_the_spread_along_the_line_over_the_distance():
    coordinates, labels = blobs([(0, 0, 0), (1, 1, 0.5)], spread=0.4)
    (pair,) = alike_groups(coordinates, labels)
    first, second = (coordinates[labels == label] for label in (0, 1))
    line = second.mean(axis=0) - first.mean(axis=0)
    unit = line / np.linalg.norm(line)
    expected = ((first @ unit).std() + (second @ unit).std()) / np.linalg.norm(line)
    assert pair.similarity == pytest.approx(expected) and pair.labels == (0, 1)


def test_the_scatter_across_the_line_does_not_make_two_groups_one():
    rng = np.random.default_rng(0)
    coordinates = rng.normal(0, (0.1, 8, 8), (200, 3))
    coordinates[100:, 0] += 1  # a gap, in one direction of three
    labels = np.repeat([0, 1], 100)
    close = coordinates.copy()
    close[labels == 0, 1:] -= close[labels == 0, 1:].mean(axis=0)
    close[labels == 1, 1:] -= close[labels == 1, 1:].mean(axis=0)
    assert alike_groups(close, labels) == ()


def test_too_many_clusters_of_round_groups_are_proposed_in_pairs_of_one_group():
    coordinates, truth = blobs([(0, 0), (6, 0), (0, 6), (6, 6)], n=100)
    assert alike_groups(coordinates, kmeans(coordinates, 4).labels) == ()
    labels = kmeans(coordinates, 8).labels
    found = alike_groups(coordinates, labels)
    majority = [np.bincount(truth[labels == label]).argmax() for label in range(8)]
    assert found and all(majority[first] == majority[second] for first, second in (pair.labels for pair in found))
    of_all = [label for pair in found for label in pair.labels]
    assert len(of_all) == len(set(of_all))
    assert [pair.similarity for pair in found] == sorted((pair.similarity for pair in found), reverse=True)
    assert alike_groups(coordinates, labels, n=1) == found[:1]


def test_of_three_in_a_row_without_gaps_only_those_that_are_nearest_to_each_other_are_a_pair():
    rng = np.random.default_rng(0)
    coordinates = np.column_stack([np.sort(rng.uniform(0, 10, 300)), rng.normal(0, 0.1, 300)])
    labels = np.digitize(coordinates[:, 0], [4, 7])  # the middles are at 2, 5.5 and 8.5
    assert [pair.labels for pair in alike_groups(coordinates, labels)] in ([(1, 2)], [(2, 1)])


def test_groups_in_the_same_place_are_alike():
    (pair,) = alike_groups(np.full((6, 3), 0.1), np.array([0, 1, 0, 1, 0, 0]))
    assert pair.labels == (0, 1) and pair.similarity == np.inf
    assert pair.reason == "Group 1 and Group 2 are in the same place."


@pytest.mark.parametrize(
    "labels",
    [[], [0], [-1], [0, 0], [0, 1], [-1, -1, -1], [0, 1, 2], [0, 0, 0], [0, -1, 1], [0, 0, 1]],
    ids=str,
)
def test_few_images_one_group_and_noise_alone_give_no_advice(labels):
    labels = np.array(labels, dtype=np.int32)
    coordinates = np.eye(3)[: len(labels)] * 5
    assert alike_groups(coordinates, labels) == ()
    assert may_not_belong(coordinates, labels, np.zeros(len(labels))) == ()


def test_identical_images_are_no_misfits():
    coordinates, labels = np.ones((8, 2)), np.repeat([0, 1], 4)
    assert misfits(coordinates, labels) == ()


def test_the_group_named_is_the_one_that_is_nearer_on_average_and_not_the_one_with_the_nearest_middle():
    """A wide ring has its middle where none of its images is."""
    angles = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    ring, tight = 10 * np.c_[np.cos(angles), np.sin(angles)], np.tile([4.0, 0.0], (10, 1))
    far = np.tile([50.0, 0.0], (10, 1))
    coordinates = np.concatenate([[[1.0, 0.0]], far, ring, tight])
    labels = np.repeat([0, 1, 2, -1], [11, 40, 9, 1])
    worst = misfits(coordinates, labels)[0]
    assert (worst.image, worst.label, worst.nearest) == (0, 0, 2) and "nearer to Group 3" in worst.reason


def test_the_nearest_group_has_the_smallest_mean_distance(monkeypatch):
    rng = np.random.default_rng(0)
    coordinates, labels = rng.normal(size=(80, 3)), rng.integers(-1, 5, 80)
    found = misfits(coordinates, labels, n=1000)
    assert len(found) > 10
    for each in found:
        distances = np.linalg.norm(coordinates - coordinates[each.image], axis=1)
        means = {label: distances[labels == label].mean() for label in range(5) if label != each.label}
        assert each.nearest == min(means, key=means.get)
    pairs = alike_groups(coordinates, labels)
    monkeypatch.setattr("imgcluster.editing.advice._BLOCK", 200)  # a few images at a time
    assert misfits(coordinates, labels, n=1000) == found and alike_groups(coordinates, labels) == pairs


def test_very_many_groups_take_little_memory(monkeypatch):
    coordinates = np.random.default_rng(0).normal(size=(6000, 2))
    monkeypatch.setattr("imgcluster.editing.advice._BLOCK", 200_000)
    alike_groups(coordinates[:8], np.repeat(np.arange(4), 2))  # imports are done
    tracemalloc.start()
    try:
        alike_groups(coordinates, np.repeat(np.arange(3000), 2))
        assert tracemalloc.get_traced_memory()[1] < 8e6  # groups times groups would be 72 MB
    finally:
        tracemalloc.stop()
