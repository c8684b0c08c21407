"""Every space by its one entry: the default, what is automatic, and everything small or odd."""

import threading

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score
from some_spaces import blobs, features, space_of

from imgcluster.errors import Cancelled, ParameterError
from imgcluster.grouping.clustering import kmeans
from imgcluster.spaces import linear
from imgcluster.spaces.options import SCALINGS, SPACES, SpaceOptions, resolve_options, space_method
from imgcluster.spaces.space import explained_variance_sentence, fit_space, make_space

METHODS = [method.name for method in SPACES if method.name != "map"]  # that one is of imgcluster.maps
QUICK = [name for name in METHODS if name != "umap"]
ARRAYS = ("coordinates", "principal", "neighbors", "distances", "first_twin", "eigenvalues")


def assert_sound(space, n):
    assert len(space.coordinates) == n
    assert space.coordinates.shape[1] == space.model.n_dims >= 1
    assert space.coordinates.dtype == np.float32
    assert space.principal.shape == (n, 3)
    np.testing.assert_array_equal(space.neighbors[:, 0], np.arange(n))
    for name in (*ARRAYS, "explained_variance_ratio"):
        assert np.isfinite(getattr(space, name)).all()
        assert not getattr(space, name).flags.writeable
    np.testing.assert_array_equal(space.coordinates, space.coordinates[space.first_twin])
    assert (space.column_scales is None) == (space.method != "diffusion")
    assert (len(space.explained_variance_ratio) > 0) == (space.method in ("pca", "svd"))


@pytest.mark.parametrize(
    "options", [{}, {"scaling": "auto"}, {"n_dims": 20, "n_neighbors": 15, "scaling": "hellinger"}]
)
@pytest.mark.parametrize("n", [3, 17, 90])
def test_the_default_is_the_space_of_fit_space(options, n):
    vectors = features(blobs(n)[0])
    usual, space = fit_space(vectors), make_space(vectors, SpaceOptions(**options))
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(space, name), getattr(usual, name))
    assert (space.method, space.notes, space.fingerprint) == (usual.method, usual.notes, usual.fingerprint)


def test_the_fingerprint_names_the_options():
    vectors = features(blobs(30)[0])
    spaces = [make_space(vectors, SpaceOptions(method=name)) for name in QUICK]
    spaces += [make_space(vectors, SpaceOptions(scaling=scaling)) for scaling in SCALINGS if scaling != "hellinger"]
    spaces += [make_space(vectors, SpaceOptions(method="pca", n_dims=3)), make_space(features(blobs(30)[0], "other"))]
    spaces += [make_space(vectors, random_state=1)]
    assert len({space.fingerprint for space in spaces}) == len(spaces)


@pytest.mark.parametrize("method", QUICK)
def test_maps_find_the_same_graph_whatever_the_space(method):
    vectors, _ = blobs(80)
    space, usual = space_of(vectors, method=method), fit_space(features(vectors))
    for name in ("principal", "neighbors", "distances", "first_twin"):
        np.testing.assert_array_equal(getattr(space, name), getattr(usual, name))


@pytest.mark.parametrize("method", QUICK)
@pytest.mark.parametrize("scaling", SCALINGS)
def test_groups_are_found_in_every_space(method, scaling):
    vectors, truth = blobs(200)
    space = space_of(vectors, method=method, scaling=scaling)
    assert_sound(space, 200)
    assert space.method == method
    assert adjusted_rand_score(truth, kmeans(space.coordinates, 4).labels) > 0.95


@pytest.mark.parametrize("n", [1, 2, 3, 16, 40])
@pytest.mark.parametrize("kind", ["random", "identical", "constant", "zero", "with zeros", "rank one"])
def test_small_and_odd_collections(n, kind):
    generator = np.random.default_rng(n)
    vectors = {
        "random": generator.normal(size=(n, 12)),
        "identical": np.repeat(generator.uniform(size=(1, 12)), n, axis=0),
        "constant": np.repeat(np.arange(1.0, n + 1)[:, None], 12, axis=1),
        "zero": np.zeros((n, 12)),
        "with zeros": np.where(np.arange(n)[:, None] % 2, generator.uniform(size=(n, 12)), 0),
        "rank one": np.outer(generator.uniform(size=n), generator.uniform(size=12)),
    }[kind]
    for method in METHODS:
        if method == "umap" and len(np.unique(vectors, axis=0)) > 15:
            continue  # in a process of its own, and in test_manifold.py
        assert_sound(space_of(vectors, method=method), n)
        if method != "umap":
            assert_sound(space_of(vectors, method=method, scaling="zscore", n_neighbors=4), n)


@pytest.mark.parametrize("sizes", [(1, 1), (3, 5), (40, 25)])
@pytest.mark.parametrize("noise", [0.0, 1e-3])
@pytest.mark.parametrize("method", QUICK)
def test_two_piles_are_two_clusters(method, sizes, noise):
    generator = np.random.default_rng(0)
    truth = np.repeat([0, 1], sizes)
    vectors = generator.uniform(size=(2, 20))[truth]
    space = space_of(np.abs(vectors + noise * generator.normal(size=vectors.shape)), method=method)
    coordinates = (
        space.coordinates[:, :2] if method == "lle" else space.coordinates
    )  # later ones part what is in a pile
    assert adjusted_rand_score(truth, kmeans(coordinates, 2).labels) == 1


@pytest.mark.parametrize("method", [*QUICK, "umap"])
def test_few_different_images_are_compared_directly(method):
    vectors = np.repeat(blobs(6)[0], 5, axis=0)
    space = space_of(vectors, method=method)
    needs_neighbors = method in ("diffusion", "lle", "spectral", "umap")
    assert space.method == ("principal" if needs_neighbors else method)
    assert any("only 6 different pictures" in note for note in space.notes) == needs_neighbors
    assert any("24 of 30 pictures have an identical twin" in note for note in space.notes)


def test_umap_of_few_images_is_not_begun():
    space = space_of(blobs(7)[0], method="umap", n_neighbors=3)
    assert space.method == "principal"
    assert any("only 7 different pictures" in note for note in space.notes)


@pytest.mark.parametrize("method", [name for name in QUICK if name != "none"])
@pytest.mark.parametrize("n_dims", [1, 2, 7])
def test_the_number_of_dimensions_is_kept(method, n_dims):
    assert space_of(blobs(60)[0], method=method, n_dims=n_dims).coordinates.shape == (60, n_dims)


@pytest.mark.parametrize("method", [name for name in QUICK if name != "none"])
def test_more_dimensions_than_there_are(method):
    space = space_of(blobs(18, d=200)[0], method=method, n_dims=100)
    found = space.coordinates.shape[1]
    assert found == (17 if method in ("lle", "spectral") else 18)
    assert any(f"100 dimensions were asked for, but these pictures have only {found}" in note for note in space.notes)


def test_pca_with_more_than_fifty_dimensions_keeps_the_graph():
    vectors, _ = blobs(120, d=90)
    wide, usual = space_of(vectors, method="pca", n_dims=80), fit_space(features(vectors))
    assert wide.coordinates.shape == (120, 80)
    np.testing.assert_array_equal(wide.neighbors, usual.neighbors)
    np.testing.assert_allclose(
        wide.coordinates.var(axis=0)[:50], space_of(vectors, method="pca", n_dims=50).coordinates.var(axis=0), rtol=1e-3
    )


def test_explained_variance_is_a_sentence():
    vectors = np.random.default_rng(0).normal(size=(300, 12)) * 0.7 ** np.arange(12)
    space = space_of(vectors, method="pca", scaling="none")
    shares = np.sort(np.linalg.eigvalsh(np.cov(vectors.T)))[::-1]
    shares /= shares.sum()
    enough = int((np.cumsum(shares) < 0.9).sum()) + 1
    np.testing.assert_allclose(space.explained_variance_ratio, shares, atol=1e-4)
    assert explained_variance_sentence(space) == (
        f"{enough} of 12 directions hold {100 * shares[:enough].sum():.0f} % of the differences between the pictures."
    )
    assert space.coordinates.shape[1] == enough
    assert explained_variance_sentence(space_of(vectors, method="svd", n_dims=12)).startswith(
        "12 of 12 directions hold 100 %"
    )
    assert explained_variance_sentence(space_of(vectors)) == ""
    for method in ("pca", "svd"):
        assert explained_variance_sentence(space_of(np.ones((9, 4)), method=method)) == "The pictures do not differ."


def test_approximate_directions_are_said_so(monkeypatch):
    vectors, _ = blobs(60, d=80)
    monkeypatch.setattr(linear, "MAX_EXACT", 40)
    monkeypatch.setattr("imgcluster.spaces.space.MAX_EXACT", 40)
    assert any("approximately" in note for note in space_of(vectors, method="pca").notes)
    assert not any("approximately" in note for note in space_of(vectors, method="kernel_pca").notes)


@pytest.mark.parametrize("method", METHODS)
def test_what_cannot_be_computed_with_is_refused(method):
    options = SpaceOptions(method=method)
    for vectors in (np.zeros((0, 5)), np.full((3, 3), np.nan), np.array([[1.0, np.inf], [0.0, 1.0]])):
        with pytest.raises(ParameterError):
            make_space(features(vectors), options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "isomap"}, 'no space "isomap"'),
        ({"scaling": "log"}, 'no scaling "log"'),
        ({"n_dims": 0}, "n_dims=0"),
        ({"n_neighbors": 1}, "n_neighbors=1"),
        ({"n_neighbors": 1001}, "n_neighbors=1001"),
        ({"method": "none", "n_dims": 3}, "n_dims=3"),
    ],
)
def test_options_out_of_range_are_refused(options, message):
    with pytest.raises(ParameterError, match=message):
        SpaceOptions(**options)


def test_a_space_is_cancelled():
    stop = threading.Event()
    stop.set()
    with pytest.raises(Cancelled):
        make_space(features(blobs(30)[0]), cancel=stop)


def test_the_map_is_made_elsewhere():
    with pytest.raises(ParameterError, match="map"):
        make_space(features(np.ones((9, 3))), SpaceOptions(method="map"))


def test_every_space_is_described():
    assert len({method.name for method in SPACES}) == len(SPACES) == 9
    for method in SPACES:
        assert space_method(method.name) is method
        assert method.title and method.explanation.endswith(".") and method.n_dims_rule.endswith(".")
        assert method.new_images.endswith(".")
        assert bool(method.beyond) == (method.max_exact is not None)
        chosen = resolve_options(SpaceOptions(method=method.name))
        assert (chosen.n_dims, chosen.scaling, chosen.n_neighbors) == (method.n_dims, "hellinger", 15)
