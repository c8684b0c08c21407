"""Seconds and memory from stored vectors to groups, scores and maps, for 60,000 and 100,000 pictures.

    python -m benchmarks.scale                # both sizes, each way in a process of its own
    python -m benchmarks.scale --rows 8000

The vectors are synthetic (40 overlapping clusters of 1280 non-negative features), written into a store in a temporary
directory and read back as the app reads them. Memory is that of the process and all that it starts, looked at 20 times
a second: "own" is what nothing else can use, "all" counts pages of files too, which the system may drop at any time.
The named alternatives are plain calls of scikit-learn on the same rows; those that would take hours are measured in
part and multiplied.
"""

import argparse
import os
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.common import apart, command, megabytes, say, table, timed
from benchmarks.stages import N_CLUSTERS, synthetic_blocks
from benchmarks.watching import family
from imgcluster.choosing.scan import scan_k
from imgcluster.features.extraction import Features
from imgcluster.features.store import Store, StoreEntry
from imgcluster.grouping.clustering import kmeans, kmeans_series
from imgcluster.maps.layout import map_coordinates
from imgcluster.spaces.nearest import nearest_neighbors
from imgcluster.spaces.space import fit_space

SIZES = (60_000, 100_000)
EXTRACTOR = "synthetic-1"
KS = range(2, 31)
N_NEIGHBORS = 15
N_LOOKED_UP = 1_000  # rows whose true neighbours are found, for the share of them that ours are

# Of the alternatives: rows that are searched for, numbers of clusters, and rows for the silhouettes.
SEARCHED, SOME_KS, SILHOUETTE_ROWS = 2_000, (2, 9, 16, 23, 30), 10_000


def fill_store(path: Path, n_rows: int) -> np.ndarray:
    """Write the vectors in batches, as the extraction does; return the cluster of each."""
    truth, number = [], 0
    with Store(path) as store:
        for vectors, clusters in synthetic_blocks(n_rows):
            entries = [StoreEntry(hash=f"{number + i:032x}", vector=vector) for i, vector in enumerate(vectors)]
            store.put_batch(EXTRACTOR, entries)
            truth.append(clusters)
            number += len(vectors)
    return np.concatenate(truth)


@contextmanager
def memory_of_all() -> Iterator[dict[str, float]]:
    """Note the largest memory of this process and its children together, MB, while the block runs."""
    largest, stop = {"own": 0.0, "all": 0.0}, threading.Event()

    def look() -> None:
        while True:
            processes = family(os.getpid())
            largest["own"] = max(largest["own"], sum(map(megabytes, processes)))
            largest["all"] = max(largest["all"], sum(map(_with_files, processes)))
            if stop.wait(0.05):
                return

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield largest
    finally:
        stop.set()
        thread.join()


def _with_files(process: int) -> float:
    """Return the memory of a process, shared pages in parts, MB; 0 when it has gone or there is no /proc."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def ours(folder: Path, n_rows: int, truth: np.ndarray) -> dict[str, Any]:
    """Go the whole way once; return the stages (name, s, own, all) and what shows how good it is."""
    from sklearn.metrics import normalized_mutual_info_score

    stages: list[tuple[str, float, float, float]] = []

    def stage(name: str, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        with memory_of_all() as largest:
            result, seconds = timed(function, *args, **kwargs)
        stages.append((name, seconds, largest["own"], largest["all"]))
        say(f"{n_rows:,} rows, {name}: {seconds:.1f} s, {largest['own']:.0f} MB")
        return result

    hashes = tuple(f"{number:032x}" for number in range(n_rows))
    kmeans_series(np.random.default_rng(0).normal(size=(3500, 5)), 3)  # imports are paid here, and threads started
    with Store(folder / "store.sqlite") as store:
        vectors = stage("vectors from the store", store.vectors, EXTRACTOR, hashes)
    features = Features(vectors=vectors, hashes=hashes, extractor=EXTRACTOR, fingerprint="", scaling="hellinger")
    space = stage("space", fit_space, features)
    series = stage(f"KMeans, k = 1 to {KS[-1]}", kmeans_series, space.coordinates, KS[-1])
    given = {"series": series, "column_scales": space.column_scales}
    stage(f"scan, k = {KS[0]} to {KS[-1]}, all scores", scan_k, space.coordinates, KS, **given)
    stage("first map", map_coordinates, space)
    stage("UMAP map, in its own process", map_coordinates, space, method="umap")
    rows, labels = space.model.known, kmeans(space.coordinates, N_CLUSTERS).labels
    (found, _), searching = timed(nearest_neighbors, rows, N_NEIGHBORS)
    np.savez(folder / "rows.npz", rows=rows, coordinates=space.coordinates, labels=labels)
    return {
        "stages": stages,
        "searching": searching,
        "recall": share_found(rows, found),
        "quality": normalized_mutual_info_score(truth, labels),
    }


def share_found(rows: np.ndarray, found: np.ndarray) -> float:
    """Return which share of the true nearest of some rows are among those found, in [0, 1]."""
    some = np.random.default_rng(0).choice(len(rows), min(len(rows), N_LOOKED_UP), replace=False)
    wide = rows.astype(np.float64)
    shares = []
    for row in some:
        distances = np.linalg.norm(wide - wide[row], axis=1)
        farthest = np.partition(distances, found.shape[1] - 1)[found.shape[1] - 1]
        shares.append((distances[found[row]] <= farthest).mean())
    return float(np.mean(shares))


def theirs(folder: Path, n_rows: int) -> dict[str, Any]:
    """Return the seconds of scikit-learn's calls, and the memory of its PCA."""
    from sklearn.cluster import KMeans
    from sklearn.decomposition import PCA
    from sklearn.metrics import silhouette_score
    from sklearn.neighbors import NearestNeighbors

    given = np.load(folder / "rows.npz")
    rows, coordinates, labels = given["rows"], given["coordinates"], given["labels"]
    KMeans(2, n_init=1).fit(coordinates[:500])
    search = NearestNeighbors(n_neighbors=N_NEIGHBORS).fit(rows)
    part = rows[: min(n_rows, SEARCHED)]
    _, searching = timed(search.kneighbors, part)
    fits = [timed(KMeans(k, n_init=10, random_state=0).fit, coordinates)[1] for k in SOME_KS]
    some = np.random.default_rng(0).choice(n_rows, min(n_rows, SILHOUETTE_ROWS), replace=False)
    _, scoring = timed(silhouette_score, coordinates[some], labels[some])
    with memory_of_all() as largest, Store(folder / "store.sqlite") as store:
        vectors = np.array(store.vectors(EXTRACTOR, tuple(f"{number:032x}" for number in range(n_rows))))
        _, reducing = timed(PCA(50, random_state=0).fit_transform, vectors)
    return {
        "searching": searching * n_rows / len(part),
        "fits": float(np.mean(fits)) * len(KS),
        "scoring": scoring * (n_rows / len(some)) ** 2 * len(KS),
        "reducing": reducing,
        "reducing_own": largest["own"],
    }


def measure(n_rows: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Measure both ways on the same vectors."""
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory)
        truth = apart(fill_store, folder / "store.sqlite", n_rows)
        say(f"{n_rows:,} rows are in the store")
        return apart(ours, folder, n_rows, truth), apart(theirs, folder, n_rows)


def main() -> None:
    """Print one table of the stages, and one of the alternatives."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=list(SIZES), help="these sizes (default: %(default)s)")
    sizes = parser.parse_args().rows
    found = {n_rows: measure(n_rows) for n_rows in sizes}

    print(f"{command()}: {N_CLUSTERS} clusters, 1280 features; MB of own memory of all processes together, in brackets")
    print("with pages of files\n")
    lines = [[name] for name, *_ in found[sizes[0]][0]["stages"]]
    for n_rows in sizes:
        for line, (_, seconds, own, with_files) in zip(lines, found[n_rows][0]["stages"], strict=True):
            line += [seconds, f"{own:,.0f} ({with_files:,.0f})"]
    total: list[object] = ["**space + KMeans + scan**"]
    for n_rows in sizes:
        stages = found[n_rows][0]["stages"]
        total += [sum(seconds for _, seconds, *_ in stages[1:4]), f"{max(own for *_, own, _ in stages):,.0f} at most"]
    print(table(["", *(title for n in sizes for title in (f"{n:,} rows, s", "MB"))], [*lines, total]))

    print("\nAgainst scikit-learn, seconds:\n")
    lines = [line for n_rows in sizes for line in _against(n_rows, *found[n_rows])]
    print(table(("rows", "what", "ours", "scikit-learn", "its seconds", "times ours"), lines))
    shares = ", ".join(f"{100 * found[n][0]['recall']:.1f} % at {n:,}" for n in sizes)
    qualities = ", ".join(f"{found[n][0]['quality']:.3f} at {n:,}" for n in sizes)
    arrays = ", ".join(f"{found[n][1]['reducing_own']:,.0f} MB at {n:,}" for n in sizes)
    print(
        f"\nOf the true {N_NEIGHBORS} nearest we find {shares}; NMI of {N_CLUSTERS} groups {qualities}. `PCA(50)` on "
        f"the whole array takes {arrays}. `NearestNeighbors` (brute force, its choice) was timed for {SEARCHED:,} rows "
        f"and multiplied; `KMeans` for k = {', '.join(map(str, SOME_KS))}, mean times {len(KS)}; `silhouette_score` "
        f"for {SILHOUETTE_ROWS:,} rows and one k, times the square of the rows and {len(KS)}."
    )


def _against(n_rows: int, our: dict[str, Any], their: dict[str, Any]) -> list[list[object]]:
    """Return the lines of the second table for one size."""
    (_, space), (series, fits), (_, scan) = ((name, seconds) for name, seconds, *_ in our["stages"][1:4])
    together = their["fits"] + their["scoring"]
    pairs = (
        (f"the {N_NEIGHBORS} nearest of all", our["searching"], "`NearestNeighbors`", their["searching"]),
        (series, fits, "`KMeans(k, n_init=10)` for each k", their["fits"]),
        ("KMeans and the scan", fits + scan, "the same and `silhouette_score`", together),
        ("the whole space", space, "`PCA(50)` alone", their["reducing"]),
    )
    return [[n_rows, what, ours, name, seconds, f"{seconds / ours:.1f}"] for what, ours, name, seconds in pairs]


if __name__ == "__main__":
    main()
