"""The groups on screens that have no controls for them: those that were shown, or those of the project."""

import shutil
import threading

import pytest
from edited_groups import set_clusters, state, stored

from imgcluster.ui import background

pytestmark = pytest.mark.usefixtures("few_clusters")


def choose(page, way):
    page.app.selectbox("way").set_value(way)
    return page.run().settle()


def steered_by_number(page):
    return set_clusters(page, 3)


def cut_by_similarity(page):
    page.app.selectbox("tree_linkage").set_value("average-cosine")
    page.run().settle()
    page.app.segmented_control("by").set_value("similarity")
    page.run()
    page.app.slider("similarity").set_value(60)
    return page.run()


def of_a_least_size(page):
    page.app.slider("min_cluster_size").set_value(3)
    page.app.toggle("assign_noise").set_value(True)
    return page.run()


def closer_than(page):
    page.app.number_input("min_samples").set_value(2)
    page.run().settle()
    page.app.slider("eps").set_value(page.app.slider("eps").max)
    return page.run()


@pytest.mark.parametrize(
    ("way", "steer"),
    [
        ("kmeans", steered_by_number),
        ("spherical", steered_by_number),
        ("agglomerative", steered_by_number),
        ("agglomerative", cut_by_similarity),
        ("hdbscan", of_a_least_size),
        ("dbscan", closer_than),
    ],
)
def test_after_a_reload_the_groups_are_those_of_the_project(visit, photos, monkeypatch, way, steer):
    page = steer(choose(visit().group(photos), way)).settle()
    _, shown = state(page, "shown_partition")
    taken = page.go("export").text
    assert shown.method == way and stored(page).choices["way"] == way
    again = visit(c=page.address["c"]).go("export").settle()
    assert state(again, "shown_partition") is None
    assert f"{shown.n_clusters} group" in again.text and shown.title in again.text
    assert again.text == taken
    for screen in ("find", "tidy"):
        assert not again.go(screen).settle().app.error


def test_another_folder_of_the_same_pictures_is_grouped_in_its_own_way(visit, photos, tmp_path):
    shutil.copytree(photos, tmp_path / "others")
    visit().group(tmp_path / "others")
    page = choose(visit().group(photos), "hdbscan")
    assert "HDBSCAN" in page.go("export").text
    page.go("pictures").type_path(tmp_path / "others")
    assert "KMeans, 8 groups" in page.go("export").text


def test_a_file_that_cannot_be_read_and_came_later_is_told(visit, photos):
    page = visit().group(photos)
    assert "could not be read" not in page.go("export").text
    (photos / "broken.png").write_bytes(b"no picture")
    page.go("pictures").type_path(f" {photos}")  # which is looked at once more
    assert "1 file could not be read" in page.go("export").settle().text


def test_while_the_groups_are_computed_that_is_shown(visit, photos, monkeypatch):
    page = choose(visit().group(photos), "hdbscan").go("pictures")
    shown, key = state(page, "shown_partition")[1], stored(page).id
    go_on, fit = threading.Event(), background.fit_clustering

    def waits(*args, **options):
        assert go_on.wait(20)
        return fit(*args, **options)

    background.jobs().forget(f"{key}/clustering/")  # as after a restart
    monkeypatch.setattr(background, "fit_clustering", waits)
    monkeypatch.setattr(background, "_PATIENCE", 0)
    again = visit(c=key).go("export")
    assert "Cancel" in again.labels and "Make the report" not in again.labels and not again.app.error
    go_on.set()
    assert "Make the report" in again.settle().labels and shown.title in again.text
