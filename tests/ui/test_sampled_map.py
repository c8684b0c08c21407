"""The map of more pictures than are drawn: which of them are, and what is said about it."""

import pytest

from imgcluster.finding.summary import summarize
from imgcluster.ui.groups import map_panel
from imgcluster.ui.register import jobs

pytestmark = pytest.mark.usefixtures("few_clusters")

N_IMAGES, LIMIT = 150, 60  # of the first see conftest.py
SAID = "About 60 of 150 pictures are drawn"


@pytest.fixture
def drawn(monkeypatch):
    """What the map is given, run by run."""
    calls = []
    monkeypatch.setattr(map_panel, "image_map", lambda coordinates, labels, **rest: calls.append({"of": labels} | rest))
    return calls


def captions(page) -> list[str]:
    return [caption.value for caption in page.app.caption]


def set_clusters(page, n_clusters):
    page.app.slider("n_clusters").set_value(n_clusters)
    return page.run()


def test_of_many_pictures_a_sample_is_drawn(visit, photos, monkeypatch, drawn):
    monkeypatch.setattr(map_panel, "MAX_DRAWN", LIMIT)
    page = visit().group(photos)
    page.app.session_state["selected"] = (3, 4, 5)
    set_clusters(page.settle(), 3)
    assert any(said.startswith(SAID) and "groups and counts are of all" in said for said in captions(page))
    three = drawn[-1]
    set_clusters(page, 7)
    seven = drawn[-1]
    assert len(seven["of"]) == N_IMAGES and len(seven["sample"]) == LIMIT
    assert seven["sample"] is three["sample"]
    grouping = next(job.result for key, job in jobs()._jobs.items() if "/groups/" in key)
    for call in (three, seven):
        medoids = summarize(grouping.space.coordinates, call["of"]).medoids
        assert {3, 4, 5, *medoids.tolist()} <= {*call["sample"].tolist(), *call["besides"]}
        assert not set(call["sample"]) & set(call["besides"])


def test_few_pictures_are_all_drawn(visit, photos, drawn):
    page = visit().group(photos).settle()
    assert drawn[-1]["sample"] is None and len(drawn[-1]["besides"]) == 0
    assert not any("are drawn" in said for said in captions(page))


def test_a_large_selection_is_not_drawn_besides(visit, photos, monkeypatch, drawn):
    monkeypatch.setattr(map_panel, "MAX_DRAWN", LIMIT)
    monkeypatch.setattr(map_panel, "_MOST_BESIDES", 10)
    page = visit().group(photos).settle()
    page.app.session_state["selected"] = tuple(range(100))
    page.run()
    assert len(drawn[-1]["besides"]) < 40 and drawn[-1]["selected"] == tuple(range(100))
