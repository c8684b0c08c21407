"""One call in a process of its own: for what imports too much or cannot be stopped from within."""

import multiprocessing
import os
import threading
from collections.abc import Callable
from concurrent.futures import wait

from imgcluster.errors import ImgClusterError
from imgcluster.progress import raise_if_cancelled

__all__ = ["in_own_process"]

# How often, in seconds, a running call is asked whether it is done or unwanted.
_POLL = 0.1
_NICENESS = 10


def in_own_process(function: Callable, *args, cancel: threading.Event | None, failure: str, hint: str):
    """Call a function in a process of its own; in this one where it may have no children.

    Such are daemonic processes, as dask's workers are by default. The call can then not be cancelled once it runs, and
    what would end the process of its own ends this one.

    Parameters
    ----------
    function : callable
        Importable by its module and name, as are its arguments and result.
    *args
        Passed on.
    cancel : threading.Event or None
        Ends the process at once; in a daemonic process it is looked at before the call only.
    failure : str
        What to say when the process dies, such as "The map could not be drawn".
    hint : str
        What to do next then.

    Returns
    -------
    object
        What the function returns. What it raises is raised.

    Raises
    ------
    ImgClusterError
        When the process of its own dies.
    Cancelled
        ``cancel`` was set.
    """
    if multiprocessing.current_process().daemon:
        raise_if_cancelled(cancel)
        return function(*args)
    from joblib.externals.loky import ProcessPoolExecutor
    from joblib.externals.loky.process_executor import BrokenProcessPool

    # An executor of our own: joblib's reusable one is shared by the whole process, and to kill it on Cancel would take
    # other people's work along. loky's children do not run the main module again, so this works under Streamlit.
    executor = ProcessPoolExecutor(max_workers=1, initializer=_give_way)
    future = None
    try:
        future = executor.submit(function, *args)
        while not future.done():
            raise_if_cancelled(cancel)
            wait([future], timeout=_POLL)
        return future.result()
    except BrokenProcessPool as error:
        raise ImgClusterError(f"{failure}: its process ended early, perhaps for lack of memory.", hint=hint) from error
    finally:
        executor.shutdown(kill_workers=future is None or not future.done())


def _give_way() -> None:
    """Let the screen come first, where there are fewer cores than things to do."""
    if hasattr(os, "nice"):  # not on Windows
        os.nice(_NICENESS)
