"""The screen Groups: slider, map, strips, shelf, large view; whatever the address or the folder may be."""

import re
import shutil
import threading

import numpy as np
import pytest
from fake_extractor import write_images
from PIL import Image

from imgcluster.jobs import JobState
from imgcluster.keeping.projects.library import ProjectLibrary
from imgcluster.maps.options import MapOptions
from imgcluster.ui.background import map_job
from imgcluster.ui.project.saving import writer_of
from imgcluster.ui.register import jobs

pytestmark = pytest.mark.usefixtures("few_clusters")

N_IMAGES, MOST = 150, 12  # as in conftest.py


@pytest.fixture
def groups(visit, photos):
    return visit().group(photos)


def state(page, name):
    return page.app.session_state.get(name, None)


def set_clusters(page, n_clusters):
    page.app.slider("n_clusters").set_value(n_clusters)
    return page.run()


def grouping_ended():
    return next(job for key, job in jobs()._jobs.items() if "/groups/" in key).wait(20)


def grouped():
    return next(job.result for key, job in jobs()._jobs.items() if "/groups/" in key)


def titles(page):
    """The bold line above the pictures of the shelf, None where the groups are there."""
    return page.app.markdown[-1].value if "Back to all groups" in page.labels else None


def test_without_pictures_it_says_what_to_do(visit):
    page = visit().go("groups")
    assert page.app.info[0].proto.title == "No pictures yet"
    assert [link.label for link in page.app.page_link] == ["Choose pictures"]


def test_before_the_start_it_says_what_to_do(visit, photos):
    page = visit().type_path(photos).go("groups")
    assert "not grouped yet" in page.app.info[0].proto.title
    assert [link.label for link in page.app.page_link] == ["Go to Pictures"]


def test_while_it_runs_it_shows_the_work(visit, photos, network):
    network.seconds_per_batch = 0.3
    page = visit().type_path(photos).click("Start").go("groups")
    assert page.labels == ["Cancel"]
    page.settle().settle()
    assert page.app.slider("n_clusters").value == 8


def test_first_sight(groups):
    assert groups.app.slider("n_clusters").value == 8
    assert (groups.app.slider("n_clusters").min, groups.app.slider("n_clusters").max) == (1, MOST)
    assert "150 pictures" in groups.text
    assert groups.address["k"] == "8"


def test_the_slider_is_in_the_address_and_remembered(groups, visit, own_cache, photos):
    set_clusters(groups, 12)
    assert groups.address["k"] == "12"
    writer_of(str(own_cache)).finish()
    kept = ProjectLibrary(own_cache).list()[0]
    assert (kept.n_clusters, kept.n_images, kept.location) == (12, N_IMAGES, str(photos))
    source = groups.address["c"]
    assert visit(c=source).go("groups").app.slider("n_clusters").value == 12
    assert visit(c=source, k="5").go("groups").app.slider("n_clusters").value == 5


def test_the_number_of_groups_stays_between_screens(groups):
    set_clusters(groups, 3).go("pictures").go("groups")
    assert groups.app.slider("n_clusters").value == 3


@pytest.mark.parametrize("k", ["nonsense", "", "-3", "0", "1e9", "99999999999999999999", "٣٣٣", "²", "3.5", "<b>"])
def test_nonsense_in_the_address_is_ignored(visit, groups, k):
    page = visit(c=groups.address["c"], k=k).go("groups").settle()
    assert 1 <= page.app.slider("n_clusters").value <= MOST


@pytest.mark.parametrize("c", ["", "nothing", "../../etc", "/etc/passwd", "<script>", "x" * 5000])
def test_an_unknown_source_is_none(visit, c):
    page = visit(c=c, k="12")
    assert page.screen == "pictures" and not page.app.header[0].value.startswith("x")
    assert page.go("groups").app.info[0].proto.title == "No pictures yet"
    assert "etc" not in page.text


def test_a_deep_link_to_a_sample_needs_no_start(visit):
    page = visit(c="dots", k="12").go("groups").settle().settle()
    assert page.app.slider("n_clusters").value == 12
    assert "600 pictures" in page.text


def test_after_a_restart_nothing_is_computed_again(visit, groups, network):
    source, seen = groups.address["c"], network.seen
    jobs().forget("")  # the program was ended and started again
    page = visit(c=source).go("groups").settle().settle()
    assert page.app.slider("n_clusters").value == 8
    assert network.seen == seen == N_IMAGES


def test_after_a_restart_a_folder_that_went_is_one_sentence(visit, groups, photos):
    source = groups.address["c"]
    jobs().forget("")
    shutil.rmtree(photos)
    page = visit(c=source).go("groups").settle()
    assert len(page.app.error) == 1 and "cannot be opened" in page.app.error[0].proto.title


def test_maps(groups):
    assert groups.app.segmented_control("map_method").value == "umap"
    groups.app.segmented_control("map_method").set_value("pca")
    groups.run()
    groups.go("pictures").go("groups")
    assert groups.app.segmented_control("map_method").value == "pca"


def test_a_first_sketch_is_shown_while_the_map_is_drawn(visit, photos, monkeypatch):
    drawn = threading.Event()

    def slow(space, plane, options, random_state, cancel):
        drawn.wait(20)
        return plane

    monkeypatch.setattr("imgcluster.maps.layout._umap", slow)
    page = visit().type_path(photos).click("Start")
    grouping_ended()
    page.run().go("groups")
    assert "a first sketch is shown" in page.text and page.app.slider
    drawn.set()
    page.settle()
    assert "a first sketch is shown" not in page.text


@pytest.mark.parametrize("error", [MemoryError(), ZeroDivisionError("by zero")])
def test_a_map_that_fails_says_so_and_the_groups_stay(visit, photos, monkeypatch, error):
    def failing(space, plane, options, random_state, cancel):
        raise error

    monkeypatch.setattr("imgcluster.maps.layout._umap", failing)
    monkeypatch.setattr("threading.excepthook", lambda args: None)
    page = visit().group(photos).settle()
    assert page.app.slider("n_clusters").value == 8
    assert page.app.error[0].proto.title
    key = next(key for key in jobs()._jobs if "/map/" in key)
    failed = jobs().get(key)
    page.run()
    assert jobs().get(key) is failed  # not tried for ever
    monkeypatch.setattr("imgcluster.maps.layout._umap", lambda space, plane, options, random_state, cancel: plane)
    page.click("Draw the detailed map").settle()
    assert not page.app.error


def test_show_all_pages_and_back(groups):
    set_clusters(groups, 2)
    largest = int((grouped().series[1] == 0).sum())
    groups.happen("strips", "clicked", {"cluster": 0})
    assert f"Group 1: {largest} pictures" in titles(groups)
    assert groups.app.pagination[0].num_pages == -(-largest // 60)
    groups.app.pagination[0].select(2)
    groups.run()
    assert groups.app.pagination[0].value == 2
    groups.click("Back to all groups")
    assert titles(groups) is None and not groups.app.pagination


def test_a_group_in_short(groups):
    set_clusters(groups, 2)
    groups.happen("strips", "clicked", {"cluster": 1})
    n_images = int((grouped().series[1] == 1).sum())
    assert "Group 2 in short" in [expander.label for expander in groups.app.expander]
    assert "The mean of" not in groups.text  # nothing is worked out that nobody looks at
    groups.app.session_state["in-short-1"] = True
    assert f"The mean of {n_images} pictures" in groups.run().text
    groups.app.slider("covering").set_value(12)
    groups.run()
    groups.happen("covering-pictures", "picked", int(np.flatnonzero(grouped().series[1] == 1)[0]))
    groups.click("Back to all groups")
    assert "Group 2 in short" not in [expander.label for expander in groups.app.expander]


def test_a_group_that_the_slider_took_away(groups):
    groups.happen("strips", "clicked", {"cluster": 7})
    assert "Group 8" in titles(groups)
    set_clusters(groups, 3)
    assert titles(groups) is None


def test_the_shown_group_follows_the_slider(groups):
    groups.happen("strips", "clicked", {"cluster": 0})
    for n_clusters in (4, 2):
        set_clusters(groups, n_clusters)
        assert f"Group 1: {int((grouped().series[n_clusters - 1] == 0).sum())} pictures" in titles(groups)


def test_a_selection_on_the_map_fills_the_shelf(groups):
    chosen = pack({3, 5, 70, 149}, N_IMAGES)
    groups.happen("map", "selected", chosen)
    assert titles(groups).startswith("**4 pictures selected**")
    assert state(groups, "selected") == (3, 5, 70, 149)
    set_clusters(groups, 3)
    assert titles(groups).startswith("**4 pictures selected**")
    groups.happen("map", "selected", pack(set(), N_IMAGES))
    assert titles(groups) is None


def test_a_picture_is_opened_and_closed(groups, photos):
    groups.happen("map", "picked", 7)
    assert state(groups, "marked") == (7,)
    assert re.search(r"16 × 12 pixels · PNG · 0\.\d KB", groups.text)
    assert "0007\\.png" in groups.text or "0007.png" in groups.text
    groups.happen("nearest", "picked", 0)  # not always among the nearest: then nothing happens
    groups.click("Show on the map")
    assert "pixels" not in groups.text
    assert len(state(groups, "marked")) == 1


def test_from_a_picture_to_what_is_similar(groups):
    groups.happen("map", "picked", 7)
    groups.click("Find similar")
    assert state(groups, "asked").image == 7 and "Similar pictures" in groups.text


def test_a_picture_whose_file_went_away(groups, photos):
    (photos / "0007.png").unlink()
    groups.happen("map", "picked", 7)
    assert len(groups.app.error) == 1
    assert "Show on the map" in groups.labels


def test_an_open_picture_of_another_folder_is_forgotten(groups, tmp_path):
    groups.happen("map", "picked", 7)
    groups.happen("map", "selected", pack({100, 149}, N_IMAGES))
    write_images(tmp_path / "other", 30)
    groups.go("pictures").group(tmp_path / "other")
    assert "pixels" not in groups.text and titles(groups) is None
    assert not state(groups, "selected") and not state(groups, "marked")


@pytest.mark.parametrize("event", [("map", "picked", 10**6), ("map", "selected", "%%%"), ("strips", "clicked", [1])])
def test_a_browser_can_send_anything(groups, event):
    groups.happen(*event)
    assert titles(groups) is None and "pixels" not in groups.text


def pack(indices, n_images):
    """Pack a selection as the browser does."""
    import base64

    import numpy as np

    return base64.b64encode(np.packbits(np.isin(np.arange(n_images), list(indices)), bitorder="little")).decode()


@pytest.mark.parametrize("n_images", [1, 2, 3, 5, 16])
def test_few_pictures(visit, tmp_path, n_images):
    write_images(tmp_path / "few", n_images)
    page = visit(k="12").group(tmp_path / "few")
    assert page.screen == "groups" and f"{n_images} picture" in page.text
    if n_images == 1:
        assert "n_clusters" not in [slider.key for slider in page.app.slider]
    else:
        assert page.app.slider("n_clusters").max == min(MOST, n_images)
        assert page.app.slider("n_clusters").value == min(8, n_images)
    for n_clusters in range(2, min(MOST, n_images) + 1):
        set_clusters(page, n_clusters)
    page.happen("map", "picked", 0)
    page.click("Show on the map")
    page.happen("strips", "clicked", {"cluster": 0})
    page.click("Back to all groups")


def test_more_groups_asked_for_than_there_are_pictures(visit, tmp_path):
    write_images(tmp_path / "few", 4)
    page = visit().group(tmp_path / "few")
    again = visit(c=page.address["c"], k="40").go("groups")
    assert again.app.slider("n_clusters").value == 4
    assert again.address["k"] == "4"


def test_pictures_that_are_all_the_same(visit, tmp_path):
    (tmp_path / "same").mkdir()
    for number in range(12):
        Image.new("RGB", (20, 20), "teal").save(tmp_path / "same" / f"{number}.png")
    page = visit().group(tmp_path / "same")
    assert page.screen == "groups" and "12 pictures" in page.text
    set_clusters(page, 3).happen("map", "picked", 5)


def test_the_work_on_a_map_is_not_repeated(groups):
    source = state(groups, "source")
    job = map_job(source, grouped().space, MapOptions())
    assert job.state is JobState.DONE
    set_clusters(groups, 5)
    assert map_job(source, grouped().space, MapOptions()) is job
