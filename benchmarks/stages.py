"""Seconds and peak memory from features to space, KMeans series, silhouettes and map, against the usual ways.

    python -m benchmarks.stages                 # 2,000, 8,000 and 32,000 rows, each in a process of its own
    python -m benchmarks.stages --rows 8000     # one size

The features are synthetic: 40 overlapping clusters of 1280 non-negative features. Ratios are the other way's seconds
divided by ours, both measured in the same run: above 1 we are faster.
"""

import argparse
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from imgcluster.features.rows import normalize_rows
from imgcluster.finding.summary import summarize
from imgcluster.grouping.clustering import kmeans, kmeans_series
from imgcluster.grouping.silhouette import silhouette_samples
from imgcluster.maps.layout import map_coordinates
from imgcluster.spaces.graph import nearest_neighbors
from imgcluster.spaces.linear import principal_components
from imgcluster.spaces.space import fit_space

SIZES = (2_000, 8_000, 32_000)
N_FEATURES = 1280
N_CLUSTERS = 40
MAX_CLUSTERS = 30

# UMAP to 10 columns, and the search by NumPy, take minutes with more.
MAX_ROWS_UMAP_10 = 2_000
MAX_ROWS_NUMPY = 8_000


def synthetic_features(n_rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Return features (n_rows, 1280), float32, and the cluster of each row."""
    generator = np.random.default_rng(0)
    truth = generator.integers(0, N_CLUSTERS, n_rows)
    centers = np.maximum(generator.normal(size=(N_CLUSTERS, N_FEATURES)), 0).astype(np.float32)
    vectors = centers[truth]
    for row in vectors:
        row += 2.5 * generator.standard_normal(N_FEATURES, dtype=np.float32)
    return np.maximum(vectors, 0, out=vectors), truth


def timed(function: Callable[..., Any], *args: Any, **kwargs: Any) -> tuple[Any, float]:
    """Return the function's result and its seconds."""
    started = time.perf_counter()
    result = function(*args, **kwargs)
    return result, time.perf_counter() - started


def peak_megabytes() -> float:
    """Return the peak resident memory of this process so far; NaN on Windows."""
    try:
        import resource
    except ImportError:
        return float("nan")
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def measure(n_rows: int) -> None:
    """Print the figures of one size."""
    from sklearn.metrics import normalized_mutual_info_score

    vectors, truth = synthetic_features(n_rows)
    print(
        f"\n{n_rows:,} x {N_FEATURES} float32 ({vectors.nbytes / 2**20:.0f} MB; process at {peak_megabytes():.0f} MB)"
    )

    warm = synthetic_features(200)[0]  # imports are paid here
    kmeans(fit_space(SimpleNamespace(vectors=warm, fingerprint="", scaling="hellinger")).coordinates, 3)

    space, space_seconds = timed(fit_space, SimpleNamespace(vectors=vectors, fingerprint="", scaling="hellinger"))
    space_peak = peak_megabytes()
    _, series_seconds = timed(kmeans_series, space.coordinates, MAX_CLUSTERS)
    clustering, kmeans_seconds = timed(kmeans, space.coordinates, N_CLUSTERS)
    silhouette, silhouette_seconds = timed(silhouette_samples, space.coordinates, clustering.labels)
    _, summary_seconds = timed(summarize, space.coordinates, clustering.labels)
    _, instant_seconds = timed(map_coordinates, space)
    _, umap_seconds = timed(map_coordinates, space, method="umap")
    peak = peak_megabytes()
    quality = normalized_mutual_info_score(truth, clustering.labels)

    print(f"  space                     {space_seconds:7.2f} s   peak {space_peak:.0f} MB")
    print(f"  KMeans series, 1 to {MAX_CLUSTERS}    {series_seconds:7.2f} s")
    print(f"  KMeans, {N_CLUSTERS} clusters       {kmeans_seconds:7.2f} s   NMI {quality:.3f}")
    of = "all" if silhouette.exact else f"{silhouette.n_reference:,}"
    print(f"  silhouettes               {silhouette_seconds:7.2f} s   against {of}")
    print(f"  medoids, cohesion         {summary_seconds:7.2f} s")
    print(f"  first map                 {instant_seconds:7.2f} s")
    print(f"  UMAP map, own process     {umap_seconds:7.2f} s")
    print(f"  peak of this process      {peak:7.0f} MB")
    compare(vectors, truth, space, clustering.labels, space_seconds + kmeans_seconds, silhouette_seconds)


def compare(
    vectors: np.ndarray,
    truth: np.ndarray,
    space: Any,
    labels: np.ndarray,
    ours: float,
    our_silhouette: float,
) -> None:
    """Print the usual ways beside ours: space + KMeans ``ours`` seconds, silhouettes ``our_silhouette``."""
    from sklearn import metrics

    recipes = {"z-score + KMeans": zscore_kmeans, "PCA-50 + KMeans": pca_kmeans}
    if len(vectors) <= MAX_ROWS_UMAP_10:
        recipes["UMAP-10 + KMeans"] = umap_kmeans
        umap_kmeans(vectors[:100])  # compilation is paid here
    print(f"  against space + KMeans {ours:.2f} s:")
    for name, recipe in recipes.items():
        found, seconds = timed(recipe, vectors)
        quality = metrics.normalized_mutual_info_score(truth, found)
        print(f"    {name:28} {seconds:7.2f} s   ratio {seconds / ours:6.2f}   NMI {quality:.3f}")

    _, seconds = timed(metrics.silhouette_samples, space.coordinates, labels)
    print(f"    {'scikit-learn silhouettes':28} {seconds:7.2f} s   ratio {seconds / our_silhouette:6.2f}")
    if len(vectors) <= MAX_ROWS_NUMPY:
        prepared = normalize_rows(principal_components(vectors, 50).coordinates)
        _, our_search = timed(nearest_neighbors, prepared, 15)
        _, seconds = timed(numpy_neighbors, prepared, 15)
        print(f"    {'NumPy neighbours, by blocks':28} {seconds:7.2f} s   ratio {seconds / our_search:6.2f}")


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
    """Measure the size asked for, or every size in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, help="measure this many rows only")
    rows = parser.parse_args().rows
    if rows is not None:
        measure(rows)
        return
    print(f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    for n_rows in SIZES:
        subprocess.run([sys.executable, "-m", "benchmarks.stages", "--rows", str(n_rows)], check=True)


if __name__ == "__main__":
    main()
