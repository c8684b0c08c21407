"""Blocks that want one thread: in any order, from any thread, with errors, with libraries that come later."""

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
import sklearn.cluster  # noqa: F401  (its OpenMP)
from threadpoolctl import ThreadpoolController

from imgcluster import threads
from imgcluster.threads import one_blas_thread, one_thread

N_BEFORE = 3


def numbers(kind):
    return {library.num_threads for library in ThreadpoolController().lib_controllers if library.user_api == kind}


@pytest.fixture(autouse=True)
def three_threads():
    """More than one thread at the start, whatever the machine has; nothing is left over at the end."""
    libraries = ThreadpoolController().lib_controllers
    before = [library.num_threads for library in libraries]
    for library in libraries:
        threads._set(library, N_BEFORE)
    yield
    assert numbers("blas") == numbers("openmp") == {N_BEFORE}
    assert all(limit.n_blocks == 0 and not limit.before for limit in [*threads._shared.values(), threads._own.limit])
    for library, n_threads in zip(libraries, before, strict=True):
        threads._set(library, n_threads)


def test_a_block_limits_what_it_says():
    with one_blas_thread():
        assert numbers("blas") == {1}
    with one_thread():
        assert numbers("blas") == numbers("openmp") == {1}
        with one_blas_thread(), one_thread():
            assert numbers("blas") == numbers("openmp") == {1}
        assert numbers("blas") == numbers("openmp") == {1}


@pytest.mark.parametrize("first", [one_blas_thread, one_thread])
@pytest.mark.parametrize("second", [one_blas_thread, one_thread])
def test_the_first_to_come_may_be_the_first_to_go(first, second):
    a, b = first(), second()
    a.__enter__()
    b.__enter__()
    a.__exit__(None, None, None)
    assert numbers("blas") == {1}
    b.__exit__(None, None, None)


@pytest.mark.parametrize("block", [one_blas_thread, one_thread])
def test_the_first_of_two_threads_to_come_may_be_the_first_to_go(block):
    """Each thread has OpenMP's number to itself, and neither is left with one; the first lives on when it has left."""
    with ThreadPoolExecutor(1) as one, ThreadPoolExecutor(1) as other:
        a, b = block(), block()
        before = [pool.submit(numbers, "openmp").result() for pool in (one, other)]
        one.submit(a.__enter__).result()
        other.submit(b.__enter__).result()
        one.submit(a.__exit__, None, None, None).result()
        assert one.submit(numbers, "openmp").result() == before[0]
        assert numbers("blas") - {N_BEFORE} == {1} and other.submit(shared_numbers).result() == {1}
        other.submit(b.__exit__, None, None, None).result()
        assert shared_numbers() == {N_BEFORE}
        assert [pool.submit(numbers, "openmp").result() for pool in (one, other)] == before


def shared_numbers():
    libraries = ThreadpoolController().lib_controllers
    return {library.num_threads for library in libraries if library.user_api == "blas" and threads._is_shared(library)}


@pytest.mark.parametrize("block", [one_blas_thread, one_thread])
def test_an_error_lifts_the_limit(block):
    with one_blas_thread():
        with pytest.raises(ValueError, match="no"), block():
            raise ValueError("no")
        assert numbers("blas") == {1}
    with pytest.raises(ValueError, match="no"), block():
        raise ValueError("no")


class Library:
    """A library as threadpoolctl shows it."""

    user_api, internal_api, prefix = "blas", "mkl", "libmkl"

    def __init__(self, name, n_threads=7, *, broken=False):
        self.filepath, self.num_threads, self.broken = name, n_threads, broken

    def set_num_threads(self, n_threads):
        if self.broken and n_threads == 1:
            raise OSError("broken")
        self.num_threads = n_threads


@pytest.fixture
def loaded():
    """Return the libraries that threadpoolctl finds, none yet."""
    libraries = []

    def load(controller):
        controller.lib_controllers = list(libraries)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ThreadpoolController, "_load_libraries", load)
        threads._libraries.cache_clear()
        yield libraries
    threads._libraries.cache_clear()


def test_a_library_that_is_loaded_later_is_limited_by_the_next_block(loaded, monkeypatch):
    early, late = Library("early"), Library("late", 5)
    loaded.append(early)
    with one_blas_thread():
        loaded.append(late)
        with one_blas_thread():  # no module came: nothing is looked for
            assert (early.num_threads, late.num_threads) == (1, 5)
        monkeypatch.setitem(sys.modules, "another_module", None)
        with one_blas_thread():
            assert (early.num_threads, late.num_threads) == (1, 1)
        assert (early.num_threads, late.num_threads) == (1, 1)
    assert (early.num_threads, late.num_threads) == (7, 5)


def test_a_library_that_cannot_be_limited_leaves_the_others_as_they_were(loaded):
    loaded += [good := Library("good"), bad := Library("bad", broken=True)]
    with pytest.raises(OSError, match="broken"), one_blas_thread():
        pytest.fail("entered")
    assert good.num_threads == bad.num_threads == 7
