"""A process that lives as long as one call: its result, its errors, its end."""

import os
import threading
import time

import pytest

from imgcluster.errors import Cancelled, ImgClusterError, ParameterError
from imgcluster.spaces.own_process import in_own_process

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
