"""Images found again by their content in another place; and edits that go with them."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_edits import edits, labelings
from some_projects import some_history, some_project

from imgcluster.editing.edits import Rename
from imgcluster.editing.groups import groups_of
from imgcluster.editing.history import History, carried_out
from imgcluster.keeping.models.model_checks import WrongModel
from imgcluster.keeping.projects.history_file import history_to_arrays, read_history
from imgcluster.keeping.projects.matching import match_images, matched_project


def project(pairs):
    return some_project(
        len(pairs), paths=tuple(path for path, _ in pairs), hashes=tuple(key for _, key in pairs), history=History()
    )


def match(old, new):
    return match_images(project(old), [path for path, _ in new], [key for _, key in new])


def test_the_same_images_are_the_same():
    old = [("a", "1"), ("b", "2"), ("c", "1")]
    found = match(old, old)
    assert found.positions.tolist() == [0, 1, 2]
    assert found.sentence == "3 of 3 pictures are there."


def test_images_are_known_by_their_content():
    found = match([("a", "1"), ("b", "2"), ("c", "3")], [("x/c", "3"), ("b", "2"), ("x/a", "1"), ("n", "9")])
    assert found.positions.tolist() == [2, 1, 0]
    assert (found.n_found, found.n_renamed, found.n_changed, found.n_missing, found.n_new) == (3, 2, 0, 0, 1)
    assert found.sentence == "3 of 3 pictures are there, 2 of them under another name; 1 is new."


def test_copies_go_by_path_and_then_by_order():
    old = [("a", "1"), ("b", "1"), ("c", "1"), ("d", "1")]
    new = [("x", "1"), ("c", "1"), ("y", "1")]
    found = match(old, new)
    assert found.positions.tolist() == [0, 2, 1, -1]
    assert (found.n_found, found.n_renamed, found.n_missing, found.n_new) == (3, 2, 1, 0)


def test_another_content_under_the_same_path_is_another_picture():
    found = match([("a", "1"), ("b", "2"), ("c", "3")], [("a", "9"), ("b", "2")])
    assert found.positions.tolist() == [-1, 1, -1]
    assert (found.n_changed, found.n_missing, found.n_new) == (1, 1, 1)
    assert found.sentence == (
        "1 of 3 pictures is there; 1 is missing, 1 has another content under the same name and counts as a new picture."
    )


def test_exchanged_names_are_no_change():
    found = match([("a", "1"), ("b", "2")], [("a", "2"), ("b", "1")])
    assert found.positions.tolist() == [1, 0] and (found.n_renamed, found.n_changed, found.n_new) == (2, 0, 0)


@pytest.mark.parametrize(
    ("old", "new"), [([], []), ([], [("a", "1")]), ([("a", "1")], []), ([("a", "1")], [("a", "1")])]
)
def test_few_images_or_none(old, new):
    found = match(old, new)
    assert len(found.positions) == len(old) and found.sentence.endswith(".")


images = st.lists(
    st.tuples(st.sampled_from("abcdef"), st.sampled_from("123")), max_size=8, unique_by=lambda pair: pair[0]
)


@given(images, images)
def test_each_image_is_found_once_and_has_its_content(old, new):
    found = match(old, new)
    there = found.positions[found.positions >= 0]
    assert len(set(there.tolist())) == len(there) == found.n_found
    for index, position in enumerate(found.positions):
        assert position < 0 or new[position][1] == old[index][1]
    for content in "123":
        n_old, n_new = (sum(key == content for _, key in side) for side in (old, new))
        assert sum(old[index][1] == content for index in np.flatnonzero(found.positions >= 0)) == min(n_old, n_new)
    assert found.n_found + found.n_changed + found.n_missing == len(old)
    assert found.n_found + found.n_new == len(new) and found.n_changed <= found.n_new
    for index in np.flatnonzero(found.positions < 0):  # what keeps its path and its content is never given to another
        assert old[index] not in new


@st.composite
def histories(draw):
    """A history of any edits, those that cannot be done included, and the labels that it was made for."""
    labels = draw(labelings())
    drawn = [draw(edits(groups_of(labels))) for _ in range(draw(st.integers(0, 6)))]
    kept = tuple(edit for edit in drawn if edit is not None)
    return labels, History(edits=kept, n_done=draw(st.integers(0, len(kept))))


def project_of(labels, history):
    return some_project(len(labels), history=history)


def found_again(project, order):
    """Return the project with the images that are found now, in an order of their positions in all there are."""
    paths, hashes = (tuple(texts[image] for image in order) for texts in (all_paths(project), all_hashes(project)))
    return matched_project(project, match_images(project, paths, hashes), paths, hashes)


def all_paths(project):
    return project.paths + project.absent_paths


def all_hashes(project):
    return project.hashes + project.absent_hashes


@given(histories())
def test_where_nothing_changed_all_stays_as_it_is(given_):
    project = project_of(*given_)
    assert found_again(project, range(project.n_images)) == project


@given(histories(), st.data())
def test_images_that_go_and_come_back_change_nothing(given_, data):
    """Whatever was away, in whatever order: when all is there again, all edits are as they were."""
    project = before = project_of(*given_)
    for _ in range(2):
        left = data.draw(st.permutations(range(before.n_images)))[: data.draw(st.integers(0, before.n_images))]
        paths, there = tuple(before.paths[image] for image in left), tuple(before.hashes[image] for image in left)
        project = matched_project(project, match_images(project, paths, there), paths, there)
        assert len(project.history.edits) == len(before.history.edits)
        assert (project.hashes, project.n_images) == (there, len(there))
        labels = np.zeros(len(there), dtype=np.int64)
        carried_out(groups_of(labels), project.history)  # images that are not there are in nobody's way
        assert is_one_for_a_file(project) == is_one_for_a_file(before)
    assert matched_project(
        project, match_images(project, before.paths, before.hashes), before.paths, before.hashes
    ) == replace(before, absent_paths=(), absent_hashes=())


def is_one_for_a_file(project):
    """Whether the history makes sense, which not all that are drawn do; then it is read as it was written."""
    n_known = len(all_paths(project))
    try:
        header, arrays = history_to_arrays(project.history, n_known)
    except WrongModel:
        return False
    assert read_history(header, arrays, n_known) == project.history
    return True


@given(histories(), st.data())
def test_another_order_leads_to_the_same_groups(given_, data):
    labels, history = given_
    order = np.array(data.draw(st.permutations(range(len(labels)))), dtype=np.intp)
    moved = found_again(project_of(labels, history), order.tolist())
    before, after = carried_out(groups_of(labels), history), carried_out(groups_of(labels[order]), moved.history)
    assert [step.done for step in before.steps] == [step.done for step in after.steps]
    assert after.groups.labels.tolist() == before.groups.labels[order].tolist()
    assert (after.groups.names, after.groups.locked) == (before.groups.names, before.groups.locked)


def test_only_images_that_an_edit_is_about_are_kept_while_they_are_away():
    project = some_project(8, history=History(edits=(Rename(group=(0, 1, 2), name="dogs"),), n_done=1))
    away = found_again(project, [1, 5, 4])
    assert (away.paths, away.absent_paths) == (
        tuple(project.paths[image] for image in (1, 5, 4)),
        tuple(project.paths[image] for image in (0, 2)),
    )
    assert away.history.edits == (Rename(group=(3, 0, 4), name="dogs"),)


def test_another_content_under_the_name_of_an_absent_image():
    project = some_project(3, history=History(edits=(Rename(group=(0,), name="dog"),), n_done=1))
    hashes = ("f" * 32, *project.hashes[1:])
    away = matched_project(project, match_images(project, project.paths, hashes), project.paths, hashes)
    assert (away.absent_paths, away.absent_hashes) == (project.paths[:1], project.hashes[:1])
    assert away.history.edits == (Rename(group=(3,), name="dog"),)


def test_a_project_goes_with_its_images():
    old = some_project(12, history=some_history(12))
    paths, hashes = tuple(f"new/{path}" for path in old.paths[::-1]), old.hashes[::-1]
    found = match_images(old, paths, hashes)
    moved = matched_project(old, found, paths, hashes)
    assert (moved.paths, moved.hashes, moved.name) == (paths, hashes, old.name)
    assert moved.history.edits[0].group == (11, 10, 9, 8, 7, 6) and moved.history.n_done == old.history.n_done
