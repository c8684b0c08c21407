"""What a person can do to groups. Each edit names images, not numbers, so that it can be carried over to other groups.

`apply` either gives the changed groups, or raises and says why not; nothing is changed in place. Whatever an edit
names, images twice or parts that overlap, each image is in one group at most afterwards, and no group is empty.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from imgcluster.editing.groups import NO_GROUP, Groups, is_unnamed_title
from imgcluster.errors import ParameterError
from imgcluster.wording import counted, listed

__all__ = ["LONGEST_NAME", "Edit", "Hide", "Lock", "Merge", "Move", "Rename", "Split", "apply"]

LONGEST_NAME = 120
Images = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rename:
    """Give a group a name that no other is called by; an empty one takes it away.

    Attributes
    ----------
    group : tuple of int
        The images of the group when it was named.
    name : str
    with_previous : bool
        Whether it was given together with the name before it in the history; both are undone at once.
    """

    group: Images
    name: str
    with_previous: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """Make one of several groups; the first keeps its number and its name, or takes the first name that there is.

    Attributes
    ----------
    groups : tuple of tuple of int
        The images of each group.
    """

    groups: tuple[Images, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Make several groups of one; the largest part keeps number and name.

    Attributes
    ----------
    group : tuple of int
    parts : tuple of tuple of int
        Its images, divided. One that is in two parts goes to the first of them, one in none stays with the largest.
    """

    group: Images
    parts: tuple[Images, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Put images into a group, into a new one, or out of all.

    Attributes
    ----------
    images : tuple of int
    target : tuple of int, "new" or None
        The images of the group that they go to; None for no group.
    """

    images: Images
    target: Images | str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """Keep a group exactly as it is, whatever else is changed or grouped anew; or let it go again.

    Attributes
    ----------
    group : tuple of int
    locked : bool
    """

    group: Images
    locked: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Hide:
    """Show only groups of at least so many images.

    Attributes
    ----------
    below : int
        0 shows all.
    """

    below: int


Edit = Rename | Merge | Split | Move | Lock | Hide


def apply(groups: Groups, edit: Edit) -> tuple[Groups, str]:
    """Do an edit.

    Parameters
    ----------
    groups : Groups
    edit : Edit
        Where its groups are not exactly there (they were found anew), those that share more than half with them are
        taken.

    Returns
    -------
    groups : Groups
    said : str
        What was done, for the history: "Moved 12 pictures from Dogs to Wolves".

    Raises
    ------
    ParameterError
        When a group or an image is not there, a group is locked, or nothing would change.
    """
    return _DO[type(edit)](groups, edit)


def _rename(groups: Groups, edit: Rename) -> tuple[Groups, str]:
    label = _found(groups, edit.group)
    name = " ".join(edit.name.split())
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise ParameterError(
            f"A name of {len(name)} characters cannot be used: up to {LONGEST_NAME} that can be printed are taken."
        )
    if name == groups.names[label]:
        what = "this name already" if name else "no name to be taken away"
        raise ParameterError(f"{groups.title(label)} has {what}.")
    if is_unnamed_title(name):
        raise ParameterError(f'"{name}" is what groups without a name are called.', hint="Choose another name.")
    others = {other.casefold() for other in (*groups.names[:label], *groups.names[label + 1 :])}
    if name and name.casefold() in others:
        raise ParameterError(
            f'Another group is called "{name}" already.', hint="Merge the two, or choose another name."
        )
    names = (*groups.names[:label], name, *groups.names[label + 1 :])
    changed = replace(groups, names=names)
    return changed, f'Named {groups.title(label)} "{name}"' if name else f"Took the name from {groups.title(label)}"


def _merge(groups: Groups, edit: Merge) -> tuple[Groups, str]:
    labels = list(dict.fromkeys(_found(groups, members) for members in edit.groups))
    if len(labels) < 2:
        raise ParameterError("These groups are one already.")
    for label in labels:
        _check_unlocked(groups, label)
    new = np.array(groups.labels)
    new[np.isin(new, labels)] = labels[0]
    name = next((groups.names[label] for label in labels if groups.names[label]), "")
    names = (*groups.names[: labels[0]], name, *groups.names[labels[0] + 1 :])
    titles = [groups.title(label) for label in labels]
    return _without_empty(replace(groups, labels=new, names=names)), f"Merged {listed(titles)}"


def _split(groups: Groups, edit: Split) -> tuple[Groups, str]:
    label = _found(groups, edit.group)
    _check_unlocked(groups, label)
    left, parts = {*groups.members(label).tolist()}, []
    for part in edit.parts:
        parts.append(sorted(left.intersection(part)))
        left.difference_update(part)
    parts = sorted(filter(None, parts), key=len, reverse=True)
    if len(parts) < 2:
        raise ParameterError(f"{groups.title(label)} is not divided by this: all its pictures stay together.")
    changed = groups
    for part in parts[1:]:
        changed = _into_new(changed, part)
    return changed, f"Split {groups.title(label)} into {len(parts)}"


def _move(groups: Groups, edit: Move) -> tuple[Groups, str]:
    target = NO_GROUP
    if isinstance(edit.target, tuple):
        target = _found(groups, edit.target)
        _check_unlocked(groups, target)
    moved = _distinct(groups, edit.images)
    if edit.target != "new":
        moved = moved[groups.labels[moved] != target]
    if len(moved) == 0:
        raise ParameterError("These pictures are there already.")
    sources = np.unique(groups.labels[moved])
    for label in sources[sources >= 0]:
        _check_unlocked(groups, int(label))
    origin = listed([groups.title(int(label)) for label in sources])
    count = counted(len(moved), "picture")
    if edit.target == "new":
        changed = _into_new(groups, moved)
        place = f"a new group, {changed.title(int(changed.labels[moved[0]]))}"
        return _without_empty(changed), f"Moved {count} from {origin} to {place}"
    new = np.array(groups.labels)
    new[moved] = target
    return _without_empty(replace(groups, labels=new)), f"Moved {count} from {origin} to {groups.title(target)}"


def _lock(groups: Groups, edit: Lock) -> tuple[Groups, str]:
    if not edit.locked:
        label = _found(groups, edit.group)
        if not groups.locked[label]:
            raise ParameterError(f"{groups.title(label)} is not locked.")
        return _with_lock(groups, label, False), f"Unlocked {groups.title(label)}"
    members = _distinct(groups, edit.group)
    if len(members) == 0:
        raise ParameterError("There is no picture in the group that this was done to.")
    holders = np.unique(groups.labels[members])
    for label in holders[holders >= 0]:
        _check_unlocked(groups, int(label))
    label = groups.is_member_of(members)
    others = np.empty(0, dtype=np.intp)
    if label is None:
        groups = _into_new(groups, members)
    else:  # its images exactly: what else was found with them is another group, what is missing comes back
        others = np.setdiff1d(groups.members(label), members)
        new = np.array(groups.labels)
        new[members] = label
        groups = replace(groups, labels=new)
        groups = _into_new(groups, others) if len(others) else groups
    groups = _without_empty(groups)
    label = int(groups.labels[members[0]])
    said = f"Locked {groups.title(label)}"
    if len(others):
        is_now = "is now" if len(others) == 1 else "are now"
        rest = groups.title(int(groups.labels[others[0]]))
        said += f"; {counted(len(others), 'other picture')} that had come to it {is_now} {rest}"
    return _with_lock(groups, label, True), said


def _hide(groups: Groups, edit: Hide) -> tuple[Groups, str]:
    if edit.below < 0:
        raise ParameterError(f"Groups cannot have fewer than {edit.below} pictures.")
    if edit.below == groups.hidden_below:
        raise ParameterError("This is shown already.")
    said = f"Hid groups of fewer than {edit.below} pictures" if edit.below else "Showed groups of every size"
    return replace(groups, hidden_below=edit.below), said


_DO = {Rename: _rename, Merge: _merge, Split: _split, Move: _move, Lock: _lock, Hide: _hide}


def _found(groups: Groups, images: Images) -> int:
    members = _distinct(groups, images)
    label = groups.is_member_of(members)
    if label is None:
        size = counted(len(members), "picture")
        raise ParameterError(f"The group of {size} that this was done to is not there.")
    return label


def _distinct(groups: Groups, images: Images) -> np.ndarray:
    """Return images once each, ascending."""
    distinct = np.unique(np.asarray(images, dtype=np.intp))
    if len(distinct) and not 0 <= distinct[0] <= distinct[-1] < len(groups.labels):
        raise ParameterError("A picture that this was done to is not there.")
    return distinct


def _check_unlocked(groups: Groups, label: int) -> None:
    if groups.locked[label]:
        raise ParameterError(f"{groups.title(label)} is locked.", hint="Unlock it first.")


def _with_lock(groups: Groups, label: int, locked: bool) -> Groups:
    return replace(groups, locked=(*groups.locked[:label], locked, *groups.locked[label + 1 :]))


def _into_new(groups: Groups, images: Sequence[int]) -> Groups:
    """Put images into a group of their own, with the next number above all."""
    new = np.array(groups.labels)
    new[np.asarray(images, dtype=np.intp)] = groups.n_groups
    return replace(
        groups,
        labels=new,
        numbers=(*groups.numbers, max(groups.numbers, default=-1) + 1),
        names=(*groups.names, ""),
        locked=(*groups.locked, False),
    )


def _without_empty(groups: Groups) -> Groups:
    """Close the gaps that groups without images leave in the labels; the numbers of the others stay."""
    left = np.flatnonzero(groups.sizes)
    if len(left) == groups.n_groups:
        return groups
    label_of = np.full(groups.n_groups + 1, NO_GROUP, dtype=np.int32)  # the last is for no group
    label_of[left] = np.arange(len(left))
    return replace(
        groups,
        labels=label_of[groups.labels],
        numbers=tuple(groups.numbers[label] for label in left),
        names=tuple(groups.names[label] for label in left),
        locked=tuple(groups.locked[label] for label in left),
    )
