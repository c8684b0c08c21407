"""What Python sends to the pictures side by side, and what it makes of the answers: a browser can send anything."""

import importlib
import json

import pytest

from imgcluster.ui.components import Side, SideAction, SideEvent, side_by_side

sides = importlib.import_module("imgcluster.ui.components.side_by_side")  # the package exports a function of that name

KEEP = SideAction(name="keep", label="Keep this one", key=" ", pressed=False)
LEFT = Side(index=3, content="aa", name="<b>left</b>.jpg", badge="Best", lines=("2 × 3 pixels",), actions=(KEEP,))
RIGHT = Side(index=7, content="bb", name="right.jpg")
USUAL = {"key": "pair", "scene": "1", "title": "Group 1 of 2", "label": "Copies"}


@pytest.fixture
def browser_says(monkeypatch):
    """Let the browser have sent something: `browser_says(did={"action": "next"})`."""

    def say(**events):
        monkeypatch.setattr(sides, "event", lambda key, name: events.get(name))

    say()
    return say


@pytest.fixture
def sent(monkeypatch, browser_says):
    """The messages: header, and the blobs after it."""
    messages = []

    def note(*, data, **rest):
        head = 4 + int.from_bytes(data[:4], "little")
        messages.append((json.loads(data[4:head]), data[head:]))

    monkeypatch.setattr(sides, "_component", note)
    monkeypatch.setattr(sides.st, "session_state", {})
    return messages


def load(index):
    return {3: b"large 3", 7: b"large seven", 8: None}[index]


def test_large_pictures_are_sent_once(sent):
    for _ in range(2):
        side_by_side([LEFT, RIGHT], load=load, **USUAL)
    (first, blobs), (second, nothing) = sent
    assert (first["sent"], first["sizes"], blobs) == (["aa", "bb"], [7, 11], b"large 3large seven")
    assert (second["sent"], second["sizes"], nothing) == ([], [], b"")
    assert first["sides"] == second["sides"]


def test_copies_with_the_same_content_are_sent_as_one(sent):
    twin = Side(index=7, content="aa", name="copy.jpg")
    side_by_side([LEFT, twin], load=load, **USUAL)
    assert sent[0][0]["sent"] == ["aa"]


def test_what_the_browser_lost_is_sent_again(sent, browser_says):
    side_by_side([LEFT, RIGHT], load=load, **USUAL)
    browser_says(need=["bb", "zz", 5, None])
    side_by_side([LEFT, RIGHT], load=load, **USUAL)
    assert sent[1][0]["sent"] == ["bb"] and sent[1][1] == b"large seven"


@pytest.mark.parametrize("need", ["bb", 5, {"a": 1}, None, [["bb"]]])
def test_nonsense_is_not_needed(sent, browser_says, need):
    side_by_side([LEFT, RIGHT], load=load, **USUAL)
    browser_says(need=need)
    side_by_side([LEFT, RIGHT], load=load, **USUAL)
    assert sent[1][0]["sent"] == []


def test_a_picture_that_cannot_be_shown_is_said_to_be_missing(sent):
    side_by_side([Side(index=8, content="cc", name="broken.jpg")], load=load, **USUAL)
    assert sent[0][0]["sizes"] == [-1]


def test_names_travel_as_text(sent):
    side_by_side([LEFT], load=load, **USUAL)
    assert sent[0][0]["sides"][0] == {
        "index": 3,
        "content": "aa",
        "name": "<b>left</b>.jpg",
        "badge": "Best",
        "lines": ["2 × 3 pixels"],
        "actions": [{"name": "keep", "label": "Keep this one", "key": " ", "pressed": False}],
    }


@pytest.mark.parametrize(
    ("did", "expected"),
    [
        ({"action": "next", "index": None}, SideEvent(action="next")),
        ({"action": "onward"}, SideEvent(action="onward")),
        ({"action": "previous"}, None),
        ({"action": "keep", "index": 3}, SideEvent(action="keep", index=3)),
        ({"action": "keep", "index": 7}, None),
        ({"action": "keep"}, None),
        ({"action": "next", "index": 3}, None),
        ({"action": "keep", "index": True}, None),
        ({"action": "keep", "index": 3.0}, None),
        ({"action": "keep", "index": "3"}, None),
        ({"action": ["keep"], "index": 3}, None),
        ({"action": "__class__", "index": 3}, None),
        ("keep", None),
        ([3], None),
        (None, None),
    ],
)
def test_only_what_is_offered_can_be_done(sent, browser_says, did, expected):
    browser_says(did=did)
    assert side_by_side([LEFT, RIGHT], load=load, moves=["next", "onward"], **USUAL) == expected


def test_what_cannot_be_shown_is_refused(sent):
    with pytest.raises(ValueError, match="comes twice"):
        side_by_side([LEFT, LEFT], load=load, **USUAL)
    with pytest.raises(ValueError, match="7 images"):
        side_by_side([Side(index=at, content="", name="") for at in range(7)], load=load, **USUAL)
    with pytest.raises(ValueError, match="sideways"):
        side_by_side([LEFT], load=load, moves=["sideways"], **USUAL)
