"""The list of recent folders keeps its order and survives whatever is in its file."""

import pytest

from imgcluster.keeping.recents import MAX_RECENTS, Recent, load_recents, remember


def test_newest_first_and_once(tmp_path):
    for location in ("/a", "/b", "/a"):
        remember(tmp_path, Recent(location=location))
    assert [recent.location for recent in load_recents(tmp_path)] == ["/a", "/b"]


def test_figures_are_replaced(tmp_path):
    remember(tmp_path, Recent(location="/a", n_images=10, n_clusters=3))
    remember(tmp_path, Recent(location="/a", n_images=12, n_clusters=4))
    assert load_recents(tmp_path) == (Recent(location="/a", n_images=12, n_clusters=4),)


def test_list_is_bounded(tmp_path):
    for number in range(MAX_RECENTS + 5):
        remember(tmp_path, Recent(location=f"/{number}"))
    recents = load_recents(tmp_path)
    assert len(recents) == MAX_RECENTS
    assert recents[0].location == f"/{MAX_RECENTS + 4}"


@pytest.mark.parametrize("location", ["/photos/Ünïcode 📷", "/line\nbreak", "/bytes\udcff", '/quote"s'])
def test_any_name_comes_back(tmp_path, location):
    remember(tmp_path, Recent(location=location))
    assert load_recents(tmp_path)[0].location == location
    assert load_recents(tmp_path)[0].id.isalnum()


@pytest.mark.parametrize(
    "text", ["", "{", "[1]", '[{"location": 1}]', '[{"location": "/a"}]', "null", '{"a": 1}', "\xff"]
)
def test_damaged_file_is_an_empty_list(tmp_path, text):
    (tmp_path / "recents.json").write_text(text, encoding="latin-1")
    assert load_recents(tmp_path) == ()
    remember(tmp_path, Recent(location="/a"))
    assert len(load_recents(tmp_path)) == 1


def test_same_place_same_id():
    assert Recent(location="/a").id == Recent(location="/a", n_images=5).id != Recent(location="/b").id
