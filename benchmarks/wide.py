"""Seconds and memory from stored pixels to PCA and truncated SVD, for features that are too large for memory.

    python -m benchmarks.wide                              # 8,000 drawings of 200 x 200
    python -m benchmarks.wide --rows 32000 --only pca svd  # more than fits into the memory of some computers: minutes

Each way runs in a process of its own. The drawings are synthetic, whole numbers from 0 to 255 as `pixels` makes them,
and are written straight into a store in a temporary directory. Peak memory is that of the process with its libraries:
"all" counts what the system read of files and may drop at any time, "own" does not (Linux only, looked at 50 times a
second). The named alternative is scikit-learn's PCA with its randomised solver on the whole array.
"""

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.common import apart, command, own_memory, peak_megabytes, say, table, timed
from imgcluster.features.extraction import Features
from imgcluster.features.store import Store, StoreEntry
from imgcluster.spaces.options import SpaceOptions
from imgcluster.spaces.space import make_space

N_ROWS, SIDE = 8_000, 200
N_COMPONENTS = 50
N_KINDS = 40
BATCH = 200
EXTRACTOR = "drawings-1"
WAYS = {
    "pca": "PCA, with its graph",
    "svd": "truncated SVD, and the PCA for its graph",
    "sklearn": "scikit-learn's PCA on the whole array",
}


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


def measure(way: str, path: Path, n_rows: int) -> list[object]:
    """Return a line of the table: the seconds and the memory of one way, from the store on."""
    reduce(way, np.eye(2 * N_COMPONENTS, dtype=np.float32), ("",) * 2 * N_COMPONENTS)  # imports are paid here
    hashes = tuple(f"{number:032x}" for number in range(n_rows))
    with own_memory() as own, Store(path) as store:
        vectors, loading = timed(store.vectors, EXTRACTOR, hashes)
        ratio, seconds = timed(reduce, way, vectors, hashes)
    say(f"{way}: {seconds:.1f} s")
    return [WAYS[way], loading, seconds, f"{100 * ratio.sum():.2f} %", peak_megabytes(), own[0]]


def reduce(way: str, vectors: np.ndarray, hashes: tuple[str, ...]) -> np.ndarray:
    """Reduce the vectors, and return each component's share of the variance."""
    if way == "sklearn":
        return fit_scikit_learn(vectors)
    features = Features(vectors=vectors, hashes=hashes, extractor=EXTRACTOR, fingerprint="", scaling="none")
    return make_space(features, SpaceOptions(method=way, n_dims=N_COMPONENTS)).explained_variance_ratio[:N_COMPONENTS]


def fit_scikit_learn(vectors: np.ndarray) -> np.ndarray:
    """Fit scikit-learn's PCA on the whole array in memory, place all rows, and return the shares of the variance."""
    from sklearn.decomposition import PCA

    fitted = PCA(N_COMPONENTS, svd_solver="randomized", random_state=0)
    fitted.fit_transform(np.array(vectors))
    return fitted.explained_variance_ratio_


def main() -> None:
    """Fill a store, and have each way measured in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=N_ROWS, help="(default: %(default)s)")
    parser.add_argument("--side", type=int, default=SIDE, help="of a drawing, in pixels (default: %(default)s)")
    parser.add_argument("--only", choices=WAYS, nargs="+", default=list(WAYS), help="measure these ways only")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "store.sqlite"
        _, seconds = timed(fill_store, path, chosen.rows, chosen.side)
        on_disk = sum(file.stat().st_size for file in path.parent.iterdir()) / 2**30
        lines = [apart(measure, way, path, chosen.rows) for way in chosen.only]
    as_floats = 4 * chosen.rows * chosen.side**2 / 2**30
    print(
        f"{command()}: {chosen.rows:,} x {chosen.side**2:,}, {as_floats:.2f} GB as float32, {on_disk:.2f} GB in the "
        f"store, filled in {seconds:.0f} s\n"
    )
    from_store, components = "from the store, s", f"{N_COMPONENTS} components, s"
    print(table(("", from_store, components, "of the variance", "peak memory, MB: all", "own"), lines))


if __name__ == "__main__":
    main()
