"""Changing the groups by hand on the screen Groups: nothing that was done is lost, and everything can be taken back."""

import re

import numpy as np
import pytest
from edited_groups import N_IMAGES, grouped, open_group, pack, rename, set_clusters, shown, state, stored

from imgcluster.editing.history import History
from imgcluster.errors import StoreError
from imgcluster.keeping.decisions import load_decisions

pytestmark = pytest.mark.usefixtures("few_clusters")

SCRIPT = "<img src=x onerror=alert(1)>"


@pytest.fixture
def groups(visit, photos):
    page = visit().group(photos)
    set_clusters(page, 4)
    return page.settle()


def test_a_name_is_kept_and_stays_text(groups, visit):
    rename(groups, 1, SCRIPT)
    assert shown(groups).names == ["Group 1", SCRIPT, "Group 3", "Group 4"]
    assert state(groups, "edited_group") is None  # the dialog has closed
    again = visit(c=groups.address["c"]).go("groups").settle()
    assert shown(again).name(1) == SCRIPT
    again.happen("strips", "clicked", {"cluster": 1})
    assert f"{SCRIPT}: " in again.text
    assert not any(re.search(r"(?<!\\)<img", str(each.value)) for each in again.app.markdown)


@pytest.mark.parametrize(("name", "problem"), [("Mine", "Another group is called"), ("Mine\u202e", "cannot be used")])
def test_a_name_that_cannot_be_is_said_in_the_dialog(groups, name, problem):
    rename(groups, 0, "Mine")
    open_group(groups, 1)
    groups.app.text_input("group-name").set_value(name)
    groups.click("Save name")
    assert problem in groups.text and groups.app.text_input("group-name").value == name
    assert shown(groups).names[1] == "Group 2"


def test_groups_are_merged(groups):
    before = shown(groups)
    groups.app.session_state["merge"] = True
    open_group(groups, 0)
    groups.app.session_state["merge"] = True
    groups.run()
    groups.app.multiselect("merge-with").set_value([1, 3])
    groups.run()
    n_images = int((before.labels != 2).sum())
    groups.click(f"Merge into one of {n_images} pictures").run()
    after = shown(groups)
    assert after.n_clusters == 2 and after.names == ["Group 1", "Group 3"]
    assert set(after.groups.members(0)) == set(np.flatnonzero(before.labels != 2))
    groups.click("Undo")
    assert (shown(groups).labels == before.labels).all()


@pytest.mark.parametrize("way", ["alike", "tree"])
def test_a_group_is_split_into_the_parts_that_were_shown(groups, way):
    before = shown(groups)
    open_group(groups, 0)
    groups.app.session_state["split"] = True
    groups.run()
    groups.app.segmented_control("split-way").set_value(way)
    groups.app.number_input("split-into-10").set_value(3)
    groups.run()
    said = next(line for line in groups.text.split("\n") if line.startswith("Parts of"))
    groups.click("Split into 3").run()
    after = shown(groups)
    assert after.n_clusters == 6
    sizes = sorted((int(after.groups.sizes[label]) for label in (0, 4, 5)), reverse=True)
    assert said == f"Parts of {sizes[0]}, {sizes[1]} and {sizes[2]} picture{'' if sizes[2] == 1 else 's'}"
    assert sum(sizes) == before.groups.sizes[0]


def test_a_locked_group_stays_whatever_the_number_of_groups(groups):
    rename(groups, 2, "Mine")
    members = set(shown(groups).groups.members(2))
    open_group(groups, 2).click("Lock").run()
    for n_clusters in (2, 9):
        set_clusters(groups, n_clusters)
        after = shown(groups)
        label = after.names.index("Mine")
        assert set(after.groups.members(label)) == members and after.groups.locked[label]
    open_group(groups, after.groups.numbers[label])
    assert groups.app.button[groups.labels.index("Dissolve")].disabled
    groups.click("Unlock").run()
    assert not any(shown(groups).groups.locked)


def test_a_dissolved_group_is_in_no_group(groups):
    before = shown(groups)
    groups.happen("strips", "clicked", {"cluster": 3})  # it is on the shelf, and goes
    groups.click("Edit group").click("Dissolve").run()
    assert shown(groups).n_noise == before.groups.sizes[3]
    assert "Back to all groups" not in groups.labels


def test_the_selection_on_the_map_is_moved(groups):
    groups.happen("map", "selected", pack({3, 5, 70, 149}))
    groups.app.selectbox("move_to").set_value("new")
    groups.run().click("Move")
    after = shown(groups)
    assert set(after.groups.members(4)) == {3, 5, 70, 149}
    groups.app.selectbox("move_to").set_value("none")
    groups.run().click("Move")
    assert (shown(groups).labels[[3, 5, 70, 149]] == -1).all()


def test_of_a_selection_only_the_marked_ones_are_moved(groups):
    groups.happen("map", "selected", pack({3, 5, 70, 149}))
    groups.app.toggle("choosing").set_value(True)
    groups.run().happen("gallery", "chosen", [5, 70])
    assert "Move 2 pictures to" in [box.label for box in groups.app.selectbox]
    groups.app.selectbox("move_to").set_value("new")
    groups.run().click("Move")
    assert set(shown(groups).groups.members(4)) == {5, 70}
    assert "Move 4 pictures to" in [box.label for box in groups.app.selectbox]


def test_pictures_of_a_group_are_chosen_page_by_page(groups):
    set_clusters(groups, 1).happen("strips", "clicked", {"cluster": 0})
    groups.app.toggle("choosing").set_value(True)
    groups.run().click("All on this page")
    groups.app.pagination[0].select(2)
    groups.run()
    first = [index for index in range(N_IMAGES) if index not in state(groups, "chosen_pictures")][:1]
    groups.happen("gallery", "chosen", first)  # where it is not on the second page, that is no choice
    n_chosen = len(state(groups, "chosen_pictures"))
    assert n_chosen in (60, 61)
    groups.app.selectbox("move_to").set_value("new")
    groups.run().click("Move")
    assert shown(groups).groups.sizes.tolist() == [N_IMAGES - n_chosen, n_chosen]


@pytest.mark.parametrize("value", [[10**6], ["x"], {"a": 1}, "x", [True]])
def test_a_browser_can_send_any_choice(groups, value):
    groups.happen("strips", "clicked", {"cluster": 0})
    groups.app.toggle("choosing").set_value(True)
    groups.run().happen("gallery", "chosen", value)
    assert not state(groups, "chosen_pictures")


def test_everything_is_undone_and_done_again(groups):
    before = shown(groups)
    rename(groups, 0, "Dogs")
    open_group(groups, 1).click("Lock").run()
    groups.happen("map", "selected", pack({0, 1}))
    groups.app.selectbox("move_to").set_value("new")
    groups.run().click("Move")
    changed = shown(groups)
    history = stored(groups).history
    n_done = history.n_done
    for _ in range(n_done):
        groups.click("Undo")
    assert stored(groups).history == History(edits=history.edits, n_done=0)
    assert (shown(groups).labels == before.labels).all() and shown(groups).names == before.names
    for _ in range(n_done):
        groups.click("Redo")
    assert (shown(groups).labels == changed.labels).all() and shown(groups).names == changed.names
    assert groups.app.button[groups.labels.index("Redo")].disabled


@pytest.mark.parametrize(("button", "undone"), [("Undo", ()), ("Redo", ("Undo",))])
def test_what_cannot_be_saved_is_said(groups, monkeypatch, button, undone):
    rename(groups, 0, "Dogs")
    for each in undone:
        groups.click(each)

    def fails(library, project):
        raise StoreError("The disk is full.", hint="Make room.")

    with monkeypatch.context() as full:
        full.setattr("imgcluster.keeping.projects.library.ProjectLibrary.save", fails)
        groups.click(button)
    assert "The disk is full." in groups.text


def test_the_history_can_be_read(groups):
    rename(groups, 0, "Dogs")
    rename(groups, 1, "Cats & <b>mice</b>")
    groups.click("Undo")
    groups.app.session_state["edit-history"] = True
    groups.run()
    lines = next(str(each.value) for each in groups.app.markdown if str(each.value).startswith("- "))
    assert [line.replace("\\", "") for line in lines.split("\n")] == [
        '- :gray[Named Group 2 "Cats & <b>mice</b>" (undone)]',
        '- Named Group 1 "Dogs"',
    ]
    help = groups.app.button[groups.labels.index("Undo")].help
    assert help.replace("\\", "") == 'Named Group 1 "Dogs"'


def test_changes_that_do_not_fit_are_said_and_hold_again(groups):
    set_clusters(groups, 12)
    smallest = int(shown(groups).groups.sizes.argmin())
    rename(groups, smallest, "Few")
    set_clusters(groups, 1)
    assert "1 change does not fit these groups" in groups.text
    groups.app.session_state["edit-history"] = True
    groups.run()
    assert 'Not done here: Name "Few"' in groups.text
    set_clusters(groups, 12)
    assert "does not fit" not in groups.text and "Few" in shown(groups).names


def test_small_groups_are_hidden_and_shown_again(groups):
    sizes = shown(groups).groups.sizes
    groups.app.number_input("hide-below-0").set_value(int(sizes.max()))
    groups.run()
    n_hidden = int((sizes < sizes.max()).sum())
    groups.click(f"Hide {n_hidden} group{'' if n_hidden == 1 else 's'}")
    assert f"{n_hidden} small group" in groups.text
    groups.click("Show all groups")
    assert "small group" not in groups.text and shown(groups).groups.hidden_below == 0


def test_a_picture_that_may_not_belong_is_moved_or_confirmed(groups, own_cache, monkeypatch):
    assert "May not belong" in groups.labels  # nothing was computed for a number
    groups.click("May not belong").settle()
    found = state(groups, "suspects").listed
    assert found and f"May not belong ({len(found)})" in groups.labels
    first = found[0]
    target = shown(groups).name(first.nearest)
    groups.click(f"Move to {target}")
    assert shown(groups).labels[first.image] == first.nearest
    assert f"May not belong ({len(found) - 1})" in groups.labels
    groups.click("It belongs")
    content = grouped().features.hashes[state(groups, "suspects").listed[1].image]
    assert ("belongs", content) in load_decisions(own_cache).fine
    assert f"May not belong ({len(found) - 2})" in groups.labels
    groups.click("Undo")
    assert f"May not belong ({len(found) - 1})" in groups.labels
    groups.click("Ask again").settle()
    assert load_decisions(own_cache).fine == frozenset()
    groups.click("Back to all groups")
    assert "It belongs" not in groups.labels


def test_groups_that_look_alike_are_merged(groups, monkeypatch):
    monkeypatch.setattr("imgcluster.editing.advice._LEAST_SIMILARITY", 0.0)
    groups.click("Look alike: merge?")
    merges = [button for button in groups.app.button if button.label == "Merge"]
    assert merges
    before = shown(groups).n_clusters
    merges[0].click()
    groups.run()
    assert shown(groups).n_clusters == before - 1


def test_a_move_of_the_slider_computes_no_advice(groups, monkeypatch):
    for name in ("alike.alike_groups", "misfits.may_not_belong", "misfits.fit_silhouettes"):
        monkeypatch.setattr(f"imgcluster.ui.groups.editing.{name}", lambda *args, **rest: pytest.fail("computed"))
    rename(groups, 0, "Dogs")
    for n_clusters in (5, 7, 3):
        set_clusters(groups, n_clusters)
