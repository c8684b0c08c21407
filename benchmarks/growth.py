"""Seconds of every stage, from pictures to groups and map, and how they grow with the number of pictures.

    python -m benchmarks.growth                 # 1,000 to 64,000 rows, each size in a process of its own
    python -m benchmarks.growth --rows 500 1000

The vectors are synthetic: 40 overlapping clusters of 1280 non-negative features. Pictures (drawings of the built-in
sample, in variants) become vectors up to 8,000 of them only: beyond, a picture takes what it took before.
`python -m benchmarks` draws the lines in seconds as docs/growth.svg.
"""

import argparse
import tempfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from benchmarks.common import apart, command, peak_megabytes, say, table, timed
from benchmarks.stages import synthetic_features
from benchmarks.variants import write_variants
from imgcluster.choosing.scan import scan_k
from imgcluster.extractors.registry import get_extractor
from imgcluster.features.extraction import extract_features
from imgcluster.features.store import Store
from imgcluster.finding.neighbors import build_index
from imgcluster.grouping.clustering import kmeans, kmeans_series
from imgcluster.grouping.silhouette import silhouette_samples
from imgcluster.grouping.trees.hierarchy import fit_tree
from imgcluster.maps.layout import map_coordinates
from imgcluster.pictures.finding import find_images
from imgcluster.pictures.samples import load_sample
from imgcluster.spaces.space import Space, fit_space

SIZES = (1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000)
MOST_PICTURES = 8_000
MOST_IN_TABLE = 32_000  # the nearest of all pictures grow with the square of their number, until faiss divides them
N_CLUSTERS, KS = 40, range(2, 31)


def main() -> None:
    """Print one table, a column for each size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=list(SIZES), help="these sizes (default: %(default)s)")
    sizes = parser.parse_args().rows
    columns = []
    for n_rows in sizes:
        from_pictures = apart(pictures, n_rows) if n_rows <= MOST_PICTURES else {}
        columns.append({**from_pictures, **apart(stages, n_rows)})
        say(f"{n_rows:,} rows: {columns[-1]}")
    names = dict.fromkeys(name for column in columns for name in column)
    print(f"{command()}: {N_CLUSTERS} clusters, 1280 features, k = {KS[0]} to {KS[-1]}\n")
    print(table(("rows", *sizes), [(name, *(column.get(name) for column in columns)) for name in names]))


def pictures(n_images: int) -> dict[str, float]:
    """Return the seconds from files to stored vectors, and again when nothing has changed."""
    with tempfile.TemporaryDirectory() as directory:
        folder = write_variants(load_sample("dots").images, Path(directory) / "pictures", n_images)
        get_extractor("efficientnet_lite0").load()
        runs = [timed(extract, folder, Path(directory) / "store.sqlite")[1] for _ in range(2)]
    return {
        "pictures to vectors, s": runs[0],
        "the same again, nothing changed, s": runs[1],
        "peak memory of these, MB": peak_megabytes(),
    }


def extract(folder: Path, store_path: Path) -> None:
    with Store(store_path) as store:
        extract_features(find_images(folder), store=store)


def stages(n_rows: int) -> dict[str, float]:
    """Return the seconds of each stage after the vectors."""
    work_once(synthetic_features(200)[0])  # imports are paid here, and threads started
    features = synthetic_features(n_rows)[0]
    space, seconds = work_once(features)
    seconds["peak memory, vectors included, MB"] = peak_megabytes()
    _, seconds["UMAP map, in its own process, s"] = timed(map_coordinates, space, method="umap")
    if n_rows <= MOST_IN_TABLE:
        _, seconds["20 nearest of all, s"] = timed(lambda: build_index(features).table(20))
    return seconds


def work_once(features: np.ndarray) -> tuple[Space, dict[str, float]]:
    """Return the space, and the seconds of it and of all that is done in this process."""
    seconds = {}
    space, seconds["space, s"] = timed(
        fit_space, SimpleNamespace(vectors=features, fingerprint="", scaling="hellinger")
    )
    rows = space.coordinates
    _, seconds[f"KMeans, k = 1 to {KS[-1]}, s"] = timed(kmeans_series, rows, KS[-1])
    _, seconds["scan of k, all scores, s"] = timed(scan_k, rows, KS, column_scales=space.column_scales)
    labels = kmeans(rows, N_CLUSTERS).labels
    _, seconds["silhouettes, s"] = timed(silhouette_samples, rows, labels)
    _, seconds["tree, s"] = timed(fit_tree, rows)
    return space, seconds


if __name__ == "__main__":
    main()
