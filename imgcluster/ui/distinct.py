"""The texts of options: Streamlit knows what was chosen by its text."""

from collections.abc import Callable, Sequence
from typing import TypeVar

__all__ = ["distinct_titles"]

T = TypeVar("T")


def distinct_titles(options: Sequence[T], title: Callable[[T], str]) -> Callable[[T], str]:
    """Return what each option is called, for a widget's ``format_func``.

    Of the same titles, all but the first are numbered.

    Parameters
    ----------
    options : sequence
    title : callable
        ``title(option)`` is what it is to be called.
    """
    titles: dict[T, str] = {}
    taken: set[str] = set()
    for option in options:
        wanted = text = title(option)
        number = 1
        while text in taken:
            number += 1
            text = f"{wanted} ({number})"
        taken.add(text)
        titles[option] = text
    return titles.__getitem__
