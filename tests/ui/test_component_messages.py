"""What Python sends to our components, and what it makes of their answers: a browser can send anything."""

import base64
import gzip
import importlib
import json
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from imgcluster.ui.components import MapEvents, StripEvent, StripRow, gallery, image_map, strips
from imgcluster.ui.components._shared import frame
from imgcluster.ui.components.map_colors import VALUE_COLORS, value_codes

# The package exports functions of the same names as some of its modules.
galleries, maps, thumbs = (
    importlib.import_module(f"imgcluster.ui.components.{name}") for name in ("gallery", "map", "thumbs")
)

ROW = StripRow(cluster=3, name="Dogs", color="#000000", size="2 pictures", indices=(5, 7), texts=("a", "b"))


@pytest.fixture
def browser_says(monkeypatch):
    """Let the browser have sent something: `browser_says(picked=3)`."""

    def say(**events):
        for module in (galleries, maps, thumbs):
            monkeypatch.setattr(module, "event", lambda key, name: events.get(name))

    return say


def bits(mask) -> str:
    return base64.b64encode(np.packbits(mask, bitorder="little").tobytes()).decode()


def test_a_frame_is_a_header_and_its_blobs():
    message = frame({"name": "Grüße"}, [b"abc", None, b"", b"z"])
    length = int.from_bytes(message[:4], "little")
    header = json.loads(message[4 : 4 + length])
    assert header == {"name": "Grüße", "sizes": [3, -1, 0, 1], "number": header["number"]}
    assert message[4 + length :] == b"abcz"


def test_no_frame_equals_one_before():
    assert frame({"name": "x"}) != frame({"name": "x"})


def test_a_frame_takes_names_that_are_not_unicode():
    assert b"?.png" in frame({"name": "\udc80.png"})


@pytest.mark.parametrize("n_images", [1, 7, 8, 9, 1000])
def test_a_selection_arrives(browser_says, n_images):
    mask = np.random.default_rng(0).random(n_images) < 0.5
    browser_says(selected=bits(mask), picked=0)
    expected = MapEvents(selected=tuple(np.flatnonzero(mask).tolist()), picked=0)
    assert maps._events("map", n_images) == expected


def test_an_emptied_selection_is_an_event(browser_says):
    browser_says(selected=bits(np.zeros(10, bool)))
    assert maps._events("map", 10) == MapEvents(selected=())


@pytest.mark.parametrize("selected", [5, "%%%", "ä", "AAAA", [1, 2], {"a": 1}, ""])
@pytest.mark.parametrize("picked", [-1, 10, "3", 1.0, True, None, [1]])
def test_nonsense_from_the_map_is_no_event(browser_says, selected, picked):
    browser_says(selected=selected, picked=picked)
    assert maps._events("map", 10) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([1, 0, 9], [1, 0, 9]),
        ([-1, 10, 10**30, 3], [3]),
        (["1", None, 2.0, True, [1], 4], [4]),
        ("123", []),
        (None, []),
        ([1] * 1000, [1] * 64),
    ],
)
def test_only_indices_of_the_collection_are_loaded(value, expected):
    assert thumbs._valid_indices(value, 10) == expected


@pytest.mark.parametrize("picked", [-1, 3, "5", True, 5.0, None, [5]])
def test_only_pictures_shown_can_be_picked(browser_says, picked):
    browser_says(picked=picked)
    assert galleries._picked("gallery", {1, 5, 7}) is None
    browser_says(picked=7)
    assert galleries._picked("gallery", {1, 5, 7}) == 7


@pytest.mark.parametrize(
    ("clicked", "expected"),
    [
        ({"cluster": 3, "index": 7}, StripEvent(cluster=3, index=7)),
        ({"cluster": 3}, StripEvent(cluster=3)),
        ({"cluster": 3, "index": 6}, None),
        ({"cluster": 4}, None),
        ({"cluster": [3]}, None),
        ({"cluster": 3, "index": [7]}, None),
        (3, None),
    ],
)
def test_only_what_a_strip_shows_can_be_clicked(browser_says, clicked, expected):
    browser_says(clicked=clicked)
    assert galleries._clicked("strips", {3: ROW}) == expected


@pytest.mark.parametrize(("labels", "noise"), [([0, 1, 1], ""), ([-1, 0, 1], ", 1 in no group")])
def test_the_map_describes_itself(labels, noise):
    assert maps._description(np.array(labels), 2) == "Map of 3 pictures in 2 groups" + noise
    assert maps._description(np.array([0]), 1) == "Map of 1 picture in 1 group"
    folders = maps._description(np.array([0, -1]), 1, dims=3, category="folder", unnamed="No folder")
    assert folders == "Map in 3-D of 2 pictures in 1 folder, 1 in no folder"


@pytest.mark.parametrize(
    ("coordinates", "labels", "names", "message"),
    [
        (np.zeros((3, 4)), [0, 0, 0], ["a"], "shape"),
        (np.zeros((3, 1)), [0, 0, 0], ["a"], "shape"),
        (np.zeros((3, 2)), [0, 0], ["a"], "shape"),
        (np.full((2, 2), np.nan), [0, 0], ["a"], "finite"),
        (np.zeros((2, 2)), [0, 1], ["a"], "expected -1 to 0"),
        (np.zeros((2, 2)), [0, 70_000], ["a"], "expected -1 to 0"),
        (np.zeros((2, 2)), [0, 0], ["a", "b"], "1 colors for 2 names"),
    ],
)
def test_what_cannot_be_drawn_is_refused(coordinates, labels, names, message):
    with pytest.raises(ValueError, match=message):
        image_map(coordinates, labels, key="map", collection="c", colors=["#000000"], names=names)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"colors": ["red"]}, '"red" is no colour'),
        ({"values": [1.0]}, r"values have shape \(1,\)"),
        ({"values": [1.0, np.inf]}, "finite"),
        ({"values": [1.0, 2.0], "colorscale": ["#000000"]}, "1 colours"),
        ({"colorscale": ["#000000", "#fff"]}, '"#fff" is no colour'),
        ({"dot_scale": 0}, "dot_scale is 0"),
        ({"dot_scale": float("nan")}, "dot_scale is nan"),
        ({"landmarks": [0, 2]}, "landmarks: 2 is none of the 2 images"),
        ({"landmarks": [-1]}, "landmarks: -1"),
    ],
)
def test_looks_that_cannot_be_drawn_are_refused(options, message):
    usual = {"colors": ["#000000"], "names": ["a"]}
    with pytest.raises(ValueError, match=message):
        image_map(np.zeros((2, 3)), [0, 0], key="map", collection="c", **usual | options)


def messages_of(monkeypatch, module, component: str) -> list:
    """The messages of a component from now on: header and blobs."""
    messages = []

    def note(*, data, **rest):
        head = 4 + int.from_bytes(data[:4], "little")
        messages.append((json.loads(data[4:head]), data[head:]))

    monkeypatch.setattr(module, component, note)
    return messages


@pytest.fixture
def sent(monkeypatch):
    return messages_of(monkeypatch, maps, "_component")


@pytest.fixture
def sent_strips(monkeypatch):
    return messages_of(monkeypatch, galleries, "_strips")


def test_numbers_colour_the_dots_and_labels_name_them(sent):
    usual = {"key": "map", "collection": "c", "colors": ["#112233", "#445566"], "names": ["a", "b"]}
    image_map(np.zeros((3, 2)), [1, 0, -1], **usual)
    image_map(np.zeros((3, 2)), [1, 0, -1], **usual, values=[5, np.nan, 7], landmarks=[2, 0, 2], dot_scale=2)
    (plain, _), (valued, blobs) = sent
    assert plain["sizes"][:2] == [6, -1]  # the labels are the colours
    assert plain["paints"][1:] == ["#112233", "#445566"] and plain["names"] == valued["names"] == ["No group", "a", "b"]
    assert valued["sizes"][:2] == [6, 6]
    assert np.frombuffer(blobs[:12], "<i2").tolist() == [1, 0, -1, 0, -1, 99]
    assert (valued["paints"][1], valued["paints"][-1]) == (VALUE_COLORS[0], VALUE_COLORS[-1])
    assert valued["landmarks"] == [2, 0] and valued["dotScale"] == 2
    assert plain["painted"] != valued["painted"]


def test_flat_and_solid_coordinates_of_the_same_bytes_have_different_names(sent):
    flat, solid = np.zeros((3, 2)), np.zeros((2, 3))
    for points in (flat, solid):
        image_map(points, [0] * len(points), key="map", collection="c", colors=["#000000"], names=["a"])
    assert sent[0][0]["layout"] != sent[1][0]["layout"]
    assert [header["dims"] for header, _ in sent] == [2, 3]


def test_a_sample_is_sent_with_the_coordinates_and_names_them(sent):
    usual = {"key": "map", "collection": "c", "colors": ["#000000"], "names": ["a"]}
    for sample in (None, [0, 2], [0, 1], [0, 1]):
        image_map(np.zeros((4, 2)), [0] * 4, **usual, sample=sample, besides=() if sample is None else [3])
    (whole, _), (first, blobs), (other, _), (again, _) = sent
    assert len({header["layout"] for header in (whole, first, other)}) == 3 and again["layout"] == other["layout"]
    assert [whole["sizes"][4], first["sizes"][4], again["sizes"][3:5]] == [-1, 8, [-1, -1]]
    start = sum(max(size, 0) for size in first["sizes"][:4])
    assert np.frombuffer(blobs[start : start + 8], "<i4").tolist() == [0, 2]
    assert whole["besides"] == [] and first["besides"] == [3]


@pytest.mark.parametrize(
    ("sample", "besides", "message"),
    [
        ([0, 3], (), "indices of the 3 images"),
        ([-1], (), "indices of the 3 images"),
        ([[0]], (), "indices of the 3 images"),
        ([1, 1], (), "twice"),
        ([0, 1], [1], "twice"),
        ([0], [1, 1], "twice"),
        ([0], [3], "besides: 3 is none of the 3 images"),
        (None, [1], "without a sample"),
        (None, np.array([0, 1]), "without a sample"),
    ],
)
def test_samples_that_cannot_be_drawn_are_refused(sample, besides, message):
    usual = {"key": "map", "collection": "c", "colors": ["#000000"], "names": ["a"]}
    with pytest.raises(ValueError, match=message):
        image_map(np.zeros((3, 2)), [0] * 3, **usual, sample=sample, besides=besides)


def test_strips_bring_pictures_once(monkeypatch, sent_strips):
    monkeypatch.setattr(thumbs.st, "session_state", {})
    for collection in ("c", "c", "d"):
        strips([ROW], key="strips", collection=collection, load=lambda indices: [b"jpeg", None][: len(indices)])
    strips([ROW], key="strips", collection="e")
    (first, blobs), (again, _), (other, _), (none, _) = sent_strips
    assert (first["brought"], first["sizes"], blobs) == ([5, 7], [4, -1], b"jpeg")
    assert (again["brought"], again["sizes"], other["brought"], none["brought"]) == ([], [], [5, 7], [])


def test_what_is_brought_along_is_no_more_than_one_request(monkeypatch):
    monkeypatch.setattr(thumbs.st, "session_state", {})
    assert thumbs.not_sent("c", range(100)) == list(range(64))
    assert thumbs.not_sent("c", [*range(60, 70), 65]) == list(range(64, 70))


def test_values_become_codes_in_their_order():
    values = np.random.default_rng(0).normal(size=500)
    values[::7] = np.nan
    codes, colors = value_codes(values, ["#000000", "#ff0000", "#ffffff"])
    assert codes.dtype == np.int16 and len(colors) == 100
    assert ((codes < 0) == np.isnan(values)).all()
    known = np.flatnonzero(codes >= 0)
    low, high = values[known].min(), values[known].max()
    for index in known:
        assert codes[index] == min(int((values[index] - low) / (high - low) * 100), 99)
    assert (colors[0], colors[-1]) == ("#000000", "#ffffff")
    reds = [int(color[1:3], 16) for color in colors]
    assert reds == sorted(reds) and colors[49][3:] in ("0000", "0505")


@pytest.mark.parametrize(("values", "codes"), [([3, 3], [50, 50]), ([np.nan], [-1]), ([], []), ([np.nan, 2], [-1, 50])])
def test_values_without_a_range(values, codes):
    assert value_codes(values, VALUE_COLORS)[0].tolist() == codes


def test_a_picture_cannot_stand_under_the_name_of_another():
    with pytest.raises(ValueError, match="different length"):
        gallery([1, 2], key="g", collection="c", texts=["a"], colors=["#000000"] * 2)
    with pytest.raises(ValueError, match="comes twice"):
        gallery([1, 1], key="g", collection="c", texts=["a", "b"], colors=["#000000"] * 2)
    with pytest.raises(ValueError, match="cluster comes twice"):
        strips([ROW, ROW], key="s", collection="c")


def test_scripts_write_no_html_and_fetch_nothing():
    for path in Path(maps.__file__).parent.glob("*.js"):
        script = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        for forbidden in ("innerHTML", "insertAdjacentHTML", "http:", "https:", "fetch("):
            assert forbidden not in script, (path.name, forbidden)


def test_plotly_is_sent_as_it_is_but_for_the_smoothing_of_its_canvases():
    sent, kept = gzip.decompress(maps._plotly()), (files("plotly") / "package_data" / "plotly.min.js").read_bytes()
    (before,) = maps._SMOOTH_CANVAS.findall(kept)  # another Plotly must be looked at
    assert sent == kept.replace(before, b"antialias:!1")
