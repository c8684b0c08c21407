"""What can be asked of a map, and what "automatic" means for few images and many."""

from dataclasses import asdict
from types import SimpleNamespace

import numpy as np
import pytest

from imgcluster.errors import ParameterError
from imgcluster.maps.layout import MAP_METHODS, map_coordinates
from imgcluster.maps.options import MAPS, MapOptions, map_method, resolve_map_options
from imgcluster.spaces.space import fit_space


def space_of_size(n, n_twins=0):
    vectors = np.random.default_rng(0).uniform(size=(n, 9)).astype(np.float32)
    vectors = np.concatenate([vectors, vectors[:n_twins]])
    return fit_space(SimpleNamespace(vectors=vectors, fingerprint="f", scaling="hellinger"))


@pytest.mark.parametrize(
    ("n", "n_neighbors", "perplexity"), [(8, 8, 2.3), (12, 12, 3.6), (40, 15, 13.0), (91, 15, 30.0), (200, 15, 30.0)]
)
def test_automatic_values_fit_the_number_of_different_images(n, n_neighbors, perplexity):
    space = space_of_size(n, n_twins=4)
    assert resolve_map_options(MapOptions(), space) == MapOptions(n_neighbors=n_neighbors, min_dist=0.5)
    assert resolve_map_options(MapOptions(method="tsne"), space) == MapOptions(method="tsne", perplexity=perplexity)
    assert resolve_map_options(MapOptions(method="pca"), space) == MapOptions(method="pca")
    spectral = resolve_map_options(MapOptions(method="spectral", n_components=3), space)
    assert spectral == MapOptions(method="spectral", n_components=3, n_neighbors=n_neighbors)


def test_values_of_ones_own_are_kept_as_far_as_they_fit():
    space = space_of_size(50)
    asked = MapOptions(n_neighbors=30, min_dist=0.0, perplexity=10)
    assert resolve_map_options(asked, space) == MapOptions(n_neighbors=30, min_dist=0.0)
    assert resolve_map_options(MapOptions(n_neighbors=1000), space).n_neighbors == 50
    assert resolve_map_options(MapOptions(method="tsne", perplexity=10), space).perplexity == 10
    assert resolve_map_options(MapOptions(method="tsne", perplexity=1000), space).perplexity == 16.3


def test_what_changes_nothing_is_none():
    """Equal maps have equal options, by which they are kept."""
    asked = MapOptions(method="pca", n_neighbors=3, min_dist=0.1, perplexity=4)
    assert resolve_map_options(asked, space_of_size(20)) == MapOptions(method="pca")
    for method in MAP_METHODS:
        few = MapOptions(method=method, n_neighbors=3, min_dist=0.1, perplexity=4)
        assert resolve_map_options(few, space_of_size(7)) == MapOptions(method=method)


def test_automatic_is_the_same_as_its_value():
    space = space_of_size(30)
    options = MapOptions(method="spectral")
    resolved = resolve_map_options(options, space)
    np.testing.assert_array_equal(map_coordinates(space, **asdict(options)), map_coordinates(space, **asdict(resolved)))


@pytest.mark.parametrize(
    ("wrong", "number"),
    [
        ({"method": "isomap"}, "isomap"),
        ({"n_components": 4}, "4"),
        ({"n_neighbors": 1}, "n_neighbors=1"),
        ({"min_dist": -0.1}, "-0.1"),
        ({"min_dist": 1.5}, "1.5"),
        ({"min_dist": float("nan")}, "nan"),
        ({"perplexity": 1.0}, "1.0"),
        ({"perplexity": float("inf")}, "inf"),
        ({"perplexity": float("nan")}, "nan"),
    ],
)
def test_what_makes_no_sense_is_refused(wrong, number):
    with pytest.raises(ParameterError, match=number):
        MapOptions(**wrong)
    with pytest.raises(ParameterError, match=number):
        map_coordinates(space_of_size(10), **wrong)


def test_every_map_says_what_it_is():
    assert [method.name for method in MAPS] == ["umap", "tsne", "pca", "spectral"]
    for method in (*MAPS, map_method("diffusion")):
        assert method.title and method.explanation.endswith(".")
        assert set(method.parameters) <= {"n_neighbors", "min_dist", "perplexity"}
