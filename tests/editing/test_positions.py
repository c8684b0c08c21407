"""Edits whose images are elsewhere, or are not there."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_edits import edits, labelings

from imgcluster.editing.edits import Hide, Lock, Merge, Move, Rename, Split
from imgcluster.editing.groups import groups_of
from imgcluster.editing.history import History, carried_out
from imgcluster.editing.positions import images_of_edit, renumbered

AWAY = np.array([-1, -1, 1, 0])


@pytest.mark.parametrize(
    ("edit", "left"),
    [
        (Rename(group=(0, 1), name="gone"), None),
        (Rename(group=(1, 2), name="kept"), Rename(group=(1,), name="kept")),
        (Merge(groups=((0,), (2, 3))), None),
        (Merge(groups=((0,), (2,), (3,))), Merge(groups=((1,), (0,)))),
        (Split(group=(0, 1, 2, 3), parts=((0, 1), (2,), (3,))), Split(group=(1, 0), parts=((1,), (0,)))),
        (Split(group=(0, 1, 2), parts=((0, 1), (2,))), None),
        (Move(images=(2,), target=(0, 1)), Move(images=(1,), target="new")),
        (Move(images=(2,), target=(0, 3)), Move(images=(1,), target=(0,))),
        (Move(images=(0,), target=None), None),
        (Lock(group=(0,)), None),
        (Hide(below=2), Hide(below=2)),
    ],
)
def test_what_is_left_of_an_edit(edit, left):
    assert renumbered(edit, AWAY) == left


@given(labelings(), st.data())
def test_there_and_back(labels, data):
    edit = data.draw(edits(groups_of(labels)))
    order = np.array(data.draw(st.permutations(range(len(labels)))), dtype=np.int64)
    if edit is not None:
        assert renumbered(renumbered(edit, order), np.argsort(order)) == edit
        known = {image for images in images_of_edit(edit) for image in images}
        moved = {image for images in images_of_edit(renumbered(edit, order)) for image in images}
        assert moved == {int(order[image]) for image in known}


def test_images_that_are_not_there_are_in_nobodys_way():
    """Of images 0 to 5 only the first four are there; the others wait in the history."""
    groups = groups_of(np.array([0, 0, 1, 1]))
    history = History(
        edits=(
            Rename(group=(0, 1, 4), name="dogs"),
            Lock(group=(4, 5)),
            Move(images=(2, 5), target=(0, 1, 4)),
            Rename(group=(5,), name="cats"),
        ),
        n_done=4,
    )
    outcome = carried_out(groups, history)
    assert outcome.groups.labels.tolist() == [0, 0, 0, 1] and outcome.groups.names[0] == "dogs"
    assert [step.done for step in outcome.steps] == [True, False, True, False]
    assert tuple(step.edit for step in outcome.steps) == history.edits
    assert "cats" in outcome.steps[3].said and "not there" in outcome.steps[3].said
