"""The sample of the map: its shares, its evenness, and what is drawn besides."""

from fractions import Fraction

import numpy as np
import pytest

from imgcluster.maps.sampling import drawn_besides, drawn_sample


def shares(sizes, limit: int, least: int) -> list[Fraction]:
    """The exact shares: whose own is below the least gets that, one after the other, the smallest first."""
    floors = [min(size, least, limit // len(sizes)) for size in sizes]
    fixed: set[int] = set()
    while True:
        open_ones = [place for place in range(len(sizes)) if place not in fixed]
        rest, total = limit - sum(floors[place] for place in fixed), sum(sizes[place] for place in open_ones)
        share = [Fraction(floors[at]) if at in fixed else Fraction(size * rest, total) for at, size in enumerate(sizes)]
        below = [at for at in open_ones if share[at] < floors[at]]
        if not below:
            return share
        fixed.add(min(below, key=lambda at: sizes[at]))


@pytest.mark.parametrize("n_dims", [2, 3])
@pytest.mark.parametrize(
    ("sizes", "limit", "least"),
    [
        ([500, 300, 150, 50], 200, 0),
        ([500, 300, 150, 50], 200, 20),
        ([900, 5, 3, 1, 91], 100, 20),
        ([990, 10], 11, 5),
        ([1] * 50, 7, 20),
        ([400], 3, 20),
        ([333, 333, 334], 100, 20),
        ([60, 60, 60], 179, 20),
    ],
)
def test_each_stratum_has_its_share(sizes, limit, least, n_dims):
    rng = np.random.default_rng(0)
    strata = rng.permutation(np.repeat(np.arange(len(sizes)) - 1, sizes))
    chosen = drawn_sample(rng.normal(size=(len(strata), n_dims)), strata, limit=limit, least=least)
    assert len(chosen) == limit and (np.diff(chosen) > 0).all()
    counts = np.bincount(strata[chosen] + 1, minlength=len(sizes))
    for count, share, size in zip(counts.tolist(), shares(sizes, limit, least), sizes, strict=True):
        assert abs(count - share) < 1 and count <= size


def test_the_sample_is_as_dense_as_all_are():
    rng = np.random.default_rng(0)
    points = np.concatenate([rng.normal(0, 1, (30_000, 2)), rng.normal((6, 0), 0.2, (10_000, 2))])
    chosen = drawn_sample(points, np.arange(40_000) % 3, limit=10_000)
    edges = [np.linspace(-4, 8, 25), np.linspace(-4, 4, 17)]
    of_all = np.histogram2d(*points.T, bins=edges)[0]
    drawn = np.histogram2d(*points[chosen].T, bins=edges)[0]
    by_chance = np.histogram2d(*points[rng.choice(40_000, 10_000, replace=False)].T, bins=edges)[0]
    error, error_by_chance = (((found - of_all / 4) ** 2).sum() for found in (drawn, by_chance))
    assert error < error_by_chance / 2
    assert (drawn[of_all >= 40] > 0).all()


def test_whatever_is_grouped_later_has_about_its_share():
    rng = np.random.default_rng(1)
    points = rng.uniform(size=(20_000, 2)).astype("f4")
    chosen = drawn_sample(points, (points[:, 0] * 20).astype(int), limit=5_000)
    later = (points[:, 1] * 7).astype(int)
    counts = np.bincount(later[chosen]) / np.bincount(later)
    assert np.abs(counts - 0.25).max() < 0.02


def test_the_same_points_give_the_same_sample():
    points, strata = np.random.default_rng(0).normal(size=(1000, 2)), np.arange(1000) % 5
    first, again = (drawn_sample(points.copy(), strata.copy(), limit=100) for _ in range(2))
    assert first.tolist() == again.tolist()


@pytest.mark.parametrize("n_images", [0, 1, 2, 3, 10])
def test_as_many_as_the_limit_are_all_drawn(n_images):
    assert drawn_sample(np.zeros((n_images, 2)), np.zeros(n_images, int), limit=10).tolist() == list(range(n_images))


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_points_of_one_place_are_taken_in_their_order(limit):
    chosen = drawn_sample(np.ones((7, 3)), np.full(7, -1), limit=limit)
    assert len(chosen) == limit == len(set(chosen.tolist()))


def test_what_makes_no_sense_is_refused():
    with pytest.raises(ValueError, match="shape"):
        drawn_sample(np.zeros((3, 2)), np.zeros(2, int))
    with pytest.raises(ValueError, match="limit=0"):
        drawn_sample(np.zeros((3, 2)), np.zeros(3, int), limit=0)


def test_no_cluster_has_fewer_dots_than_the_least():
    rng = np.random.default_rng(0)
    labels = rng.permutation(np.repeat([-1, 0, 1, 2, 3], [300, 2000, 30, 4, 1]))
    sample = np.flatnonzero(rng.random(len(labels)) < 0.05)
    besides = drawn_besides(sample, labels, always=[7, sample[0], 9], least=10)
    assert not set(besides) & set(sample) and (np.diff(besides) > 0).all()
    assert {7, 9} <= {*besides.tolist(), *sample.tolist()}
    drawn = np.concatenate([sample, besides])
    for label, least in ((0, 10), (1, 10), (2, 4), (3, 1)):
        of_sample = int((labels[sample] == label).sum())
        wanted = max(of_sample, least)
        assert wanted <= (labels[drawn] == label).sum() <= wanted + 2  # the two that are always drawn
    assert (labels[drawn] == -1).sum() <= (labels[sample] == -1).sum() + 2


def test_where_the_sample_has_all_nothing_comes_besides():
    assert drawn_besides(np.arange(5), np.array([0, 1, 1, -1, 2]), always=[3]).tolist() == []
    assert drawn_besides(np.arange(0), np.zeros(0, int)).tolist() == []
    assert drawn_besides(np.array([2]), np.full(4, -1)).tolist() == []


def test_what_is_always_drawn_is_so_beyond_the_size_of_the_sample():
    besides = drawn_besides(np.arange(3), np.zeros(50, int), always=range(40), least=2)
    assert besides.tolist() == list(range(3, 40))


def test_very_many_clusters_do_not_undo_the_sample():
    labels = np.arange(1000) // 2
    besides = drawn_besides(np.arange(0, 1000, 10), labels)
    assert len(besides) <= 100
