"""Numbers with their nouns, and lists of titles, as sentences hold them."""

from collections.abc import Sequence

__all__ = ["counted", "listed"]


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: "1 picture", "2,000 pictures"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def listed(titles: Sequence[str]) -> str:
    """Return "A", "A and B", "A, B and C", or "7 groups"."""
    if len(titles) > 4:
        return f"{len(titles)} groups"
    return " and ".join(filter(None, [", ".join(titles[:-1]), titles[-1]]))
