"""One thread for BLAS and OpenMP while a block runs, however many blocks overlap in whatever order.

Threads that each make thousands of small products or fits are enough for the cores: where BLAS or OpenMP start more in
each of them, these wait for each other five to ten times as long as they work; and the order of the sums, and so the
last bits of a result, would depend on their number. ``threadpoolctl`` alone notes the number when a block is entered
and sets it again when it is left. Of two blocks in two threads that overlap, the first to be left then lifts the limit
of the other, which sets it for good when it is left itself. Here blocks are counted.
"""

import functools
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

__all__ = ["one_blas_thread", "one_thread"]


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Let BLAS work with one thread while the block runs; in the whole process, as most BLAS cannot do otherwise.

    The first block sets the limit and the last that is left lifts it. A library that is loaded while a block runs is
    limited when the next is entered. To enter and leave takes less than 0.1 ms, and 3 ms once after modules were
    imported, which may have loaded one.
    """
    with _limited("blas"):
        yield


@contextmanager
def one_thread() -> Iterator[None]:
    """Let OpenMP work with one thread too, for the thread that runs the block (on Windows for the whole process).

    For scikit-learn, which must be imported before: it limits BLAS for a while in many of its functions, and notes the
    number then in the way that the module warns of. Inside of this block that number is 1 already, and so does no harm.
    """
    with _limited("blas"), _limited("openmp"):
        yield


@dataclass(slots=True)
class _Limit:
    """How many blocks want one thread, and what each library had before: it and its number, by its path."""

    n_blocks: int = 0
    before: dict[str, tuple[Any, int]] = field(default_factory=dict)

    def enter(self, libraries: Iterable[Any]) -> None:
        """Limit the libraries that are not limited yet."""
        self.n_blocks += 1
        try:
            for library in libraries:
                if library.filepath not in self.before and (n_threads := library.num_threads):
                    self.before[library.filepath] = library, n_threads
                    _set(library, 1)
        except BaseException:
            self.leave()
            raise

    def leave(self) -> None:
        """Lift the limit, unless another block is left; the last first, as two of them may share a number."""
        self.n_blocks -= 1
        while self.n_blocks == 0 and self.before:
            _set(*self.before.popitem()[1])


class _Own(threading.local):
    """The limit of the libraries that have a number for each thread."""

    def __init__(self) -> None:
        self.limit = _Limit()


_lock = threading.Lock()
_shared = {"blas": _Limit(), "openmp": _Limit()}  # of the libraries that have one number for the process
_own = _Own()


@contextmanager
def _limited(kind: str) -> Iterator[None]:
    import threadpoolctl  # noqa: F401  (before modules are counted)

    shared, own = _libraries(len(sys.modules))[kind]
    limit = _own.limit
    with _lock:
        _shared[kind].enter(shared)
    try:
        if not own:
            yield
            return
        limit.enter(own)
        try:
            yield
        finally:
            limit.leave()
    finally:
        with _lock:
            _shared[kind].leave()


@functools.lru_cache(maxsize=1)
def _libraries(n_modules: int) -> dict[str, tuple[list[Any], list[Any]]]:
    """Return the loaded libraries of each kind, shared and own; looked for anew where modules were imported since."""
    from threadpoolctl import ThreadpoolController

    found: dict[str, tuple[list[Any], list[Any]]] = {"blas": ([], []), "openmp": ([], [])}
    for library in ThreadpoolController().lib_controllers:
        found[library.user_api][not _is_shared(library)].append(library)
    return found


def _is_shared(library: Any) -> bool:
    if library.internal_api == "openmp":
        return library.prefix == "vcomp"  # Microsoft's
    return library.internal_api != "openblas" or library.threading_layer != "openmp"


def _set(library: Any, n_threads: int) -> None:
    # threadpoolctl 3.8 lets no other thread set OpenBLAS' number as long as the one that did it first is alive. Here
    # the last to leave sets it, whoever that is.
    release = getattr(library, "clear_controlling_thread", None)
    if release is not None:
        release(force=True)
    library.set_num_threads(n_threads)
