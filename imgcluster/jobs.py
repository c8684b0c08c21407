"""Background jobs with progress and cancel: a thread, and a register that never runs the same job twice."""

import threading
from collections.abc import Callable
from enum import Enum
from typing import Any, Generic, TypeVar

from imgcluster.errors import Cancelled, ImgClusterError
from imgcluster.progress import Progress, ProgressCallback

__all__ = ["Job", "JobState", "Jobs"]

T = TypeVar("T")


class JobState(Enum):
    """Where a job stands."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Job(Generic[T]):
    """One piece of work in a thread of its own.

    Parameters
    ----------
    work : callable
        ``work(progress, cancel)`` returns the result; it reports to ``progress`` and raises
        `~imgcluster.errors.Cancelled` soon after the event ``cancel`` is set.

    Attributes
    ----------
    progress : Progress or None
        The newest report.
    result : object
        What ``work`` returned, None until the job is done.
    error : ImgClusterError or None
        Why it failed, in a sentence.
    """

    def __init__(self, work: Callable[[ProgressCallback, threading.Event], T]) -> None:
        self.progress: Progress | None = None
        self.result: T | None = None
        self.error: ImgClusterError | None = None
        self._cancel = threading.Event()
        self._state = JobState.RUNNING
        self._thread = threading.Thread(target=self._run, args=(work,), daemon=True, name="imgcluster-job")
        self._thread.start()

    @property
    def state(self) -> JobState:
        """Running, done, failed or cancelled."""
        return self._state

    @property
    def stopping(self) -> bool:
        """Whether the job was told to stop and has not ended yet."""
        return self._state is JobState.RUNNING and self._cancel.is_set()

    def cancel(self) -> None:
        """Tell the job to stop; it ends soon, not at once."""
        self._cancel.set()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the job has ended; return whether it has."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self, work: Callable[[ProgressCallback, threading.Event], T]) -> None:
        try:
            self.result = work(self._report, self._cancel)
            self._state = JobState.DONE
        except Cancelled:
            self._state = JobState.CANCELLED
        except ImgClusterError as error:
            self.error = error
            self._state = JobState.FAILED
        except MemoryError:
            self._fail("The computer's memory is used up.", hint="Close other programs, or try with fewer pictures.")
        except Exception as error:  # a fault of ours: the screen must say so, and the traceback goes to the log
            self._fail(
                f"Something went wrong that should not: {error!r}.", hint="What was finished is kept; try again."
            )
            threading.excepthook(threading.ExceptHookArgs((type(error), error, error.__traceback__, self._thread)))

    def _report(self, progress: Progress) -> None:
        self.progress = progress

    def _fail(self, message: str, *, hint: str) -> None:
        self.error = ImgClusterError(message, hint=hint)
        self._state = JobState.FAILED


class Jobs:
    """All jobs of one process by key; a running or finished job is joined, not started again.

    Parameters
    ----------
    max_ended : int, default 24
        So many ended jobs keep their results; those not asked for the longest are dropped.
    """

    def __init__(self, *, max_ended: int = 24) -> None:
        self._jobs: dict[str, Job[Any]] = {}
        self._max_ended = max_ended
        self._lock = threading.Lock()

    def start(self, key: str, work: Callable[[ProgressCallback, threading.Event], T]) -> Job[T]:
        """Return the running or finished job of this key, or start it (again, where it failed or was cancelled)."""
        with self._lock:
            job = self._jobs.pop(key, None)
            if job is None or job.stopping or job.state in (JobState.FAILED, JobState.CANCELLED):
                job = Job(work)
            self._jobs[key] = job
            self._drop_oldest()
            return job

    def get(self, key: str) -> Job[Any] | None:
        """Return the job of this key, None where there is none."""
        with self._lock:
            job = self._jobs.pop(key, None)
            if job is not None:
                self._jobs[key] = job  # asked for just now: dropped last
            return job

    def drop(self, job: Job[Any]) -> None:
        """Cancel a job and forget it, so that its work can be started again."""
        with self._lock:
            self._jobs = {key: other for key, other in self._jobs.items() if other is not job}
        job.cancel()

    def forget(self, prefix: str) -> None:
        """Cancel all jobs whose key starts so, and drop their results."""
        with self._lock:
            for key in [key for key in self._jobs if key.startswith(prefix)]:
                self._jobs.pop(key).cancel()

    def _drop_oldest(self) -> None:
        ended = [key for key, job in self._jobs.items() if job.state is not JobState.RUNNING]
        for key in ended[: max(0, len(ended) - self._max_ended)]:
            del self._jobs[key]
