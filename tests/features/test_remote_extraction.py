"""Features of pictures at an address, without other machines: this process reads them."""

import itertools

import numpy as np
import pytest
from fake_extractor import FakeExtractor, write_images

from imgcluster.features.extraction import extract_features
from imgcluster.pictures import remote
from imgcluster.pictures.finding import find_images

fsspec = pytest.importorskip("fsspec", reason="pip install -r requirements-cluster.txt")


@pytest.fixture
def memory(tmp_path):
    files = fsspec.filesystem("memory")
    for path in write_images(tmp_path / "photos", 40):
        files.pipe(f"/photos/{path.name}", path.read_bytes())
    yield files
    files.store.clear()


def extracted(place, store):
    fake = FakeExtractor()
    result = extract_features(find_images(place, remote=True), extractor=fake, store=store)
    return result, fake.seen


def test_the_same_as_from_the_disk(memory, tmp_path, store):
    there, n_there = extracted("memory://photos", store)
    here, n_here = extracted(tmp_path / "photos", store)  # the content is known already
    assert (n_there, n_here) == (40, 0)
    assert there.features.fingerprint == here.features.fingerprint
    np.testing.assert_array_equal(there.features.vectors, here.features.vectors)


def test_read_once(memory, store, monkeypatch):
    extracted("memory://photos", store)
    monkeypatch.setattr(type(memory), "cat_file", lambda *_, **__: pytest.fail("it was read again"))
    result, seen = extracted("memory://photos", store)
    assert seen == 0 and len(result.collection) == 40


def test_what_changed_is_read_again(memory, store):
    before, _ = extracted("memory://photos", store)
    memory.pipe("/photos/0003.png", memory.cat("/photos/0004.png"))
    memory.pipe("/photos/9999.png", memory.cat("/photos/0005.png"))
    after, seen = extracted("memory://photos", store)
    assert seen == 0  # both contents were known
    assert after.features.hashes[3] == after.features.hashes[4] == before.features.hashes[4]
    assert len(after.collection) == 41


def test_nothing_is_written_there(memory, store):
    content = {path: memory.cat(path) for path in memory.find("/")}
    extracted("memory://photos", store)
    assert {path: memory.cat(path) for path in memory.find("/")} == content


def test_what_no_listing_tells_of_is_read_each_time(memory, store, monkeypatch):
    """As on a web server, whose listing says no sizes, times or tags."""
    find = type(memory).find
    monkeypatch.setattr(remote.time, "time_ns", itertools.count(1).__next__)
    monkeypatch.setattr(
        type(memory), "find", lambda self, root, **_: {path: {"size": None} for path in find(self, root)}
    )
    before, _ = extracted("memory://photos", store)
    memory.pipe("/photos/0003.png", memory.cat("/photos/0004.png"))
    after, seen = extracted("memory://photos", store)
    assert seen == 0  # the contents are known, and it was the files that were read
    assert after.features.hashes[3] == before.features.hashes[4] != before.features.hashes[3]
