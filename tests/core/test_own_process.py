"""A process that lives as long as one call: its result, its errors, its end."""

import multiprocessing
import os
import threading
import time
from types import SimpleNamespace

import pytest
from joblib.externals import loky

from imgcluster.errors import Cancelled, ImgClusterError, ParameterError
from imgcluster.own_process import in_own_process

WORDS = {"failure": "The map could not be drawn", "hint": "Try again."}


def _process_and_sum(a, b):
    return os.getpid(), a + b


def _sleep(seconds):
    time.sleep(seconds)


def _die():
    os._exit(1)


def _refuse():
    raise ParameterError("No.", hint="Yes.")


def test_the_result_comes_from_another_process():
    process, total = in_own_process(_process_and_sum, 1, 2, cancel=None, **WORDS)
    assert process != os.getpid()
    assert total == 3


def test_cancel_ends_the_process_at_once():
    stop = threading.Event()
    threading.Timer(1.0, stop.set).start()
    started = time.monotonic()
    with pytest.raises(Cancelled):
        in_own_process(_sleep, 600, cancel=stop, **WORDS)
    assert time.monotonic() - started < 300  # not the time is tested, but that nobody waits for the end


def test_a_process_that_dies_is_one_sentence():
    with pytest.raises(ImgClusterError, match="The map could not be drawn: ") as caught:
        in_own_process(_die, cancel=None, **WORDS)
    assert caught.value.hint == "Try again."


def test_what_is_raised_arrives():
    with pytest.raises(ParameterError, match="No"):
        in_own_process(_refuse, cancel=None, **WORDS)


@pytest.fixture
def daemonic(monkeypatch):
    monkeypatch.setattr(multiprocessing, "current_process", lambda: SimpleNamespace(daemon=True))


@pytest.mark.usefixtures("daemonic")
def test_a_daemonic_process_calls_in_place():
    stop = threading.Event()
    assert in_own_process(_process_and_sum, 1, 2, cancel=stop, **WORDS) == (os.getpid(), 3)
    with pytest.raises(ParameterError, match="No"):
        in_own_process(_refuse, cancel=None, **WORDS)
    in_own_process(stop.set, cancel=stop, **WORDS)  # once it runs, it comes to its end


@pytest.mark.usefixtures("daemonic")
def test_a_daemonic_process_does_not_begin_what_is_unwanted():
    stop, called = threading.Event(), []
    stop.set()
    with pytest.raises(Cancelled):
        in_own_process(called.append, 1, cancel=stop, **WORDS)
    assert called == []


def test_a_call_that_cannot_be_handed_over_leaves_no_process(monkeypatch):
    ends = []

    class Executor:
        def __init__(self, **_):
            pass

        def submit(self, *args):
            raise loky.process_executor.BrokenProcessPool

        def shutdown(self, *, kill_workers):
            ends.append(kill_workers)

    monkeypatch.setattr(loky, "ProcessPoolExecutor", Executor)
    with pytest.raises(ImgClusterError, match="The map could not be drawn: "):
        in_own_process(_process_and_sum, 1, 2, cancel=None, **WORDS)
    assert ends == [True]


@pytest.mark.skipif(not hasattr(os, "nice"), reason="Windows has other priorities")
def test_the_process_gives_way_to_the_screen():
    assert in_own_process(os.nice, 0, cancel=None, **WORDS) > os.nice(0)
