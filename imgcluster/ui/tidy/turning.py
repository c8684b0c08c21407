"""Where one stands in a list that changes under one's hands: what was looked at stays in view, or what follows it."""

from collections.abc import Sequence

import streamlit as st

__all__ = ["come_back", "go", "place", "stand", "step"]

_TIDY = "tidy"


def place(collection: str) -> dict[str, object]:
    """Return what this session keeps for the screen; it is empty for another collection, where an index is another."""
    kept = st.session_state.get(_TIDY)
    if kept is None or kept["collection"] != collection:
        kept = st.session_state[_TIDY] = {"collection": collection}
    return kept


def stand(kept: dict[str, object], name: str, entries: Sequence[Sequence[int]]) -> int:
    """Return the position of the entry with the picture that was looked at; where it went, of what came after it.

    Parameters
    ----------
    kept : dict
        Of `place`.
    name : str
        Of the list.
    entries : sequence of sequence of int
        The pictures of each entry; at least one.
    """
    position, image = kept.get(name, (0, None))
    found = next((at for at, entry in enumerate(entries) if image in entry), None)
    position = min(position, len(entries) - 1) if found is None else found
    kept[name] = (position, image if found is not None else entries[position][0])
    return position


def go(kept: dict[str, object], name: str, entries: Sequence[Sequence[int]], position: int) -> None:
    """Go to an entry; beyond the ends nothing happens."""
    if 0 <= position < len(entries):
        kept[name] = (position, entries[position][0])


def step(kept: dict[str, object], name: str, entries: Sequence[Sequence[int]], by: int) -> None:
    """Go on from where one stands: also when somebody steps faster than the page can follow."""
    go(kept, name, entries, stand(kept, name, entries) + by)


def come_back(kept: dict[str, object], name: str, image: int) -> None:
    """Go to the entry with a picture that is to be on the list again."""
    position, _ = kept.get(name, (0, None))
    kept[name] = (position, image)
