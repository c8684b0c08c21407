"""Seconds, memory and quality beside clustimage, from a folder of pictures to groups.

    python -m benchmarks.clustimage                        # drawings of the built-in sample, in variants
    python -m benchmarks.clustimage --folder PHOTOS        # photographs in folders that are named by classes
    python -m benchmarks.clustimage --environment DIR      # keep clustimage's virtual environment, or use it again
    python -m benchmarks.clustimage --images 300 --limit 120

clustimage (Taskesen, https://pypi.org/project/clustimage) is installed from the package index into a virtual
environment of its own, and called as its documentation shows: ``Clustimage(method=...).fit_transform(folder)``. Where
there is no index, this ends with a sentence and prints no table. The recipe of tutorials is the third way: ``load_img``
and ``model.predict`` one picture at a time with our network, z-scores, KMeans with the true number of groups.

The pictures are those of the folder, then the same mirrored, cropped, darker and encoded again, until there are enough.
All times contain Python's start and its imports. Peak memory is of all processes together, without what was read
from files.
"""

import argparse
import csv
import json
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.common import SKIPPED, command, say, table
from benchmarks.recipe import TUTORIAL
from benchmarks.variants import agreement, classes, write_variants
from benchmarks.watching import Run, watch
from imgcluster.pipeline import open_collection

ROOT = Path(__file__).parents[1]
METHODS = ("pca", "hog", "pca-hog")
THEIRS = """
import importlib.metadata, json, sys
from clustimage import Clustimage
method, folder, out = sys.argv[1:]
results = Clustimage(method=method).fit_transform(folder)
found = {"version": importlib.metadata.version("clustimage")}
found["paths"] = [str(path) for path in results["pathnames"]]
found["labels"] = [int(label) for label in results["labels"]]
with open(out, "w") as file:
    json.dump(found, file)
"""
Groups = tuple[list[str], list[int]]


def main() -> None:
    """Print one table: ours, again, clustimage's methods, the recipe."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", help="photographs with one sub-folder for each class")
    parser.add_argument("--images", type=int, default=2000, help="(default: %(default)s)")
    parser.add_argument("--limit", type=float, default=900, help="seconds for each run (default: %(default)s)")
    parser.add_argument("--environment", type=Path, help="where clustimage is, or is installed and kept")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        scratch = Path(directory)
        python = installed(options.environment or scratch / "environment")
        if python is None:
            say("clustimage needs a package index to be installed from, and none could be reached: its section stays.")
            sys.exit(SKIPPED)
        chosen = open_collection(options.folder or "dots", sample=not options.folder)
        folder = write_variants(chosen.images, scratch / "pictures", options.images)
        print_table(folder, scratch, python, options)


def installed(environment: Path) -> Path | None:
    """Return the Python of a virtual environment with clustimage in it, made where it is missing; None without it."""
    python = environment / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    asked = [str(python), "-c", "import importlib.metadata as m; m.version('clustimage')"]
    if python.exists() and subprocess.run(asked, capture_output=True, check=False).returncode == 0:
        return python
    say("installing clustimage in an environment of its own")
    venv.create(environment, with_pip=True)
    done = subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "clustimage"], stdout=sys.stderr, cwd=environment, check=False
    )
    return python if done.returncode == 0 else None


def print_table(folder: Path, scratch: Path, python: Path, options: argparse.Namespace) -> None:
    """Run every way once, one after the other, and print them side by side."""
    truth = classes(sorted(str(path.relative_to(folder)) for path in folder.rglob("*.jpg")))
    n_classes, rows, ours, version = len(set(truth)), [], float("nan"), ""
    cache = {"IMGCLUSTER_CACHE": str(scratch / "cache")}
    warm_up(scratch, cache, options)
    ways = {
        "imgcluster, from nothing": "auto",
        "imgcluster, the same folder again": "auto",
        f"imgcluster, told that there are {n_classes}": str(n_classes),
    }
    for title, k in ways.items():
        out = scratch / "ours.csv"
        run = watch(our_command(folder, out, k), limit=options.limit, environment=cache, folder=ROOT)
        rows.append(line(title, run, ours, folder, lambda out=out: read_ours(out)))
        ours = run.seconds if ours != ours else ours
    for method in METHODS:
        out = scratch / f"{method}.json"
        arguments = [str(python), "-c", THEIRS, method, str(folder), str(out)]
        quiet = {"MPLBACKEND": "Agg", "TMPDIR": str(scratch), "TEMP": str(scratch)}
        run = watch(arguments, limit=options.limit, environment=quiet, folder=scratch)
        default = ", its default" if method == METHODS[0] else ""
        rows.append(line(f"clustimage, {method}{default}", run, ours, folder, lambda out=out: read_theirs(out)))
        version = json.loads(out.read_text())["version"] if out.exists() else version
    out = scratch / "recipe.json"
    run = watch([*TUTORIAL, str(folder), str(n_classes), str(out)], limit=options.limit, folder=ROOT)
    rows.append(line(f"one by one, z-scores, KMeans of {n_classes}", run, ours, folder, lambda: read_theirs(out)))
    source = "photographs" if options.folder else "drawings"
    print(f"{command()}: {len(truth):,} {source}, {n_classes} classes; clustimage {version or 'not finished'}\n")
    print(table(("", "seconds", "times ours", "peak memory, MB", "groups", "NMI", "ARI"), rows))


def our_command(folder: Path, out: Path, k: str = "auto") -> list[str]:
    return [sys.executable, "-m", "imgcluster", "cluster", str(folder), "--k", k, "--out", str(out)]


def warm_up(scratch: Path, cache: dict[str, str], options: argparse.Namespace) -> None:
    """Group some other pictures: what is prepared once on a computer is there then, and nothing of the folder."""
    images = open_collection("digits", sample=True).images[::180]
    folder = write_variants(images, scratch / "others", len(images))
    watch(our_command(folder, scratch / "others.csv"), limit=options.limit, environment=cache, folder=ROOT)


def line(title: str, run: Run, ours: float, folder: Path, read: Callable[[], Groups]) -> list[object]:
    """Return one line of the table; a run that took too long or failed has its reason in it."""
    say(f"{title}: {run.seconds:.1f} s")
    if run.code != 0:
        reason = "stopped" if run.code is None else f"failed with code {run.code}"
        return [title, f"{reason} after {run.seconds:.0f}", "-", run.peak, "-", "-", "-"]
    paths, labels = read()
    inside = [str((folder / path).relative_to(folder)) for path in paths]  # theirs are absolute, ours are not
    nmi, ari = agreement(classes(inside), np.array(labels))
    return [title, run.seconds, run.seconds / ours, run.peak, len(set(labels)), nmi, ari]


def read_ours(out: Path) -> Groups:
    with out.open(newline="", encoding="utf-8-sig") as file:
        lines = list(csv.DictReader(file))
    return [each["path"] for each in lines], [int(each["cluster"] or 0) for each in lines]


def read_theirs(out: Path) -> Groups:
    found = json.loads(out.read_text())
    return found["paths"], found["labels"]


if __name__ == "__main__":
    main()
