"""All edits in their order, with the place up to which they are done: undo and redo move it, nothing is dropped."""

from dataclasses import dataclass, replace

import numpy as np

from imgcluster.editing.edits import Edit, Rename, apply
from imgcluster.editing.groups import Groups
from imgcluster.editing.lost import why_lost
from imgcluster.editing.positions import GONE, images_of_edit, renumbered
from imgcluster.errors import ParameterError

__all__ = ["History", "Outcome", "Step", "carried_out", "do", "redo", "undo"]


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The edits of a project.

    Attributes
    ----------
    edits : tuple of Edit
        Oldest first.
    n_done : int
        How many of them hold; the others were undone, and can be done again until something else is done.
    """

    edits: tuple[Edit, ...] = ()
    n_done: int = 0

    @property
    def can_undo(self) -> bool:
        """Whether there is something to undo."""
        return self.n_done > 0

    @property
    def can_redo(self) -> bool:
        """Whether something was undone."""
        return self.n_done < len(self.edits)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What became of one edit.

    Attributes
    ----------
    edit : Edit
    said : str
        What was done; where it could not be, what it was to do and why it was not done.
    done : bool
    """

    edit: Edit
    said: str
    done: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Groups after all edits that hold, and what became of each of these."""

    groups: Groups
    steps: tuple[Step, ...]

    @property
    def lost(self) -> tuple[Step, ...]:
        """Edits that could not be carried over to these groups; they stay in the history, and hold where they can."""
        return tuple(step for step in self.steps if not step.done)


def carried_out(groups: Groups, history: History) -> Outcome:
    """Do all edits that hold, one after the other, to the groups that a method found.

    The groups may be others than those that the edits were made for: of another number or method, or found anew. Each
    edit finds its groups by their images; those that find none are left out, and said. Images that are not there leave
    an edit, as `renumbered` does it.

    A name whose group is not there waits for it: a group that was named first, and locked then, is there since it was
    locked. It is given then, before anything else is done, unless that group has had a later name already.
    """
    steps: list[Step] = []
    names = _Names()
    for place, edit in enumerate(history.edits[: history.n_done]):
        groups, step = _tried(groups, edit)
        steps.append(step)
        if isinstance(edit, Rename):
            names.note(place, step, groups)
        if step.done:
            groups = names.given(groups, steps)
    return Outcome(groups=groups, steps=tuple(steps))


def do(groups: Groups, history: History, *edits: Edit) -> History:
    """Add an edit to the history, or several, in place of those that were undone.

    Parameters
    ----------
    groups : Groups
        After all edits that hold.
    history : History
    *edits : Edit

    Raises
    ------
    ParameterError
        When one of them cannot be done; none is then.
    """
    for edit in edits:
        groups, _ = apply(groups, edit)
    done = (*history.edits[: history.n_done], *edits)
    return History(edits=done, n_done=len(done))


def undo(history: History) -> History:
    """Take back the last edit that holds, with those that were done together with it; without one, nothing."""
    n_done = max(0, history.n_done - 1)
    while n_done and _goes_with_previous(history.edits[n_done]):
        n_done -= 1
    return replace(history, n_done=n_done)


def redo(history: History) -> History:
    """Do again what was undone last, together with what was undone with it; without that, nothing."""
    n_done = min(len(history.edits), history.n_done + 1)
    while n_done < len(history.edits) and _goes_with_previous(history.edits[n_done]):
        n_done += 1
    return replace(history, n_done=n_done)


def _goes_with_previous(edit: Edit) -> bool:
    return isinstance(edit, Rename) and edit.with_previous


class _Names:
    """The names of a history by the places of their edits: those that wait for their groups, and those given last."""

    def __init__(self) -> None:
        self._waiting: dict[int, np.ndarray] = {}  # the images of the group, by place
        self._given: dict[int, int] = {}  # the place, by the group's number

    def note(self, place: int, step: Step, groups: Groups) -> None:
        """Take note of what became of a name."""
        images = np.unique(np.asarray(step.edit.group, dtype=np.intp))
        images = images[(images >= 0) & (images < len(groups.labels))]
        if step.done:
            self._given[_number(groups, images)] = place
        else:
            self._waiting[place] = images

    def given(self, groups: Groups, steps: list[Step]) -> Groups:
        """Return the groups with those names that need not wait any more, whose steps are put in place."""
        self._given = {number: place for number, place in self._given.items() if number in groups.numbers}
        for place, images in tuple(self._waiting.items()):
            number = _number(groups, images)
            if number is None or self._given.get(number, -1) > place:
                continue
            groups, step = _tried(groups, steps[place].edit)
            if step.done:
                steps[place] = step
                self._given[number] = place
                del self._waiting[place]
        return groups


def _number(groups: Groups, images: np.ndarray) -> int | None:
    """Return the number of the group that these images are, None where no group is it."""
    label = groups.is_member_of(images)
    return None if label is None else groups.numbers[label]


def _tried(groups: Groups, edit: Edit) -> tuple[Groups, Step]:
    """Return the groups after an edit, as they were where it cannot be done, and what became of it."""
    try:
        left = _of_those_there(groups, edit)
        if left is None:
            raise ParameterError("The pictures that this was done to are not there.")
        groups, said = apply(groups, left)
    except ParameterError as error:
        return groups, Step(edit=edit, said=why_lost(edit, str(error)), done=False)
    return groups, Step(edit=edit, said=said, done=True)


def _of_those_there(groups: Groups, edit: Edit) -> Edit | None:
    """Return an edit without the images above those of the groups, None where nothing is left of it."""
    n_known = 1 + max((max(images, default=-1) for images in images_of_edit(edit)), default=-1)
    if n_known <= len(groups.labels):
        return edit
    positions = np.arange(n_known)
    positions[len(groups.labels) :] = GONE
    return renumbered(edit, positions)
