"""From `streamlit run app.py` to the first screen, and from a click on a sample to the first map.

    python -m benchmarks.cold_start
    python -m benchmarks.cold_start --runs 1 --sample dots

Python's part of the start is measured by a client without a browser, and by what each package takes to be imported;
what a person waits for is measured in headless Chromium. Compared with a Streamlit app of one heading. The click is
measured with an empty cache, and with one where another sample was grouped before. Files of Python are in the system's
cache after the first start: right after the computer was switched on, the disk comes on top. Prints Markdown.
Needs Chromium and requirements-dev.txt.
"""

import argparse
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from benchmarks.common import SKIPPED, apart, command, say, table, timed
from benchmarks.slider import ARGUMENTS, OURS, READY
from benchmarks.whole_app import ROOT, stop
from imgcluster.cache import Workspace
from imgcluster.features.options import parse_features, suiting_space
from imgcluster.maps.options import MapOptions
from imgcluster.pictures.samples import SAMPLES
from imgcluster.pipeline import open_collection
from imgcluster.spaces.options import SpaceOptions
from imgcluster.stages.grouping import fit_series, fit_space_cached, place_on_map
from imgcluster.stages.looking import embed_images, inspect_collection

HEADING = "Find the groups in your pictures"
EMPTY_APP = f"import streamlit as st\nst.title({HEADING!r})\n"
N_SERIES, N_PACKAGES = 100, 15
IMPORTED = re.compile(r"import time:\s*(\d+) \|\s*\d+ \|\s*(\S+)")

# Seconds, on two quiet cores.
BUDGET_PYTHON, BUDGET_KNOWN, BUDGET_NEW = 2, 10, 30

Row = dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A Streamlit app that answers.

    Attributes
    ----------
    url : str
    pid : int
    log : Path
        What it prints on stderr.
    begun : float
        When its process was started, by `time.perf_counter`.
    """

    url: str
    pid: int
    log: Path
    begun: float

    def seconds(self) -> float:
        """Return the seconds since its process was started."""
        return time.perf_counter() - self.begun

    def work(self) -> float:
        """Return the seconds that its process has kept a core busy; NaN where there is no /proc."""
        try:
            fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return float("nan")
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Start the apps, click, print the medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3, help="of which the median is shown")
    parser.add_argument("--sample", choices=sorted(SAMPLES), default="digits", help="which one is clicked on")
    options = parser.parse_args()
    browser = shutil.which("chromium")
    if browser is None:
        say("Chromium is not installed.")
        sys.exit(SKIPPED)
    another = next(name for name in SAMPLES if name != options.sample)
    with tempfile.TemporaryDirectory() as directory, sync_playwright() as playwright:
        folder = Path(directory)
        (folder / "empty_app.py").write_text(EMPTY_APP)
        (folder / "new").mkdir()
        say(f"grouping {another}, to have a cache that is not empty")
        apart(way, another, folder / "known")
        chromium = playwright.chromium.launch(executable_path=browser, args=ARGUMENTS)
        apps = {"this app": ROOT / "app.py", "an empty Streamlit app": folder / "empty_app.py"}
        starts = {}
        for name, script in apps.items():
            starts[name] = median([start(chromium, script, folder) for _ in repeat(options.runs, name)])
        before, after = import_profile(apps["this app"], folder)
        clicks, ways = {}, {}
        for cache in ("new", "known"):
            clicks[cache] = median(
                [click(chromium, options.sample, folder / cache) for _ in repeat(options.runs, f"click, {cache}")]
            )
            ways[cache] = median([alone(options.sample, folder / cache) for _ in repeat(options.runs, f"way, {cache}")])
        chromium.close()
    print(f"{command()}: median of {options.runs} starts, the files of Python in the system's cache.\n")
    print(table(["from the start of the process, seconds", *starts], rows_of(starts)))
    print(f"\nBudget of Python, to the end of the first screen's script: {BUDGET_PYTHON} s.\n")
    print("What is imported, by package, with `python -X importtime`, which itself takes time; milliseconds:\n")
    print(table(["package", "modules", "until the server answers", "for the first screen"], packages(before, after)))
    title = SAMPLES[options.sample].title
    print(
        f'\nFrom a click on "{title}", Start pressed as soon as it is there, in headless Chromium with software GL:\n'
    )
    header = ["seconds", "never run before", f'"{SAMPLES[another].title}" was grouped before']
    print(table([*header], [*rows_of(clicks), ["budget", BUDGET_NEW, BUDGET_KNOWN]]))
    print("\nThe same way in a process of its own, without a screen, one step after the other:\n")
    print(table(header, rows_of(ways)))


def repeat(runs: int, what: str) -> Iterator[int]:
    """Count the runs, and tell of each."""
    for run in range(runs):
        say(f"{what}: {run + 1} of {runs}")
        yield run


def median(runs: Sequence[Row]) -> Row:
    """Return the median of each figure."""
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


def rows_of(columns: dict[str, Row]) -> list[list[object]]:
    """Return the rows of a table with these columns."""
    names = next(iter(columns.values()))
    return [[name, *(column[name] for column in columns.values())] for name in names]


@contextmanager
def serve(script: Path, cache: Path, *interpreter: str) -> Iterator[Server]:
    """Start an app on a free port, wait until it answers, end it after the block."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    arguments = [sys.executable, *interpreter, "-m", "streamlit", "run", str(script), "--server.headless=true"]
    arguments += [f"--server.port={port}", "--server.address=127.0.0.1"]
    environment = {**os.environ, "IMGCLUSTER_CACHE": str(cache), "PYTHONPATH": str(ROOT)}
    with tempfile.TemporaryDirectory() as directory:
        log = Path(directory) / "stderr.txt"
        begun = time.perf_counter()
        with log.open("wb") as errors:
            process = subprocess.Popen(arguments, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=errors)
        server = Server(url=f"127.0.0.1:{port}", pid=process.pid, log=log, begun=begun)
        try:
            while not answers(server):
                if process.poll() is not None:
                    raise SystemExit(f"the app did not start:\n{log.read_text(errors='replace')[-2000:]}")
                time.sleep(0.01)
            yield server
        finally:
            stop(process)


def answers(server: Server) -> bool:
    """Return whether the app is healthy."""
    try:
        urllib.request.urlopen(f"http://{server.url}/_stcore/health", timeout=2).close()
    except OSError:
        return False
    return True


def first_run(server: Server) -> None:
    """Open a session as a browser does, and wait until its script has run to its end."""
    with connect(f"ws://{server.url}/_stcore/stream", subprotocols=["streamlit"], max_size=None) as socket:
        wish = BackMsg()
        wish.rerun_script.query_string = ""
        socket.send(wish.SerializeToString())
        message = ForwardMsg()
        while message.WhichOneof("type") != "script_finished":
            message.ParseFromString(socket.recv())


def start(chromium: Browser, script: Path, folder: Path) -> Row:
    """Start an app twice: for a client without a browser, and for Chromium."""
    with serve(script, folder / "new") as server:
        row = {"the server answers": server.seconds(), "of which a core was busy": server.work()}
        first_run(server)
        row |= {"first screen's script has run": server.seconds(), "of which a core was busy, in all": server.work()}
    with serve(script, folder / "new") as server:
        page = chromium.new_page()
        page.goto(f"http://{server.url}")
        page.get_by_role("heading", name=HEADING).wait_for(timeout=120_000)
        row["first paint of its heading in Chromium"] = server.seconds()
        page.close()
    return row


def import_profile(script: Path, folder: Path) -> tuple[list[tuple[str, float]], list[tuple[str, float]]]:
    """Return the modules that are imported until the server answers, and after that for the first screen.

    With each module goes its own time in milliseconds, without that of the modules which it imports.
    """
    say("imports")
    with serve(script, folder / "new", "-X", "importtime") as server:
        n_before = server.log.stat().st_size
        first_run(server)
        printed = server.log.read_bytes()
    texts = (part.decode(errors="replace") for part in (printed[:n_before], printed[n_before:]))
    before, after = ([(name, int(own) / 1000) for own, name in IMPORTED.findall(text)] for text in texts)
    return before, after


def packages(before: Sequence[tuple[str, float]], after: Sequence[tuple[str, float]]) -> list[list[object]]:
    """Sum the modules up by package: the 15 that take longest, all others, all."""

    def line(title: str, names: set[str]) -> list[object]:
        inside = [[(name, own) for name, own in each if name.partition(".")[0] in names] for each in (before, after)]
        return [title, sum(map(len, inside)), *(sum(own for _, own in each) for each in inside)]

    names = {name.partition(".")[0] for name, _ in (*before, *after)}
    longest = sorted(names, key=lambda name: -sum(line(name, {name})[2:]))[:N_PACKAGES]
    lines = [line(f"`{name}`", {name}) for name in longest]
    return [*lines, line("all others", names - set(longest)), line("all", names)]


def click(chromium: Browser, sample: str, cache: Path) -> Row:
    """Choose a sample on the first screen of a new app, start, and wait for the first map."""
    with copied(cache) as own, serve(ROOT / "app.py", own) as server:
        page = chromium.new_page(viewport={"width": 1280, "height": 1400})
        page.goto(f"http://{server.url}")
        choose = page.get_by_role("button", name=SAMPLES[sample].title)
        choose.wait_for(timeout=120_000)
        page.wait_for_selector(READY)
        clicked, busy = time.perf_counter(), server.work()
        choose.click()
        begin = page.get_by_role("button", name="Start", exact=True)
        begin.wait_for(timeout=120_000)
        row = {"Start is there": time.perf_counter() - clicked}
        begin.click()
        page.wait_for_selector(OURS, timeout=600_000)
        row |= {"first map is drawn": time.perf_counter() - clicked, "a core was busy": server.work() - busy}
        page.close()
    return row


@contextmanager
def copied(cache: Path) -> Iterator[Path]:
    """Give a copy of a cache, so that no run finds what another left."""
    with tempfile.TemporaryDirectory() as directory:
        yield Path(shutil.copytree(cache, Path(directory) / "cache"))


def alone(sample: str, cache: Path) -> Row:
    """Go the same way without a screen, in a new process."""
    with copied(cache) as own:
        return apart(way, sample, own)


def way(sample: str, cache: Path) -> Row:
    """Go from a sample to the first map; return the seconds of each step."""
    os.environ["IMGCLUSTER_CACHE"] = str(cache)
    workspace, row = Workspace(cache), {}
    found, row["pictures unpacked"] = timed(open_collection, sample, sample=True)
    found, row["their headers read"] = timed(inspect_collection, found, workspace=workspace)
    options = parse_features(SAMPLES[sample].features or "quick")
    _, row["what looks at them made ready"] = timed(lambda: [each.load() for each in options.extractors()])
    (extraction, _), row["all looked at"] = timed(embed_images, found, options, workspace=workspace)
    space_options = SpaceOptions(method=suiting_space(options))
    space, row["space"] = timed(fit_space_cached, extraction.features, options=space_options, workspace=workspace)
    n_series = min(N_SERIES, len(found))
    _, row[f"groups for every number up to {n_series}"] = timed(fit_series, space, n_series, workspace=workspace)
    _, row["first map"] = timed(place_on_map, space, MapOptions(method="diffusion"), workspace=workspace)
    return row


if __name__ == "__main__":
    main()
