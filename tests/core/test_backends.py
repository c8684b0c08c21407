"""Tasks on the workers of a cluster: nothing lost, nothing twice, and an end whatever happens."""

import sys
import threading
import time

import numpy as np
import pytest

from imgcluster import backends
from imgcluster.backends import Backend, BackendError, run_tasks
from imgcluster.errors import Cancelled, ParameterError

pytest.importorskip("distributed", reason="pip install -r requirements-cluster.txt")

from dask_workers import cluster_in_threads

GO_ON = threading.Event()


def square(number):
    return number * number


def square_late(number):
    time.sleep(0.2 if number == 0 else 0)
    return number * number


def working_place(_):
    from distributed import get_worker

    return get_worker().name


def total(array, number):
    return float(array.sum()) + number


def refuse(number):
    raise ParameterError(f"{number} is refused.", hint="Take another.")


def wait_long(_):
    return GO_ON.wait(60)


@pytest.fixture(scope="module")
def scheduler():
    with cluster_in_threads() as cluster:
        yield cluster.scheduler_address


@pytest.fixture
def backend(scheduler):
    return Backend(scheduler=scheduler)


@pytest.mark.parametrize(
    "address", ["", "host", "host:8786", "http://host:8786", "tcp://host", "tcp://host:1/x", "s3://b"]
)
def test_an_address_is_checked_before_anybody_is_asked(address):
    with pytest.raises(ParameterError, match="no address of a dask scheduler"):
        Backend(scheduler=address)


def test_only_dask_is_known():
    with pytest.raises(ParameterError, match="no backend 'spark'"):
        Backend(name="spark", scheduler="tcp://host:8786")


@pytest.mark.parametrize("n_tasks", [0, 1, 2, 200])
def test_every_task_once(backend, n_tasks):
    tasks = [(number,) for number in range(n_tasks)]
    expected = [number * number for number in range(n_tasks)]
    assert sorted(run_tasks(backend, square, tasks)) == expected
    assert list(run_tasks(backend, square, tasks, in_order=True)) == expected


def test_in_order_or_as_they_come(backend):
    tasks = [(number,) for number in range(6)]
    assert list(run_tasks(backend, square_late, tasks, in_order=True)) == [0, 1, 4, 9, 16, 25]
    assert set(run_tasks(backend, square_late, tasks)) == {0, 1, 4, 9, 16, 25}


def test_the_tasks_are_taken_as_workers_become_free(backend):
    taken = []

    def tasks():
        for number in range(1000):
            taken.append(number)
            yield (number,)

    results = run_tasks(backend, square, tasks())
    next(results)
    results.close()
    assert len(taken) < 1000


def test_one_thread_works_elsewhere_too():
    """joblib alone would do the work of a single worker's single thread in this process."""
    with cluster_in_threads(n_workers=1) as cluster:
        places = set(run_tasks(Backend(scheduler=cluster.scheduler_address), working_place, [(1,), (2,)]))
    assert places == {0}


def test_arrays_go_along(backend):
    array = np.arange(10_000.0)
    results = run_tasks(backend, total, [(array, number) for number in range(20)], in_order=True)
    assert list(results) == [array.sum() + number for number in range(20)]


def test_an_error_comes_with_its_hint(backend):
    with pytest.raises(ParameterError, match="is refused") as raised:
        list(run_tasks(backend, refuse, [(number,) for number in range(20)]))
    assert raised.value.hint == "Take another."
    assert list(run_tasks(backend, square, [(3,)])) == [9]  # the workers are as before


def test_cancelled_while_the_workers_are_busy(backend):
    cancel = threading.Event()
    GO_ON.clear()
    threading.Timer(0.5, cancel.set).start()
    try:
        with pytest.raises(Cancelled):
            list(run_tasks(backend, wait_long, [(number,) for number in range(20)], cancel=cancel))
    finally:
        GO_ON.set()


def test_cancelled_before(backend):
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(Cancelled):
        list(run_tasks(backend, square, [(1,)], cancel=cancel))


def test_no_scheduler(monkeypatch):
    monkeypatch.setattr(backends, "_CONNECT_SECONDS", 0.5)
    with pytest.raises(BackendError, match=r"No dask scheduler answers at tcp://127\.0\.0\.1:1,") as raised:
        list(run_tasks(Backend(scheduler="tcp://127.0.0.1:1"), square, [(1,)]))
    assert "dask scheduler" in raised.value.hint


def test_no_package(monkeypatch, backend):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(BackendError, match="needs the package dask") as raised:
        list(run_tasks(backend, square, [(1,)]))
    assert raised.value.hint == "pip install -r requirements-cluster.txt"


def test_no_worker(monkeypatch):
    monkeypatch.setattr(backends, "_CONNECT_SECONDS", 0.5)
    with cluster_in_threads(n_workers=0) as cluster, pytest.raises(BackendError, match="no worker"):
        list(run_tasks(Backend(scheduler=cluster.scheduler_address), square, [(1,)]))


def test_the_last_worker_goes_and_none_comes(monkeypatch):
    monkeypatch.setattr(backends, "_NO_WORKER_SECONDS", 0.1)
    monkeypatch.setattr(backends, "_COUNT_SECONDS", 0.1)
    GO_ON.clear()
    with cluster_in_threads(n_workers=1) as cluster:
        threading.Timer(0.5, lambda: cluster.scale(0)).start()
        try:
            with pytest.raises(BackendError, match="no worker"):
                list(run_tasks(Backend(scheduler=cluster.scheduler_address), wait_long, [(1,), (2,)]))
        finally:
            GO_ON.set()  # or the cluster would wait for that thread


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        ("imgcluster.no_such_module:name", "The worker at .* has no imgcluster, and this computer has"),
        ("imgcluster.backends:CLUSTER_COMMAND", "The worker at .* has imgcluster pip install"),
    ],
)
def test_workers_of_another_version(monkeypatch, backend, what, sentence):
    """The question is asked here of this very version, and there of something else."""
    resolve, _ = backends._VERSIONS["imgcluster"]

    class Question(str):
        def __reduce__(self):
            return str, (what,)

    question = Question("imgcluster.version:__version__")
    monkeypatch.setitem(backends._VERSIONS, "imgcluster", (resolve, question))
    with pytest.raises(BackendError, match=sentence):
        list(run_tasks(backend, square, [(1,)]))
