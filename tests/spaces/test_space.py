"""The diffusion map against an explicit dense one, and everything small or odd."""

import hashlib
import os
import subprocess
import sys
import warnings
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

from imgcluster.errors import ParameterError
from imgcluster.grouping.clustering import kmeans
from imgcluster.spaces.space import Space, fit_space


def features(vectors, fingerprint="f"):
    return SimpleNamespace(vectors=np.asarray(vectors, dtype=np.float32), fingerprint=fingerprint, scaling="hellinger")


def quiet_space(vectors, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        space = fit_space(features(vectors), **options)
    n = len(vectors)
    assert space.coordinates.shape[0] == space.principal.shape[0] == len(space.neighbors) == n
    assert space.coordinates.dtype == np.float32
    for array in (space.coordinates, space.principal, space.distances, space.eigenvalues):
        assert np.isfinite(array).all()
        assert not array.flags.writeable
    np.testing.assert_array_equal(space.neighbors[:, 0], np.arange(n))
    assert ((space.eigenvalues >= 0) & (space.eigenvalues <= 1)).all()
    return space


def blobs(n, centers=4, d=30, seed=0, spread=0.3):
    generator = np.random.default_rng(seed)
    labels = np.arange(n) % centers
    middles = generator.uniform(0, 2, size=(centers, d))
    return np.maximum(middles[labels] + spread * generator.normal(size=(n, d)), 0).astype(np.float32), labels


def dense_diffusion_map(vectors, n_dims=20, k=15):
    """DESIGN's steps one after the other, dense, in float64, with plain loops."""
    X = np.sqrt(vectors.astype(np.float64))
    X /= np.linalg.norm(X, axis=1, keepdims=True)
    X -= X.mean(axis=0)
    left, values, _ = np.linalg.svd(X, full_matrices=False)
    X = (left * values)[:, :50]
    X /= np.linalg.norm(X, axis=1, keepdims=True)
    n = len(X)
    W = np.zeros((n, n))
    for i in range(n):
        to_all = np.linalg.norm(X - X[i], axis=1)
        to_all[i] = -1
        near = np.argsort(to_all)[1:k]
        rho = to_all[near].min()
        low, high = 0.0, 1e6
        for _ in range(200):
            sigma = (low + high) / 2
            if np.exp(-(to_all[near] - rho) / sigma).sum() > np.log2(k):
                high = sigma
            else:
                low = sigma
        W[i, near] = np.exp(-(to_all[near] - rho) / sigma)
    W = W + W.T - W * W.T
    scale = 1 / np.sqrt(W.sum(axis=1))
    eigenvalues, eigenvectors = np.linalg.eigh(scale[:, None] * W * scale)
    eigenvalues, eigenvectors = eigenvalues[::-1][:n_dims], eigenvectors[:, ::-1][:, :n_dims]
    Y = eigenvectors * eigenvalues**8
    return Y / np.linalg.norm(Y, axis=1, keepdims=True), eigenvalues


@pytest.mark.parametrize("n", [150, 1300])  # the dense and the iterative solver
def test_equals_the_dense_map(n):
    vectors = np.random.default_rng(n).gamma(1.0, size=(n, 20)).astype(np.float32)  # without bursts
    space = quiet_space(vectors)
    expected, eigenvalues = dense_diffusion_map(vectors)
    assert space.method == "diffusion"
    np.testing.assert_allclose(space.eigenvalues, eigenvalues, atol=1e-4)
    # Columns of nearly equal eigenvalue may turn into each other; what counts are the angles between rows.
    np.testing.assert_allclose(space.coordinates @ space.coordinates.T, expected @ expected.T, atol=0.02)


def test_digits_fall_into_digits():
    digits = load_digits()
    space = quiet_space(digits.data)
    labels = kmeans(space.coordinates, 10).labels
    assert normalized_mutual_info_score(digits.target, labels) > 0.84  # PCA + KMeans: 0.75
    np.testing.assert_allclose(np.linalg.norm(space.coordinates, axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("n", [1, 2, 3, 5, 14, 15, 16, 17, 40])
@pytest.mark.parametrize("kind", ["random", "identical", "constant", "zero", "with zeros", "rank one"])
def test_small_and_odd_collections(n, kind):
    generator = np.random.default_rng(n)
    vectors = {
        "random": generator.uniform(size=(n, 30)),
        "identical": np.repeat(generator.uniform(size=(1, 30)), n, axis=0),
        "constant": np.repeat(np.arange(1.0, n + 1)[:, None], 30, axis=1),
        "zero": np.zeros((n, 30)),
        "with zeros": np.where(np.arange(n)[:, None] % 2, generator.uniform(size=(n, 30)), 0),
        "rank one": np.outer(generator.uniform(size=n), generator.uniform(size=30)),
    }[kind]
    space = quiet_space(vectors)
    assert space.coordinates.shape[1] <= 20
    if len(np.unique(vectors, axis=0)) <= 15:
        assert space.method == "principal"
        assert any("different pictures" in note for note in space.notes)


@pytest.mark.parametrize("sizes", [(1, 1), (2, 2), (3, 5), (8, 8), (40, 25), (300, 300)])
@pytest.mark.parametrize("noise", [0.0, 1e-3])
def test_two_piles_are_two_clusters(sizes, noise):
    generator = np.random.default_rng(0)
    truth = np.repeat([0, 1], sizes)
    vectors = generator.uniform(size=(2, 50))[truth]
    vectors = np.abs(vectors + noise * generator.normal(size=vectors.shape))
    space = quiet_space(vectors)
    assert adjusted_rand_score(truth, kmeans(space.coordinates, 2).labels) == 1


def test_many_islands_stay_apart():
    vectors, truth = blobs(1600, centers=40, d=60, spread=0.05)
    space = quiet_space(vectors)
    assert any("40 islands" in note for note in space.notes)
    assert normalized_mutual_info_score(truth, kmeans(space.coordinates, 40).labels) > 0.98


def test_identical_images_share_one_place():
    vectors, _ = blobs(60)
    doubled = np.concatenate([vectors, vectors[::-1], np.repeat(vectors[:1], 30, axis=0)])
    space, single = quiet_space(doubled), quiet_space(vectors)
    np.testing.assert_array_equal(space.first_twin[:60], np.arange(60))
    np.testing.assert_array_equal(space.first_twin[60:120], np.arange(60)[::-1])
    np.testing.assert_array_equal(space.first_twin[120:], 0)
    np.testing.assert_array_equal(space.coordinates, single.coordinates[space.first_twin])
    np.testing.assert_array_equal(space.neighbors[:60], single.neighbors)
    np.testing.assert_array_equal(space.neighbors[60:120, 1:], single.neighbors[::-1, 1:])
    assert any("identical twin" in note for note in space.notes)


def test_negative_features_are_said_so():
    vectors, truth = blobs(120)
    space = quiet_space(vectors - 1)
    assert any("negative" in note for note in space.notes)
    assert adjusted_rand_score(truth, kmeans(space.coordinates, 4).labels) > 0.95
    assert not any("negative" in note for note in quiet_space(vectors).notes)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_values_that_are_no_numbers_are_refused(bad):
    vectors, _ = blobs(20)
    vectors[7, 3] = bad
    with pytest.raises(ParameterError, match=r"1 pictures are not numbers .*picture 8"):
        fit_space(features(vectors))


@pytest.mark.parametrize("shape", [(0, 5), (5, 0), (5,)])
def test_wrong_shapes_are_refused(shape):
    with pytest.raises(ParameterError, match="shape"):
        fit_space(features(np.zeros(shape)))


@pytest.mark.parametrize("options", [{"n_dims": 0}, {"n_neighbors": 1}])
def test_options_out_of_range_are_refused(options):
    with pytest.raises(ParameterError):
        fit_space(features(np.ones((3, 3))), **options)


def test_the_fingerprint_names_features_and_parameters():
    vectors, _ = blobs(20)
    prints = {
        fit_space(features(vectors)).fingerprint,
        fit_space(features(vectors, "other")).fingerprint,
        fit_space(features(vectors), n_dims=5).fingerprint,
        fit_space(features(vectors), n_neighbors=5).fingerprint,
        fit_space(features(vectors), random_state=1).fingerprint,
    }
    assert len(prints) == 5
    assert fit_space(features(vectors)).fingerprint in prints


def digest(space: Space) -> str:
    parts = (space.coordinates, space.neighbors, space.distances, space.principal, space.eigenvalues)
    return hashlib.sha256(b"".join(part.tobytes() for part in parts)).hexdigest()


def labels_digest(space: Space) -> str:
    return hashlib.sha256(kmeans(space.coordinates, 6).labels.tobytes()).hexdigest()


def print_digests() -> None:
    """What the two processes of the next test run."""
    space = fit_space(features(blobs(1500, centers=6, d=200)[0]))
    print(digest(space), labels_digest(space))


@pytest.mark.parametrize("n_threads", ["1", "2"])
def test_another_process_gets_the_same(n_threads):
    here = str(Path(__file__).parent)
    code = f"import sys; sys.path.insert(0, {here!r}); import test_space; test_space.print_digests()"
    environment = {**os.environ, "OMP_NUM_THREADS": n_threads, "OPENBLAS_NUM_THREADS": n_threads}
    answer = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    other_space, other_labels = answer.stdout.split()
    space = fit_space(features(blobs(1500, centers=6, d=200)[0]))
    assert other_labels == labels_digest(space)
    assert other_space == digest(space)
