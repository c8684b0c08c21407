"""Seconds and memory from stored pixels to PCA and truncated SVD, for features that are too large for memory.

    python -m benchmarks.wide                              # 32,000 drawings of 200 x 200, and 8,000 for the comparison
    python -m benchmarks.wide --rows 8000 --side 100
    python -m benchmarks.wide --only pca --rows 4000       # one way by itself: pca, svd, sklearn

Each way runs in a process of its own. The drawings are synthetic, whole numbers from 0 to 255 as `pixels` makes them,
and are written straight into a store in a temporary directory. Peak memory is that of the process with its libraries:
"all" counts what the system read of files and may drop at any time, "own" does not (Linux only, looked at 50 times a
second). The named alternative, scikit-learn's PCA with its randomised solver on the whole array, is measured at the
smaller size, beside ours.
"""

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from benchmarks.stages import peak_megabytes, timed
from imgcluster.features.extraction import Features
from imgcluster.features.store import Store, StoreEntry
from imgcluster.spaces.options import SpaceOptions
from imgcluster.spaces.space import make_space

N_ROWS, N_ROWS_COMPARED, SIDE = 32_000, 8_000, 200
N_COMPONENTS = 50
N_KINDS = 40
BATCH = 200
EXTRACTOR = "drawings-1"


def drawings(n_rows: int, side: int) -> Iterator[np.ndarray]:
    """Give drawings, (side * side,) float32: a few soft spots on grey, of 40 kinds, each moved and with noise."""
    generator = np.random.default_rng(0)
    kinds = generator.uniform(0.15, 0.85, size=(N_KINDS, 4, 2))
    axis = np.linspace(0, 1, side, dtype=np.float32)
    for kind in generator.integers(0, N_KINDS, n_rows):
        picture = 30 + 12 * generator.standard_normal((side, side), dtype=np.float32)
        for x, y in kinds[kind] + 0.03 * generator.standard_normal((4, 2)):
            across, down = (np.exp(-200 * (axis - middle) ** 2, dtype=np.float32) for middle in (x, y))
            picture += 160 * np.outer(down, across)
        yield np.clip(picture, 0, 255).astype(np.uint8).ravel().astype(np.float32)


def fill_store(path: Path, n_rows: int, side: int) -> None:
    """Write the drawings in batches, as the extraction does."""
    entries = []
    with Store(path) as store:
        for number, vector in enumerate(drawings(n_rows, side)):
            entries.append(StoreEntry(hash=f"{number:032x}", vector=vector))
            if len(entries) == BATCH or number == n_rows - 1:
                store.put_batch(EXTRACTOR, entries)
                entries.clear()


@contextmanager
def own_memory() -> Iterator[list[float]]:
    """Note the largest anonymous memory of this process, MB, while the block runs; NaN where there is no /proc."""
    status = Path("/proc/self/status")
    largest, stop = [float("nan")], threading.Event()

    def look() -> None:
        while not stop.wait(0.02):
            lines = status.read_text().splitlines()
            now = next(int(line.split()[1]) for line in lines if line.startswith("RssAnon")) / 1024
            largest[0] = max(now, largest[0]) if largest[0] == largest[0] else now

    thread = threading.Thread(target=look, daemon=True)
    if status.exists():
        thread.start()
    try:
        yield largest
    finally:
        stop.set()
        if thread.is_alive():
            thread.join()


def measure(way: str, path: Path, n_rows: int, side: int) -> None:
    """Print the seconds and the memory of one way, from the store on."""
    hashes = tuple(f"{number:032x}" for number in range(n_rows))
    print(f"  {way} ({peak_megabytes():.0f} MB at the start)", flush=True)
    with own_memory() as own, Store(path) as store:
        vectors, seconds = timed(store.vectors, EXTRACTOR, hashes)
        print(f"    vectors from the store {seconds:8.1f} s", flush=True)
        if way in ("pca", "svd"):
            features = Features(vectors=vectors, hashes=hashes, extractor=EXTRACTOR, fingerprint="", scaling="none")
            space, seconds = timed(make_space, features, SpaceOptions(method=way, n_dims=N_COMPONENTS))
            ratio = space.explained_variance_ratio[:N_COMPONENTS]
        else:
            fitted, seconds = timed(fit_scikit_learn, vectors)
            ratio = fitted.explained_variance_ratio_
    print(f"    {N_COMPONENTS} components          {seconds:8.1f} s   {100 * ratio.sum():.2f} % of the variance")
    print(f"    peak memory            {peak_megabytes():8.0f} MB all, {own[0]:.0f} MB own", flush=True)


def fit_scikit_learn(vectors: np.ndarray):
    """Fit scikit-learn's PCA on the whole array in memory, and place all rows."""
    from sklearn.decomposition import PCA

    fitted = PCA(N_COMPONENTS, svd_solver="randomized", random_state=0)
    fitted.fit_transform(np.array(vectors))
    return fitted


def measure_all(n_rows: int, side: int, ways: tuple[str, ...]) -> None:
    """Fill a store, and have each way measured in a process of its own."""
    shape = f"{n_rows:,} x {side * side:,}"
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "store.sqlite"
        _, seconds = timed(fill_store, path, n_rows, side)
        on_disk = sum(file.stat().st_size for file in path.parent.iterdir()) / 2**30
        as_floats = 4 * n_rows * side * side / 2**30
        print(f"\n{shape}: {as_floats:.2f} GB as float32, {on_disk:.2f} GB in the store, filled in {seconds:.0f} s")
        for way in ways:
            command = [sys.executable, "-m", "benchmarks.wide", "--rows", str(n_rows), "--side", str(side)]
            subprocess.run([*command, "--only", way, "--store", str(path)], check=True)


def main() -> None:
    """Measure everything, or one way on a store that is there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=N_ROWS)
    parser.add_argument("--side", type=int, default=SIDE, help="of a drawing, in pixels")
    parser.add_argument("--only", choices=("pca", "svd", "sklearn"), help="measure this way only")
    parser.add_argument("--store", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.store is not None:
        measure(chosen.only, chosen.store, chosen.rows, chosen.side)
        return
    print(f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(time.strftime("%Y-%m-%d"), f"load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "", flush=True)
    if chosen.only:
        measure_all(chosen.rows, chosen.side, (chosen.only,))
        return
    measure_all(min(chosen.rows, N_ROWS_COMPARED), chosen.side, ("pca", "sklearn"))
    if chosen.rows > N_ROWS_COMPARED:
        measure_all(chosen.rows, chosen.side, ("pca", "svd"))


if __name__ == "__main__":
    main()
