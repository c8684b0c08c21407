"""Significantly near images: found where copies were planted, and hardly ever in noise."""

from collections import Counter

import numpy as np
import pytest
import scipy.stats

from imgcluster.errors import ParameterError
from imgcluster.finding.neighbors import build_index
from imgcluster.finding.significance import FAMILIES, fit_distances, similar_images

SAMPLES = {
    "norm": lambda generator, n: generator.normal(1, 0.1, n),
    "expon": lambda generator, n: 0.2 + generator.exponential(0.5, n),
    "uniform": lambda generator, n: generator.uniform(0.3, 0.9, n),
    "gamma": lambda generator, n: generator.gamma(2, 0.3, n),
    "t": lambda generator, n: 40 + generator.standard_t(3, n),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_the_family_that_made_the_distances_is_found(name):
    found = Counter(fit_distances(SAMPLES[name](np.random.default_rng(seed), 2000)).name for seed in range(10))
    assert found[name] >= 9


@pytest.mark.parametrize("name", SAMPLES)
def test_fits_are_as_likely_as_those_of_scipy(name):
    """But for the beginnings: the unbiased ones are less likely, by 1 and by 2 in the logarithm."""
    x = np.sort(SAMPLES[name](np.random.default_rng(3), 800))
    for family in FAMILIES:
        reference = getattr(scipy.stats, family)
        ours = reference.logpdf(x, *FAMILIES[family](x)).sum()
        theirs = reference.logpdf(x, *reference.fit(x, **({"floc": 0} if family == "gamma" else {}))).sum()
        assert ours >= theirs - {"expon": 1.1, "uniform": 2.1}.get(family, 0.4)


@pytest.mark.parametrize("name", SAMPLES)
def test_p_values_are_the_lower_tail_above_zero(name):
    x = SAMPLES[name](np.random.default_rng(0), 1000)
    fit = fit_distances(x)
    at = np.linspace(0, x.max(), 4001)
    tail = np.concatenate([[0], np.cumsum((fit.density(at)[1:] + fit.density(at)[:-1]) / 2 * np.diff(at))])
    np.testing.assert_allclose(fit.p_values(at), tail, atol=2e-3)
    assert fit.p_values(np.array([0.0]))[0] == 0 and (fit.density(np.array([-1.0])) == 0).all()
    assert fit.n_distances == 1000 and min(fit.aic, key=fit.aic.get) == fit.name
    ranks = scipy.stats.rankdata(x) / len(x)
    assert np.abs(fit.p_values(x) - ranks).max() < 0.06
    assert fit.p_values(x).min() > 0, "the smallest is not impossible"


def test_zeros_leave_the_gamma_distribution_out():
    fit = fit_distances(np.concatenate([[0.0], np.random.default_rng(0).gamma(2, 1, 500)]))
    assert "gamma" not in fit.aic and len(fit.aic) == 4


@pytest.mark.parametrize("x", [[], [1.0], [1, 2], [1, 2, 3], [0.0] * 50, [0.7] * 50, [0.7] * 49 + [0.7 + 1e-13]])
def test_nothing_can_be_fitted(x):
    assert fit_distances(np.array(x)) is None


def noise(kind: str, n: int, n_dims: int, seed: int) -> np.ndarray:
    generator = np.random.default_rng([seed, n, n_dims])
    draw = generator.uniform if kind == "uniform" else generator.normal
    return draw(size=(n, n_dims)).astype(np.float32)


@pytest.mark.parametrize(
    ("kind", "n_dims", "metric"),
    [
        *((kind, n_dims, "euclidean") for kind in ("uniform", "normal") for n_dims in (2, 20, 200)),
        *(("uniform", n_dims, "cosine") for n_dims in (2, 20)),
    ],
)
def test_noise_is_called_significant_at_the_rate_alpha(kind, n_dims, metric):
    """Of 200 queries at alpha = 0.05, ten are expected at most; 18 leave 2.6 standard deviations."""
    n_queries = 0
    for seed in range(10):
        index = build_index(noise(kind, 300, n_dims, seed), scaling="none", metric=metric)
        n_queries += sum(similar_images(index, image=image, n_neighbors=0).significant.any() for image in range(20))
    assert n_queries <= 18


@pytest.mark.parametrize("n", [30, 200, 2000])
@pytest.mark.parametrize("n_dims", [2, 20, 1280])
@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
def test_planted_copies_are_found(n, n_dims, metric):
    slight = 1e-6 if n_dims == 2 else 0.02
    for n_copies in (1, 5, 20):
        if 3 * n_copies > n:
            continue
        for size in (0.0, slight):
            vectors = noise("uniform", n, n_dims, seed=n_copies)
            near = size * np.random.default_rng(0).normal(size=(n_copies, n_dims))
            vectors[5 : 5 + n_copies] = vectors[0] + near
            found = similar_images(build_index(vectors, scaling="none", metric=metric), image=0, n_neighbors=0)
            assert set(range(5, 5 + n_copies)) <= set(found.indices.tolist())
            assert found.significant.all() and (found.p_values < 0.05).all()
            assert len(found.indices) <= n_copies + 2
            assert found.threshold == found.distances[-1]


@pytest.mark.parametrize("reach", [1e-5, 0.05])
def test_neither_the_distribution_nor_the_power_law_is_enough(reach):
    """In two dimensions a normal distribution falls off too slowly, and with copies left out, a power law too fast."""
    vectors = noise("uniform", 1000, 2, seed=0)
    vectors[0], vectors[1] = (0.5, 0.5), (0.5, 0.5 + reach)
    found = similar_images(build_index(vectors, scaling="none", metric="euclidean"), image=0, n_neighbors=5)
    assert (found.p_values >= found.fit.p_values(found.distances)).all()
    assert found.significant.any() == (reach < 0.01)


def test_copies_do_not_hide_in_a_heavy_tail():
    generator = np.random.default_rng(0)
    vectors = generator.standard_t(3, size=(1000, 20)).astype(np.float32)
    vectors[10:25] = vectors[0] + 0.02 * generator.normal(size=(15, 20))
    found = similar_images(build_index(vectors, scaling="none", metric="euclidean"), image=0, n_neighbors=0)
    assert found.indices.tolist()[:15] == sorted(range(10, 25), key=lambda i: np.linalg.norm(vectors[i] - vectors[0]))


def test_the_nearest_and_the_significant_are_put_together():
    vectors = noise("normal", 300, 50, 0)
    vectors[7:13] = vectors[0] + 0.001
    index = build_index(vectors, scaling="none", metric="euclidean")
    for n_neighbors in (0, 2, 6, 40):
        found = similar_images(index, image=0, n_neighbors=n_neighbors)
        assert len(found.indices) == max(6, n_neighbors)
        np.testing.assert_array_equal(found.indices[:6], np.arange(7, 13))
        np.testing.assert_array_equal(found.significant, np.arange(len(found.indices)) < 6)
        expected = index.query_image(0, len(found.indices))
        np.testing.assert_array_equal(found.indices, expected.indices[0])
        np.testing.assert_array_equal(found.distances, expected.distances[0])
        assert (np.diff(found.p_values) >= 0).all()
        assert found.threshold == found.distances[5]
    np.testing.assert_array_equal(found.all_distances, index.image_distances(0)[1:])
    assert found.fit.n_distances == 299 - 6


def test_a_picture_from_outside_is_compared_with_all():
    vectors = noise("normal", 300, 50, 0)
    index = build_index(vectors, scaling="zscore")
    found = similar_images(index, vector=vectors[8], n_neighbors=3)
    assert found.indices[0] == 8 and found.distances[0] == 0 and len(found.all_distances) == 300
    np.testing.assert_array_equal(found.significant, [True, False, False])


@pytest.mark.parametrize("n", [1, 2, 3, 9])
def test_few_images_have_neighbors_but_no_p_values(n):
    found = similar_images(build_index(noise("normal", n, 5, 0)), image=0)
    assert len(found.indices) == n - 1 and found.fit is None and found.threshold is None
    assert np.isnan(found.p_values).all() and not found.significant.any()


@pytest.mark.parametrize("vectors", [np.ones((40, 6)), np.zeros((40, 6)), np.eye(40)], ids=["equal", "zero", "apart"])
def test_equal_distances_say_nothing(vectors):
    found = similar_images(build_index(vectors), image=0, n_neighbors=5)
    assert found.indices.tolist() == [1, 2, 3, 4, 5] and found.fit is None and not found.significant.any()
    assert len(similar_images(build_index(vectors), image=0, n_neighbors=0).indices) == 0


@pytest.mark.parametrize("n_copies", [1, 20, 38])
def test_copies_among_images_that_are_all_as_far(n_copies):
    vectors = np.eye(40)
    vectors[1 : 1 + n_copies] = vectors[0]
    found = similar_images(build_index(vectors), image=0, n_neighbors=0)
    assert found.indices.tolist() == list(range(1, 1 + n_copies))


def test_the_same_question_has_the_same_answer():
    index = build_index(noise("normal", 200, 20, 0))
    first, second = (similar_images(index, image=3) for _ in range(2))
    assert first.fit == second.fit
    np.testing.assert_array_equal(first.p_values, second.p_values)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "One picture"),
        ({"image": 0, "vector": np.ones(5)}, "One picture"),
        ({"image": 0, "alpha": 0.0}, "alpha = 0.0"),
        ({"image": 0, "alpha": 1.0}, "alpha = 1.0"),
        ({"image": 0, "n_neighbors": -1}, "-1 neighbours"),
        ({"image": 99}, "no picture 99"),
    ],
)
def test_questions_without_sense(options, words):
    with pytest.raises(ParameterError, match=words):
        similar_images(build_index(noise("normal", 20, 5, 0)), **options)
