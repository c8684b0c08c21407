"""Texts in files that may come from somebody else: names of groups and of pictures."""

import re
from collections.abc import Sequence

import numpy as np

__all__ = ["LONGEST_NAME", "LONGEST_PATH", "cleaned", "is_clean", "pack_texts", "unpack_texts"]

LONGEST_NAME, LONGEST_PATH = 200, 1024

# What steers a terminal, begins a new line, turns the order of letters around, or is no character at all.
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def cleaned(text: str, longest: int) -> str:
    """Return a text with the replacement character in place of each control character, cut to a length."""
    return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text)[:longest]


def is_clean(text: object, longest: int) -> bool:
    """Whether it is a text that `cleaned` leaves as it is."""
    return isinstance(text, str) and len(text) <= longest and not _CONTROLS.search(text)


def pack_texts(texts: Sequence[str]) -> np.ndarray:
    """Return texts as one array, shape (n_bytes,), uint8: UTF-8, each followed by a NUL.

    Raises
    ------
    ValueError
        A NUL is in one of them, or half of a surrogate pair.
    """
    if any("\0" in text for text in texts):
        raise ValueError("a NUL would end the text")
    return np.frombuffer("".join(f"{text}\0" for text in texts).encode(), dtype=np.uint8)


def unpack_texts(array: np.ndarray, n_texts: int) -> tuple[str, ...]:
    """Return the texts that `pack_texts` put into an array.

    Raises
    ------
    ValueError
        It is no such array, or there are not so many of them.
    """
    if array.ndim != 1 or array.dtype != np.uint8 or (len(array) and array[-1] != 0):
        raise ValueError("this is no array of texts")
    n_found = np.count_nonzero(array == 0)  # before they are made: of a million empty ones each takes a pointer
    if n_found != n_texts:
        raise ValueError(f"there are {n_found} texts, and {n_texts} are needed")
    return tuple(array.tobytes().decode().split("\0")[:-1])
