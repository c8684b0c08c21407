"""Spaces that are fitted at the same time, as those of two windows: one thread for BLAS to their end, and no longer."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import scipy.linalg
from some_spaces import blobs, space_of
from threadpoolctl import ThreadpoolController

from imgcluster import threads

SECONDS = 60  # nobody waits so long


@pytest.fixture
def blas():
    """Return the libraries with one number for the process, which is 3 at the start whatever the machine has."""
    libraries = [library for library in ThreadpoolController().lib_controllers if library.user_api == "blas"]
    libraries = [library for library in libraries if threads._is_shared(library)]
    before = [library.num_threads for library in libraries]
    for library in libraries:
        threads._set(library, 3)
    yield libraries
    for library, n_threads in zip(libraries, before, strict=True):
        threads._set(library, n_threads)


@pytest.mark.parametrize("method", ["pca", "spectral", "kernel_pca", "lle"])
def test_the_first_to_be_begun_may_be_the_first_that_is_there(method, blas, monkeypatch):
    vectors, _ = blobs(60)
    alone = space_of(vectors, method=method).coordinates
    first_is_in, second_is_in, first_has_left = (threading.Event() for _ in range(3))
    eigh, seen = scipy.linalg.eigh, []

    def in_turn(*args, **options):
        if not threading.current_thread().name.startswith("second"):
            first_is_in.set()
            assert second_is_in.wait(SECONDS)
        else:
            second_is_in.set()
            assert first_has_left.wait(SECONDS)
            seen.extend(library.num_threads for library in blas)
        return eigh(*args, **options)

    monkeypatch.setattr(scipy.linalg, "eigh", in_turn)
    with ThreadPoolExecutor(1) as one, ThreadPoolExecutor(1, thread_name_prefix="second") as other:
        first = one.submit(space_of, vectors, method=method)
        assert first_is_in.wait(SECONDS)
        second = other.submit(space_of, vectors, method=method)
        first = first.result(SECONDS)
        first_has_left.set()
        second = second.result(SECONDS)
        assert set(seen) == {1}
        assert {library.num_threads for library in blas} == {3}  # while both threads are alive
    np.testing.assert_array_equal(first.coordinates, alone)
    np.testing.assert_array_equal(second.coordinates, alone)
