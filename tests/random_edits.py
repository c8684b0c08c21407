"""Edits of every kind, drawn at random for groups as they are."""

import numpy as np
from hypothesis import strategies as st

from imgcluster.editing.edits import Edit, Hide, Lock, Merge, Move, Rename, Split
from imgcluster.editing.groups import Groups

__all__ = ["any_edits", "edits", "labelings"]


@st.composite
def labelings(draw) -> np.ndarray:
    """Labels of up to 30 images in up to 6 groups, some of them in none."""
    drawn = np.array(draw(st.lists(st.integers(-1, 5), max_size=30)), dtype=np.int64)
    used, labels = np.unique(drawn, return_inverse=True)
    return labels.reshape(drawn.shape) - (1 if len(used) and used[0] < 0 else 0)


@st.composite
def edits(draw, groups: Groups) -> Edit | None:
    """An edit of these groups, sensible or not; None where there is nothing to do anything to."""
    n_images = len(groups.labels)
    if groups.n_groups == 0:
        return Move(images=tuple(range(n_images)), target="new") if n_images else None
    some_group = st.integers(0, groups.n_groups - 1).map(lambda label: tuple(groups.members(label).tolist()))
    some_images = st.lists(st.integers(0, n_images - 1), min_size=1, max_size=8, unique=True).map(tuple)
    kind = draw(st.sampled_from(["rename", "merge", "split", "move", "lock", "hide"]))
    if kind == "rename":
        return Rename(group=draw(some_group), name=draw(st.sampled_from(["", "Dogs", "Wolves", "<b>x</b>"])))
    if kind == "merge":
        return Merge(groups=tuple(draw(st.lists(some_group, min_size=1, max_size=3))))
    if kind == "split":
        group = draw(some_group)
        cut = draw(st.integers(0, len(group)))
        return Split(group=group, parts=(group[:cut], group[cut:]))
    if kind == "move":
        return Move(images=draw(some_images), target=draw(st.one_of(st.none(), st.just("new"), some_group)))
    if kind == "lock":
        return Lock(group=draw(some_group), locked=draw(st.booleans()))
    return Hide(below=draw(st.integers(0, 5)))


@st.composite
def any_edits(draw, n_images: int) -> Edit:
    """An edit as a damaged or made-up file may hold it: images twice, parts that overlap, none at all."""
    images = st.lists(st.integers(0, max(0, n_images - 1)), max_size=8).map(tuple)
    several = st.lists(images, max_size=4).map(tuple)
    return draw(
        st.one_of(
            st.builds(Rename, group=images, name=st.sampled_from(["", "Dogs", "dogs", "Group 2", "no group"])),
            st.builds(Merge, groups=several),
            st.builds(Split, group=images, parts=several),
            st.builds(Move, images=images, target=st.one_of(st.none(), st.just("new"), images)),
            st.builds(Lock, group=images, locked=st.booleans()),
            st.builds(Hide, below=st.integers(-1, 5)),
        )
    )
