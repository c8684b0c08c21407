"""What the benchmarks share: seconds, memory, processes of their own, and Markdown."""

import math
import multiprocessing
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from numbers import Integral
from pathlib import Path
from typing import Any

__all__ = [
    "SKIPPED",
    "apart",
    "command",
    "megabytes",
    "own_memory",
    "peak_megabytes",
    "say",
    "short",
    "table",
    "timed",
]

SKIPPED = 3
"""The exit code of a benchmark that lacks something it needs, and said what: its old figures stay."""

_STATUS = Path("/proc/self/status")
_PRIVATE = {"--folder": "PHOTOS", "--environment": "DIR"}  # paths of this computer are nobody else's concern


def timed(function: Callable[..., Any], *args: Any, **kwargs: Any) -> tuple[Any, float]:
    """Return the function's result and its seconds."""
    started = time.perf_counter()
    result = function(*args, **kwargs)
    return result, time.perf_counter() - started


def apart(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call a function of a module in a new process, so that its memory and its imports are its own.

    What it prints goes to stderr: stdout is for the tables.
    """
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context, initializer=os.dup2, initargs=(2, 1)) as pool:
        return pool.submit(function, *args, **kwargs).result()


def peak_megabytes() -> float:
    """Return the peak resident memory of this process so far, MB of 2^20 bytes; NaN on Windows."""
    if _STATUS.exists():  # getrusage has in it what the process was that started this one
        return _status(_STATUS, "VmHWM")
    try:
        import resource
    except ImportError:
        return float("nan")
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


@contextmanager
def own_memory() -> Iterator[list[float]]:
    """Note the largest anonymous memory of this process, MB, while the block runs; NaN where there is no /proc.

    It leaves out what was read from files, which the system may drop at any time. The first value is there at once.
    """
    largest, stop = [float("nan")], threading.Event()

    def look() -> None:
        while not stop.wait(0.02):
            largest[0] = max(largest[0], _status(_STATUS, "RssAnon"))

    thread = threading.Thread(target=look, daemon=True)
    if _STATUS.exists():
        largest[0] = _status(_STATUS, "RssAnon")
        thread.start()
    try:
        yield largest
    finally:
        stop.set()
        if thread.is_alive():
            thread.join()


def megabytes(process: int) -> float:
    """Return the anonymous memory of a process, MB; 0 when it has gone."""
    try:
        return _status(Path(f"/proc/{process}/status"), "RssAnon")
    except (OSError, StopIteration):
        return 0.0


def _status(path: Path, field: str) -> float:
    lines = path.read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{field}:")) / 1024


def say(text: str) -> None:
    """Tell how far things are, on stderr."""
    print(text, file=sys.stderr, flush=True)


def command() -> str:
    """Return the command line of this benchmark as code for Markdown, without the names of folders."""
    words = ["python", "-m", sys.modules["__main__"].__spec__.name]
    for before, word in zip(sys.argv, sys.argv[1:], strict=False):
        words.append(_PRIVATE.get(before, word))
    return f"`{' '.join(words)}`"


def table(header: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    """Return a Markdown table; None and NaN are shown as "-", other numbers as `short` says, texts as they are."""
    lines = [header, ["---"] * len(header), *rows]
    if wrong := [line for line in lines if len(line) != len(header)]:
        raise ValueError(f"a line of {len(wrong[0])} cells in a table of {len(header)} columns: {wrong[0]}")
    return "\n".join("|" + "|".join(_cell(value) for value in line) + "|" for line in lines)


def _cell(value: object) -> str:
    text = value if isinstance(value, str) else short(value)
    return text if text == "---" else f" {text} " if text else " "


def short(number: float | None) -> str:
    """Return a number with three significant digits and no exponent, or a whole number with its thousands parted."""
    if isinstance(number, Integral):
        return f"{number:,}"
    if number is None or math.isnan(number):
        return "-"
    digits = 2 - math.floor(math.log10(abs(number))) if number else 0
    return f"{round(number, digits):,.{max(0, min(digits, 3))}f}"
