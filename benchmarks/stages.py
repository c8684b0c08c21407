"""Seconds and peak memory from features to space, KMeans series, silhouettes and map, against the usual ways.

    python -m benchmarks.stages                      # 2,000, 8,000 and 32,000 rows, each in a process of its own
    python -m benchmarks.stages --rows 8000

The features are synthetic: 40 overlapping clusters of 1280 non-negative features. Ratios are the other way's seconds
divided by ours, both measured in the same run: above 1 we are faster.
"""

import argparse
import sys
from collections.abc import Iterator
from types import SimpleNamespace

import numpy as np

from benchmarks.common import apart, command, peak_megabytes, say, short, table, timed
from imgcluster.features.rows import normalize_rows
from imgcluster.finding.summary import summarize
from imgcluster.grouping.clustering import kmeans, kmeans_series
from imgcluster.grouping.silhouette import silhouette_samples
from imgcluster.maps.layout import map_coordinates
from imgcluster.spaces.linear import principal_components
from imgcluster.spaces.nearest import nearest_neighbors
from imgcluster.spaces.space import Space, fit_space

SIZES = (2_000, 8_000, 32_000)
N_FEATURES = 1280
N_CLUSTERS = 40
MAX_CLUSTERS = 30
BLOCK_ROWS = 2_000

# UMAP to 10 columns, and the search by NumPy, take minutes with more.
MAX_ROWS_UMAP_10 = 2_000
MAX_ROWS_NUMPY = 8_000


def synthetic_blocks(n_rows: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Give features (up to 2,000, 1280), float32, and the cluster of each row, until there are ``n_rows``."""
    generator = np.random.default_rng(0)
    truth = generator.integers(0, N_CLUSTERS, n_rows)
    centers = np.maximum(generator.normal(size=(N_CLUSTERS, N_FEATURES)), 0).astype(np.float32)
    for start in range(0, n_rows, BLOCK_ROWS):
        clusters = truth[start : start + BLOCK_ROWS]
        vectors = centers[clusters]
        vectors += 2.5 * generator.standard_normal(vectors.shape, dtype=np.float32)
        yield np.maximum(vectors, 0, out=vectors), clusters


def synthetic_features(n_rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Return features (n_rows, 1280), float32, and the cluster of each row."""
    vectors, truth = np.empty((n_rows, N_FEATURES), dtype=np.float32), np.empty(n_rows, dtype=np.int64)
    start = 0
    for block, clusters in synthetic_blocks(n_rows):
        rows = slice(start, start := start + len(block))
        vectors[rows], truth[rows] = block, clusters
    return vectors, truth


def measure(n_rows: int) -> dict[str, object]:
    """Return a column of the table: what was measured, by the name of its line."""
    vectors, truth = synthetic_features(n_rows)
    warm = synthetic_features(200)[0]  # imports are paid here
    kmeans(fit_space(SimpleNamespace(vectors=warm, fingerprint="", scaling="hellinger")).coordinates, 3)

    space, space_seconds = timed(fit_space, SimpleNamespace(vectors=vectors, fingerprint="", scaling="hellinger"))
    _, series_seconds = timed(kmeans_series, space.coordinates, MAX_CLUSTERS)
    clustering, kmeans_seconds = timed(kmeans, space.coordinates, N_CLUSTERS)
    silhouette, silhouette_seconds = timed(silhouette_samples, space.coordinates, clustering.labels)
    ours = space_seconds + kmeans_seconds
    column = {
        "space": space_seconds,
        f"KMeans for every k from 1 to {MAX_CLUSTERS}": series_seconds,
        f"KMeans, {N_CLUSTERS} clusters": kmeans_seconds,
        "silhouettes": silhouette_seconds,
        "of them measured against": "all" if silhouette.exact else f"{silhouette.n_reference:,}",
        "medoids, cohesion": timed(summarize, space.coordinates, clustering.labels)[1],
        "first map": timed(map_coordinates, space)[1],
        "UMAP map, in its own process": timed(map_coordinates, space, method="umap")[1],
        "peak memory, with the features, MB": peak_megabytes(),
        f"**space + KMeans, {N_CLUSTERS} clusters**": _with_quality(ours, truth, clustering.labels),
    }
    say(f"{n_rows:,} rows: {column}")
    return column | compare(vectors, truth, space, clustering.labels, ours, silhouette_seconds)


def compare(
    vectors: np.ndarray, truth: np.ndarray, space: Space, labels: np.ndarray, ours: float, our_silhouette: float
) -> dict[str, object]:
    """Return the usual ways beside ours: space + KMeans ``ours`` seconds, silhouettes ``our_silhouette``."""
    from sklearn import metrics

    recipes = {"z-score + KMeans, the usual recipe": zscore_kmeans, "PCA-50 + KMeans": pca_kmeans}
    if len(vectors) <= MAX_ROWS_UMAP_10:
        recipes["UMAP-10 + KMeans"] = umap_kmeans
        umap_kmeans(vectors[:100])  # compilation is paid here
    column: dict[str, object] = {}
    for name, recipe in recipes.items():
        found, seconds = timed(recipe, vectors)
        column[name] = f"{_with_quality(seconds, truth, found)}, {seconds / ours:.1f} x"
    _, seconds = timed(metrics.silhouette_samples, space.coordinates, labels)
    column["scikit-learn's silhouettes, of all"] = f"{short(seconds)}, {seconds / our_silhouette:.1f} x"
    if len(vectors) <= MAX_ROWS_NUMPY:
        prepared = normalize_rows(principal_components(vectors, 50).coordinates)
        _, our_search = timed(nearest_neighbors, prepared, 15)
        _, seconds = timed(numpy_neighbors, prepared, 15)
        column["15 nearest by NumPy, in blocks"] = (
            f"{short(seconds)}, {seconds / our_search:.1f} x the part in the space"
        )
    return column


def _with_quality(seconds: float, truth: np.ndarray, labels: np.ndarray) -> str:
    from sklearn.metrics import normalized_mutual_info_score

    return f"{short(seconds)} (NMI {normalized_mutual_info_score(truth, labels):.3f})"


def zscore_kmeans(vectors: np.ndarray) -> np.ndarray:
    """The usual recipe: standardise every feature, then KMeans on all of them."""
    from sklearn.cluster import KMeans
    from sklearn.preprocessing import StandardScaler

    return KMeans(N_CLUSTERS, n_init=3, random_state=0).fit_predict(StandardScaler().fit_transform(vectors))


def pca_kmeans(vectors: np.ndarray) -> np.ndarray:
    """PCA to 50, then KMeans."""
    from sklearn.cluster import KMeans
    from sklearn.decomposition import PCA

    return KMeans(N_CLUSTERS, n_init=3, random_state=0).fit_predict(PCA(50, random_state=0).fit_transform(vectors))


def umap_kmeans(vectors: np.ndarray) -> np.ndarray:
    """UMAP to 10 columns, then KMeans."""
    sys.modules.setdefault("tensorflow", None)  # not needed, and 500 MB
    import umap
    from sklearn.cluster import KMeans

    embedding = umap.UMAP(n_components=10, random_state=0, n_jobs=1).fit_transform(vectors)
    return KMeans(N_CLUSTERS, n_init=3, random_state=0).fit_predict(embedding)


def numpy_neighbors(X: np.ndarray, k: int) -> np.ndarray:
    """Exact neighbours by matrix products in blocks of 1,000 rows."""
    squares = (X**2).sum(axis=1)
    found = [
        np.argpartition(squares - 2 * X[start : start + 1000] @ X.T, k, axis=1)[:, :k]
        for start in range(0, len(X), 1000)
    ]
    return np.concatenate(found)


def main() -> None:
    """Print one table, a column for each size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=list(SIZES), help="these sizes (default: %(default)s)")
    sizes = parser.parse_args().rows
    columns = [apart(measure, n_rows) for n_rows in sizes]
    names = dict.fromkeys(name for column in columns for name in column)
    print(f"{command()}: {N_CLUSTERS} overlapping clusters, {N_FEATURES} non-negative features; seconds\n")
    print(table(("rows", *sizes), [(name, *(column.get(name) for column in columns)) for name in names]))


if __name__ == "__main__":
    main()
