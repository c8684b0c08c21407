"""What a million pictures cost, stage by stage: measured where it is measurable, the rest by a formula that is said.

    python -m benchmarks.cluster_cost                             # 400 photographs, 60,000 and 100,000 rows
    python -m benchmarks.cluster_cost --images 60 --rows 1000 4000

Photographs are generated, 1200 x 900, and lie on this computer's disk: add what your network takes to bring them. The
workers are two processes of this computer. Stages after the vectors grow as n to the power p, which is measured
between the two numbers of rows.
"""

import argparse
import math
import pickle
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

from benchmarks.common import SKIPPED, apart, command, peak_megabytes, say, short, table, timed
from benchmarks.extraction import BATCH, NETWORK, decode_all, extract, write_photos
from benchmarks.stages import synthetic_features
from imgcluster.backends import CLUSTER_COMMAND, Backend, run_tasks
from imgcluster.choosing.scan import scan_k
from imgcluster.extractors.registry import get_extractor
from imgcluster.features.distributed import Elsewhere, Order, look_at
from imgcluster.features.extraction import extract_features
from imgcluster.features.reading import loader_version
from imgcluster.features.store import Store
from imgcluster.features.survey import survey_images
from imgcluster.grouping.clustering import kmeans_series
from imgcluster.pictures.finding import find_images
from imgcluster.pictures.formats import MAX_PIXELS
from imgcluster.spaces.space import fit_space

MILLION, MACHINES = 1_000_000, 10
ROWS = (60_000, 100_000)
KS = range(2, 31)
N_TASKS = 300
TURNS = 3


def main() -> int:
    """Print what was measured, and what follows for a million pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=400, help="photographs (default: %(default)s)")
    parser.add_argument("--rows", type=int, nargs=2, default=ROWS, help="two sizes, growing (default: %(default)s)")
    options = parser.parse_args()
    try:
        import distributed  # noqa: F401
    except ImportError:
        say(f"The package dask is missing: {CLUSTER_COMMAND}")
        return SKIPPED
    with tempfile.TemporaryDirectory() as directory:
        photos = write_photos(Path(directory) / "photos", options.images)
        here = apart(on_this_computer, photos)
        say(f"here: {here}")
        there = apart(on_two_workers, photos)
        say(f"two workers: {there}")
    small, large = (apart(after_the_vectors, n_rows) for n_rows in options.rows)
    say(f"after the vectors: {small}, {large}")
    print(f"{command()}: {options.images} photographs, {options.rows[0]:,} and {options.rows[1]:,} rows\n")
    print(table(("of one picture", ""), measured(here, there)))
    header = ("a million pictures", "formula", "one machine like this", f"{MACHINES} of them")
    print("\n" + table(header, [*up_to_the_vectors(here, there), *after(options.rows, small, large)]))
    return 0


def on_this_computer(photos: Path) -> dict[str, float]:
    """Return seconds and bytes of one picture, as one process works on them."""
    network = get_extractor(NETWORK)
    network.load()
    collection = find_images(photos)  # what it imports is paid here
    finding, n = min(timed(find_images, photos)[1] for _ in range(TURNS)), len(collection)
    with tempfile.TemporaryDirectory() as directory:
        scratch = Path(directory)
        prepared = decode_all(collection, network, scratch / "first")
        network(prepared[:BATCH])
        whole = min(timed(extract, collection, scratch / f"{turn}.sqlite")[1] for turn in range(TURNS))
        decoding = min(timed(decode_all, collection, network, scratch / f"{turn}")[1] for turn in range(TURNS))
        predicting = min(timed(network, prepared)[1] for _ in range(TURNS))
        with Store(scratch / "0.sqlite") as store:
            looking_up = min(timed(survey_images, collection, store=store)[1] for _ in range(TURNS))
        stored = (scratch / "0.sqlite").stat().st_size
    order = Order(
        features=NETWORK,
        extractor_id=network.id,
        loader=loader_version(MAX_PIXELS),
        max_pixels=MAX_PIXELS,
    )
    batch = collection.images[:BATCH]
    sent = len(pickle.dumps(look_at(range(len(batch)), batch, order))) / len(batch)
    return {
        "finding": finding / n,
        "decoding": decoding / n,
        "network": predicting / n,
        "whole": whole / n,
        "looking_up": looking_up / n,
        "stored": stored / n,
        "sent": sent,
        "size": sum(image.size for image in collection.images) / n,
    }


def on_two_workers(photos: Path) -> dict[str, float]:
    """Return the seconds of one picture with two worker processes, and those that each task costs besides."""
    from distributed import LocalCluster

    network = get_extractor(NETWORK)
    network.load()  # from now on its name says the precision that this processor works in
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster,
        tempfile.TemporaryDirectory() as directory,
    ):
        backend = Backend(scheduler=cluster.scheduler_address)
        elsewhere = Elsewhere(backend=backend, features=NETWORK)
        seconds = []
        for turn in range(TURNS + 1):  # in the first the workers load the network
            with Store(Path(directory) / f"{turn}.sqlite") as store:
                collection = find_images(photos)
                seconds.append(timed(extract_features, collection, store=store, elsewhere=elsewhere)[1])
        _, tasks = timed(lambda: list(run_tasks(backend, abs, [(-number,) for number in range(N_TASKS)])))
    return {"whole": min(seconds[1:]) / len(collection), "task": tasks / N_TASKS}


def after_the_vectors(n_rows: int) -> dict[str, float]:
    """Return the seconds of what is done with the vectors of so many pictures."""

    def once(n: int) -> dict[str, float]:
        vectors = synthetic_features(n)[0]
        space, seconds = timed(fit_space, SimpleNamespace(vectors=vectors, fingerprint="", scaling="hellinger"))
        series, in_series = timed(kmeans_series, space.coordinates, KS[-1])
        _, scanning = timed(scan_k, space.coordinates, KS, series=series, column_scales=space.column_scales)
        return {"space": seconds, "series": in_series, "scan": scanning, "memory": peak_megabytes()}

    once(500)  # imports are paid here
    return once(n_rows)


def measured(here: dict[str, float], there: dict[str, float]) -> list[tuple[str, str]]:
    """Return the lines of the first table."""
    seconds = {
        "finding it in a folder, ms": here["finding"],
        "reading, decoding, thumbnail, ms, all cores": here["decoding"],
        "network, ms, all cores": here["network"],
        "from the disk to the stored vector, ms": here["whole"],
        "the same by two workers of this machine, ms": there["whole"],
        f"dask and joblib for a batch of {BATCH}, ms": there["task"],
        "second run, nothing changed, ms": here["finding"] + here["looking_up"],
    }
    sizes = {"the file, KB": here["size"], "in the store, KB": here["stored"], "sent by a worker, KB": here["sent"]}
    lines = [(name, f"{1000 * value:.3f}") for name, value in seconds.items()]
    return lines + [(name, short(value / 1000)) for name, value in sizes.items()]


def up_to_the_vectors(here: dict[str, float], there: dict[str, float]) -> list[tuple[str, str, str, str]]:
    """Return the lines that grow with the number of pictures, and are divided by that of machines."""
    alone = here["whole"] * MILLION
    handing_out = there["task"] * MILLION / BATCH
    divided = max(there["whole"] * MILLION / MACHINES, handing_out)
    stored, sent = (f"{here[name] * MILLION / 1e9:.1f} GB" for name in ("stored", "sent"))
    again = in_words((here["finding"] + here["looking_up"]) * MILLION)
    return [
        ("finding them", "n x one", in_words(here["finding"] * MILLION), "the same"),
        ("pictures to vectors", "n x one / machines", in_words(alone), in_words(divided)),
        ("of that, handing out", f"n / {BATCH} x one", "", in_words(handing_out)),
        ("sent to this computer", "n x one", "", sent),
        ("the store", "n x one", stored, stored),
        ("second run, nothing changed", "n x one", again, again),
    ]


def after(rows: tuple[int, int], small: dict[str, float], large: dict[str, float]) -> list[tuple[str, str, str, str]]:
    """Return the lines of what is done on this computer with all the vectors."""
    names = {"space": "space", "series": f"KMeans, k = 1 to {KS[-1]}", "scan": f"scan of k, {KS[0]} to {KS[-1]}"}
    lines = []
    for key, name in names.items():
        power = max(0.0, math.log(large[key] / small[key]) / math.log(rows[1] / rows[0]))
        seconds = large[key] * (MILLION / rows[1]) ** power
        formula = f"{large[key]:.2f} s x (n / {rows[1]:,})^{power:.2f}"
        is_divided = key == "scan"  # each k by itself
        lines.append((name, formula, in_words(seconds), in_words(seconds / MACHINES) if is_divided else "the same"))
    growth = (large["memory"] - small["memory"]) / (rows[1] - rows[0])
    memory = f"{(large['memory'] + growth * (MILLION - rows[1])) / 1024:.1f} GB"
    return [*lines, ("peak memory, with the vectors in it", f"{1024 * growth:.1f} KB x n", memory, memory)]


def in_words(seconds: float) -> str:
    """Return seconds in the unit that suits them."""
    if seconds < 120:
        return f"{short(seconds)} s"
    return f"{short(seconds / 60)} min" if seconds < 7200 else f"{short(seconds / 3600)} h"


if __name__ == "__main__":
    sys.exit(main())
