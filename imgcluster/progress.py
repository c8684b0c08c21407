"""How long-running functions report what they do, and how they are told to stop.

A long-running function takes ``progress`` (called often, from the thread that works, must be quick) and ``cancel``
(a `threading.Event`; when it is set the function raises `~imgcluster.errors.Cancelled` soon).
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from imgcluster.errors import Cancelled

__all__ = ["Progress", "ProgressCallback", "raise_if_cancelled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """One report of a long-running function.

    Attributes
    ----------
    stage : str
        What is being done, in words for the screen, such as "Looking at the pictures".
    done, total : int
        How many of how many; ``total`` is 0 where it is not known.
    current : str
        The file or step in hand.
    seconds : float
        Time spent in this stage so far.
    fresh : int or None
        How many of ``done`` were really worked on (the others came from the store); None means all.
    partial : object
        What there is of the result already, None where it comes whole.
    """

    stage: str
    done: int
    total: int
    current: str = ""
    seconds: float = 0.0
    fresh: int | None = None
    partial: object = None

    @property
    def fraction(self) -> float:
        """Done as a share of the total, in [0, 1]."""
        return min(1.0, self.done / self.total) if self.total else 0.0

    @property
    def rate(self) -> float:
        """Items worked on per second, 0 where it is not known yet."""
        worked = self.done if self.fresh is None else self.fresh
        return worked / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Expected time until the stage ends, None where it is not known yet."""
        return max(0, self.total - self.done) / self.rate if self.rate > 0 else None


ProgressCallback = Callable[[Progress], None]


def raise_if_cancelled(cancel: threading.Event | None) -> None:
    """Raise `Cancelled` when the event is set."""
    if cancel is not None and cancel.is_set():
        raise Cancelled("Stopped. What was finished is kept.", hint="Press Start to go on from here.")
