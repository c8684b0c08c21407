"""The map of t-SNE: against scikit-learn's, repeatable, in any dimension and process, for images that hardly differ."""

import subprocess
import sys
import threading
from types import SimpleNamespace

import numpy as np
import pytest

from imgcluster.errors import Cancelled
from imgcluster.maps import layout
from imgcluster.maps.layout import map_coordinates
from imgcluster.maps.tsne_process import tsne_layout
from imgcluster.spaces.nearest import nearest_neighbors
from imgcluster.spaces.options import SpaceOptions
from imgcluster.spaces.space import fit_space, make_space


def features_of(vectors):
    return SimpleNamespace(vectors=np.asarray(vectors, dtype=np.float32), fingerprint="f", scaling="hellinger")


@pytest.fixture(scope="module")
def blobs():
    generator = np.random.default_rng(0)
    labels = np.arange(150) % 5
    rows = np.abs(generator.uniform(size=(5, 30))[labels] + 0.1 * generator.normal(size=(150, 30)))
    return np.concatenate([rows, rows[:5]]), np.concatenate([labels, labels[:5]])


@pytest.fixture
def in_this_process(monkeypatch):
    """Start no other process, which takes a second each time."""
    monkeypatch.setenv("OMP_WAIT_POLICY", "PASSIVE")  # and so it is forgotten after the test
    monkeypatch.setattr(layout, "in_own_process", lambda function, *args, cancel, failure, hint: function(*args))


def kept_neighbors(places, rows, k=10):
    """The share of each row's nearest that are among the nearest on the map, too."""
    nearest = [np.argsort(np.linalg.norm(x[:, None] - x, axis=2), axis=1)[:, 1 : k + 1] for x in (places, rows)]
    return np.mean([len(np.intersect1d(a, b)) / k for a, b in zip(*nearest, strict=True)])


@pytest.mark.parametrize("n_components", [2, 3])
def test_neighbors_are_kept_as_well_as_by_scikit_learn(blobs, n_components):
    from sklearn.manifold import TSNE

    vectors, labels = blobs
    space = fit_space(features_of(vectors))
    places = map_coordinates(space, method="tsne", n_components=n_components)
    assert places.shape == (155, n_components) and places.dtype == np.float32
    assert np.abs(places).max() == pytest.approx(1, abs=1e-5)
    np.testing.assert_allclose(places.min(axis=0) + places.max(axis=0), 0, atol=1e-5)
    np.testing.assert_array_equal(places[150:], places[:5])

    rows, places, labels = space.model.known, places[:150], labels[:150]
    theirs = TSNE(n_components, perplexity=30, init="pca", random_state=0, n_jobs=1).fit_transform(rows)
    assert kept_neighbors(places, rows) > kept_neighbors(theirs, rows) - 0.03
    middles = np.array([places[labels == c].mean(axis=0) for c in range(5)])
    assert (np.linalg.norm(places[:, None] - middles, axis=2).argmin(axis=1) == labels).mean() > 0.95


def test_it_repeats_and_brings_nothing_into_the_callers_process(blobs, tmp_path):
    np.save(tmp_path / "vectors.npy", blobs[0].astype(np.float32))
    code = """
import sys, numpy as np
from types import SimpleNamespace
from imgcluster.maps.layout import map_coordinates
from imgcluster.spaces.space import fit_space
space = fit_space(SimpleNamespace(vectors=np.load(sys.argv[1]), fingerprint="f", scaling="hellinger"))
np.save(sys.argv[2], map_coordinates(space, method="tsne"))
print("openTSNE" in sys.modules, "tensorflow" in sys.modules)
"""
    command = [sys.executable, "-W", "error", "-c", code, str(tmp_path / "vectors.npy"), str(tmp_path / "plane.npy")]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    assert answer.stdout.split() == ["False", "False"]
    assert answer.stderr == ""
    again = map_coordinates(fit_space(features_of(blobs[0])), method="tsne")
    np.testing.assert_array_equal(np.load(tmp_path / "plane.npy"), again)


@pytest.mark.parametrize(
    ("n", "n_components", "min_for_grid"), [(8, 2, 99), (8, 3, 99), (40, 2, 99), (40, 3, 99), (40, 2, 0)]
)
def test_few_images_and_two_piles(monkeypatch, in_this_process, n, n_components, min_for_grid):
    monkeypatch.setattr("imgcluster.maps.tsne_process._MIN_FOR_GRID", min_for_grid)
    vectors = np.random.default_rng(0).uniform(size=(n, 12))
    vectors[:, :6] *= np.arange(n)[:, None] % 2
    vectors[:, 6:] *= 1 - np.arange(n)[:, None] % 2
    places = map_coordinates(fit_space(features_of(vectors)), method="tsne", n_components=n_components)
    assert places.shape == (n, n_components) and np.isfinite(places).all()
    assert len(np.unique(places, axis=0)) == n
    if n == 40:
        to_all = np.linalg.norm(places[:, None] - places, axis=2)
        pile = np.arange(n) % 2
        assert to_all[pile[:, None] == pile].mean() < to_all[pile[:, None] != pile].mean()


@pytest.mark.parametrize("n_components", [2, 3])
def test_images_that_are_all_alike_but_not_identical(in_this_process, n_components):
    vectors = np.linspace(1, 2, 20)[:, None] * np.ones((1, 9))  # one direction: all distances are 0
    places = map_coordinates(fit_space(features_of(vectors)), method="tsne", n_components=n_components)
    assert places.shape == (20, n_components) and np.isfinite(places).all()


def test_the_perplexity_matters_and_the_space_may_be_any(in_this_process, blobs):
    space = make_space(features_of(blobs[0]), SpaceOptions(method="pca"))
    few, many = (map_coordinates(space, method="tsne", perplexity=perplexity) for perplexity in (5, 1000))
    assert np.isfinite(few).all() and np.isfinite(many).all()
    rows = space.coordinates[:150]
    assert kept_neighbors(few[:150], rows, 4) > kept_neighbors(many[:150], rows, 4)


def test_the_start_decides_where_groups_lie(in_this_process):
    rows = np.random.default_rng(0).normal(size=(60, 5)).astype(np.float32)
    near = nearest_neighbors(rows, 31)
    start = rows[:, :2]
    plane = tsne_layout(*near, start, 10.0, 0)
    turned = tsne_layout(*near, -start, 10.0, 0)
    np.testing.assert_allclose(turned, -plane, atol=0.05 * np.abs(plane).max())


def test_cancelling(blobs):
    stop = threading.Event()
    stop.set()
    with pytest.raises(Cancelled):
        map_coordinates(fit_space(features_of(blobs[0])), method="tsne", cancel=stop)
