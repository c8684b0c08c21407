"""The map as the space: its places, its groups, new pictures, and too few pictures for a map."""

from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from imgcluster.errors import ParameterError
from imgcluster.grouping.clustering import kmeans
from imgcluster.maps.as_space import space_of
from imgcluster.maps.layout import map_coordinates
from imgcluster.spaces.options import SpaceOptions
from imgcluster.spaces.space import make_space
from imgcluster.spaces.transform import place_new

MAP = SpaceOptions(method="map")


def features(vectors):
    return SimpleNamespace(vectors=np.asarray(vectors, dtype=np.float32), fingerprint="f", scaling="hellinger")


@pytest.fixture(scope="module")
def blobs():
    generator = np.random.default_rng(0)
    labels = np.arange(90) % 3
    rows = np.abs(generator.uniform(size=(3, 40))[labels] + 0.05 * generator.normal(size=(90, 40)))
    return np.concatenate([rows, rows[:4]]), np.concatenate([labels, labels[:4]])


@pytest.fixture(scope="module")
def space(blobs):
    return space_of(features(blobs[0]), MAP)


def test_it_is_the_map_that_is_drawn(blobs, space):
    drawn = map_coordinates(make_space(features(blobs[0])), method="umap")
    assert np.array_equal(space.coordinates, drawn)
    assert space.method == "map" and space.column_scales is None
    assert any("map itself" in note for note in space.notes)


def test_its_groups_are_those_one_sees(blobs, space):
    assert adjusted_rand_score(kmeans(space.coordinates, 3).labels, blobs[1]) == 1


def test_known_pictures_have_their_place_and_new_ones_lie_among_their_like(blobs, space):
    vectors, labels = blobs
    assert np.allclose(place_new(space.model, vectors), space.coordinates, atol=1e-5)
    new = np.abs(vectors[:30] + 0.02 * np.random.default_rng(1).normal(size=(30, 40)))
    clusters = kmeans(space.coordinates, 3)
    nearest = np.linalg.norm(place_new(space.model, new)[:, None] - clusters.centers, axis=2).argmin(axis=1)
    assert adjusted_rand_score(nearest, labels[:30]) == 1


def test_other_methods_are_those_of_the_spaces(blobs):
    ours, theirs = space_of(features(blobs[0])), make_space(features(blobs[0]))
    assert np.array_equal(ours.coordinates, theirs.coordinates) and ours.fingerprint == theirs.fingerprint


def test_each_space_has_its_own_name(blobs, space):
    assert space.fingerprint != make_space(features(blobs[0])).fingerprint


@pytest.mark.parametrize("n_images", [1, 2, 3, 7])
def test_too_few_pictures_are_compared_directly(n_images):
    space = space_of(features(np.random.default_rng(0).uniform(size=(n_images, 6))), MAP)
    assert space.method == "principal" and len(space.coordinates) == n_images


def test_it_has_two_dimensions_and_no_other_number():
    with pytest.raises(ParameterError, match="2 dimensions"):
        SpaceOptions(method="map", n_dims=3)
