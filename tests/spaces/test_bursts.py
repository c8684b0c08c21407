"""Pictures that are nearly the same: found as by a slow search, one place for each burst, and better groups for it."""

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score
from some_spaces import blobs, features, space_of

from imgcluster.features.rows import normalize_rows
from imgcluster.grouping.clustering import kmeans
from imgcluster.spaces.bursts import embed_without_bursts, first_of_bursts, n_beyond_bursts
from imgcluster.spaces.manifold import diffusion_map, spectral_embedding
from imgcluster.spaces.nearest import nearest_neighbors
from imgcluster.spaces.space import make_space
from imgcluster.spaces.transform import place_new

OPTIONS = {"n_neighbors": 15, "random_state": 0}


def bursts(n_images=160, n_groups=8, spread=0.4, most=12, seed=0):
    """Return features of pictures in groups, each picture in a burst of 1 to `most`; the groups, and the bursts."""
    rng = np.random.default_rng(seed)
    vectors, labels = blobs(n_images, centers=n_groups, d=60, spread=spread)
    burst = np.repeat(np.arange(n_images), rng.integers(1, most + 1, n_images))
    burst = rng.permutation(burst)
    noise = 0.03 * rng.normal(size=(len(burst), vectors.shape[1]))
    return np.maximum(vectors[burst] + noise, 0).astype(np.float32), labels[burst], burst


def neighbors_of(rows):
    return nearest_neighbors(rows, max(min(15, len(rows)), n_beyond_bursts(len(rows))))


def some_rows(n, d, *, seed=0):
    """Rows of which about half are nearly the same as another one."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(max(1, (n + 1) // 2), d))[rng.integers(0, max(1, (n + 1) // 2), n)]
    return normalize_rows((rows + 0.02 * rng.normal(size=(n, d))).astype(np.float32))


def reached(start, rows, is_linked):
    """Which rows links lead to from one of them, hand over hand."""
    found = {start}
    while more := [row for row in rows if row not in found and any(is_linked(row, other) for other in found)]:
        found.update(more)
    return found


def widest_link(start, members, distances):
    """The least length of links with which all members are reached."""
    for longest in sorted({0.0, *(distances[a, b] for a in members for b in members if a != b)}):
        if reached(start, members, lambda a, b, longest=longest: distances[a, b] <= longest) == members:
            return longest
    raise AssertionError


def slow_firsts(rows):
    """By all distances, one burst after the other."""
    n, n_beyond = len(rows), n_beyond_bursts(len(rows))
    listed, lengths = neighbors_of(rows)
    distances = np.full((n, n), np.inf)
    np.put_along_axis(distances, listed, lengths.astype(np.float64), axis=1)
    distances = np.minimum(distances, distances.T)
    reach = 0.4 * lengths[:, n_beyond - 1]
    firsts = [None] * n
    for row in range(n):
        if firsts[row] is not None:
            continue
        members = reached(row, range(n), lambda a, b: distances[a, b] < min(reach[a], reach[b]))
        widest = widest_link(row, members, distances)
        gap = min((distances[a, b] for a in members for b in range(n) if b not in members), default=np.inf)
        is_burst = gap >= 1.5 * widest and len(members) <= min(15, n_beyond)
        for member in members:
            firsts[member] = row if is_burst else member
    return firsts


@pytest.mark.parametrize("d", [2, 5, 30])
@pytest.mark.parametrize("n", [1, 2, 3, 4, 16, 32, 40, 160, 320])
def test_bursts_equal_a_slow_search(n, d):
    rows = some_rows(n, d)
    assert first_of_bursts(*neighbors_of(rows), 15).tolist() == slow_firsts(rows)


@pytest.mark.parametrize("n", [1, 2, 3, 40, 100])
def test_identical_rows(n):
    rows = np.tile(normalize_rows(np.ones((1, 4), dtype=np.float32)), (n, 1))
    assert first_of_bursts(*neighbors_of(rows), 15).tolist() == list(range(n))  # none is nearer than the others


def test_bursts_are_found_and_nothing_else():
    vectors, _, burst = bursts()
    rows = normalize_rows(vectors - vectors.mean(axis=0))
    _, firsts, place = np.unique(burst, return_index=True, return_inverse=True)
    assert first_of_bursts(*neighbors_of(rows), 15).tolist() == firsts[place].tolist()


def test_a_long_chain_is_no_burst():
    """Of a film each frame is like the last one, and the first is not like the last."""
    time = np.linspace(0, 3, 400)[:, None]
    films = [np.sin(np.outer(time, np.arange(1, 9)) + phase) for phase in range(4)]
    rows = normalize_rows(np.concatenate(films).astype(np.float32))
    assert first_of_bursts(*neighbors_of(rows), 15).tolist() == list(range(len(rows)))


def test_a_chain_through_a_sheet_is_no_burst():
    """Evenly strewn pictures have some neighbours that are very near, and no gap."""
    rows = normalize_rows(np.c_[np.random.default_rng(0).uniform(-1, 1, (2000, 2)), np.ones(2000)].astype(np.float32))
    assert np.mean(first_of_bursts(*neighbors_of(rows), 15) != np.arange(2000)) < 0.03


@pytest.mark.parametrize("on_graph", [diffusion_map, spectral_embedding])
def test_each_burst_has_the_place_of_its_first_picture(on_graph):
    vectors, _, burst = bursts()
    rows = normalize_rows(vectors - vectors.mean(axis=0))
    found = embed_without_bursts(on_graph, rows, *neighbors_of(rows), 10, **OPTIONS)
    _, firsts, place = np.unique(burst, return_index=True, return_inverse=True)
    order = np.sort(firsts)  # in the order of the collection
    alone = on_graph(rows[order], *nearest_neighbors(rows[order], 15), 10, random_state=0)
    np.testing.assert_array_equal(found.coordinates, alone.coordinates[np.searchsorted(order, firsts[place])])
    assert found.n_followers == len(rows) - len(order)


@pytest.mark.parametrize("on_graph", [diffusion_map, spectral_embedding])
def test_without_bursts_nothing_changes(on_graph):
    rows = normalize_rows(np.random.default_rng(0).normal(size=(300, 20)).astype(np.float32))
    found = embed_without_bursts(on_graph, rows, *neighbors_of(rows), 10, **OPTIONS)
    plain = on_graph(rows, *nearest_neighbors(rows, 15), 10, random_state=0)
    np.testing.assert_array_equal(found.coordinates, plain.coordinates)
    np.testing.assert_array_equal(found.carried, plain.carried)
    assert found.n_followers == 0


def test_groups_larger_than_a_neighbourhood_are_no_bursts():
    vectors, labels = blobs(600, centers=20, d=60, spread=0.02)  # 30 in each, very alike
    rows = normalize_rows(vectors - vectors.mean(axis=0))
    assert first_of_bursts(*neighbors_of(rows), 15).tolist() == list(range(600))
    firsts = np.unique(labels, return_index=True)[1]
    assert first_of_bursts(*neighbors_of(rows), 30).tolist() == firsts[labels].tolist()


@pytest.mark.parametrize("n_bursts", [2, 15])
def test_bursts_stand_where_too_few_pictures_would_be_left(n_bursts):
    rng = np.random.default_rng(0)
    rows = np.repeat(rng.normal(size=(n_bursts, 20)), 12, axis=0) + 0.001 * rng.normal(size=(12 * n_bursts, 20))
    rows = normalize_rows(rows.astype(np.float32))
    assert embed_without_bursts(diffusion_map, rows, *neighbors_of(rows), 5, **OPTIONS).n_followers == 0


@pytest.mark.parametrize("most", [8, 15])
def test_the_groups_of_bursts_are_those_of_the_pictures(most):
    vectors, labels, _ = bursts(most=most)
    space = space_of(vectors)
    found = adjusted_rand_score(labels, kmeans(space.coordinates, 8).labels)
    rows = normalize_rows(vectors - vectors.mean(axis=0))
    plain = diffusion_map(rows, *nearest_neighbors(rows, 15), 20, random_state=0)
    assert found > 0.95
    assert adjusted_rand_score(labels, kmeans(plain.coordinates, 8).labels) < 0.8


def test_the_neighbours_are_of_all_pictures():
    vectors, _, burst = bursts()
    space = space_of(vectors)
    assert space.neighbors.shape == space.distances.shape == (len(vectors), 15)
    in_burst = np.bincount(burst)[burst] > 1
    assert (burst[space.neighbors[in_burst, 1]] == burst[in_burst]).all()


@pytest.mark.parametrize("method", ["diffusion", "spectral"])
def test_pictures_of_a_burst_are_placed_where_it_is(method):
    vectors, _, burst = bursts()
    space = space_of(vectors, method=method)
    np.testing.assert_allclose(place_new(space.model, vectors), space.coordinates, atol=1e-5)
    first = np.flatnonzero(burst == burst[0])
    assert (space.coordinates[first] == space.coordinates[first[0]]).all()
    between = vectors[first].mean(axis=0, keepdims=True)
    span = np.ptp(space.coordinates, axis=0).max()
    assert np.linalg.norm(place_new(space.model, between) - space.coordinates[first[0]]) < 0.05 * span


def test_it_is_said():
    vectors, _, burst = bursts()
    n_followers = len(burst) - len(np.unique(burst))
    note = f"{n_followers:,} of {len(burst):,} pictures are nearly the same as another one, and grouped with it."
    assert note in make_space(features(vectors)).notes
    few, _ = blobs(300, d=60, spread=0.4)
    few = np.concatenate([few, few[:3] + 0.001])
    assert not [note for note in make_space(features(few)).notes if "nearly the same" in note]
