"""The map: three methods, few or identical images, and UMAP's own process."""

import os
import subprocess
import sys
import threading
import time
import warnings
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import imgcluster
from imgcluster.errors import Cancelled, ImgClusterError, ParameterError
from imgcluster.grouping import layout
from imgcluster.grouping.layout import map_coordinates
from imgcluster.grouping.space import fit_space


def space_of(vectors):
    return fit_space(SimpleNamespace(vectors=np.asarray(vectors, dtype=np.float32), fingerprint="f"))


@pytest.fixture(scope="module")
def blobs():
    generator = np.random.default_rng(0)
    labels = np.arange(120) % 3
    rows = np.abs(generator.uniform(size=(3, 40))[labels] + 0.05 * generator.normal(size=(120, 40)))
    return np.concatenate([rows, rows[:5]]), np.concatenate([labels, labels[:5]])


def assert_drawable(plane, n):
    assert plane.shape == (n, 2)
    assert plane.dtype == np.float32
    assert np.isfinite(plane).all()
    low, high = plane.min(axis=0), plane.max(axis=0)
    np.testing.assert_allclose(low + high, 0, atol=1e-5)
    assert high.max() == pytest.approx(1, abs=1e-5) or not plane.any()


@pytest.mark.parametrize("method", ["diffusion", "pca"])
def test_instant_maps(blobs, method):
    vectors, labels = blobs
    plane = map_coordinates(space_of(vectors), method=method)
    assert_drawable(plane, 125)
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


@pytest.mark.parametrize("method", ["diffusion", "pca", "umap"])
@pytest.mark.parametrize("n", [1, 2, 3, 5])
@pytest.mark.parametrize("kind", ["random", "identical", "zero"])
def test_few_images(method, n, kind):
    vectors = np.random.default_rng(n).uniform(size=(n, 9))
    vectors = {"random": vectors, "identical": np.repeat(vectors[:1], n, axis=0), "zero": 0 * vectors}[kind]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        plane = map_coordinates(space_of(vectors), method=method)
    assert_drawable(plane, n)
    assert plane.any() == (kind == "random" and n > 1)


def test_unknown_maps_are_refused(blobs):
    with pytest.raises(ParameterError, match="tsne"):
        map_coordinates(space_of(blobs[0]), method="tsne")


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
from imgcluster.grouping.layout import map_coordinates
from imgcluster.grouping.space import fit_space
features = SimpleNamespace(vectors=np.load("vectors.npy"), fingerprint="f")
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


def test_umap_of_images_that_are_all_alike_but_not_identical():
    vectors = np.linspace(1, 2, 20)[:, None] * np.ones((1, 9))  # one direction: all distances are 0
    assert_drawable(map_coordinates(space_of(vectors), method="umap"), 20)


def _sleep(seconds):
    time.sleep(seconds)


def _die():
    os._exit(1)


def test_cancel_ends_the_process_at_once():
    stop = threading.Event()
    threading.Timer(1.0, stop.set).start()
    started = time.monotonic()
    with pytest.raises(Cancelled):
        layout._in_own_process(_sleep, 600, cancel=stop)
    assert time.monotonic() - started < 300  # not the time is tested, but that nobody waits for the end


def test_a_process_that_dies_is_one_sentence():
    with pytest.raises(ImgClusterError, match="could not be drawn") as caught:
        layout._in_own_process(_die, cancel=None)
    assert caught.value.hint
