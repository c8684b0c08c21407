"""The built-in samples: complete, the same on every run, written whole or not at all."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from imgcluster.errors import ParameterError
from imgcluster.pictures import samples
from imgcluster.pictures.collection import Collection
from imgcluster.pictures.drawings import FAMILIES, draw
from imgcluster.pictures.opening import decode, read_bytes
from imgcluster.pictures.samples import SAMPLES, load_sample


def classes(collection: Collection) -> list[str]:
    return [path.split("/")[0] for path in collection.paths]


@pytest.fixture(scope="module")
def shared_cache(tmp_path_factory):
    return tmp_path_factory.mktemp("samples")


@pytest.fixture
def loaded(shared_cache, monkeypatch):
    """Load from one cache directory for all tests that only read."""
    monkeypatch.setenv("IMGCLUSTER_CACHE", str(shared_cache))
    return load_sample


@pytest.mark.parametrize("name", SAMPLES)
def test_number_and_names(loaded, name):
    collection = loaded(name)
    assert SAMPLES[name].name == name
    assert collection.name == SAMPLES[name].title
    assert len(collection) == SAMPLES[name].n_images
    assert not collection.skipped
    assert len(set(collection.paths)) == len(collection)


def test_digits_are_those_of_scikit_learn(loaded):
    from sklearn.datasets import load_digits

    digits = load_digits()
    collection = loaded("digits")
    by_number = sorted(collection.images, key=lambda image: image.path.split("-")[1])
    assert [int(label) for label in classes(replace(collection, images=tuple(by_number)))] == digits.target.tolist()
    for index in range(0, 1797, 97):
        image = decode(read_bytes(by_number[index]))
        assert image.size == (128, 128)
        small = 255 - np.asarray(image.convert("L").resize((12, 12), Image.Resampling.BOX), float)
        assert np.corrcoef(small[2:10, 2:10].ravel(), digits.images[index].ravel())[0, 1] > 0.95
        assert np.asarray(image)[:8].min() > 240


def test_digits_are_the_same_without_the_file_of_scikit_learn(monkeypatch, tmp_path):
    from_file = samples._written_digits()
    monkeypatch.setattr(samples, "find_spec", lambda name: SimpleNamespace(submodule_search_locations=[tmp_path]))
    for ours, asked_for in zip(from_file, samples._written_digits(), strict=True):
        assert ours.dtype == asked_for.dtype and np.array_equal(ours, asked_for)


def test_dots_are_twelve_families_of_fifty_in_black_and_white(loaded):
    collection = loaded("dots")
    assert Counter(classes(collection)) == dict.fromkeys(FAMILIES, 50)
    assert len(FAMILIES) == 12
    contents = {read_bytes(image) for image in collection.images}
    assert len(contents) == 600
    for image in collection.images[::7]:
        picture = decode(read_bytes(image))
        assert picture.size == (200, 200)
        assert set(np.unique(np.asarray(picture))) == {0, 255}


@pytest.mark.parametrize("family", FAMILIES)
def test_drawings_vary_and_fit(family):
    rng = np.random.default_rng(1)
    drawn = [~np.asarray(draw(family, rng)) for _ in range(30)]
    ink = np.array([picture.mean() for picture in drawn])
    assert 0.002 < ink.min() < ink.max() < 0.6
    assert ink.max() > 1.3 * ink.min()
    cut = [np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]]).mean() for picture in drawn]
    assert np.mean(cut) < 0.02


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(samples, "_DRAWINGS_PER_FAMILY", 5)


def test_the_same_bytes_on_every_run(few, tmp_path, monkeypatch):
    written = []
    for name in ("one", "two"):
        monkeypatch.setenv("IMGCLUSTER_CACHE", str(tmp_path / name))
        written.append(load_sample("dots").images[0].source.read_bytes())
    assert written[0] == written[1]


def test_written_once(loaded):
    before = loaded("dots").images[0].source.stat()
    after = loaded("dots").images[0].source.stat()
    assert (before.st_mtime_ns, before.st_ino) == (after.st_mtime_ns, after.st_ino)


def test_a_crash_leaves_nothing_behind(few, own_cache, monkeypatch):
    real = samples.draw
    drawn = []

    def fail_late(family, rng):
        drawn.append(family)
        if len(drawn) > 20:
            raise KeyboardInterrupt
        return real(family, rng)

    monkeypatch.setattr(samples, "draw", fail_late)
    with pytest.raises(KeyboardInterrupt):
        load_sample("dots")
    assert list((own_cache / "samples").iterdir()) == []
    monkeypatch.setattr(samples, "draw", real)
    assert len(load_sample("dots")) == 60


def test_two_at_once(few, own_cache):
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(load_sample, ["dots", "dots"])
    assert first.paths == second.paths
    assert len(list((own_cache / "samples").iterdir())) == 1


def test_unknown_sample():
    with pytest.raises(ParameterError, match="'cats'") as caught:
        load_sample("cats")
    assert "digits, dots" in caught.value.hint
