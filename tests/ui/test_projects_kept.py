"""What was done stays with its project, whatever happens to the folder, the disk, or in another window."""

import gc
import shutil
import weakref
from dataclasses import fields, replace
from types import SimpleNamespace

import pytest
from fake_extractor import write_images
from listed_projects import forget_everything, open_menu, some_project

from imgcluster.editing.edits import Rename
from imgcluster.editing.history import History
from imgcluster.errors import FolderError
from imgcluster.keeping.projects.library import ProjectLibrary
from imgcluster.ui.project.grouped import Grouping
from imgcluster.ui.project.projects import change_project, forget_project, images_and_history, matched
from imgcluster.ui.project.saving import Writer, writer_of
from imgcluster.ui.project.source import folder_source

pytestmark = pytest.mark.usefixtures("few_clusters")

N_IMAGES = 24


@pytest.fixture
def photos(tmp_path):
    write_images(tmp_path / "photos", N_IMAGES)
    return tmp_path / "photos"


@pytest.fixture
def named(visit, photos):
    """A session in which the first of the groups of a folder has a name."""
    page = visit().group(photos)
    page.app.slider("n_clusters").set_value(3)
    return rename(page.run(), "dogs").run()


def rename(page, name):
    page.happen("strips", "clicked", {"cluster": 0, "edit": True})
    page.app.text_input("group-name").set_value(name)
    return page.click("Save name")


def again(visit, photos):
    """Group a folder in another start of the program."""
    return forget_everything(visit()).type_path(photos).go("groups").settle().settle()


def written(own_cache):
    writer_of(str(own_cache)).finish()


def only(kept):
    [summary] = kept.list()
    return kept.load(summary.id)


def test_pictures_that_are_away_for_a_day_lose_nothing(named, visit, kept, photos, own_cache):
    written(own_cache)
    before = only(kept)
    [edit] = before.history.edits
    away = [photos / before.paths[image] for image in edit.group]
    aside = photos.parent / "aside"
    aside.mkdir()
    for path in away:
        shutil.move(path, aside / path.name)
    page = again(visit, photos)
    written(own_cache)
    project = only(kept)
    assert project.n_images == N_IMAGES - len(away) and len(project.absent_paths) == len(away)
    assert project.history.n_done == 1 and "1 change does not fit these groups" in page.text
    for path in away:
        shutil.move(aside / path.name, path)
    again(visit, photos)
    written(own_cache)
    assert only(kept).history == before.history and only(kept).absent_paths == ()


def test_new_pictures_at_the_old_place_are_another_project(named, kept, visit, photos, tmp_path, own_cache):
    written(own_cache)
    project = only(kept)
    photos.rename(tmp_path / "2024")
    page = named.go("pictures").click("photos").settle()
    page.app.text_input("new_place").input(str(tmp_path / "2024"))
    page.run().settle().settle()
    write_images(photos, 12, seed=5)
    page = forget_everything(visit()).group(photos)
    written(own_cache)
    moved, new = sorted(kept.list(), key=lambda summary: summary.location)
    assert (moved.id, moved.location, moved.n_edits, moved.n_images) == (
        project.id,
        str(tmp_path / "2024"),
        1,
        N_IMAGES,
    )
    assert (new.location, new.n_edits, new.n_images) == (str(photos), 0, 12)
    assert page.address["c"] == new.id
    assert visit(c=new.id).app.header[0].value == "photos"


def grouping_of(n_images):
    """Return what was found of so many pictures, as far as a project asks for it."""
    paths, hashes = (tuple(text.format(image) for image in range(n_images)) for text in ("{}.png", "{:032x}"))
    known = {"collection": SimpleNamespace(paths=paths), "features": SimpleNamespace(hashes=hashes)}
    return Grouping(**dict.fromkeys(field.name for field in fields(Grouping)) | known)


def test_two_windows_that_know_other_pictures_of_one_folder(kept, tmp_path, own_cache):
    """What the older one draws and changes takes nothing from the newer one."""
    source = folder_source(tmp_path)
    newer, older = grouping_of(12), grouping_of(10)
    for window, edit in ((newer, Rename(group=(9, 10, 11), name="cats")), (older, Rename(group=(0, 1), name="dogs"))):
        project = matched(source, window)
        edits = (*project.history.edits, edit)
        change_project(source, **images_and_history(replace(project, history=History(edits=edits, n_done=len(edits)))))
    project = matched(source, newer)
    assert project.history.edits == (Rename(group=(9, 10, 11), name="cats"), Rename(group=(0, 1), name="dogs"))
    assert only(kept).n_images == 10 and only(kept).absent_hashes == newer.features.hashes[10:]
    assert matched(source, older) is matched(source, older)


def test_a_project_does_not_keep_the_grouping_that_it_was_matched_with(kept, tmp_path, own_cache):
    grouping = grouping_of(2)
    source, gone = folder_source(tmp_path), weakref.ref(grouping)
    before = matched(source, grouping)
    assert matched(source, grouping) is before and before.paths == ("0.png", "1.png")
    another = replace(grouping)
    del grouping
    gc.collect()
    assert gone() is None
    assert matched(source, another) == before


def test_what_another_window_deleted_does_not_come_back(named, kept, visit, photos, own_cache):
    other = visit()
    key = only(kept).id
    open_menu(other, key).click("Delete").click("Delete it")
    named.app.slider("n_clusters").set_value(5)
    named.run()
    written(own_cache)
    assert kept.list() == ()
    rename(named, "cats")
    assert 'The project "photos" was deleted in another window.' in named.text
    assert kept.list() == ()
    page = visit().type_path(photos).go("groups").settle()
    rename(page, "cats")
    assert [summary.n_edits for summary in kept.list()] == [1]


def test_a_disk_that_is_full_is_told_and_tried_again(named, kept, own_cache, monkeypatch):
    written(own_cache)
    full = FolderError("The disk is full.", hint="Make room.")

    def save(library, project):
        raise full

    with monkeypatch.context() as patch:
        patch.setattr(ProjectLibrary, "save", save)
        named.app.slider("n_clusters").set_value(5)  # saved a moment later
        named.run()
        written(own_cache)
        assert "The disk is full." in named.run().text
        named.click("Undo").run()
        assert "The disk is full." in named.text
    assert only(kept).history.n_done == 1 and only(kept).n_clusters == 3
    written(own_cache)
    assert only(kept).history.n_done == 0 and only(kept).n_clusters == 5
    assert "The disk is full." not in named.run().run().text


def test_who_saves_and_waits_hears_of_a_failure(tmp_path, monkeypatch):
    """Also where an earlier task of the queue has met it already."""
    writer, project = Writer(tmp_path), some_project()

    def save(library, project):
        raise FolderError("The disk is full.", hint="Make room.")

    monkeypatch.setattr(ProjectLibrary, "save", save)
    writer.save_soon(project)
    with pytest.raises(FolderError, match="full"):
        writer.save(project)
    assert writer.failure_of(project.id) is not None
    monkeypatch.undo()
    writer.finish()
    assert writer.failure_of(project.id) is None and ProjectLibrary(tmp_path).load(project.id).name == project.name


@pytest.mark.parametrize(
    ("way", "choices"),
    [
        ("hdbscan", {"chosen-min_cluster_size": 7}),
        ("dbscan", {"chosen-eps": 0.5, "min_samples": 3}),
        ("agglomerative", {"by": "similarity", "similarity": 70}),
    ],
)
def test_the_way_to_group_is_as_it_was_left(named, kept, visit, photos, own_cache, way, choices):
    named.app.session_state["way"] = way
    for key, value in choices.items():
        named.app.session_state[key] = value
    named.run().settle().settle()
    named.go("pictures")
    written(own_cache)
    key = only(kept).id
    for _ in range(2):
        assert only(kept).choices["way"] == way
        assert choices.items() <= only(kept).choices.items()
        forget_project(key)
        page = visit(c=key).go("groups").settle().settle()
        assert {name: page.app.session_state[name] for name in choices} == choices
        written(own_cache)
