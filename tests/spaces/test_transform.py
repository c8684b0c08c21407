"""New images among known ones: own places, held-out images, a model that can be kept in a file."""

import dataclasses

import numpy as np
import pytest
from sklearn.datasets import load_digits
from some_spaces import blobs, features, space_of

from imgcluster.errors import ParameterError
from imgcluster.features.rows import normalize_rows
from imgcluster.spaces import sampled
from imgcluster.spaces.graph import connect_components, fuzzy_graph
from imgcluster.spaces.options import SCALINGS, SPACES
from imgcluster.spaces.space import fit_space
from imgcluster.spaces.transform import SpaceModel, place_new

QUICK = [method.name for method in SPACES if method.name not in ("umap", "map")]


def share_in_own_cluster(space, labels, placed, new_labels):
    """Return how many of the placed rows are nearest the centre of their own cluster, from 0 to 1."""
    centers = np.stack([space.coordinates[labels == k].mean(axis=0) for k in range(labels.max() + 1)])
    return (np.linalg.norm(placed[:, None] - centers, axis=2).argmin(axis=1) == new_labels).mean()


def assert_own_places(space, vectors):
    placed = place_new(space.model, vectors)
    assert placed.shape == space.coordinates.shape
    assert placed.dtype == np.float32
    np.testing.assert_allclose(placed, space.coordinates, atol=1e-4 * np.abs(space.coordinates).max())


@pytest.mark.parametrize("method", QUICK)
@pytest.mark.parametrize("scaling", SCALINGS)
def test_known_rows_land_on_their_own_places(method, scaling):
    vectors, _ = blobs(120)
    vectors = np.concatenate([vectors, vectors[:5]])
    assert_own_places(space_of(vectors, method=method, scaling=scaling), vectors)


@pytest.mark.parametrize("method", QUICK)
def test_held_out_rows_land_in_their_cluster(method):
    vectors, labels = blobs(240, centers=6)
    new, new_labels = blobs(120, centers=6, seed=1)
    space = space_of(vectors, method=method)
    placed = place_new(space.model, new)
    assert np.isfinite(placed).all()
    assert share_in_own_cluster(space, labels, placed, new_labels) >= 0.95


def test_umap_places_new_rows_among_their_neighbors(umap_of_blobs):
    vectors, labels, space = umap_of_blobs
    new, new_labels = blobs(80, seed=1)
    assert_own_places(space, vectors)
    assert share_in_own_cluster(space, labels, place_new(space.model, new), new_labels) >= 0.95


@pytest.mark.parametrize("method", QUICK)
def test_held_out_digits_do_as_well_as_known_ones(method):
    digits = load_digits()
    chosen = np.random.default_rng(0).permutation(len(digits.data))[:1000]
    X, y = digits.data[chosen].astype(np.float32), digits.target[chosen]
    space = space_of(X[::2], method=method)
    known = share_in_own_cluster(space, y[::2], space.coordinates, y[::2])
    new = share_in_own_cluster(space, y[::2], place_new(space.model, X[1::2]), y[1::2])
    assert known > 0.8
    assert new > known - 0.08  # the centres are those of the known ones


@pytest.mark.parametrize("method", QUICK)
def test_nearly_the_same_row_lands_nearby(method):
    vectors, labels = blobs(160)
    space = space_of(vectors, method=method)
    moved = vectors + 0.02 * np.random.default_rng(3).normal(size=vectors.shape).astype(np.float32)
    shift = np.linalg.norm(place_new(space.model, moved) - space.coordinates, axis=1)
    apart = np.linalg.norm(space.coordinates[labels == 0].mean(axis=0) - space.coordinates[labels == 1].mean(axis=0))
    assert np.median(shift) < 0.35 * apart


@pytest.mark.parametrize("method", ["diffusion", "spectral"])
def test_nystroem_gives_back_the_space_with_the_weights_of_the_graph(method):
    vectors = np.random.default_rng(0).gamma(1.0, size=(120, 20))  # eigenvalues far from 1, no bursts
    space = space_of(vectors, method=method, n_dims=6)
    rows = space.model.known
    graph, _ = connect_components(fuzzy_graph(space.neighbors, space.distances), rows)
    placed = (graph / graph.sum(axis=1)[:, None]) @ space.model.carried.astype(np.float64)
    if method == "diffusion":
        placed = normalize_rows(placed)
    np.testing.assert_allclose(placed, space.coordinates, atol=1e-5 * np.abs(space.coordinates).max())


@pytest.mark.parametrize("method", ["diffusion", "spectral"])
def test_rows_left_out_of_a_line_land_between_their_neighbors(method):
    angles = np.linspace(0, 1, 601)
    vectors = np.stack([np.cos(angles), np.sin(angles), angles], axis=1)
    left_out = np.arange(50, 601, 60)
    space = space_of(np.delete(vectors, left_out, axis=0), method=method, n_dims=3)
    after = left_out - np.arange(len(left_out))
    between = (space.coordinates[after - 1] + space.coordinates[after]) / 2
    placed = place_new(space.model, vectors[left_out])
    np.testing.assert_allclose(placed, between, atol=0.02 * np.abs(space.coordinates).max())


@pytest.mark.parametrize("n", [1, 2, 3, 10])
@pytest.mark.parametrize("method", [*QUICK, "umap"])
def test_few_images(method, n):
    vectors, _ = blobs(n)
    space = space_of(vectors, method=method)
    assert_own_places(space, vectors)
    assert np.isfinite(place_new(space.model, np.zeros((1, 30)))).all()


@pytest.mark.parametrize("method", QUICK)
@pytest.mark.parametrize("kind", ["identical", "brightness", "zero"])
def test_images_without_differences(method, kind):
    vectors = {
        "identical": np.ones((30, 8)),
        "brightness": np.linspace(1, 2, 30)[:, None] * np.ones((1, 8)),
        "zero": np.zeros((30, 8)),
    }[kind]
    space = space_of(vectors, method=method)
    new = np.random.default_rng(0).uniform(size=(4, 8))
    assert np.isfinite(place_new(space.model, new)).all()


@pytest.mark.parametrize("method", ["kernel_pca", "lle"])
def test_models_of_a_sample(monkeypatch, method):
    monkeypatch.setattr(sampled, "MAX_FITTED", 100)
    vectors, _ = blobs(300)
    assert_own_places(space_of(vectors, method=method), vectors)


@pytest.mark.parametrize("method", QUICK)
def test_a_model_is_plain_arrays(tmp_path, method):
    vectors, _ = blobs(100)
    model = space_of(vectors, method=method).model
    content = {field.name: getattr(model, field.name) for field in dataclasses.fields(model)}
    assert all(isinstance(value, str | int | float | np.ndarray) for value in content.values())
    np.savez(tmp_path / "model.npz", **content)
    with np.load(tmp_path / "model.npz", allow_pickle=False) as kept:
        read = {name: value if value.ndim else value.item() for name, value in kept.items()}
    new, _ = blobs(10, seed=1)
    np.testing.assert_array_equal(place_new(SpaceModel(**read), new), place_new(model, new))
    with pytest.raises(ValueError, match="read-only"):
        model.mean[0] = 1


def test_rows_are_placed_one_by_one_as_together():
    vectors, _ = blobs(100)
    new, _ = blobs(9, seed=1)
    model = fit_space(features(vectors)).model
    together = place_new(model, new)
    np.testing.assert_allclose(np.concatenate([place_new(model, row[None]) for row in new]), together, atol=1e-5)


def test_what_cannot_be_placed_is_refused():
    model = fit_space(features(blobs(40)[0])).model
    with pytest.raises(ParameterError, match="29 features, those of the space 30"):
        place_new(model, np.ones((2, 29)))
    with pytest.raises(ParameterError, match="shape"):
        place_new(model, np.ones(30))
    with pytest.raises(ParameterError, match="not numbers"):
        place_new(model, np.full((1, 30), np.nan))
