"""Projects whose pictures are elsewhere: sent as a file, or in a folder that has moved."""

import shutil

import pytest
import streamlit as st
from fake_extractor import write_images
from listed_projects import forget_everything, gone_back, led_to_groups, projects, readable, said, sent_file, upload

from imgcluster.editing.edits import Rename
from imgcluster.editing.history import History
from imgcluster.ui.project.projects import change_project
from imgcluster.ui.project.source import project_source

pytestmark = pytest.mark.usefixtures("few_clusters")

N_IMAGES = 24


@pytest.fixture
def photos(tmp_path):
    write_images(tmp_path / "photos", N_IMAGES)
    return tmp_path / "photos"


@pytest.fixture
def grouped(visit, photos, own_cache):
    """A session that has grouped the folder into 5, and gone back."""
    return gone_back(visit().group(photos), own_cache)


def test_a_sent_file_opens_without_its_pictures(grouped, kept, visit, photos, tmp_path, network):
    path = sent_file(kept, tmp_path / "sent.imgcluster")
    kept.delete(kept.list()[0].id)
    shutil.rmtree(photos)
    (kept.directory.parent / "store.sqlite").unlink()
    page = forget_everything(visit())
    led_to_groups(upload(page, path))
    assert page.app.slider("n_clusters").value == 5
    assert network.seen == N_IMAGES
    page.go("pictures")
    assert page.metrics == {"Pictures": str(N_IMAGES)} and "Somebody sent this project" in page.text
    assert projects(page) == ["photos"]
    assert len(kept.list()) == 1 and kept.list()[0].kind == "file"


def test_a_sent_project_finds_its_pictures(grouped, kept, visit, photos, tmp_path, network):
    path = sent_file(kept, tmp_path / "sent.imgcluster")
    key = kept.list()[0].id
    kept.delete(key)
    page = forget_everything(visit())
    led_to_groups(upload(page, path)).go("pictures")
    page.app.text_input("new_place").input(str(photos))
    page.run().settle().settle()
    assert f"{N_IMAGES} of {N_IMAGES} pictures are there." in said(page)
    found = kept.list()[0]
    assert (found.kind, found.location, found.n_images) == ("folder", str(photos), N_IMAGES)
    led_to_groups(page.click("See the groups"))
    assert page.app.slider("n_clusters").value == 5
    assert network.seen == N_IMAGES  # they are in the store by their content


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 not really", b"hello"], ids=["empty", "damaged", "text"])
def test_a_file_that_is_no_project_is_one_sentence(visit, kept, data):
    page = upload(visit(), data)
    assert len(page.app.error) == 1 and not page.metrics
    assert kept.list() == ()
    assert not page.run().app.error
    assert len(upload(page, data).app.error) == 1  # once more


def test_a_project_without_groups_asks_for_its_pictures(grouped, kept, visit, photos, tmp_path):
    path = sent_file(kept, tmp_path / "sent.imgcluster", with_parts=False)
    kept.delete(kept.list()[0].id)
    page = forget_everything(visit())
    upload(page, path).settle().settle()
    assert page.screen == "pictures" and len(page.app.error) == 1
    page.app.text_input("new_place").input(str(photos))
    page.run().settle().settle()
    assert f"{N_IMAGES} of {N_IMAGES} pictures are there." in said(page) and not page.app.error


def test_the_program_opens_the_file_that_it_is_started_with_once(grouped, kept, visit, tmp_path, monkeypatch):
    path = sent_file(kept, tmp_path / "sent.imgcluster")
    kept.delete(kept.list()[0].id)
    monkeypatch.setenv("IMGCLUSTER_OPEN", str(path))
    st.cache_resource.clear()  # as after a start
    assert "Your projects" not in visit(c="digits").text  # a page that was open before
    page = led_to_groups(visit())
    assert page.app.slider("n_clusters").value == 5
    assert len(kept.list()) == 1
    assert visit().screen == "pictures" and len(kept.list()) == 1


def test_a_file_that_is_not_there_at_the_start_is_one_sentence(visit, tmp_path, monkeypatch):
    monkeypatch.setenv("IMGCLUSTER_OPEN", str(tmp_path / "gone.imgcluster"))
    page = visit()
    assert len(page.app.error) == 1 and "gone" in page.app.error[0].proto.title


def moved(page, photos, to):
    photos.rename(to)
    return page.click("photos").settle()


def test_a_folder_that_has_moved_is_found_by_content(grouped, kept, photos, tmp_path, network):
    key = kept.list()[0].id
    history = History(edits=(Rename(group=(3,), name="the third"),), n_done=1)
    change_project(project_source(kept.list()[0]), history=history)
    page = moved(grouped, photos, tmp_path / "elsewhere")
    assert page.screen == "pictures" and len(page.app.error) == 1
    (tmp_path / "elsewhere" / "0003.png").rename(tmp_path / "elsewhere" / "9999.png")
    page.app.text_input("new_place").input(f'"{tmp_path / "elsewhere"}"')
    page.run().settle().settle()
    assert f"{N_IMAGES} of {N_IMAGES} pictures are there, 1 of them under another name." in said(page)
    found = kept.load(key)
    assert found.location == str(tmp_path / "elsewhere") and found.name == "photos"
    assert found.history.edits == (Rename(group=(N_IMAGES - 1,), name="the third"),)
    led_to_groups(page.click("See the groups"))
    assert network.seen == N_IMAGES
    page.go("pictures").type_path(tmp_path / "elsewhere")
    assert page.address["c"] == key  # the place leads to its project now


def test_nothing_of_it_found_changes_nothing(grouped, kept, photos, tmp_path):
    before = kept.load(kept.list()[0].id)
    write_images(tmp_path / "others", 3, seed=9)
    page = moved(grouped, photos, tmp_path / "elsewhere")
    page.app.text_input("new_place").input(str(tmp_path / "others"))
    page.run().settle().settle()
    assert f"None of the {N_IMAGES} pictures of this project is in" in readable(page.app.error[-1].proto.title)
    page.app.text_input("new_place").input(str(tmp_path / "nowhere"))
    page.run().settle().settle()
    assert "cannot be opened" in readable(page.app.error[-1].proto.title)
    page.app.text_input("new_place").input("~nosuchuser/x")
    page.run().settle().settle()
    assert "~nosuchuser/x cannot be opened" in readable(page.app.error[-1].proto.title)
    assert kept.load(before.id) == before


def test_little_of_it_found_is_asked_about(grouped, kept, photos, tmp_path):
    page = moved(grouped, photos, tmp_path / "elsewhere")
    for path in sorted((tmp_path / "elsewhere").iterdir())[4:]:
        path.unlink()
    page.app.text_input("new_place").input(str(tmp_path / "elsewhere"))
    page.run().settle().settle()
    found = f"4 of {N_IMAGES} pictures are there; {N_IMAGES - 4} are missing."
    assert readable(page.app.warning[0].proto.title) == found
    assert kept.list()[0].location == str(photos)
    page.click("Use this folder").settle().settle()
    assert found in said(page) and kept.list()[0].location == str(tmp_path / "elsewhere")
    assert kept.list()[0].n_images == 4


@pytest.mark.parametrize("typed", ["/nowhere", "~nosuchuser/x", '"~nosuchuser/x"', "a\0b"], ids=ascii)
def test_a_wrong_path_asks_for_no_other_place(visit, typed):
    page = visit().type_path(typed)
    assert len(page.app.error) == 1
    assert [field.label for field in page.app.text_input] == ["Folder or ZIP file"]
