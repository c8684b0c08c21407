import numpy as np
import pytest
from sklearn.neighbors import LocalOutlierFactor

from imgcluster.finding.outliers import local_outlier_factors, odd_images
from imgcluster.grouping.silhouette import silhouette_samples
from imgcluster.spaces.nearest import nearest_neighbors
from imgcluster.spaces.options import SpaceOptions
from imgcluster.spaces.space import make_space


class Given:
    """Features for a space."""

    fingerprint = "f"
    scaling = "hellinger"

    def __init__(self, vectors):
        self.vectors = np.asarray(vectors, dtype=np.float32)


def crowds(n_images, n_crowds=3, *, spread=0.1, seed=0):
    """Give non-negative rows around a few middles, in turn, and the crowd of each."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n_images) % n_crowds
    middles = np.random.default_rng(7).uniform(0.2, 2, (n_crowds, 40))
    return np.maximum(middles[labels] + spread * rng.normal(size=(n_images, 40)), 0), labels


def space_of(vectors, method="diffusion"):
    return make_space(Given(vectors), SpaceOptions(method=method))


def odd(space, labels, **options):
    labels = np.asarray(labels)
    return odd_images(space, labels, silhouette_samples(space.coordinates, labels).values, **options)


def factors_of(X, k):
    indices, distances = nearest_neighbors(X, k + 1)
    return local_outlier_factors(indices[:, 1:], distances[:, 1:])


@pytest.mark.parametrize("k", [1, 2, 5, 20])
def test_factors_equal_those_of_scikit_learn(k):
    rng = np.random.default_rng(0)
    X = np.concatenate([rng.normal(0, 1, (150, 4)), rng.normal(6, 3, (80, 4)), [[20, 20, 20, 20], [-9, 0, 0, 0]]])
    expected = -LocalOutlierFactor(k, metric="euclidean").fit(X.astype(np.float32)).negative_outlier_factor_
    factors = factors_of(X.astype(np.float32), k)
    np.testing.assert_allclose(factors, expected, rtol=1e-4)
    assert set(np.argsort(factors)[-2:]) == {230, 231} or k == 1


def test_factors_equal_the_definition():
    rng = np.random.default_rng(1)
    X, k = rng.normal(size=(40, 3)), 6
    indices, distances = nearest_neighbors(X.astype(np.float32), k + 1)
    indices, distances = indices[:, 1:], distances[:, 1:].astype(np.float64)
    density = [
        1 / np.mean([max(distances[o, -1], d) for o, d in zip(indices[p], distances[p], strict=True)])
        for p in range(40)
    ]
    expected = [np.mean([density[o] for o in indices[p]]) / density[p] for p in range(40)]
    np.testing.assert_allclose(local_outlier_factors(indices, distances), expected)


def test_piles_of_copies_give_no_infinities():
    rng = np.random.default_rng(0)
    X = np.concatenate([np.zeros((30, 3)), rng.normal(5, 1, (100, 3)), [[0.5, 0, 0]]]).astype(np.float32)
    factors = factors_of(X, 10)
    np.testing.assert_allclose(factors[:30], 1)
    assert factors[-1] < 10
    assert np.isfinite(factors).all()
    np.testing.assert_allclose(factors_of(np.ones((30, 3), dtype=np.float32), 10), 1)


@pytest.mark.parametrize("n_images", [0, 1, 5])
def test_without_neighbors_every_factor_is_1(n_images):
    none = np.empty((n_images, 0))
    np.testing.assert_array_equal(local_outlier_factors(none.astype(int), none), np.ones(n_images))


def test_a_stranger_is_far():
    vectors, labels = crowds(120)
    stranger = np.zeros((1, 40))
    stranger[0, ::2] = 2.0
    found = odd(space_of(np.concatenate([vectors, stranger])), [*labels, 0])
    assert found[0].image == 120
    assert found[0].kind == "far"
    assert found[0].score > 1.5
    first = found[0].reason.split(";")[0]
    assert first.removesuffix(".") in {
        f"Its nearest pictures are {found[0].score:.1f} times as far away as {words}"
        for words in ("theirs are", "is usual here")
    }
    assert sum(each.kind == "far" for each in found) == 1


def test_a_copy_of_a_stranger_is_as_odd():
    vectors, labels = crowds(120)
    stranger = np.zeros((2, 40))
    stranger[:, ::2] = 2.0
    found = [each for each in odd(space_of(np.concatenate([vectors, stranger])), [*labels, 0, 0]) if each.kind == "far"]
    assert [each.image for each in found] == [120, 121]
    assert found[0].score == found[1].score


def test_a_picture_in_the_wrong_group_lies_between():
    vectors, labels = crowds(120)
    labels = labels.copy()
    labels[3] = 2  # it is of crowd 0
    (found,) = odd(space_of(vectors), labels)
    assert (found.image, found.kind) == (3, "between")
    space = space_of(vectors)
    value = silhouette_samples(space.coordinates, labels).values[3]
    assert found.score == pytest.approx(1 - value)
    assert found.reason == f"It lies nearer to Group 1 than to its own group (silhouette {value:.2f})."
    (named,) = odd(space, labels, names=["cats", "dogs", "owls"])
    assert "nearer to cats than" in named.reason


def test_both_reasons_are_given_and_the_worst_is_first():
    vectors, labels = crowds(120)
    far = vectors[3].copy()
    far[::3] = 0.0
    labels = np.array([*labels, 2, 1])
    labels[120] = 1
    space = space_of(np.concatenate([vectors, [far], vectors[:1] * 0.99 + 0.02]))
    found = odd(space, labels)
    scores = [each.score for each in found]
    assert scores == sorted(scores, reverse=True)
    of_far = next(each for each in found if each.image == 120)
    assert "times as far away" in of_far.reason and "; it lies nearer to Group 1" in of_far.reason


def test_the_other_group_is_the_nearest_by_mean_distance():
    rng = np.random.default_rng(0)
    vectors, _ = crowds(90, 5, spread=0.6)
    labels = rng.integers(0, 5, 90)
    labels[::10] = -1
    space = space_of(vectors, method="pca")
    names = [str(number) for number in range(5)]
    between = [each for each in odd(space, labels, names=names) if "nearer to" in each.reason]
    assert len(between) > 20
    X = space.coordinates.astype(np.float64)
    for each in between:
        assert labels[each.image] >= 0
        means = [np.linalg.norm(X[labels == c] - X[each.image], axis=1).mean() for c in range(5)]
        means[labels[each.image]] = np.inf
        assert f"nearer to {np.argmin(means)} than" in each.reason


def test_in_one_even_crowd_nothing_is_odd():
    vectors, _ = crowds(200, 1)
    space = space_of(vectors)
    assert odd(space, np.zeros(200, dtype=int)) == ()
    assert odd(space, np.full(200, -1)) == ()


def test_noise_can_be_far_and_not_between():
    vectors, labels = crowds(120)
    space = space_of(vectors)
    everything_is_noise = np.full(120, -1)
    assert odd_images(space, everything_is_noise, np.full(120, -0.5, dtype=np.float32)) == ()
    assert odd(space, labels) == ()


@pytest.mark.parametrize("n_images", [1, 2, 3, 5, 16])
def test_few_pictures(n_images):
    vectors, labels = crowds(n_images)
    space = space_of(vectors)
    for each in (labels, np.zeros(n_images, dtype=int), np.full(n_images, -1), np.arange(n_images)):
        assert all(np.isfinite(found.score) for found in odd(space, each))


@pytest.mark.parametrize("n_images", [2, 30])
def test_identical_pictures_are_not_odd(n_images):
    space = space_of(np.ones((n_images, 8)))
    assert odd(space, np.zeros(n_images, dtype=int)) == ()
    assert odd(space, np.arange(n_images) % 2) == ()
    two = space_of(np.repeat(np.eye(8)[:2], n_images, axis=0))
    assert odd(two, np.repeat([0, 1], n_images)) == ()
