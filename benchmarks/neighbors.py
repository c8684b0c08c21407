"""Milliseconds for the pictures nearest to one, seconds for those nearest to each, and the memory that it takes.

    python -m benchmarks.neighbors                              # 32,000 x 1280
    python -m benchmarks.neighbors --rows 8000 --features 512
    python -m benchmarks.neighbors --rows 120000 --features 256  # an inverted file, with its recall

Each way runs in a process of its own: ours, and as the named alternative scikit-learn's NearestNeighbors by brute
force, on the features scaled beforehand. The features are synthetic: 200 kinds, as the activations of a network never
negative and most of them small. Memory is what the process takes above its libraries and the data (Linux only, looked
at 50 times a second). Recall is measured on 500 pictures, by the distances of all.
"""

import argparse
import os
import platform
import subprocess
import sys
import time

import numpy as np

from benchmarks.stages import timed
from benchmarks.wide import own_memory
from imgcluster.features.scaling import HELLINGER
from imgcluster.finding.neighbors import build_index
from imgcluster.finding.significance import similar_images
from imgcluster.spaces.graph import import_faiss

N_ROWS, N_FEATURES = 32_000, 1280
N_KINDS, N_NEIGHBORS = 200, 20
N_QUERIES, N_RECALL = 20, 500


def activations(n_rows: int, n_features: int) -> np.ndarray:
    """Return features of 200 kinds, shape (n_rows, n_features), float32, not negative."""
    generator = np.random.default_rng(0)
    kinds = generator.gamma(0.6, 1.0, size=(N_KINDS, n_features)).astype(np.float32)
    vectors = np.empty((n_rows, n_features), dtype=np.float32)
    for start in range(0, n_rows, 1000):
        part = vectors[start : start + 1000]
        generator.standard_gamma(0.8, out=part, dtype=np.float32)
        part *= kinds[generator.integers(0, N_KINDS, len(part))]
    return vectors


def measure_ours(vectors: np.ndarray) -> None:
    """Print the seconds and the memory of the index."""
    with own_memory() as own:
        time.sleep(0.1)  # for the first look
        before = own[0]
        index, seconds = timed(build_index, vectors)
        print(f"    building            {seconds:10.2f} s   {'exact' if index.exact else 'an inverted file'}")
        _print_queries("first, then median ", index.query_image, len(vectors))
        _print_queries("with significance  ", lambda i, _: similar_images(index, image=i), len(vectors))
        table, seconds = timed(index.table, N_NEIGHBORS)
        print(f"    the table of {N_NEIGHBORS}     {seconds:10.1f} s")
        print(f"    memory above        {own[0] - before:10.0f} MB", flush=True)
    if not index.exact:
        images = np.random.default_rng(0).choice(len(vectors), N_RECALL, replace=False)
        shared = []
        for image in images:
            distances = index.image_distances(image)
            distances[image] = np.inf
            nearest = np.argpartition(distances, N_NEIGHBORS)[:N_NEIGHBORS]
            shared.append(len(np.intersect1d(nearest, table.indices[image])))
        print(f"    recall              {np.mean(shared) / N_NEIGHBORS:10.4f}")


def measure_scikit_learn(vectors: np.ndarray) -> None:
    """Print the same of scikit-learn."""
    from sklearn.neighbors import NearestNeighbors

    scaled = np.concatenate([HELLINGER.apply(vectors[start : start + 4096]) for start in range(0, len(vectors), 4096)])
    with own_memory() as own:
        time.sleep(0.1)
        before = own[0]
        search, seconds = timed(NearestNeighbors(algorithm="brute", metric="cosine").fit, scaled)
        print(f"    building            {seconds:10.2f} s")
        _print_queries("first, then median ", lambda i, k: search.kneighbors(scaled[i : i + 1], k + 1), len(vectors))
        _, seconds = timed(search.kneighbors, None, N_NEIGHBORS)
        print(f"    the table of {N_NEIGHBORS}     {seconds:10.1f} s")
        print(f"    memory above        {own[0] - before:10.0f} MB", flush=True)


def _print_queries(what: str, query, n_rows: int) -> None:
    images = np.random.default_rng(0).integers(0, n_rows, 1 + N_QUERIES)
    first, *others = [1000 * timed(query, int(image), N_NEIGHBORS)[1] for image in images]
    print(f"    {what} {first:10.0f} ms, {np.median(others):.0f} ms, at most {max(others):.0f} ms", flush=True)


def main() -> None:
    """Measure both ways, or one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=N_ROWS)
    parser.add_argument("--features", type=int, default=N_FEATURES)
    parser.add_argument("--only", choices=("ours", "sklearn"), help="measure this way only, in this process")
    chosen = parser.parse_args()
    if chosen.only:
        print(f"  {chosen.only}", flush=True)
        vectors = activations(chosen.rows, chosen.features)
        import_faiss()
        (measure_ours if chosen.only == "ours" else measure_scikit_learn)(vectors)
        return
    print(f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(time.strftime("%Y-%m-%d"), f"load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "")
    print(
        f"{chosen.rows:,} x {chosen.features:,}, {chosen.rows * chosen.features / 2**18:,.0f} MB as float32", flush=True
    )
    for way in ("ours", "sklearn"):
        command = [sys.executable, "-m", "benchmarks.neighbors", "--only", way]
        command += ["--rows", str(chosen.rows), "--features", str(chosen.features)]
        subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
