"""Any sequence of edits: undone it is as if nothing had been; the groups stay a partition; locks hold."""

import contextlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_edits import any_edits, edits, labelings

from imgcluster.editing.edits import Hide, Lock, Merge, Move, Rename, Split, apply
from imgcluster.editing.groups import Groups, groups_of
from imgcluster.editing.history import History, carried_out, do, redo, undo
from imgcluster.errors import ParameterError


def same(first: Groups, second: Groups) -> bool:
    rest = ("numbers", "names", "locked", "hidden_below")
    return np.array_equal(first.labels, second.labels) and all(
        getattr(first, name) == getattr(second, name) for name in rest
    )


def check(groups: Groups, n_images: int) -> None:
    assert groups.labels.shape == (n_images,) and not groups.labels.flags.writeable
    assert sorted({*groups.labels.tolist()} - {-1}) == list(range(groups.n_groups))
    assert len({*groups.numbers}) == len(groups.names) == len(groups.locked) == groups.n_groups
    titles = [groups.title(label).casefold() for label in range(-1, groups.n_groups)]
    assert len({*titles}) == len(titles)


@given(labelings(), st.data())
def test_as_many_undos_as_edits_give_the_start_and_as_many_redos_the_end(labels, data):
    start = groups_of(labels)
    history, states = History(), [start]
    for _ in range(data.draw(st.integers(0, 12))):
        edit = data.draw(edits(states[-1]))
        if edit is None:
            break
        with contextlib.suppress(ParameterError):
            history = do(states[-1], history, edit)
            outcome = carried_out(start, history)
            assert not outcome.lost
            states.append(outcome.groups)
            check(states[-1], len(labels))
    for expected in reversed(states[:-1]):
        assert history.can_undo
        history = undo(history)
        assert same(carried_out(start, history).groups, expected)
    assert not history.can_undo and same(undo(history) and states[0], start)
    for expected in states[1:]:
        assert history.can_redo
        history = redo(history)
        assert same(carried_out(start, history).groups, expected)
    assert not history.can_redo


@given(labelings(), labelings(), st.data())
def test_locked_groups_stay_whatever_else_is_done_and_however_the_others_are_found(labels, others, data):
    start = groups_of(labels)
    if start.n_groups == 0:
        return
    locked = start.members(data.draw(st.integers(0, start.n_groups - 1)))
    history = do(start, History(), Lock(group=tuple(locked.tolist())))
    for _ in range(data.draw(st.integers(0, 8))):
        groups = carried_out(start, history).groups
        edit = data.draw(edits(groups))
        if isinstance(edit, Lock):
            continue
        with contextlib.suppress(ParameterError):
            history = do(groups, history, edit)
    anew = groups_of(np.zeros(len(labels)) if len(others) != len(labels) else others)
    for base in (start, anew):
        groups = carried_out(base, history).groups
        check(groups, len(labels))
        label = groups.labels[locked[0]]
        np.testing.assert_array_equal(groups.members(label), locked)
        assert groups.locked[label]


def test_edits_are_carried_over_to_another_number_of_groups_and_what_cannot_be_is_said():
    four = groups_of(np.repeat([0, 1, 2, 3], 5))
    history = History()
    for edit in (
        Rename(group=tuple(range(5)), name="Dogs"),
        Rename(group=tuple(range(10, 15)), name="Ships"),
        Move(images=(19,), target=tuple(range(5))),
    ):
        history = do(carried_out(four, history).groups, history, edit)
    two = groups_of(np.repeat([0, 1], [5, 15]))
    outcome = carried_out(two, history)
    assert outcome.groups.names == ("Dogs", "") and outcome.groups.labels[19] == 0
    assert [step.said for step in outcome.lost] == [
        'Name "Ships": the group of 5 pictures that this was done to is not there.'
    ]
    assert carried_out(four, history).groups.names == ("Dogs", "", "Ships", "")  # back again: nothing was dropped


def test_a_group_that_was_named_and_then_locked_keeps_its_name_however_the_others_are_found():
    groups = groups_of(np.array([0, 0, 1, 1, 2, 2]))
    history = do(groups, History(), Rename(group=(0, 1), name="Dogs"))
    history = do(carried_out(groups, history).groups, history, Lock(group=(0, 1)))
    outcome = carried_out(groups_of(np.zeros(6)), history)
    assert sorted(outcome.groups.names) == ["", "Dogs"] and not outcome.lost
    np.testing.assert_array_equal(outcome.groups.members(outcome.groups.names.index("Dogs")), [0, 1])


def done_in_four(*edits):
    """Return a history of edits that were done to four groups of 50 images, of which A is the first."""
    history = History()
    for edit in edits:
        history = do(carried_out(FOUR, history).groups, history, edit)
    return history


FOUR, TWO = (groups_of(np.repeat(np.arange(n), 200 // n)) for n in (4, 2))
A, B = tuple(range(50)), tuple(range(50, 100))


@pytest.mark.parametrize(
    ("edits", "name"),
    [
        ((Rename(group=A, name="Dogs"), Lock(group=A), Rename(group=A, name="Wolves")), "Wolves"),
        ((Rename(group=A, name="Dogs"), Lock(group=A), Rename(group=A, name="")), ""),
        (
            (
                Rename(group=A, name="Dogs"),
                Lock(group=A),
                Rename(group=A, name="Wolves"),
                Rename(group=A, name=""),
            ),
            "",
        ),
        ((Rename(group=A, name="Dogs"), Rename(group=A, name="Wolves"), Lock(group=A)), "Wolves"),
        ((Rename(group=A, name="Dogs"), Rename(group=A, name=""), Lock(group=A)), ""),
        (
            (
                Rename(group=A, name="Dogs"),
                Rename(group=A, name="Wolves"),
                Rename(group=B, name="Dogs"),
                Rename(group=B, name="Cats"),
                Lock(group=A),
                Lock(group=B),
            ),
            "Wolves",
        ),
        (
            (
                Rename(group=A, name="Dogs"),
                Lock(group=A),
                Lock(group=A, locked=False),
                Merge(groups=(A, B)),
            ),
            "Dogs",
        ),
    ],
)
def test_of_the_names_of_a_group_the_last_holds_however_the_others_are_found(edits, name):
    history = done_in_four(*edits)
    members = []
    for outcome in (carried_out(FOUR, history), carried_out(TWO, history)):
        label = int(outcome.groups.labels[0])
        assert outcome.groups.names[label] == name and not outcome.lost
        members.append(outcome.groups.members(label).tolist())
    assert members[0] == members[1]


def test_a_name_that_waited_does_not_take_the_place_of_a_later_one():
    """The group of 5 is there when its name has been changed already, as that of a group of 10."""
    five, ten = tuple(range(5)), tuple(range(10))
    edits = (
        Rename(group=five, name="Dogs"),
        Move(images=ten[5:], target=five),
        Rename(group=ten, name="Wolves"),
        Move(images=ten[5:], target="new"),
    )
    history = History(edits=edits, n_done=4)
    outcome = carried_out(groups_of(np.repeat([0, 1], 10)), history)
    assert outcome.groups.names[outcome.groups.labels[0]] == "Wolves"
    assert [step.said for step in outcome.lost] == [
        'Name "Dogs": the group of 5 pictures that this was done to is not there.',
        "Move 5 pictures to a group of 5 pictures: the group of 5 pictures that this was done to is not there.",
    ]


def test_what_was_found_with_a_locked_group_is_a_group_of_its_own():
    locked = (*range(55), *range(100, 105))
    groups = groups_of(np.repeat([0, 1], [100, 50]))
    edits = (Rename(group=tuple(range(55)), name="Dogs"), Lock(group=locked))
    outcome = carried_out(groups, History(edits=edits, n_done=2))
    assert outcome.steps[1].said == "Locked Dogs; 45 other pictures that had come to it are now Group 3"
    check(outcome.groups, 150)
    assert (outcome.groups.labels >= 0).all()
    held, rest = (outcome.groups.members(int(outcome.groups.labels[image])).tolist() for image in (0, 99))
    assert tuple(held) == locked and rest == list(range(55, 100))
    assert [outcome.groups.locked[int(outcome.groups.labels[image])] for image in (0, 99, 149)] == [True, False, False]


@given(labelings(), st.data())
def test_whatever_an_edit_names_the_groups_stay_a_partition(labels, data):
    groups = groups_of(labels)
    for _ in range(data.draw(st.integers(1, 8))):
        with contextlib.suppress(ParameterError):
            groups, said = apply(groups, data.draw(any_edits(len(labels))))
            assert said
        check(groups, len(labels))


def test_parts_that_overlap_and_images_named_twice_count_once():
    groups = groups_of(np.array([0, 0, 0, 0, 1, 1]))
    split, said = apply(groups, Split(group=(0, 1, 2, 3), parts=((0, 1, 1), (1, 2), (2, 2), (1, 0))))
    assert split.labels.tolist() == [0, 0, 2, 0, 1, 1] and said == "Split Group 1 into 2"
    _, said = apply(groups, Move(images=(0, 0, 0), target="new"))
    assert said == "Moved 1 picture from Group 1 to a new group, Group 3"
    assert apply(groups, Lock(group=(0, 0, 1, 1, 2, 3)))[0].locked == (True, False)


@pytest.mark.parametrize(
    ("edit", "beginning"),
    [
        (Rename(group=(0, 2, 4), name="Holiday in Rome"), 'Name "Holiday in Rome": the group of 3 pictures that'),
        (Rename(group=(0, 1), name=""), "Take a name away: Group 1 has no name to be taken away."),
        (Rename(group=(0, 1), name="CATS"), 'Name "CATS": another group is called "CATS" already.'),
        (Merge(groups=((0, 1), (1, 0))), "Merge 2 groups (4 pictures): these groups are one already."),
        (Split(group=(2, 3), parts=((2,), (3,))), "Split a group of 2 pictures into 2: The cats is locked."),
        (Move(images=(2,), target=None), "Move 1 picture out of their groups: The cats is locked."),
        (Move(images=(2,), target="new"), "Move 1 picture to a new group: The cats is locked."),
        (
            Move(images=(0,), target=(0, 1)),
            "Move 1 picture to a group of 2 pictures: these pictures are there already.",
        ),
        (Lock(group=(0, 1), locked=False), "Unlock a group of 2 pictures: Group 1 is not locked."),
        (Lock(group=(2,)), "Lock a group of 1 picture: The cats is locked."),
        (Hide(below=0), "Show groups of every size: this is shown already."),
        (Hide(below=-1), "Hide groups of fewer than -1 pictures: "),
        (Lock(group=(7,)), "Lock a group of 1 picture: the pictures that this was done to are not there."),
    ],
)
def test_what_was_not_done_says_which_and_why(edit, beginning):
    groups = groups_of(np.array([0, 0, 1, 1, 2, 2]))
    before = (Rename(group=(2, 3), name="The cats"), Rename(group=(4, 5), name="Cats"), Lock(group=(2, 3)))
    (lost,) = carried_out(groups, History(edits=(*before, edit), n_done=4)).lost
    assert lost.edit == edit and lost.said.startswith(beginning) and lost.said.endswith(".")


def test_what_is_done_after_an_undo_takes_the_place_of_what_was_undone():
    groups = groups_of(np.array([0, 0, 1, 1, 2, 2]))
    history = do(groups, History(), Rename(group=(0, 1), name="Dogs"))
    history = do(groups, undo(history), Rename(group=(2, 3), name="Cats"))
    assert carried_out(groups, history).groups.names == ("", "Cats", "") and not history.can_redo


def test_the_history_can_be_read():
    groups = groups_of(np.array([0, 0, 0, 1, 1, 2, 2, -1]))
    history = History()
    for edit in (
        Rename(group=(0, 1, 2), name="Dogs"),
        Rename(group=(3, 4), name="Wolves"),
        Move(images=(0, 1), target=(3, 4)),
        Merge(groups=((2,), (5, 6))),
        Move(images=(7,), target="new"),
    ):
        history = do(carried_out(groups, history).groups, history, edit)
    assert [step.said for step in carried_out(groups, history).steps] == [
        'Named Group 1 "Dogs"',
        'Named Group 2 "Wolves"',
        "Moved 2 pictures from Dogs to Wolves",
        "Merged Dogs and Group 3",
        "Moved 1 picture from No group to a new group, Group 3",
    ]


def test_numbers_stay_when_other_groups_go():
    groups, _ = apply(groups_of(np.array([0, 0, 1, 1, 2, 2])), Merge(groups=((0, 1), (2, 3))))
    assert groups.numbers == (0, 2) and groups.title(1) == "Group 3"
    np.testing.assert_array_equal(groups.labels, [0, 0, 0, 0, 1, 1])


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        (Rename(group=(0, 1), name="x" * 200), "A name of 200 characters"),
        (Rename(group=(0, 1), name="a\x07b"), "that can be printed"),
        (Rename(group=(0, 1), name=""), "has no name to be taken away"),
        (Rename(group=(0, 1), name="group 7"), '"group 7" is what groups without a name are called'),
        (Rename(group=(0, 1), name="No Group"), '"No Group" is what groups without a name are called'),
        (Rename(group=(4, 5), name="WOLVES"), 'Another group is called "WOLVES" already'),
        (Move(images=(6,), target="new"), "A picture that this was done to is not there"),
        (Lock(group=()), "no picture in the group"),
        (Rename(group=(0, 2, 4), name="Mixed"), "The group of 3 pictures that this was done to is not there"),
        (Merge(groups=((0, 1), (0, 1))), "one already"),
        (Move(images=(0, 1), target=(0, 1)), "there already"),
        (Move(images=(2,), target=None), "Wolves is locked"),
        (Lock(group=(0, 1), locked=False), "not locked"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(edit, sentence):
    groups, _ = apply(groups_of(np.array([0, 0, 1, 1, 2, 2])), Lock(group=(2, 3)))
    groups, _ = apply(groups, Rename(group=(2, 3), name="Wolves"))
    with pytest.raises(ParameterError, match=sentence):
        apply(groups, edit)
