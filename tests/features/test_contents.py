"""Images are known by their content, and files that have not changed are not read again for it."""

import threading
from dataclasses import replace

import pytest
from fake_extractor import FakeExtractor, write_images

from imgcluster.errors import Cancelled
from imgcluster.features.contents import content_hashes
from imgcluster.features.extraction import extract_features
from imgcluster.features.store import Store
from imgcluster.pictures.finding import find_images


@pytest.fixture
def collection(tmp_path):
    paths = write_images(tmp_path / "photos", 5)
    (tmp_path / "photos" / "copy.png").write_bytes(paths[0].read_bytes())
    return find_images(tmp_path / "photos")


def test_hashes_are_those_of_the_features(collection, tmp_path, monkeypatch):
    with Store(tmp_path / "store.sqlite") as store:
        features = extract_features(collection, extractor=FakeExtractor(), store=store).features
        hashes = content_hashes(collection.images)
        assert hashes == features.hashes and len({*hashes}) == 5
        monkeypatch.setattr("imgcluster.features.contents.read_bytes", None)  # nothing is read
        assert content_hashes(collection.images, store=store) == hashes


def test_what_cannot_be_read_has_none(collection):
    gone = replace(collection.images[2], source=collection.images[2].source.with_name("gone.png"))
    images = (*collection.images[:2], gone)
    reports = []
    hashes = content_hashes(images, progress=reports.append)
    assert hashes[2] is None and None not in hashes[:2]
    assert [(report.done, report.total) for report in reports] == [(1, 3), (2, 3), (3, 3)]


def test_it_can_be_stopped(collection):
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(Cancelled):
        content_hashes(collection.images, cancel=cancel)
