"""Work of other threads on what comes next, handed out in order."""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from typing import TypeVar

from imgcluster.progress import raise_if_cancelled

__all__ = ["read_ahead"]

Item = TypeVar("Item")
Result = TypeVar("Result")

_CANCEL_SECONDS = 0.2  # how soon a cancel is noticed while a slow disk is waited for


def read_ahead(
    pool: Executor,
    read: Callable[[Item], Result],
    items: Iterable[Item],
    *,
    n_ahead: int,
    cancel: threading.Event | None,
) -> Iterator[Result]:
    """Yield ``read`` of every item in order, while the pool works on the next ``n_ahead``.

    Raises
    ------
    Cancelled
        ``cancel`` was set.
    """
    running: deque[Future[Result]] = deque()
    for item in items:
        running.append(pool.submit(read, item))
        if len(running) > n_ahead:
            yield _wait(running.popleft(), cancel)
    while running:
        yield _wait(running.popleft(), cancel)


def _wait(future: Future[Result], cancel: threading.Event | None) -> Result:
    while True:
        raise_if_cancelled(cancel)
        try:
            return future.result(timeout=_CANCEL_SECONDS)
        except TimeoutError:
            if future.done():  # the worker's own
                raise
