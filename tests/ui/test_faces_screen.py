"""Faces in the app: found in the background, opened as a source of their own, and led back to their photos."""

import shutil
import threading
from pathlib import Path

import pytest
from fake_extractor import write_images
from listed_projects import led_to_groups
from streamlit.testing.v1 import AppTest

from imgcluster.cache import Workspace
from imgcluster.faces.detecting import Face
from imgcluster.jobs import JobState
from imgcluster.ui import hosting
from imgcluster.ui.project.source import faces_source, folder_source
from imgcluster.ui.register import jobs

OFFER = """
import streamlit as st
from imgcluster.jobs import JobState
from imgcluster.ui.background import found_job, start_finding
from imgcluster.ui.faces import show_faces_offer
from imgcluster.ui.project.session import current_source, open_source
from imgcluster.ui.project.source import folder_source

if current_source() is None:
    open_source(folder_source({folder!r}))
source = current_source()
st.header(source.name)
scan = found_job(source) or start_finding(source)
scan.wait(20)
show_faces_offer(source, scan.result)
"""


class Detector:
    """One face in every picture, until told otherwise; waits where it is held."""

    def __init__(self):
        self.asked, self.n_faces = 0, 1
        self.free = threading.Event()
        self.free.set()

    def __call__(self, rgb, *, min_confidence):
        assert self.free.wait(20)
        self.asked += 1
        box = {"x": 2.0, "y": 2.0, "width": 8.0, "height": 8.0}
        return (Face(**box, confidence=0.95, left_eye=(4.0, 5.0), right_eye=(8.0, 5.0)),) * self.n_faces


@pytest.fixture
def detector(monkeypatch):
    fake = Detector()
    monkeypatch.setattr("imgcluster.faces.collecting.detect_faces", fake)
    yield fake
    fake.free.set()


@pytest.fixture
def photos(tmp_path):
    write_images(tmp_path / "photos", 30)
    return tmp_path / "photos"


@pytest.fixture
def offer(visit, photos, detector):
    """The offer alone, as the screen Pictures shows it."""

    def open_offer():
        page = visit()
        page.app = AppTest.from_string(OFFER.format(folder=str(photos)), default_timeout=30)
        return page.run()

    return open_offer


def album():
    (job,) = (job for key, job in jobs()._jobs.items() if "/faces/" in key)
    return job.result


def test_from_the_offer_to_the_faces(offer):
    page = offer()
    assert "30 pictures: a few seconds" in page.text
    page.click("Find the faces").settle()
    assert "30 faces in 30 of 30 pictures." in page.text
    page.click("Group the 30 faces").settle()
    assert page.app.header[0].value == "Faces in photos"
    assert "These are faces already." in page.text


def test_a_reload_finds_the_faces_again(offer, visit, few_clusters):
    offer().click("Find the faces").settle().click("Group the 30 faces").settle()
    path = album().path
    jobs().forget("")  # the program was started anew
    page = visit(c=folder_source(path).id).settle()
    assert "Faces in photos" in page.text and page.metrics["Pictures found"] == "30"
    page.click("Start").settle()
    if page.screen != "groups":
        page.go("groups").settle()
    again = visit(c=folder_source(path).id).settle()
    assert again.app.header[0].value == "Faces in photos"
    assert again.app.session_state["source"].kind == "faces"
    page = led_to_groups(visit().click("Faces in photos"))  # one of the projects
    assert "Faces in photos" in page.text


def test_faces_found_before_are_there_at_once(offer, detector):
    offer().click("Find the faces").settle()
    jobs().forget("")
    assert "Group the 30 faces" in offer().labels
    assert detector.asked == 30


def test_no_face_is_a_plain_answer(offer, detector):
    detector.n_faces = 0
    page = offer().click("Find the faces").settle()
    assert "No face was found in 30 pictures" in page.text
    assert not page.app.error and not [label for label in page.labels if label.startswith("Group")]


def test_stop_and_go_on(offer, detector):
    page = offer()
    detector.free.clear()
    page.click("Find the faces")
    assert "Cancel" in page.labels and "Find the faces" not in page.labels
    page.click("Cancel")
    detector.free.set()
    page.settle()
    assert "What was found is kept." in page.text
    page.click("Go on finding the faces").settle()
    assert "Group the 30 faces" in page.labels and detector.asked == 30


def test_what_cannot_be_read_or_has_no_face_is_listed(offer, photos, detector):
    page = offer()
    (photos / "0003.png").write_bytes(b"no longer a picture")
    page.click("Find the faces").settle()
    assert "29 faces in 29 of 29 pictures." in page.text
    assert page.app.expander[0].label == "1 picture that cannot be read"
    assert list(page.app.dataframe[0].value["File"]) == ["0003.png"]


def test_a_missing_package_is_said_with_the_command(offer, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    page = offer()
    (button,) = page.app.button
    assert button.disabled and "pip install mtcnn" in page.text


def test_a_fault_of_the_detector_is_one_sentence_and_can_be_tried_again(offer, monkeypatch, detector):
    def fail(rgb, *, min_confidence):
        raise MemoryError

    page = offer()
    with monkeypatch.context() as patch:
        patch.setattr("imgcluster.faces.collecting.detect_faces", fail)
        page.click("Find the faces").settle()
        assert len(page.app.error) == 1
    page.click("Find the faces").settle()
    assert "Group the 30 faces" in page.labels


@pytest.fixture
def large_view(offer, visit, few_clusters):
    """The large view of the first face."""

    def open_view():
        offer().click("Find the faces").settle()
        page = visit(c=folder_source(album().path).id).settle().click("Start").settle()
        page = page if page.screen == "groups" else page.go("groups").settle()
        page.app.session_state["open_picture"] = 0
        return page.run()

    return open_view


def test_a_face_leads_back_to_its_photo(large_view, photos):
    page = large_view()
    assert "From 0000.png" in page.text
    shutil.rmtree(photos)
    page.app.session_state["open_picture"] = 1
    page.run()
    assert "From 0001.png" in page.text and "it vanished meanwhile" in page.text


def test_faces_that_are_no_longer_kept(offer, visit, own_cache):
    offer().click("Find the faces").settle()
    path = album().path
    page = visit(c=folder_source(path).id)
    shutil.rmtree(own_cache / "faces")
    jobs().forget("")
    page.app.query_params["c"] = folder_source(path).id
    page.run().settle()
    assert "These faces are no longer kept" in page.text


def test_hosted_faces_of_an_upload_are_private(monkeypatch, tmp_path, own_cache):
    """They lie in the session's own place, with its bounds, and no address names them."""
    monkeypatch.setenv("IMGCLUSTER_HOSTED", "1")
    monkeypatch.setattr(hosting, "_session_directory", lambda: tmp_path)
    own, shared = faces_source(tmp_path / "faces" / "a" / "b.zip"), faces_source(own_cache / "faces" / "a" / "b.zip")
    assert hosting.workspace_of(own) == Workspace(tmp_path) and hosting.limits_of(own) is hosting.HOSTED
    assert hosting.workspace_of(shared) == Workspace.default() and hosting.limits_of(shared) is hosting.LOCAL
    job = jobs().start(f"{own.id}/found", lambda progress, cancel: None)
    job.wait(5)
    Path(own.location).parent.mkdir(parents=True)
    Path(own.location).touch()
    hosting._remove(tmp_path)
    assert jobs().get(f"{own.id}/found") is None and not tmp_path.exists() and job.state is JobState.DONE


def test_hosted_faces_have_no_address(monkeypatch, visit, tmp_path, offer):
    offer().click("Find the faces").settle()
    source = faces_source(album().path)
    page = visit()
    page.app.session_state["source"] = source
    assert page.run().settle().address["c"] == source.id
    monkeypatch.setenv("IMGCLUSTER_HOSTED", "1")
    assert "c" not in page.run().address
    assert visit(c=source.id).title == "Find the groups in your pictures"
    assert "Faces in photos" not in visit(c=source.id).text
