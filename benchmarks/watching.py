"""A command in a process of its own, with its seconds and the memory of all processes that it starts."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.common import megabytes, say

__all__ = ["Run", "watch"]

_PAUSE = 0.05  # seconds between two looks at the memory


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What became of a command.

    Attributes
    ----------
    seconds : float
        From its start to its end, Python's own start included.
    peak : float
        Largest anonymous memory of the process and its children together, MB; NaN where there is no /proc.
    code : int or None
        Its exit code; None when it was stopped because it took too long.
    output : str
        What it printed on stdout.
    """

    seconds: float
    peak: float
    code: int | None
    output: str


def watch(
    arguments: Sequence[str], *, limit: float, environment: Mapping[str, str] | None = None, folder: Path | None = None
) -> Run:
    """Run a command until it ends, or for at most ``limit`` seconds.

    Parameters
    ----------
    arguments : sequence of str
        The program and what it is told. Its stderr is shown when it fails.
    limit : float
        Seconds after which it and its children are stopped.
    environment : mapping, optional
        Variables beside those of this process.
    folder : Path, optional
        Where it runs.
    """
    peak = 0.0 if Path("/proc/self/status").exists() else float("nan")
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as remarks:
        begun = time.perf_counter()
        process = subprocess.Popen(
            arguments, stdout=output, stderr=remarks, cwd=folder, env={**os.environ, **(environment or {})}
        )
        try:
            while process.poll() is None and time.perf_counter() - begun < limit:
                peak = max(peak, sum(map(megabytes, family(process.pid)))) if peak == peak else peak
                time.sleep(_PAUSE)
            seconds, code = time.perf_counter() - begun, process.poll()
        finally:
            _stop(process)
        output.seek(0)
        remarks.seek(0)
        if code:
            say(remarks.read().decode(errors="replace")[-2000:])
        return Run(seconds=seconds, peak=peak, code=code, output=output.read().decode(errors="replace"))


def family(process: int) -> list[int]:
    """Return a process and all that it started, directly or not (Linux; elsewhere itself alone)."""
    found = [process]
    for parent in found:
        for children in Path(f"/proc/{parent}/task").glob("*/children"):
            try:
                found.extend(map(int, children.read_text().split()))
            except OSError:  # it has just ended
                continue
    return found


def _stop(process: subprocess.Popen) -> None:
    if process.poll() is not None:
        return
    for each in reversed(family(process.pid)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(each, signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)
    process.wait()
