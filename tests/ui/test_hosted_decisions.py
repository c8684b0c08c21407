"""Hosted, what one visitor says of a sample's pictures is nothing to the others."""

import json
import sys

import pytest
from edited_groups import grouped

import imgcluster.ui.components.side_by_side  # noqa: F401
from imgcluster.cache import DECISIONS_FILE
from imgcluster.ui import hosting
from imgcluster.ui.groups.editing import misfits
from imgcluster.ui.groups.partition import kmeans_partition

pytestmark = pytest.mark.usefixtures("few_clusters")


@pytest.fixture
def visitor(visit, monkeypatch, tmp_path):
    """Be one visitor or another; AppTest has one session for all."""
    monkeypatch.setenv("IMGCLUSTER_HOSTED", "1")

    def come(name, screen):
        private = tmp_path / name
        private.mkdir(exist_ok=True)
        monkeypatch.setattr(hosting, "_session_directory", lambda: private)
        return visit(c="dots").settle().go(screen).settle()

    return come


@pytest.fixture(autouse=True)
def shown(monkeypatch):
    """What was shown side by side, the newest last."""
    headers = []

    def note(*, data, **rest):
        headers.append(json.loads(data[4 : 4 + int.from_bytes(data[:4], "little")]))

    monkeypatch.setattr(sys.modules["imgcluster.ui.components.side_by_side"], "_component", note)
    return headers


def number_of(page, beginning):
    tab = next(tab for tab in page.app.segmented_control("tidy-list").options if tab.startswith(beginning))
    return int(tab.removeprefix(beginning))


def test_what_is_fine_on_the_screen_tidy(visitor, own_cache, shown):
    first = visitor("first", "tidy")
    first.app.segmented_control("tidy-list").set_value("odd")
    n_odd = number_of(first.run(), "Odd ones ")
    first.happen("review-odd", "did", {"action": "fine", "index": shown[-1]["sides"][0]["index"]})
    assert number_of(first, "Odd ones ") == n_odd - 1
    assert number_of(visitor("second", "tidy"), "Odd ones ") == n_odd
    assert number_of(visitor("first", "tidy"), "Odd ones ") == n_odd - 1
    assert not (own_cache / DECISIONS_FILE).exists()


def test_what_one_said_leaves_out_nothing_for_another(visit, photos, monkeypatch):
    source = visit().group(photos).app.session_state["source"]
    grouping = grouped()
    partition = kmeans_partition(grouping, 8)

    def found(*confirmed):
        contents = frozenset(grouping.features.hashes[image] for image in confirmed)
        monkeypatch.setattr(misfits, "_confirmed", lambda source: contents)
        job = misfits._job(source, grouping, partition)
        assert job.wait(10)
        return {misfit.image for misfit in job.result}

    first, second, *_ = found()
    assert first not in found(first) and second in found(first)
    assert second not in found(second) and first in found(second)


def test_what_belongs_on_the_screen_groups(visitor, own_cache):
    first = visitor("first", "groups").click("May not belong").settle()
    first.click("It belongs").settle()
    assert "You said of 1 picture that it belongs." in first.text
    other = visitor("second", "groups").click("May not belong").settle()
    assert "You said of" not in other.text and "It belongs" in other.labels
    first.click("Ask again")
    assert "You said of" not in first.settle().text and not (own_cache / DECISIONS_FILE).exists()
