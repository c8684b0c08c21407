import multiprocessing
import os
import sqlite3
import struct
import threading
from pathlib import Path

import numpy as np
import pytest

from imgcluster.errors import StoreError
from imgcluster.features import blobs
from imgcluster.features.store import Store, StoreEntry
from imgcluster.pictures.collection import ImageFile


def image(number, **changes):
    fields = {"path": f"{number}.jpg", "source": Path(f"/pictures/{number}.jpg"), "size": 10, "mtime_ns": number}
    return ImageFile(**fields | changes)


def entry(number, *, n_features=4):
    vector = np.arange(n_features, dtype=np.float32) + number / 3
    return StoreEntry(hash=f"{number:032x}", image=image(number), vector=vector, thumbnail=b"jpeg %d" % number)


def raw_rows(path, query):
    connection = sqlite3.connect(path)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def test_what_is_put_in_comes_out(store):
    entries = [entry(number) for number in range(100)]
    store.put_batch("fake-1", entries)
    hashes = store.hashes([image(number) for number in range(100)])
    assert hashes == [known.hash for known in entries]
    order = [hashes[index] for index in (3, 99, 3, 0)]
    expected = np.stack([entries[index].vector for index in (3, 99, 3, 0)])
    np.testing.assert_array_equal(store.vectors("fake-1", order), expected)
    assert store.thumbnails([*order, "unknown"]) == {key: entries[int(key, 16)].thumbnail for key in order}
    assert store.missing("fake-1", [hashes[0], "unknown", "unknown"]) == {"unknown"}
    assert store.missing("fake-2", hashes[:2]) == set(hashes[:2])


def test_vectors_are_plain_little_endian_floats(store):
    store.put_batch("fake-1", [entry(1)])
    ((blob,),) = raw_rows(store.path, "SELECT vector FROM features")
    assert blob == struct.pack("<4f", *(number + 1 / 3 for number in range(4)))
    assert raw_rows(store.path, "PRAGMA journal_mode") == [("wal",)]


def pixels(number):
    return StoreEntry(hash=f"{number:032x}", vector=np.array([0, 255, number, 7, 9], dtype=np.float32))


def test_whole_numbers_up_to_255_take_a_byte_each(store):
    store.put_batch("pixels-1", [pixels(number) for number in range(4)])
    rows = raw_rows(store.path, "SELECT n_features, vector FROM features ORDER BY hash")
    assert rows == [(5, bytes([0, 255, number, 7, 9])) for number in range(4)]
    hashes = [pixels(number).hash for number in (2, 0, 2)]
    assert store.missing("pixels-1", [*hashes, "unknown"]) == {"unknown"}
    vectors = store.vectors("pixels-1", hashes)
    assert vectors.dtype == np.float32
    np.testing.assert_array_equal(vectors, [pixels(number).vector for number in (2, 0, 2)])


def test_whole_numbers_that_an_earlier_version_wrote_as_floats(store):
    store.put_batch("pixels-1", [pixels(1), pixels(2)])
    connection = sqlite3.connect(store.path)
    connection.execute("UPDATE features SET vector = ? WHERE hash = ?", (pixels(1).vector.tobytes(), pixels(1).hash))
    connection.commit()
    connection.close()
    assert store.missing("pixels-1", [pixels(1).hash, pixels(2).hash]) == set()
    vectors = store.vectors("pixels-1", [pixels(2).hash, pixels(1).hash])
    np.testing.assert_array_equal(vectors, [pixels(2).vector, pixels(1).vector])


def test_many_vectors_are_mapped_from_a_file(store, monkeypatch):
    entries = [entry(number, n_features=700) for number in range(40)]
    store.put_batch("fake-1", entries)
    monkeypatch.setattr(blobs, "_MOST_IN_MEMORY", 100_000)
    vectors = store.vectors("fake-1", [each.hash for each in entries])
    store.close()
    assert isinstance(vectors, np.memmap)
    np.testing.assert_array_equal(vectors, [each.vector for each in entries])


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_no_room_for_that_file(store, monkeypatch):
    store.put_batch("fake-1", [entry(number, n_features=700) for number in range(40)])
    monkeypatch.setattr(blobs, "_MOST_IN_MEMORY", 100_000)
    monkeypatch.setattr(blobs.tempfile, "TemporaryFile", lambda **_: Path("/dev/full").open("wb"))  # noqa: SIM115
    hashes = [entry(number).hash for number in range(40)]
    with pytest.raises(StoreError, match="cannot be used: No space left") as caught:
        store.vectors("fake-1", hashes)
    assert "Make room" in caught.value.hint
    monkeypatch.undo()
    assert store.vectors("fake-1", hashes).shape == (40, 700)


@pytest.mark.parametrize(
    "changes",
    [
        {"size": 11},
        {"mtime_ns": 8},
        {"source": Path("/elsewhere/7.jpg")},
        {"member": "7.jpg"},
    ],
)
def test_another_file_has_no_hash(store, changes):
    store.put_batch("fake-1", [entry(7)])
    assert store.hashes([image(7), image(7, **changes)]) == [entry(7).hash, None]


def test_a_changed_file_has_only_its_new_hash(store):
    store.put_batch("fake-1", [entry(7)])
    changed = image(7, size=12)
    store.put_batch("fake-1", [StoreEntry(hash="new", image=changed)])
    assert store.hashes([image(7), changed]) == [None, "new"]


def test_names_that_are_not_text(store):
    odd = image(1, source=Path(os.fsdecode(b"/pictures/\xff'\n.jpg")))
    inside = image(1, source=Path("/pictures/a.zip"), member="b/\U0001f600.jpg")
    store.put_batch("fake-1", [StoreEntry(hash="a", image=odd), StoreEntry(hash="b", image=inside)])
    assert store.hashes([odd, inside]) == ["a", "b"]


def test_relative_and_absolute_paths_are_one(store, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    store.put_batch("fake-1", [StoreEntry(hash="a", image=image(1, source=Path("x.jpg")))])
    assert store.hashes([image(1, source=tmp_path / "x.jpg")]) == ["a"]


@pytest.mark.parametrize("vector", [[1.0, np.nan], [np.inf, 1.0], [[1.0, 2.0]]])
def test_nothing_of_a_batch_with_a_bad_vector_is_kept(store, vector):
    bad = StoreEntry(hash="bad", vector=np.array(vector, dtype=np.float32))
    with pytest.raises(ValueError, match="finite"):
        store.put_batch("fake-1", [entry(1), bad])
    assert store.missing("fake-1", [entry(1).hash, "bad"]) == {entry(1).hash, "bad"}


def test_a_vector_of_wrong_length_counts_as_missing(store):
    store.put_batch("fake-1", [entry(1), entry(2)])
    connection = sqlite3.connect(store.path)
    connection.execute("UPDATE features SET vector = x'0000' WHERE hash = ?", (entry(1).hash,))
    connection.commit()
    connection.close()
    assert store.missing("fake-1", [entry(1).hash, entry(2).hash]) == {entry(1).hash}
    with pytest.raises(StoreError, match="1 of 2"):
        store.vectors("fake-1", [entry(1).hash, entry(2).hash])


def test_no_keys_at_all(store):
    assert store.hashes([]) == []
    assert store.vectors("fake-1", []).shape[0] == 0
    assert store.thumbnails([]) == {}
    store.put_batch("fake-1", [])


def test_reasons_hold_for_one_loader(store):
    store.put_batch("fake-1", [StoreEntry(hash="a", reason="not a picture", loader="1.0")])
    assert store.reasons(["a", "b"], loader="1.0") == {"a": "not a picture"}
    assert store.reasons(["a"], loader="1.1") == {}


def test_rate(store):
    assert store.rate("fake-1") is None
    store.put_rate("fake-1", 80.0)
    store.put_rate("fake-1", 90.5)
    assert store.rate("fake-1") == 90.5


def test_it_is_there_after_closing(tmp_path):
    with Store(tmp_path / "s") as store:
        store.put_batch("fake-1", [entry(1)])
    with Store(tmp_path / "s") as store:
        assert store.notice is None
        np.testing.assert_array_equal(store.vectors("fake-1", [entry(1).hash])[0], entry(1).vector)


def test_many_threads(store):
    def work(first):
        for start in range(first, first + 100, 10):
            store.put_batch("fake-1", [entry(number) for number in range(start, start + 10)])
            store.missing("fake-1", [entry(start).hash])

    threads = [threading.Thread(target=work, args=(50 * index,)) for index in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.missing("fake-1", [entry(number).hash for number in range(300)]) == set()


def put_many(path, first, barrier):
    barrier.wait()
    with Store(path) as store:
        for start in range(first, first + 200, 10):
            store.put_batch("fake-1", [entry(number, n_features=1280) for number in range(start, start + 10)])
        assert store.notice is None


def test_processes_that_begin_one_store_in_the_same_moment(tmp_path):
    spawn = multiprocessing.get_context("spawn")
    barrier = spawn.Barrier(3)
    processes = [spawn.Process(target=put_many, args=(tmp_path / "s", 100 * index, barrier)) for index in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        assert process.exitcode == 0
    assert raw_rows(tmp_path / "s", "PRAGMA integrity_check") == [("ok",)]
    with Store(tmp_path / "s") as store:
        vectors = store.vectors("fake-1", [f"{number:032x}" for number in range(400)])
    np.testing.assert_array_equal(vectors, np.stack([entry(n, n_features=1280).vector for n in range(400)]))


def damage_format(path, version):
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {version}")
    connection.close()


def damage_foreign_database(path):
    path.unlink()
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE recipes (name TEXT)")
    connection.execute("PRAGMA user_version = 1")
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    "damage, words",
    [
        (lambda path: damage_format(path, -1), "older version"),
        (lambda path: damage_format(path, 99), "newer version"),
        (damage_foreign_database, "another program"),
        (lambda path: path.write_bytes(b"This is my shopping list. " * 1000), "damaged"),
        (lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]), "damaged"),
        (lambda path: path.write_bytes(path.read_bytes()[:50]), "damaged"),
        (lambda path: path.write_bytes(path.read_bytes()[:16384] + b"\xaa" * (path.stat().st_size - 16384)), "damaged"),
    ],
)
def test_what_cannot_be_trusted_is_set_aside(tmp_path, damage, words):
    path = tmp_path / "store.sqlite"
    with Store(path) as store:
        store.put_batch("fake-1", [entry(number, n_features=1280) for number in range(100)])
    damage(path)
    before = path.read_bytes()
    with Store(path) as store:
        assert store.hashes([image(1)]) == [None]  # damage further inside shows at the first look-up
        assert store.thumbnails([entry(1).hash]) == {}
        assert words in store.notice
        store.put_batch("fake-1", [entry(1)])
        (kept,) = tmp_path.glob("store.sqlite.set-aside-*[0-9]")
        assert kept.read_bytes() == before
        assert kept.name in store.notice
    with Store(path) as store:
        assert store.notice is None
        assert store.missing("fake-1", [entry(1).hash]) == set()


def test_an_empty_file_becomes_a_store(tmp_path):
    (tmp_path / "s").touch()
    with Store(tmp_path / "s") as store:
        assert store.notice is None
        store.put_batch("fake-1", [entry(1)])


def test_a_place_that_cannot_be_written_to(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be used") as caught:
        Store(tmp_path / "file" / "store.sqlite")
    assert "IMGCLUSTER_CACHE" in caught.value.hint


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError, match="may not be written to"):
        Store(tmp_path / "store.sqlite")


def test_a_full_disk(store):
    (pages,) = store._connection.execute("PRAGMA page_count").fetchone()
    store._connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreError, match="the disk is full"):
        store.put_batch("fake-1", [entry(number, n_features=1280) for number in range(50)])
    store._connection.execute("PRAGMA max_page_count = 1000000")
    store.put_batch("fake-1", [entry(1)])


def test_a_store_that_another_program_holds(store, monkeypatch):
    store._connection.execute("PRAGMA busy_timeout = 50")
    other = sqlite3.connect(store.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="locked"):
        store.put_batch("fake-1", [entry(1)])
    assert store.hashes([image(1)]) == [None]  # reading goes on
    other.execute("ROLLBACK")
    other.close()
    store.put_batch("fake-1", [entry(1)])
