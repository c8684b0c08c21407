"""What is loaded while somebody still reads what was found."""

import pytest
from fake_extractor import write_images

from imgcluster.errors import ExtractorError
from imgcluster.jobs import JobState
from imgcluster.ui.register import jobs


def ready():
    """The jobs that load the network."""
    return [job for key, job in jobs()._jobs.items() if key.split("/")[1] == "ready"]


def test_the_usual_network_is_loaded_before_start(visit, photos, network):
    page = visit().type_path(photos)
    assert network.loads == 1 and network.seen == 0
    assert "Start" in page.labels


@pytest.mark.usefixtures("few_clusters")
def test_nothing_is_loaded_for_pictures_that_are_known(visit, photos, network):
    visit().group(photos)
    jobs().forget("")
    network.loads = 0
    page = visit().type_path(photos)
    assert page.metrics["Pictures found"] == "150"
    assert network.loads == 0


@pytest.mark.usefixtures("few_clusters")
def test_looking_again_loads_it_for_new_pictures(visit, photos, network):
    visit().group(photos)
    page = visit().type_path(photos)
    before = network.loads
    write_images(photos / "new", 1, seed=1)
    page.click("Open").settle()
    assert page.metrics["Pictures found"] == "151"
    assert network.loads == before + 1


def test_nothing_is_loaded_where_something_else_counts_as_similar(visit, network):
    page = visit(c="dots", x="colour").settle()
    assert page.metrics["Pictures found"] == "600"
    assert network.loads == 0 and ready() == []


@pytest.mark.parametrize("lack", ["note", "missing"])
def test_start_decides_where_there_is_something_to_know_first(visit, photos, network, monkeypatch, lack):
    monkeypatch.setattr(network, lack, "Its weights are fetched first." if lack == "note" else lambda: _Lack())
    visit().type_path(photos)
    assert network.loads == 0


class _Lack:
    sentence, command = "It is not installed.", "pip install it"


def test_a_network_that_cannot_be_loaded_says_so_after_start(visit, photos, network, monkeypatch):
    def fail():
        raise ExtractorError("The weights are damaged.", hint="Install them again.")

    monkeypatch.setattr(network, "load", fail)
    page = visit().type_path(photos)
    assert [job.state for job in ready()] == [JobState.FAILED]
    assert "damaged" not in page.text and "Start" in page.labels
    page.click("Start").settle()
    assert "The weights are damaged" in page.text


def test_few_pictures_are_there_with_the_click(visit, photos, monkeypatch):
    monkeypatch.setattr("imgcluster.ui.background._SOON", 30)
    page = visit()
    page.app.text_input("folder_path").input(str(photos))
    assert page.run().metrics["Pictures found"] == "150"


def test_a_sample_that_is_seen_without_a_network_loads_none(visit, network):
    page = visit().click("Handwritten digits").settle()
    assert "Start" in page.labels and not ready()
    assert network.loads == 0
