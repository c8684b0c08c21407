"""Names that are given together: all of them or none, taken back at once, and carried over one by one."""

import numpy as np
import pytest

from imgcluster.editing.edits import Lock, Rename
from imgcluster.editing.groups import groups_of
from imgcluster.editing.history import History, carried_out, do, redo, undo
from imgcluster.errors import ParameterError

GROUPS = groups_of(np.repeat([0, 1, 2], 4))


def members(label):
    return tuple(GROUPS.members(label).tolist())


def together(*names):
    return tuple(Rename(group=members(label), name=name, with_previous=label > 0) for label, name in enumerate(names))


def test_they_are_one_step_back_and_forth():
    history = do(GROUPS, History(), Lock(group=members(2)))
    history = do(GROUPS, history, *together("A", "B", "C"))
    assert history.n_done == 4 and carried_out(GROUPS, history).groups.names == ("A", "B", "C")
    back = undo(history)
    assert back.n_done == 1 and redo(back) == history
    assert undo(back).n_done == 0 and redo(undo(back)).n_done == 1
    assert undo(undo(back)) == undo(back) and redo(history) == history


def test_another_edit_after_them_is_a_step_of_its_own():
    history = do(GROUPS, do(GROUPS, History(), *together("A", "B")), Lock(group=members(0)))
    assert undo(history).n_done == 2 and undo(undo(history)).n_done == 0


@pytest.mark.parametrize("names", [("A", "B", "A"), ("A", "A"), ("A" * 200, "B")])
def test_where_one_cannot_be_given_none_is(names):
    with pytest.raises(ParameterError):
        do(GROUPS, History(), *together(*names))


def test_each_finds_its_own_group_where_the_groups_are_others():
    history = do(GROUPS, History(), *together("A", "B", "C"))
    outcome = carried_out(groups_of(np.repeat([0, 1], [4, 8])), history)
    assert outcome.groups.names == ("A", "")
    assert [step.done for step in outcome.steps] == [True, False, False]


@pytest.mark.parametrize("n_done", range(4))
def test_a_history_that_begins_or_ends_amid_them_does_no_harm(n_done):
    history = History(edits=together("A", "B", "C")[1:] + together("A"), n_done=min(n_done, 3))
    assert 0 <= undo(history).n_done <= history.n_done <= redo(history).n_done <= 3
