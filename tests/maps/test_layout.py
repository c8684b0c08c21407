"""The maps: each method, few or identical images, and UMAP's own process. t-SNE has a file of its own."""

import os
import subprocess
import sys
import warnings
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import imgcluster
from imgcluster.errors import ParameterError
from imgcluster.maps import layout
from imgcluster.maps.layout import MAP_METHODS, map_coordinates
from imgcluster.spaces.graph import connect_components, fuzzy_graph
from imgcluster.spaces.space import fit_space


def space_of(vectors):
    return fit_space(
        SimpleNamespace(vectors=np.asarray(vectors, dtype=np.float32), fingerprint="f", scaling="hellinger")
    )


@pytest.fixture(scope="module")
def blobs():
    generator = np.random.default_rng(0)
    labels = np.arange(120) % 3
    rows = np.abs(generator.uniform(size=(3, 40))[labels] + 0.05 * generator.normal(size=(120, 40)))
    return np.concatenate([rows, rows[:5]]), np.concatenate([labels, labels[:5]])


def assert_drawable(plane, n, n_components=2):
    assert plane.shape == (n, n_components)
    assert plane.dtype == np.float32
    assert np.isfinite(plane).all()
    low, high = plane.min(axis=0), plane.max(axis=0)
    np.testing.assert_allclose(low + high, 0, atol=1e-5)
    assert high.max() == pytest.approx(1, abs=1e-5) or not plane.any()


@pytest.mark.parametrize("n_components", [2, 3])
@pytest.mark.parametrize("method", ["diffusion", "pca", "spectral"])
def test_instant_maps(blobs, method, n_components):
    vectors, labels = blobs
    plane = map_coordinates(space_of(vectors), method=method, n_components=n_components)
    assert_drawable(plane, 125, n_components)
    np.testing.assert_array_equal(plane[120:], plane[:5])
    middles = np.array([plane[labels == c].mean(axis=0) for c in range(3)])
    nearest = np.linalg.norm(plane[:, None] - middles, axis=2).argmin(axis=1)
    assert (nearest == labels).mean() > 0.95


def test_the_diffusion_map_holds_the_most_variance(blobs):
    coordinates = space_of(blobs[0]).coordinates
    plane = map_coordinates(space_of(blobs[0]))
    centred = coordinates - coordinates.mean(axis=0)
    left, values, _ = np.linalg.svd(centred, full_matrices=False)
    expected = (left * values)[:, :2]
    expected = expected - (expected.min(axis=0) + expected.max(axis=0)) / 2
    expected /= np.abs(expected).max()
    np.testing.assert_allclose(np.abs(plane), np.abs(expected), atol=1e-4)


@pytest.mark.parametrize("method", MAP_METHODS)
@pytest.mark.parametrize("n_components", [2, 3])
@pytest.mark.parametrize("n", [1, 2, 3, 5])
@pytest.mark.parametrize("kind", ["random", "identical", "zero"])
def test_few_images(method, n_components, n, kind):
    vectors = np.random.default_rng(n).uniform(size=(n, 9))
    vectors = {"random": vectors, "identical": np.repeat(vectors[:1], n, axis=0), "zero": 0 * vectors}[kind]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        plane = map_coordinates(space_of(vectors), method=method, n_components=n_components)
    assert_drawable(plane, n, n_components)
    assert plane.any() == (kind == "random" and n > 1)


@pytest.mark.parametrize("n_components", [2, 3])
def test_the_pca_map_is_that_of_the_prepared_features(blobs, n_components):
    vectors = blobs[0][:120]
    roots = np.sqrt(vectors)
    rows = roots / np.linalg.norm(roots, axis=1, keepdims=True)
    left, values, _ = np.linalg.svd(rows - rows.mean(axis=0), full_matrices=False)
    expected = (left * values)[:, :n_components]
    plane = map_coordinates(space_of(vectors), method="pca", n_components=n_components)
    for column in range(n_components):
        assert abs(np.corrcoef(plane[:, column], expected[:, column])[0, 1]) > 0.9999


def test_the_spectral_map_is_that_of_scikit_learn(blobs):
    from sklearn.manifold import spectral_embedding

    space = space_of(blobs[0][:120])
    graph = fuzzy_graph(space.neighbors, space.distances)
    graph, _ = connect_components(graph, space.model.known)
    expected = spectral_embedding(graph.toarray(), n_components=3, drop_first=True, random_state=0)
    places = map_coordinates(space, method="spectral", n_components=3)
    for column in range(3):
        assert abs(np.corrcoef(places[:, column], expected[:, column])[0, 1]) > 0.9999


def test_the_spectral_map_follows_the_number_of_neighbors(blobs):
    space = space_of(blobs[0])
    usual = map_coordinates(space, method="spectral")
    np.testing.assert_array_equal(usual, map_coordinates(space, method="spectral", n_neighbors=15))
    for n_neighbors in (6, 40):
        other = map_coordinates(space, method="spectral", n_neighbors=n_neighbors)
        assert_drawable(other, 125)
        assert not np.array_equal(usual, other)


@pytest.mark.parametrize("n_neighbors", [2, 6, 15, 40, 120])
def test_neighbors_are_the_nearest_rows_of_the_graph(blobs, n_neighbors):
    space = space_of(blobs[0])
    originals = np.unique(space.first_twin)
    indices, distances = layout._neighbors(space, originals, n_neighbors)
    rows = space.model.known.astype(np.float64)
    exact = np.linalg.norm(rows[:, None] - rows, axis=2)
    np.fill_diagonal(exact, -1)
    expected = np.sort(exact, axis=1)[:, 1:n_neighbors]
    np.testing.assert_allclose(distances[:, 1:], expected, atol=1e-6)
    np.testing.assert_array_equal(indices[:, 0], np.arange(120))
    np.testing.assert_allclose(np.take_along_axis(exact, indices, axis=1)[:, 1:], expected, atol=1e-6)


def test_unknown_maps_are_refused(blobs):
    with pytest.raises(ParameterError, match="isomap") as caught:
        map_coordinates(space_of(blobs[0]), method="isomap")
    assert "umap, tsne, pca, spectral" in caught.value.hint


def test_umap_separates_repeats_and_brings_nothing_into_the_callers_process(blobs, tmp_path):
    vectors, labels = blobs
    plane = map_coordinates(space_of(vectors), method="umap")
    assert_drawable(plane, 125)
    np.testing.assert_array_equal(plane[120:], plane[:5])
    to_all = np.linalg.norm(plane[:, None] - plane, axis=2)
    same = labels[:, None] == labels
    assert to_all[same].mean() < 0.5 * to_all[~same].mean()

    np.save(tmp_path / "vectors.npy", vectors.astype(np.float32))
    code = """
import sys, numpy as np
from types import SimpleNamespace
from imgcluster.maps.layout import map_coordinates
from imgcluster.spaces.space import fit_space
features = SimpleNamespace(vectors=np.load("vectors.npy"), fingerprint="f", scaling="hellinger")
np.save("plane.npy", map_coordinates(fit_space(features), method="umap"))
print("umap" in sys.modules, "tensorflow" in sys.modules)
raise SystemExit
"""
    package = str(Path(imgcluster.__file__).parent.parent)
    answer = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env={**os.environ, "PYTHONPATH": package},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout.split() == ["False", "False"]
    assert answer.stderr == ""
    np.testing.assert_array_equal(np.load(tmp_path / "plane.npy"), plane)


def test_umap_in_three_dimensions_with_options_of_ones_own(blobs):
    vectors, labels = blobs
    options = {"method": "umap", "n_components": 3, "n_neighbors": 30, "min_dist": 1.0}
    places = map_coordinates(space_of(vectors), **options)
    assert_drawable(places, 125, 3)
    to_all = np.linalg.norm(places[:, None] - places, axis=2)
    same = labels[:, None] == labels
    assert to_all[same].mean() < 0.7 * to_all[~same].mean()


def test_umap_of_images_that_are_all_alike_but_not_identical():
    vectors = np.linspace(1, 2, 20)[:, None] * np.ones((1, 9))  # one direction: all distances are 0
    assert_drawable(map_coordinates(space_of(vectors), method="umap"), 20)
