import warnings
from dataclasses import fields, replace
from itertools import pairwise

import numpy as np
import pytest
from some_models import METHODS, blobs, grouped, model_from

from imgcluster.errors import ParameterError
from imgcluster.predicting.novelty import comparable_vectors, held_out_novelties
from imgcluster.predicting.predict import predict
from imgcluster.spaces.options import SpaceOptions
from imgcluster.spaces.transform import place_new


@pytest.fixture(autouse=True)
def no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.fixture(scope="module", params=METHODS)
def model(request):
    """Half of the pictures of four kinds, grouped."""
    return grouped(blobs(160)[0], request.param)


@pytest.fixture
def friends():
    return blobs(80, seed=1)


@pytest.fixture
def strangers():
    return blobs(80, seed=1, first=4)[0]


def assert_consistent(found, model, m):
    """What holds for every prediction."""
    assert len(found) == m
    assert found.labels.dtype == np.int32 and found.neighbors.dtype == np.int64
    for field in fields(found):
        array = getattr(found, field.name)
        assert len(array) == m and not array.flags.writeable and np.isfinite(array).all()
    assert ((found.labels >= -1) & (found.labels < model.n_clusters)).all()
    assert ((found.runners_up >= -1) & (found.runners_up < model.n_clusters)).all()
    assert (found.runner_up_probabilities <= found.probabilities).all()
    assert (found.probabilities + found.runner_up_probabilities <= 1 + 1e-12).all()
    real = found.runner_up_probabilities > 0
    assert (found.labels != found.runners_up)[real].all() and (found.runners_up[~real] == -1).all()
    assert (np.diff(found.neighbor_distances, axis=1) >= 0).all()


def test_new_pictures_go_to_the_group_of_their_kind(model, friends):
    new, truth = friends
    kinds = np.arange(160) % 4
    found = predict(model, new)
    assert_consistent(found, model, 80)
    kind_of = [np.bincount(kinds[model.labels == group]).argmax() for group in range(model.n_clusters)]
    assert np.mean(np.array([*kind_of, -1])[found.labels] == truth) >= 0.9
    assert found.is_none.mean() <= 0.15


def test_strangers_are_refused(model, strangers):
    assert predict(model, strangers).is_none.all()


def test_more_are_refused_with_a_smaller_quantile(model, friends):
    found = [predict(model, friends[0], quantile=quantile) for quantile in (0, 0.3, 0.6, 0.9, 0.99, 1)]
    for before, after in pairwise(found):
        assert (after.thresholds >= before.thresholds).all()
        assert not (after.is_none & ~before.is_none).any()
        np.testing.assert_array_equal(after.labels, before.labels)
    assert found[0].is_none.mean() > 0.5 > 0.1 > found[-1].is_none.mean()


def test_known_pictures_have_their_own_group(model):
    known = blobs(160)[0]
    found = predict(model, known)
    np.testing.assert_array_equal(found.labels, model.labels)
    np.testing.assert_array_equal(found.probabilities, 1)
    np.testing.assert_array_equal(found.neighbors[:, 0], np.arange(160))
    assert not found.is_none.any() and not found.neighbor_distances[:, 0].any()
    assert not predict(model, known, quantile=0).is_none.any()


def test_novelty_and_reasons_equal_a_slow_loop(model, friends):
    new = friends[0]
    found = predict(model, new, n_neighbors=6)
    np.testing.assert_array_equal(predict(model, new, n_neighbors=1).novelties, found.novelties)
    rows = model.vectors.astype(np.float64)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    scaled = comparable_vectors(new, "hellinger").astype(np.float64)
    scaled /= np.linalg.norm(scaled, axis=1, keepdims=True)
    for one, at, images, value in zip(scaled, found.neighbor_distances, found.neighbors, found.novelties, strict=True):
        distances = 1 - rows @ one
        np.testing.assert_array_equal(images, np.argsort(distances)[:6])
        np.testing.assert_allclose(at, np.sort(distances)[:6], atol=1e-6)
        assert value == pytest.approx(np.sort(distances)[:3].mean(), abs=1e-6)


def test_pictures_are_predicted_alone_as_together(model, friends, strangers):
    new = np.concatenate([friends[0][:10], strangers[:10]])
    together = predict(model, new)
    for row, vector in enumerate(new):
        alone = predict(model, vector[None])
        for field in fields(alone):
            np.testing.assert_allclose(
                getattr(alone, field.name)[0], getattr(together, field.name)[row], atol=1e-5, err_msg=field.name
            )


def test_nothing_new_gives_nothing(model):
    for new in (np.empty((0, 30)), np.empty((0, 0))):
        found = predict(model, new)
        assert_consistent(found, model, 0)
        assert found.neighbors.shape == (0, 5)


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e16])
def test_what_is_no_number_is_refused(model, friends, value):
    new = friends[0]
    new[3, 2] = value
    with pytest.raises(ParameterError, match=r"1 pictures are not numbers|as large as"):
        predict(model, new)


def test_vectors_of_another_length_are_refused(model):
    with pytest.raises(ParameterError, match="have 29 features, those of the space 30"):
        predict(model, np.ones((2, 29)))


@pytest.mark.parametrize("options", [{"quantile": 1.5}, {"quantile": np.nan}, {"n_neighbors": 0}])
def test_options_out_of_range_are_refused(model, options):
    with pytest.raises(ParameterError, match="should be"):
        predict(model, np.ones((2, 30)), **options)


SPACES = [SpaceOptions(method=name) for name in ("diffusion", "pca", "svd", "none", "kernel_pca", "lle", "spectral")]


@pytest.mark.parametrize("scaling", ["hellinger", "none"])
@pytest.mark.parametrize("space", SPACES, ids=lambda options: options.method)
@pytest.mark.parametrize("method", ["kmeans", "agglomerative"])
def test_every_space_gives_known_pictures_their_group(method, space, scaling):
    vectors = blobs(60)[0]
    model = grouped(vectors, method, scaling=scaling, space=space)
    found = predict(model, vectors)
    np.testing.assert_array_equal(found.labels, model.labels)
    np.testing.assert_array_equal(found.probabilities, 1)


def test_a_space_of_z_scores_leaves_the_novelty_to_the_scaling_of_the_features(friends, strangers):
    model = grouped(blobs(160)[0], "kmeans", space=SpaceOptions(method="pca", scaling="zscore"))
    usual = grouped(blobs(160)[0], "kmeans")
    np.testing.assert_array_equal(predict(model, friends[0]).novelties, predict(usual, friends[0]).novelties)
    assert predict(model, strangers).is_none.all()


def test_pictures_of_one_direction_and_different_strength_are_told_apart_where_the_space_does():
    """Their scaled features are the same; in a space of z-scores they lie apart."""
    weak = blobs(40, centers=1, spread=0.01)[0]
    vectors = np.concatenate([weak, 9 * weak])
    labels = np.repeat([0, 1], 40)
    model = model_from(vectors, labels, space=SpaceOptions(method="pca", scaling="zscore"))
    np.testing.assert_array_equal(predict(model, vectors).labels, labels)


@pytest.mark.parametrize("method", ["kmeans", "spherical", "hdbscan"])
@pytest.mark.parametrize("n", [1, 2, 3, 5, 16])
def test_small_collections(n, method):
    vectors = blobs(n)[0]
    for labels in (np.arange(n), np.zeros(n, dtype=int), np.full(n, -1), np.arange(n) // 2 - (n > 2)):
        model = model_from(vectors, labels, method=method)
        known = predict(model, vectors)
        assert_consistent(known, model, n)
        np.testing.assert_array_equal(known.labels, labels)
        assert known.neighbors.shape == (n, min(5, n))
        assert_consistent(predict(model, np.concatenate([blobs(9, seed=2)[0], np.zeros((1, 30))])), model, 10)


@pytest.mark.parametrize("method", ["kmeans", "spherical", "hdbscan"])
def test_identical_pictures(method):
    vectors = np.repeat(blobs(1)[0], 20, axis=0)
    model = model_from(vectors, np.zeros(20, dtype=int), method=method)
    found = predict(model, np.concatenate([vectors[:1], blobs(9, seed=2)[0]]))
    assert_consistent(found, model, 10)
    assert found.neighbors.shape == (10, 1) and not found.neighbors.any()
    assert not found.labels.any() and not found.is_none.any()


def test_with_few_known_pictures_only_what_has_nothing_in_common_is_refused():
    vectors = np.eye(3, 6, dtype=np.float32)
    vectors[:, 3] = 1
    model = model_from(vectors, np.zeros(3, dtype=int))
    new = np.array([[1, 1, 0, 0, 0, 0], [0, 0, 0, 0, 0, 1], [-1, -1, -1, -1, 0, 0]], dtype=np.float32)
    assert predict(model, new).is_none.tolist() == [False, True, True]


def test_groups_changed_by_hand_hold_for_the_same_pictures():
    vectors, _ = blobs(80)
    model = grouped(vectors, "kmeans")
    labels = model.labels.copy()
    labels[:3] = [-1, (labels[1] + 1) % 4, (labels[2] + 1) % 4]
    np.testing.assert_array_equal(predict(replace(model, labels=labels), vectors).labels, labels)


def test_ties_go_to_the_smaller_number_and_last_to_no_group():
    vectors = np.array([[1, 0], [0, 1]], dtype=np.float32)
    middle = np.array([[1, 1]], dtype=np.float32)
    for method, labels, first, second in (
        ("kmeans", [1, 0], 0, 1),
        ("agglomerative", [1, 0], 0, 1),
        ("hdbscan", [-1, 0], 0, -1),
    ):
        model = model_from(vectors, labels, method=method, space=SpaceOptions(method="none"))
        found = predict(model, middle)
        assert (found.labels[0], found.runners_up[0]) == (first, second)
        assert found.probabilities[0] == pytest.approx(0.5) == found.runner_up_probabilities[0]


def test_the_model_holds_what_new_pictures_are_measured_by():
    vectors, _ = blobs(60)
    model = grouped(vectors, "kmeans")
    assert model.vectors.dtype == np.float16 and model.novelties.dtype == np.float32
    np.testing.assert_array_equal(model.vectors, comparable_vectors(vectors, "hellinger"))
    np.testing.assert_array_equal(model.novelties, held_out_novelties(model.vectors))
    np.testing.assert_allclose(place_new(model.space, vectors), model.coordinates, atol=1e-3)
    assert model.names == ("Group 1", "Group 2", "Group 3", "Group 4")
    assert (model.features, model.extractor, model.learned) == ("efficientnet_lite0", "fake-1", None)
