"""What the user decided, and that it stays."""

import json
import threading

import pytest

from imgcluster.cache import clear_cache
from imgcluster.errors import StoreError
from imgcluster.keeping.decisions import (
    Decisions,
    add_fine,
    add_kept,
    add_not_same,
    images_to_keep,
    load_decisions,
    pairs_not_same,
    remove_fine,
    remove_kept,
    remove_not_same,
)


def test_nothing_is_decided_at_first(tmp_path):
    assert load_decisions(tmp_path / "not there") == Decisions()
    assert list(tmp_path.iterdir()) == []


def test_decisions_are_remembered_and_taken_back(tmp_path):
    folder = tmp_path / "new"
    add_not_same(folder, "b", "a")
    add_kept(folder, "c")
    add_fine(folder, "blurred", "d")
    expected = Decisions(not_same=frozenset({("a", "b")}), kept=frozenset({"c"}), fine=frozenset({("blurred", "d")}))
    assert load_decisions(folder) == expected
    assert add_not_same(folder, "a", "b") == add_not_same(folder, "a", "a") == expected
    assert add_kept(folder, "e", instead_of=["c", "e"]).kept == {"e"}
    remove_not_same(folder, "b", "a")
    remove_kept(folder, "e")
    assert remove_fine(folder, "blurred", "d") == load_decisions(folder) == Decisions()


def test_a_path_is_never_written_down(tmp_path):
    add_not_same(tmp_path, "0a", "0b")
    content = json.loads((tmp_path / "decisions.json").read_text())
    assert content == {"version": 1, "not_same": [["0a", "0b"]], "kept": [], "fine": []}
    assert [path.name for path in tmp_path.iterdir()] == ["decisions.json"]


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"version": 1}',
        b"\xff\xfe",
        b'{"version": 1, "not_same": [["a"]], "kept": [], "fine": []}',
        b'{"version": 0, "not_same": [], "kept": [], "fine": []}',
        b'{"version": 1, "not_same": [], "kept": "ab", "fine": []}',
        b"[" * 100_000,
    ],
)
def test_a_damaged_file_is_set_aside(tmp_path, damage):
    (tmp_path / "decisions.json").write_bytes(damage)
    assert load_decisions(tmp_path) == Decisions()
    (kept,) = tmp_path.glob("decisions.json.set-aside-*")
    assert kept.read_bytes() == damage
    add_kept(tmp_path, "a")
    assert load_decisions(tmp_path).kept == {"a"} and kept.exists()


def test_a_newer_file_is_left_alone(tmp_path):
    newer = b'{"version": 2, "not_same": []}'
    (tmp_path / "decisions.json").write_bytes(newer)
    with pytest.raises(StoreError, match="newer version"):
        add_kept(tmp_path, "a")
    assert (tmp_path / "decisions.json").read_bytes() == newer


def test_of_two_sessions_at_once_both_changes_stay(tmp_path):
    def decide(session):
        for number in range(20):
            add_not_same(tmp_path, f"{session}-{number}", "z")

    threads = [threading.Thread(target=decide, args=(session,)) for session in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(load_decisions(tmp_path).not_same) == 80


def test_a_write_that_fails_loses_nothing(tmp_path, monkeypatch):
    add_kept(tmp_path, "a")

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(StoreError, match="No space left"):
        add_kept(tmp_path, "b")
    monkeypatch.undo()
    assert load_decisions(tmp_path).kept == {"a"} and len(list(tmp_path.iterdir())) == 1


def test_clearing_the_cache_keeps_decisions(own_cache):
    add_kept(own_cache, "a")
    (own_cache / "store.sqlite").write_bytes(b"x")
    clear_cache()
    assert load_decisions(own_cache).kept == {"a"} and not (own_cache / "store.sqlite").exists()


def test_decisions_hold_for_a_collection_by_content():
    decisions = Decisions(not_same=frozenset({("a", "c"), ("b", "x")}), kept=frozenset({"b", "y"}))
    hashes = ["c", "b", "a", "a", "b"]
    assert pairs_not_same(decisions, hashes) == ((0, 2),)
    assert images_to_keep(decisions, hashes) == {1}
    assert pairs_not_same(decisions, []) == () and images_to_keep(decisions, []) == set()
