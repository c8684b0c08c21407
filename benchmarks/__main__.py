"""Run the benchmarks one after the other, and put their figures into docs/benchmarks.md.

    python -m benchmarks                       # all of them, some 40 minutes on two cores
    python -m benchmarks --only tree k_scan
    python -m benchmarks --folder PHOTOS       # photographs in folders named by classes, where true classes are needed
    python -m benchmarks --list

Each is a process of its own, ``python -m benchmarks.NAME``, whose output takes the place of its section's; the prose
around the sections is left alone. The section of one that fails stays as it is, the others go on, and the exit code
is 1. What was measured is written at once: Ctrl+C loses the benchmark that is running.
"""

import argparse
import ast
import datetime
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.common import SKIPPED, say, short
from benchmarks.document import DocumentError, sections, with_section, write_whole
from benchmarks.machine import BUSY, load, machine
from benchmarks.plot import growth_svg

ROOT = Path(__file__).parents[1]
DOCUMENT = ROOT / "docs" / "benchmarks.md"


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """One module of this package.

    Attributes
    ----------
    name : str
        Of the module, and of its section.
    takes_folder : bool
        Whether ``--folder`` is passed on. Without it the built-in samples serve.
    """

    name: str
    takes_folder: bool = False


BENCHMARKS = (
    Benchmark(name="growth"),
    Benchmark(name="extraction", takes_folder=True),
    Benchmark(name="clustimage", takes_folder=True),
    Benchmark(name="stages"),
    Benchmark(name="scale"),
    Benchmark(name="slider"),
    Benchmark(name="cold_start"),
    Benchmark(name="cluster_cost"),
    Benchmark(name="tree"),
    Benchmark(name="k_scan"),
    Benchmark(name="bursts", takes_folder=True),
    Benchmark(name="choose_k", takes_folder=True),
    Benchmark(name="extractors", takes_folder=True),
    Benchmark(name="wide"),
    Benchmark(name="neighbors"),
    Benchmark(name="predicting", takes_folder=True),
    Benchmark(name="copies", takes_folder=True),
    Benchmark(name="report", takes_folder=True),
)
Execute = Callable[[Sequence[str]], tuple[int, str]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [each.name for each in BENCHMARKS]
    parser.add_argument("--only", nargs="+", choices=names, metavar="NAME", default=names, help="these alone")
    parser.add_argument("--folder", metavar="PHOTOS", help="a folder of pictures with one sub-folder for each class")
    parser.add_argument("--list", action="store_true", help="say what there is, and end")
    options = parser.parse_args(arguments)
    if options.list:
        for each in BENCHMARKS:
            print(f"{each.name:<14}{'--folder  ' if each.takes_folder else '':<10}{summary(each)}")
        return 0
    chosen = [each for each in BENCHMARKS if each.name in options.only]
    try:
        failed = run(chosen, document=DOCUMENT, folder=options.folder)
    except DocumentError as problem:
        say(str(problem))
        return 1
    except KeyboardInterrupt:
        say("Stopped. What was measured until then is in the document.")
        return 130
    if failed:
        say(f"Failed, with their old figures kept: {', '.join(failed)}.")
    return 1 if failed else 0


def run(
    chosen: Sequence[Benchmark], *, document: Path, folder: str | None = None, execute: Execute | None = None
) -> list[str]:
    """Run some benchmarks and rewrite their sections of a document.

    Parameters
    ----------
    chosen : sequence of Benchmark
    document : Path
        The plot of growth is written beside it, as growth.svg.
    folder : str, optional
        Photographs in folders that are named by classes.
    execute : callable, optional
        Runs a command and returns its exit code and its output.

    Returns
    -------
    list of str
        The names of those that failed.

    Raises
    ------
    DocumentError
        The document has no section for one of them; nothing has been run then.
    """
    known = sections(document.read_text(encoding="utf-8"))
    if lacking := [name for name in ("machine", *(each.name for each in chosen)) if name not in known]:
        raise DocumentError(f"{document.name} has no section for {', '.join(lacking)}: put its two markers into it.")
    busy, n_cores = load(), os.cpu_count() or 1
    if busy > BUSY * n_cores:
        say(f"Other programs are running (load {busy:.1f} on {n_cores} cores): times will be too long.")
    today = datetime.date.today().isoformat()
    _put(document, "machine", f"{machine()} The last run began on {today} with a load of {short(busy)}.")
    failed = []
    for number, benchmark in enumerate(chosen, 1):
        say(f"[{number}/{len(chosen)}] {benchmark.name}")
        before, begun = load(), time.perf_counter()
        code, output = (execute or _execute)(command_of(benchmark, folder))
        seconds = time.perf_counter() - begun
        if code == SKIPPED:
            continue
        try:
            if code or not output.strip():
                raise DocumentError(f"{benchmark.name} ended with code {code} after {seconds:.0f} s.")
            drawing = growth_svg(output) if benchmark.name == "growth" else None
            _put(document, benchmark.name, f"{output.strip()}\n\n*{today}, load {short(before)}, {short(seconds)} s.*")
            if drawing:
                write_whole(document.with_name("growth.svg"), drawing)
        except ValueError as problem:  # a table of growth that cannot be drawn is one too
            say(str(problem))
            failed.append(benchmark.name)
    return failed


def command_of(benchmark: Benchmark, folder: str | None) -> list[str]:
    """Return the command that runs one benchmark."""
    added = ["--folder", str(Path(folder).resolve())] if folder and benchmark.takes_folder else []
    return [sys.executable, "-m", f"benchmarks.{benchmark.name}", *added]


def summary(benchmark: Benchmark) -> str:
    """Return the first sentence of a benchmark's module, without importing it."""
    path = ROOT / "benchmarks" / f"{benchmark.name}.py"
    return (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").partition("\n")[0]


def _execute(command: Sequence[str]) -> tuple[int, str]:
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, encoding="utf-8", check=False)
    return done.returncode, done.stdout


def _put(document: Path, name: str, body: str) -> None:
    """Rewrite one section; what was changed by hand while a benchmark ran is kept."""
    write_whole(document, with_section(document.read_text(encoding="utf-8"), name, body))


if __name__ == "__main__":
    sys.exit(main())
