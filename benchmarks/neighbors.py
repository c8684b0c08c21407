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
from collections.abc import Callable

import numpy as np

from benchmarks.common import apart, command, own_memory, short, table, timed
from imgcluster.features.scaling import HELLINGER
from imgcluster.finding.neighbors import NeighborIndex, Neighbors, build_index
from imgcluster.finding.significance import similar_images
from imgcluster.spaces.nearest import import_faiss

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


def ours(n_rows: int, n_features: int) -> dict[str, object]:
    """Return the seconds and the memory of the index."""
    vectors = activations(n_rows, n_features)
    import_faiss()
    with own_memory() as own:
        before = own[0]
        index, building = timed(build_index, vectors)
        found = {
            "building, s": building,
            "one picture, after the first: median (most), ms": queries(index.query_image, n_rows),
            "the same with what is significant, ms": queries(lambda i, _: similar_images(index, image=i), n_rows),
        }
        nearest, found[f"the table of all, s, {N_NEIGHBORS} nearest"] = timed(index.table, N_NEIGHBORS)
    found["memory above the data, MB"] = own[0] - before
    found["recall"] = "1, exact" if index.exact else f"{recall(index, nearest):.4f}, an inverted file"
    return found


def recall(index: NeighborIndex, nearest: Neighbors) -> float:
    """Return the share of the true nearest that the table has, on some of the pictures."""
    images = np.random.default_rng(0).choice(len(nearest.indices), N_RECALL, replace=False)
    shared = []
    for image in images:
        distances = index.image_distances(image)
        distances[image] = np.inf
        true = np.argpartition(distances, N_NEIGHBORS)[:N_NEIGHBORS]
        shared.append(len(np.intersect1d(true, nearest.indices[image])))
    return float(np.mean(shared)) / N_NEIGHBORS


def scikit_learns(n_rows: int, n_features: int) -> dict[str, object]:
    """Return the same of scikit-learn."""
    from sklearn.neighbors import NearestNeighbors

    vectors = activations(n_rows, n_features)
    scaled = np.concatenate([HELLINGER.apply(vectors[start : start + 4096]) for start in range(0, n_rows, 4096)])
    with own_memory() as own:
        before = own[0]
        search, building = timed(NearestNeighbors(algorithm="brute", metric="cosine").fit, scaled)
        found = {
            "building, s": building,
            "one picture, after the first: median (most), ms": queries(
                lambda i, k: search.kneighbors(scaled[i : i + 1], k + 1), n_rows
            ),
        }
        _, found[f"the table of all, s, {N_NEIGHBORS} nearest"] = timed(search.kneighbors, None, N_NEIGHBORS)
    found["memory above the data, MB"] = own[0] - before
    found["recall"] = "1, exact"
    return found


def queries(query: Callable[[int, int], object], n_rows: int) -> str:
    images = np.random.default_rng(0).integers(0, n_rows, 1 + N_QUERIES)
    _, *others = [1000 * timed(query, int(image), N_NEIGHBORS)[1] for image in images]
    return f"{short(float(np.median(others)))} ({short(max(others))})"


def main() -> None:
    """Measure both ways, each in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=N_ROWS)
    parser.add_argument("--features", type=int, default=N_FEATURES)
    chosen = parser.parse_args()
    columns = [apart(way, chosen.rows, chosen.features) for way in (ours, scikit_learns)]
    size = f"{chosen.rows:,} x {chosen.features:,}, {chosen.rows * chosen.features / 2**18:,.0f} MB as float32"
    print(f"{command()}: {size}\n")
    print(table(("", "ours", "scikit-learn"), [(name, *(each.get(name) for each in columns)) for name in columns[0]]))


if __name__ == "__main__":
    main()
