"""Work that is done on other machines, through joblib's backends: so far by the workers of a dask cluster.

A task is a function of a module and its arguments. It is handed to whichever worker is free; when a worker dies, its
tasks go to another, and each task's result is handed out exactly once.
"""

import importlib.metadata
import pkgutil
import re
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import joblib

from imgcluster.errors import Cancelled, ImgClusterError, ParameterError
from imgcluster.progress import raise_if_cancelled
from imgcluster.version import __version__

if TYPE_CHECKING:
    from distributed import Client

__all__ = ["CLUSTER_COMMAND", "Backend", "BackendError", "run_tasks"]

Result = TypeVar("Result")

CLUSTER_COMMAND = "pip install -r requirements-cluster.txt"
"""What brings the packages that work on several machines needs."""

_CONNECT_SECONDS = 10.0
_NO_WORKER_SECONDS = 60.0  # a worker that died is back, or replaced, in less
_WATCH_SECONDS = 0.2  # how soon a cancel is noticed, whatever the workers do
_COUNT_SECONDS = 5.0  # how often the workers are counted

# Tasks that wait at the scheduler, for each thread of the workers: enough for workers that join while they run.
_TASKS_PER_THREAD = 4

# Versions that decide what comes out: how each is asked for. Any other difference is dask's to warn of.
_VERSIONS: dict[str, tuple[Callable[[str], str], str]] = {
    "imgcluster": (pkgutil.resolve_name, "imgcluster.version:__version__"),
    "Pillow": (importlib.metadata.version, "pillow"),
    "numpy": (importlib.metadata.version, "numpy"),
}


class BackendError(ImgClusterError, RuntimeError):
    """The workers cannot be reached, are not fit for the work, or died of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """Who does the work in the place of this process.

    Attributes
    ----------
    name : {"dask"}
        joblib's name of it.
    scheduler : str
        Address of the dask scheduler, such as "tcp://192.168.0.10:8786" or, encrypted, "tls://...". It executes what
        it is sent, and so do its workers: it belongs into a private network.

    Raises
    ------
    ParameterError
        There is no such backend, or that is no address of a scheduler.
    """

    name: Literal["dask"] = "dask"
    scheduler: str

    def __post_init__(self) -> None:
        if self.name != "dask":
            raise ParameterError(f"There is no backend {self.name!r}.", hint='The one there is is "dask".')
        if not re.fullmatch(r"(tcp|tls)://[^/\s]+:\d+", self.scheduler):
            raise ParameterError(
                f"{self.scheduler!r} is no address of a dask scheduler.",
                hint="Write it like tcp://192.168.0.10:8786, as dask scheduler prints it when it starts.",
            )


def run_tasks(
    backend: Backend,
    function: Callable[..., Result],
    tasks: Iterable[tuple],
    *,
    in_order: bool = False,
    cancel: threading.Event | None = None,
) -> Iterator[Result]:
    """Have the workers call a function with each of many arguments, and yield what it returned.

    Close the generator, or exhaust it: until then the connection is open.

    Parameters
    ----------
    backend : Backend
    function : callable
        Of a module, which the workers have too.
    tasks : iterable of tuple
        Its arguments, taken from the iterable as workers become free. Arrays that are the same object in several tasks
        are sent to a worker once.
    in_order : bool, default False
        Yield in the order of the tasks; otherwise as they are finished.
    cancel : threading.Event, optional

    Raises
    ------
    Cancelled
        ``cancel`` was set; tasks that wait are taken back.
    BackendError
        The packages are missing, no scheduler answers within 10 seconds, a worker is of another version, there was no
        worker for 60 seconds, or four workers in turn died of a task.
    Exception
        What the function raised.
    """
    raise_if_cancelled(cancel)
    with ExitStack() as stack:
        client = _connected(backend)
        stack.callback(client.close)  # which also takes back what was not finished
        _check_workers(client, backend)
        workers = _dask_workers(client)
        stack.enter_context(_watched(workers, client, cancel))
        parallel = joblib.Parallel(  # no parallel_config: it would hold for the caller too, between two results
            backend=workers,
            n_jobs=-1,
            return_as="generator" if in_order else "generator_unordered",
            batch_size=1,
            pre_dispatch=f"{_TASKS_PER_THREAD} * n_jobs",
        )
        results = parallel(joblib.delayed(function)(*task) for task in tasks)
        stack.callback(_close, results)
        yield from map(_itself, results)  # straight from it, "yield from" would close it before `_close` does


def _itself(result: Result) -> Result:
    return result


def _close(results: Iterator) -> None:
    """Close joblib's generator, which warns of every result that nobody took."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        results.close()


def _connected(backend: Backend) -> "Client":
    try:
        from distributed import Client
    except ImportError as error:
        raise BackendError("Working on several machines needs the package dask.", hint=CLUSTER_COMMAND) from error
    try:
        return Client(backend.scheduler, timeout=_CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, RuntimeError) as error:
        raise BackendError(
            f"No dask scheduler answers at {backend.scheduler}, after {_CONNECT_SECONDS:.0f} seconds.",
            hint="Start one with the command dask scheduler, and workers with dask worker; see docs/scaling.md.",
        ) from error


def _check_workers(client: "Client", backend: Backend) -> None:
    """Raise unless there are workers, and they and the scheduler have our versions of what decides the result."""
    try:
        client.wait_for_workers(1, timeout=_CONNECT_SECONDS)
    except TimeoutError as error:
        raise _no_worker(_CONNECT_SECONDS) from error
    for name, (ask, what) in _VERSIONS.items():
        ours = ask(what)
        answers: dict[str, Any] = client.run(ask, what, on_error="return")
        for address, theirs in answers.items():
            if isinstance(theirs, ImportError):
                raise _unfit(f"The worker at {address} has no {name}, and this computer has {ours}.")
            if theirs != ours:
                raise _unfit(f"The worker at {address} has {name} {theirs}, and this computer has {ours}.")
    ask, what = _VERSIONS["imgcluster"]
    try:
        client.run_on_scheduler(ask, what)  # it unpacks the tasks before it hands them on
    except ImportError as error:
        raise _unfit(
            f"The scheduler at {backend.scheduler} has no imgcluster, and this computer has {__version__}."
        ) from error


def _unfit(sentence: str) -> BackendError:
    return BackendError(sentence, hint="Install the same versions on every machine, and start its worker again.")


def _no_worker(seconds: float) -> BackendError:
    return BackendError(
        f"The dask scheduler has had no worker for {seconds:.0f} seconds.",
        hint="Start workers with the command dask worker; what was finished is kept.",
    )


@dataclass(frozen=True, slots=True)
class _Failure:
    """In place of a result: why there will be none."""

    error: BaseException


def _dask_workers(client: "Client") -> Any:
    """Return joblib's backend for dask, with what it lacks.

    joblib 1.6 works in this very process where the cluster has one thread in all, and waits for ever for a task that
    dask gave up, since its callback is never called for that one.
    """
    from joblib._dask import DaskDistributedBackend

    class DaskWorkers(DaskDistributedBackend):
        def __init__(self) -> None:
            super().__init__(client=client)
            self._waiting: dict[Any, Callable[[Any], None]] = {}

        def effective_n_jobs(self, n_jobs: int) -> int:
            return max(2, super().effective_n_jobs(n_jobs))

        def submit(self, func: Any, callback: Callable[[Any], None] | None = None) -> Any:
            future = super().submit(func, callback)
            self._waiting[future] = callback
            future.add_done_callback(self._settle)
            return future

        def retrieve_result_callback(self, out: Any) -> Any:
            if isinstance(out, _Failure):
                raise _as_ours(out.error)
            if isinstance(out, BaseException):  # dask's own word for a task that it took back
                raise _as_ours(out)
            return super().retrieve_result_callback(out)

        def fail(self, error: BaseException) -> None:
            """Have the first task that waits fail, and with it the whole of the work."""
            for callback in list(self._waiting.values())[:1]:
                callback(_Failure(error))

        def _settle(self, future: Any) -> None:
            callback = self._waiting.pop(future, None)
            if callback is not None and future.exception() is not None:
                callback(_Failure(future.exception()))

    return DaskWorkers()


def _as_ours(error: BaseException) -> BaseException:
    """Return an error of dask's in our words."""
    from concurrent.futures import CancelledError

    from distributed.scheduler import KilledWorker

    if isinstance(error, KilledWorker):
        return BackendError(
            "The same pictures or numbers were being worked on each time when several workers died.",
            hint="Read what the workers say; mostly they need more memory. What was finished is kept: run it again.",
        )
    if isinstance(error, CancelledError):
        return BackendError(
            "The connection to the dask scheduler was lost.", hint="What was finished is kept: run it again."
        )
    return error


@contextmanager
def _watched(workers: Any, client: "Client", cancel: threading.Event | None) -> Iterator[None]:
    """Have the work fail when it is cancelled, or when no worker is left: joblib itself waits for a result."""
    ended = threading.Event()

    def watch() -> None:
        counted = last_seen = time.monotonic()
        while not ended.wait(_WATCH_SECONDS):
            now = time.monotonic()
            if cancel is not None and cancel.is_set():
                try:
                    raise_if_cancelled(cancel)
                except Cancelled as error:
                    workers.fail(error)
            elif now - counted > _COUNT_SECONDS:
                counted = now
                if _has_workers(client):
                    last_seen = now
                elif now - last_seen > _NO_WORKER_SECONDS:
                    workers.fail(_no_worker(_NO_WORKER_SECONDS))

    thread = threading.Thread(target=watch, name="watch-workers", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _has_workers(client: "Client") -> bool:
    try:
        return bool(client.ncores())
    except Exception:  # the connection broke: the client tries again, and gives the tasks up when that fails
        return True
