"""Sentences on edits that could not be carried over: which one it is, and why not."""

from imgcluster.editing.edits import Edit, Hide, Lock, Merge, Move, Rename, Split
from imgcluster.wording import counted

__all__ = ["intended", "why_lost"]

# How a reason may begin, other than with the title of a group.
_BEGINNINGS = ("The group of ", "The pictures ", "Another group ", "A picture ", "A name ", "There ", "These ", "This ")


def intended(edit: Edit) -> str:
    """Return what an edit is to do, in words that need no groups: 'Name "Rome"', "Move 3 pictures to a new group"."""
    match edit:
        case Rename(name=name):
            return f'Name "{name}"' if name else "Take a name away"
        case Merge(groups=groups):
            return f"Merge {counted(len(groups), 'group')} ({counted(sum(map(len, groups)), 'picture')})"
        case Split(group=group, parts=parts):
            return f"Split a group of {counted(len(group), 'picture')} into {len(parts):,}"
        case Move(images=images, target=target):
            place = "out of their groups" if target is None else "to a new group"
            place = f"to a group of {counted(len(target), 'picture')}" if isinstance(target, tuple) else place
            return f"Move {counted(len(images), 'picture')} {place}"
        case Lock(group=group, locked=locked):
            return f"{'Lock' if locked else 'Unlock'} a group of {counted(len(group), 'picture')}"
        case Hide(below=below):
            return f"Hide groups of fewer than {counted(below, 'picture')}" if below else "Show groups of every size"


def why_lost(edit: Edit, reason: str) -> str:
    """Return one sentence: 'Name "Rome": the group of 5 pictures that this was done to is not there.'"""
    if reason.startswith(_BEGINNINGS):
        reason = reason[0].lower() + reason[1:]
    return f"{intended(edit)}: {reason}"
