"""A history of edits as plain data and back: images in one array of integers, everything else as JSON can say it."""

import itertools
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from imgcluster.editing.edits import LONGEST_NAME, Edit, Hide, Lock, Merge, Move, Rename, Split
from imgcluster.editing.history import History
from imgcluster.keeping.models.model_checks import WrongModel

__all__ = ["HISTORY_ARRAYS", "history_to_arrays", "read_history"]

HISTORY_ARRAYS = ("edit_images", "edit_offsets")
"""Names of the arrays that `history_to_arrays` gives."""

# Each takes 8 bytes of memory: this is 400 MB, and a thousand edits of groups of 50,000 images.
_MOST_IMAGES = 50_000_000

_MOST_TUPLES = 1_000_000

# More than any group has images: to hide groups below more than that is the same.
_LARGEST_HIDE = 10**9

Images = tuple[int, ...]


class _PackedEdits:
    """Edits that were packed before, known by their identity: a long history is saved after each edit that is added.

    Parameters
    ----------
    most_images : int
        With more than these in all it begins anew.
    """

    def __init__(self, most_images: int) -> None:
        self._most_images, self._n_images = most_images, 0
        self._kept: dict[int, tuple[Edit, tuple[np.ndarray, ...]]] = {}
        self._lock = threading.Lock()

    def of(self, edit: Edit, lists: Sequence[Images]) -> tuple[np.ndarray, ...]:
        """Return an edit's tuples of images as arrays of int32.

        Raises
        ------
        OverflowError
            A number is above what 32 bits hold.
        """
        with self._lock:
            if kept := self._kept.get(id(edit)):  # which nothing else can be called while the edit is kept with it
                return kept[1]
        packed = tuple(np.fromiter(images, dtype=np.int32, count=len(images)) for images in lists)
        with self._lock:
            self._n_images += sum(map(len, packed))
            if self._n_images > self._most_images:
                self._kept, self._n_images = {}, 0
            self._kept[id(edit)] = (edit, packed)
        return packed


_packed_edits = _PackedEdits(5_000_000)  # 20 MB


def history_to_arrays(history: History, n_images: int) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return a history as plain data.

    Parameters
    ----------
    history : History
    n_images : int
        Of the project: every image of an edit is below.

    Returns
    -------
    header : dict
        ``n_done`` and the kinds, names and numbers of the edits, in order.
    arrays : dict of str to ndarray
        "edit_images", int32: all tuples of images, one after the other, as the edits hold them. "edit_offsets", int64:
        where each of them begins, and the end of the last.

    Raises
    ------
    WrongModel
        The history is none that `read_history` would take.
    """
    said: list[dict[str, Any]] = []
    lists: list[np.ndarray] = [np.empty(0, dtype=np.int32)]
    try:
        for edit in history.edits:
            facts, images = _to_plain(edit)
            said.append(facts)
            lists += _packed_edits.of(edit, images)
    except OverflowError as error:
        raise WrongModel("an edit of it names a picture that there is not") from error
    header = {"n_done": int(history.n_done), "edits": said}
    arrays = {
        "edit_images": np.concatenate(lists),
        "edit_offsets": np.cumsum([len(images) for images in lists], dtype=np.int64),
    }
    _checked(header, arrays, n_images)
    return header, arrays


def read_history(header: object, arrays: Mapping[str, np.ndarray], n_images: int) -> History:
    """Make a history of what `history_to_arrays` gave, whoever wrote it.

    Raises
    ------
    WrongModel
        An edit is of no known kind, its name cannot be one, or it names images that there are not, or one twice.
    """
    header = _checked(header, arrays, n_images)
    images, offsets = arrays["edit_images"], arrays["edit_offsets"]
    numbers = list(range(n_images))  # one object for each image, however often it was edited

    def every() -> Iterator[Images]:
        for start, end in itertools.pairwise(offsets.tolist()):
            yield tuple(map(numbers.__getitem__, images[start:end].tolist()))

    lists = every()
    return History(edits=tuple(_from_plain(facts, lists) for facts in header["edits"]), n_done=header["n_done"])


def _to_plain(edit: Edit) -> tuple[dict[str, Any], list[Images]]:
    match edit:
        case Rename(group=group, name=name, with_previous=with_previous):
            together = {"with_previous": True} if with_previous else {}
            return {"kind": "rename", "name": " ".join(name.split()), **together}, [group]
        case Merge(groups=groups):
            return {"kind": "merge", "n_groups": len(groups)}, list(groups)
        case Split(group=group, parts=parts):
            return {"kind": "split", "n_parts": len(parts)}, [group, *parts]
        case Move(images=images, target=tuple() as target):
            return {"kind": "move", "target": "group"}, [images, target]
        case Move(images=images, target=target):
            return {"kind": "move", "target": target}, [images]
        case Lock(group=group, locked=locked):
            return {"kind": "lock", "locked": bool(locked)}, [group]
        case Hide(below=below):
            return {"kind": "hide", "below": min(int(below), _LARGEST_HIDE)}, []


def _from_plain(facts: Mapping[str, Any], lists: Iterator[Images]) -> Edit:
    match facts["kind"]:
        case "rename":
            return Rename(group=next(lists), name=facts["name"], with_previous="with_previous" in facts)
        case "merge":
            return Merge(groups=tuple(itertools.islice(lists, facts["n_groups"])))
        case "split":
            return Split(group=next(lists), parts=tuple(itertools.islice(lists, facts["n_parts"])))
        case "move":
            images = next(lists)
            return Move(images=images, target=next(lists) if facts["target"] == "group" else facts["target"])
        case "lock":
            return Lock(group=next(lists), locked=facts["locked"])
        case _:
            return Hide(below=facts["below"])


def _checked(header: object, arrays: Mapping[str, np.ndarray], n_images: int) -> dict[str, Any]:
    if not isinstance(header, dict) or header.keys() != {"n_done", "edits"} or not isinstance(header["edits"], list):
        raise WrongModel("its edits are not described")
    if type(header["n_done"]) is not int or not 0 <= header["n_done"] <= len(header["edits"]):
        raise WrongModel("more of its edits were done than there are")
    images, offsets = arrays["edit_images"], arrays["edit_offsets"]
    if (images.dtype, images.ndim, offsets.dtype, offsets.ndim) != (np.int32, 1, np.int64, 1):
        raise WrongModel("the pictures of its edits are not kept as numbers")
    if len(images) > _MOST_IMAGES or len(offsets) > _MOST_TUPLES:
        raise WrongModel(
            f"its edits name {len(images):,} pictures in {len(offsets):,} groups, and {_MOST_IMAGES:,} in "
            f"{_MOST_TUPLES:,} are the most"
        )
    if len(offsets) == 0 or offsets[0] != 0 or offsets[-1] != len(images) or (offsets[1:] < offsets[:-1]).any():
        raise WrongModel("the pictures of its edits cannot be told apart")
    if images.min(initial=0) < 0 or images.max(initial=-1) >= n_images:
        raise WrongModel("an edit of it names a picture that there is not")
    _check_edits(header["edits"], images, offsets.tolist(), n_images)
    return header


def _check_edits(edits: Sequence[object], images: np.ndarray, offsets: Sequence[int], n_images: int) -> None:
    """Check that every edit is one, with the tuples that it needs; only a part may be without images."""
    place = np.empty(n_images, dtype=np.int64)  # where each image was named last
    at = 0
    for facts in edits:
        together, n_filled = _tuples(facts)
        ends = offsets[at : at + sum(together) + 1]
        if len(ends) <= sum(together) or any(ends[each] == ends[each + 1] for each in range(n_filled)):
            raise WrongModel("an edit of it is of no pictures")
        for n_tuples in together:
            named = images[offsets[at] : offsets[at + n_tuples]]
            places = np.arange(len(named))
            place[named] = places
            if (place[named] != places).any():  # it was named again
                raise WrongModel("an edit of it names a picture twice")
            at += n_tuples
    if at != len(offsets) - 1:
        raise WrongModel("the pictures of its edits belong to none")


def _tuples(facts: object) -> tuple[tuple[int, ...], int]:
    """Return how many tuples of images an edit has, and how many of these hold one at least, which come first.

    They are counted by what they are: those in which no image may be twice, not even in two of them.
    """
    match facts:
        case {"kind": "rename", "name": str(name), **rest} if rest in ({}, {"with_previous": True}):
            if len(name) <= LONGEST_NAME and name.isprintable():
                return (1,), 1
        case {"kind": "merge", "n_groups": int(n_groups), **rest} if not rest:
            if type(n_groups) is int and 1 <= n_groups <= _MOST_TUPLES:
                return (n_groups,), n_groups
        case {"kind": "split", "n_parts": int(n_parts), **rest} if not rest:
            if type(n_parts) is int and 1 <= n_parts <= _MOST_TUPLES:
                return (1, n_parts), 1
        case {"kind": "move", "target": "group", **rest} if not rest:
            return (1, 1), 2
        case {"kind": "move", "target": "new" | None, **rest} if not rest:
            return (1,), 1
        case {"kind": "lock", "locked": bool(), **rest} if not rest:
            return (1,), 1
        case {"kind": "hide", "below": int(below), **rest} if not rest:
            if type(below) is int and 0 <= below <= _LARGEST_HIDE:
                return (), 0
    raise WrongModel("an edit of it is none that can be done")
