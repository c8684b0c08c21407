"""The download: pieces in any order, twice, of a file that has gone, and whatever else a browser may ask for."""

import importlib
import json
import tracemalloc
from dataclasses import replace

import pytest

from imgcluster.ui.components.download import PIECE, Download
from imgcluster.ui.export.prepared import Prepared

downloads = importlib.import_module("imgcluster.ui.components.download")  # the package exports a function of that name

SIZE = 2 * PIECE + 5


@pytest.fixture
def prepared(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(bytes(range(256)) * (SIZE // 256) + b"12345"[: SIZE % 256])
    assert path.stat().st_size == SIZE
    return Prepared(path=path, size=SIZE, skipped=())


@pytest.fixture
def offered(prepared):
    return Download(read=prepared.read, size=SIZE, token="one", name="a.zip", mime="application/zip", label="Save")


@pytest.fixture
def ask(monkeypatch):
    """What is sent when the browser asks for a piece: the header, and the piece, None where there is none."""
    sent = []
    monkeypatch.setattr(downloads, "_component", lambda *, data, **rest: sent.append(data))

    def ask(offered, on_saved=lambda: None, **events):
        monkeypatch.setattr(downloads, "event", lambda key, name: events.get(name))
        downloads._serve.__wrapped__(offered, "save", on_saved)
        data = sent[-1]
        end = 4 + int.from_bytes(data[:4], "little")
        header = json.loads(data[4:end])
        return header, (data[end:] if header["sizes"] not in ([], [-1]) else None)

    return ask


def test_without_a_question_no_piece_is_sent(ask, offered):
    header, piece = ask(offered)
    assert (header["pieces"], header["size"], header["name"], piece) == (3, SIZE, "a.zip", None)
    assert "piece" not in header


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 1, 0, 2, 0)])
def test_pieces_in_any_order_make_the_file(ask, offered, prepared, order):
    pieces = {}
    for number in order:
        header, piece = ask(offered, want={"token": "one", "piece": number})
        assert header["piece"] == number and pieces.setdefault(number, piece) == piece
    assert b"".join(piece for _, piece in sorted(pieces.items())) == prepared.path.read_bytes()


@pytest.mark.parametrize(
    "want",
    [
        {"token": "two", "piece": 0},
        {"piece": 0},
        {"token": "one", "piece": 3},
        {"token": "one", "piece": -1},
        {"token": "one", "piece": True},
        {"token": "one", "piece": "0"},
        {"token": ["one"], "piece": 0},
        ["one", 0],
        "one",
        7,
    ],
    ids=str,
)
def test_what_makes_no_sense_gets_no_piece(ask, offered, want):
    header, piece = ask(offered, want=want)
    assert "piece" not in header and piece is None


def test_a_file_that_has_gone_or_was_cut_is_said_to_be_no_more(ask, offered, prepared):
    prepared.path.write_bytes(b"short")
    assert ask(offered, want={"token": "one", "piece": 0})[1] is None
    prepared.path.unlink()
    header, piece = ask(offered, want={"token": "one", "piece": 1})
    assert header["piece"] == 1 and header["sizes"] == [-1] and piece is None


def test_an_empty_file_has_no_pieces(ask, offered):
    header, _ = ask(replace(offered, size=0), want={"token": "one", "piece": 0})
    assert header["pieces"] == 0 and "piece" not in header


def test_only_when_this_file_was_saved_it_is_told_so(ask, offered, monkeypatch):
    saved, again = [], []
    monkeypatch.setattr(downloads.st, "rerun", lambda: again.append(1))
    for token in ("two", None, ["one"], 1):
        ask(offered, on_saved=lambda: saved.append(1), saved=token)
    assert not saved
    ask(offered, on_saved=lambda: saved.append(1), saved="one")
    assert saved == again == [1]


def test_memory_does_not_grow_with_the_file(ask, tmp_path):
    path, size = tmp_path / "large", 100 * PIECE
    with path.open("wb") as file:
        file.truncate(size)
    offered = Download(
        read=Prepared(path=path, size=size, skipped=()).read, size=size, token="x", name="x", mime="x/y", label="x"
    )
    tracemalloc.start()
    for number in (0, 50, 99):
        _, piece = ask(offered, want={"token": "x", "piece": number})
        assert len(piece) == PIECE
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 12 * PIECE
