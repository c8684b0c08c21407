"""Small dask clusters of this computer, and an extractor that kills its worker: loaded by the workers too."""

import os
import signal
from contextlib import contextmanager
from pathlib import Path

from fake_extractor import FakeExtractor

from imgcluster.extractors import registry
from imgcluster.extractors.extractor import Kind, Parameter


class FatalExtractor(FakeExtractor):
    """A stand-in for a network that has its process killed: in its second batch, while there is a file to say so.

    Whoever takes that file away first is killed; with ``always`` everybody is, in the first batch.
    """

    def __init__(self, *, trap="", always=False, slow=False, called="fake-1"):
        super().__init__()
        self.id = called
        self.trap, self.always = trap, always
        self.seconds_per_batch = 0.05 if slow else 0.0

    def __call__(self, batch):
        vectors = super().__call__(batch)
        if self.always or (self.trap and len(self.batches) == 2 and self._is_chosen()):
            os.kill(os.getpid(), signal.SIGKILL)
        return vectors

    def _is_chosen(self):
        try:
            Path(self.trap).unlink()
        except FileNotFoundError:
            return False
        return True


FATAL = Kind(
    name="fatal",
    make=FatalExtractor,
    parameters=(
        Parameter(name="trap", title="Trap", help="", default=""),
        Parameter(name="always", title="Always", help="", default=False),
        Parameter(name="slow", title="Slow", help="", default=False),
        Parameter(name="called", title="Called", help="", default="fake-1"),
    ),
)


def dask_setup(worker):
    """Make the extractor known; called by dask in each worker that it starts."""
    registry._KINDS.setdefault(FATAL.name, FATAL)


@contextmanager
def cluster_in_processes(n_workers=2):
    """Give a cluster of worker processes, which are started again when they die."""
    yield from _cluster(n_workers=n_workers, processes=True, preload=[__file__])


@contextmanager
def cluster_in_threads(n_workers=2, n_threads=1):
    """Give a cluster whose workers share this process, and what is in its memory."""
    yield from _cluster(n_workers=n_workers, threads_per_worker=n_threads, processes=False)


def _cluster(*, threads_per_worker=1, **how):
    from distributed import LocalCluster

    with LocalCluster(
        threads_per_worker=threads_per_worker,
        protocol="tcp",
        host="127.0.0.1",
        dashboard_address=":0",
        silence_logs=50,  # a killed worker is meant
        **how,
    ) as cluster:
        yield cluster
