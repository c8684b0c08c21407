"""What a worker makes of a batch, and that the store is the same whoever looks at the images; no cluster is needed."""

import sqlite3
import sys
from pathlib import Path

import numpy as np
import pytest
from dask_workers import FATAL
from fake_extractor import write_images
from odd_images import write_odd_images

from imgcluster.backends import Backend, BackendError
from imgcluster.errors import Cancelled, ExtractorError, ParameterError
from imgcluster.extractors import registry
from imgcluster.features import distributed
from imgcluster.features.distributed import Elsewhere, Order, look_at
from imgcluster.features.embedding import embed_collection
from imgcluster.features.extraction import extract_features
from imgcluster.features.options import parse_features
from imgcluster.features.reading import loader_version
from imgcluster.features.store import Store
from imgcluster.pictures.finding import find_images

# What Pillow says about broken metadata.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")

BACKEND = Backend(scheduler="tcp://127.0.0.1:1")
PIXELS = 10_000_000


def order(features="fatal", extractor_id="fake-1", loader=None):
    loader = loader_version(PIXELS) if loader is None else loader
    return Order(features=features, extractor_id=extractor_id, loader=loader, max_pixels=PIXELS)


@pytest.fixture(autouse=True)
def fatal(monkeypatch):
    monkeypatch.setitem(registry._KINDS, FATAL.name, FATAL)


@pytest.fixture
def at_once(monkeypatch):
    """Do the workers' work here, the last batch first; returns the batches that were sent."""
    sent = []

    def run_tasks(backend, function, tasks, *, cancel=None):
        tasks = list(tasks)
        sent.extend(tasks)
        yield from (function(*task) for task in reversed(tasks))

    monkeypatch.setattr(distributed, "run_tasks", run_tasks)
    return sent


def tables(store_path):
    connection = sqlite3.connect(store_path)
    rows = {name: sorted(connection.execute(f"SELECT * FROM {name}")) for name in ("files", "content", "features")}
    connection.close()
    return rows


def fill(folder, path, *, features="fatal", elsewhere=False):
    (extractor,) = parse_features(features).extractors()
    with Store(path) as store:
        return extract_features(
            find_images(folder),
            extractor=extractor,
            store=store,
            max_pixels=PIXELS,
            elsewhere=Elsewhere(backend=BACKEND, features=features) if elsewhere else None,
        )


def copy_some(folder):
    """Add three copies, in batches of their own."""
    content = (folder / "0001.png").read_bytes()
    for name in ("0000a.png", "0050a.png", "zzzz.png"):
        (folder / name).write_bytes(content)


@pytest.mark.parametrize("features", ["fatal", "colour", "phash", "hog|grayscale"])
def test_the_same_store(tmp_path, at_once, features):
    folder = tmp_path / "pictures"
    write_images(folder, 70)
    copy_some(folder)
    write_odd_images(folder / "odd")
    here = fill(folder, tmp_path / "here" / "store", features=features)
    there = fill(folder, tmp_path / "there" / "store", features=features, elsewhere=True)
    assert tables(tmp_path / "here" / "store") == tables(tmp_path / "there" / "store")
    assert there.collection == here.collection
    assert there.features.fingerprint == here.features.fingerprint
    np.testing.assert_array_equal(there.features.vectors, here.features.vectors)


@pytest.mark.parametrize("n_images", [1, 2, 3, 32, 33])
def test_few(tmp_path, at_once, n_images):
    write_images(tmp_path / "pictures", n_images)
    fill(tmp_path / "pictures", tmp_path / "here")
    result = fill(tmp_path / "pictures", tmp_path / "there", elsewhere=True)
    assert len(result.collection) == n_images and len(at_once) == -(-n_images // 32)
    assert tables(tmp_path / "here") == tables(tmp_path / "there")


def test_all_the_same(tmp_path, at_once):
    (path,) = write_images(tmp_path / "pictures", 1)
    for number in range(40):
        (tmp_path / "pictures" / f"copy{number}.png").write_bytes(path.read_bytes())
    result = fill(tmp_path / "pictures", tmp_path / "there", elsewhere=True)
    assert len(result.collection) == 41 and len(tables(tmp_path / "there")["features"]) == 1


def test_only_what_is_missing_is_sent(tmp_path, at_once):
    write_images(tmp_path / "pictures", 40)
    fill(tmp_path / "pictures", tmp_path / "store", elsewhere=True)
    at_once.clear()
    fill(tmp_path / "pictures", tmp_path / "store", elsewhere=True)
    assert at_once == []
    (new,) = write_images(tmp_path / "pictures" / "new", 1, seed=1)
    fill(tmp_path / "pictures", tmp_path / "store", elsewhere=True)
    assert [[image.source for image in images] for _, images, _ in at_once] == [[new.resolve()]]


def test_every_batch_is_written_once_it_is_there(tmp_path, at_once, monkeypatch):
    write_images(tmp_path / "pictures", 100)
    written = []
    put_batch = Store.put_batch

    def put(store, extractor_id, entries):
        written.append([entry.hash for entry in entries if entry.vector is not None])
        put_batch(store, extractor_id, entries)

    monkeypatch.setattr(Store, "put_batch", put)
    fill(tmp_path / "pictures", tmp_path / "store", elsewhere=True)
    hashes = [key for batch in written for key in batch]
    assert len(hashes) == len(set(hashes)) == 100
    assert max(map(len, written)) == 32


def test_the_extractor_here_is_only_asked_its_name(tmp_path, at_once, monkeypatch):
    write_images(tmp_path / "pictures", 3)
    (extractor,) = parse_features("fatal").extractors()
    (other,) = parse_features("fatal(slow=true)").extractors()  # the workers', of the same id
    before = extractor.loads, extractor.seen
    with Store(tmp_path / "store") as store:
        elsewhere = Elsewhere(backend=BACKEND, features="fatal(slow=true)")
        extract_features(
            find_images(tmp_path / "pictures"), extractor=extractor, store=store, max_pixels=PIXELS, elsewhere=elsewhere
        )
    assert (extractor.loads, extractor.seen) == before
    assert other.loads >= 1


def test_vectors_that_are_none(tmp_path, at_once, monkeypatch):
    monkeypatch.setattr(FATAL.make, "__call__", lambda self, batch: np.full((len(batch), 12), np.nan, np.float32))
    write_images(tmp_path / "pictures", 3)
    for where in (True, False):
        with pytest.raises(Exception, match="no features can be worked out from it"):
            fill(tmp_path / "pictures", tmp_path / f"store{where}", elsewhere=where)
    assert tables(tmp_path / "storeTrue") == tables(tmp_path / "storeFalse")


def test_a_worker_with_another_extractor(tmp_path):
    write_images(tmp_path / "pictures", 1)
    images = find_images(tmp_path / "pictures").images
    wanted = order('fatal(called="fake-1-bf16")', extractor_id="fake-1")
    with pytest.raises(ExtractorError, match="vectors of fake-1-bf16, and those of fake-1 are wanted"):
        look_at((0,), images, wanted)


def test_a_worker_with_another_loader(tmp_path):
    with pytest.raises(ExtractorError, match=r"opens pictures with imgcluster.* and this computer with Pillow 1"):
        look_at((), (), order(loader="Pillow 1"))


def test_a_worker_that_lacks_something(monkeypatch):
    from imgcluster.extractors.extractor import Missing

    missing = Missing(sentence="The weights are not there.", command="pip install weights")
    monkeypatch.setattr(FATAL.make, "missing", lambda self: missing)
    with pytest.raises(ExtractorError, match="A worker cannot look at the pictures: The weights") as raised:
        look_at((), (), order())
    assert raised.value.hint == "pip install weights"


def test_workers_that_do_not_see_the_folder(tmp_path, monkeypatch):
    (path,) = write_images(tmp_path / "pictures", 1)

    def run_tasks(backend, function, tasks, *, cancel=None):
        tasks = list(tasks)
        away = path.rename(tmp_path / "away")
        results = [function(*task) for task in tasks]
        away.rename(path)
        yield from results

    monkeypatch.setattr(distributed, "run_tasks", run_tasks)
    with pytest.raises(BackendError, match=r"cannot read .*0000\.png, which is on this computer: it vanished"):
        fill(tmp_path / "pictures", tmp_path / "store", elsewhere=True)


def test_files_that_vanished_everywhere(tmp_path, at_once):
    paths = write_images(tmp_path / "pictures", 33)
    collection = find_images(tmp_path / "pictures")
    paths[32].unlink()
    (extractor,) = parse_features("fatal").extractors()
    with Store(tmp_path / "store") as store:
        elsewhere = Elsewhere(backend=BACKEND, features="fatal")
        result = extract_features(collection, extractor=extractor, store=store, elsewhere=elsewhere)
    assert [image.reason for image in result.collection.skipped] == ["it vanished meanwhile"]


def test_a_missing_package_of_the_worker(monkeypatch, tmp_path):
    pytest.importorskip("fsspec", reason="pip install -r requirements-cluster.txt")
    write_images(tmp_path / "pictures", 1)
    images = find_images(f"file://{Path(tmp_path / 'pictures').as_posix()}", remote=True).images
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(BackendError, match=r"A worker cannot read the pictures: .* needs the package fsspec"):
        look_at((0,), images, order())


@pytest.mark.parametrize("features", ["autoencoder", "network+autoencoder", "vectors=clip.npz"])
def test_what_other_machines_cannot_make(tmp_path, features):
    write_images(tmp_path / "pictures", 1)
    with Store(tmp_path / "store") as store, pytest.raises(ParameterError) as raised:
        embed_collection(
            find_images(tmp_path / "pictures"),
            parse_features(features),
            store=store,
            models=tmp_path,
            backend=BACKEND,
        )
    assert "--backend" in raised.value.hint


def test_several_extractors(tmp_path, at_once):
    write_images(tmp_path / "pictures", 40)
    options, results = parse_features("colour+phash:0.5|grayscale"), []
    for name, backend in (("here", None), ("there", BACKEND)):
        with Store(tmp_path / name) as store:
            results.append(
                embed_collection(
                    find_images(tmp_path / "pictures"), options, store=store, models=tmp_path, backend=backend
                )
            )
    assert tables(tmp_path / "here") == tables(tmp_path / "there")
    np.testing.assert_array_equal(results[0].features.vectors, results[1].features.vectors)


def test_stopped_and_continued(tmp_path, at_once, monkeypatch):
    write_images(tmp_path / "pictures", 70)
    looked_at = []

    def stopped(indices, images, order):
        if looked_at:
            raise Cancelled("Stopped.")
        looked_at.extend(indices)
        return look_at(indices, images, order)

    monkeypatch.setattr(distributed, "look_at", stopped)
    with pytest.raises(Cancelled):
        fill(tmp_path / "pictures", tmp_path / "store", elsewhere=True)
    monkeypatch.undo()
    monkeypatch.setitem(registry._KINDS, FATAL.name, FATAL)
    fill(tmp_path / "pictures", tmp_path / "store")
    fill(tmp_path / "pictures", tmp_path / "whole")
    assert tables(tmp_path / "store") == tables(tmp_path / "whole")
