"""Seconds and memory of the tree, against scikit-learn's, and what is lost where it is built on micro-clusters.

    python -m benchmarks.tree                # everything, each line in a process of its own
    python -m benchmarks.tree --task ward    # one line: ward, scikit-learn, cuts, agreement, large

12 overlapping blobs in 20 dimensions. Peaks are of the whole process, with Python and its packages.
Agreement is the adjusted Rand index of the cut into 12 against that of the exact tree.
"""

import argparse
import os
import platform
import subprocess
import sys
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np

from benchmarks.k_scan import rows_of
from benchmarks.stages import peak_megabytes, timed
from imgcluster.grouping.trees.dendrogram import bundle_of_image, dendrogram, labels_of_drawn
from imgcluster.grouping.trees.hierarchy import (
    branches,
    cut_by_height,
    cut_by_number,
    cut_series,
    fit_tree,
    heights_for_number,
    images_below,
    split_branch,
)
from imgcluster.grouping.trees.linkages import LINKAGES

N_CLUSTERS = 12
COMPARED, AGREEING, LARGE = 10_000, 8_000, 30_000


def ours() -> None:
    """Print the exact tree where scikit-learn is compared, and where it is largest."""
    for n_rows in (COMPARED, LARGE):
        rows = rows_of(n_rows)
        tree, seconds = timed(fit_tree, rows)
        print(f"ward, {n_rows:,} rows: {seconds:.2f} s, peak {peak_megabytes():.0f} MB; {_faithful(tree)}")


def scikit_learns() -> None:
    """Print scikit-learn's time and memory for the same rows, medians of three."""
    from sklearn.cluster import AgglomerativeClustering
    from sklearn.metrics import adjusted_rand_score

    rows = rows_of(COMPARED)
    for linkage in LINKAGES:
        runs = [timed(fit_tree, rows, linkage=linkage) for _ in range(3)]
        tree, seconds = runs[0][0], median(each for _, each in runs)
        peak = peak_megabytes()
        model = AgglomerativeClustering(N_CLUSTERS, linkage=linkage)
        their_seconds = median(timed(model.fit, rows)[1] for _ in range(3))
        agreed = adjusted_rand_score(model.labels_, cut_by_number(tree, N_CLUSTERS))
        how = "exact" if tree.exact else f"on {tree.n_leaves:,} micro-clusters"
        print(
            f"{linkage}, {COMPARED:,} rows: ours {seconds:.2f} s ({how}, peak so far {peak:.0f} MB), scikit-learn's "
            f"{their_seconds:.2f} s ({peak_megabytes():.0f} MB): ratio {their_seconds / seconds:.1f}, ARI {agreed:.3f}"
        )


def cuts() -> None:
    """Print what a move of the cut costs."""
    tree = fit_tree(rows_of(LARGE))
    labels = cut_by_number(tree, N_CLUSTERS)
    drawn = dendrogram(tree)
    height = heights_for_number(tree, N_CLUSTERS)[0]
    steps: dict[str, tuple[Callable[..., Any], ...]] = {
        "cut by number": (cut_by_number, tree, N_CLUSTERS),
        "cut by height": (cut_by_height, tree, height),
        "all cuts up to 100": (cut_series, tree, 100),
        "branches of a cut": (branches, tree, labels),
        "images below the root": (images_below, tree, 2 * LARGE - 2),
        "one branch divided": (split_branch, tree, labels, 0),
        "dendrogram": (dendrogram, tree),
        "bundle of each image": (bundle_of_image, tree, drawn),
        "labels of what is drawn": (labels_of_drawn, tree, drawn, labels),
    }
    times = {name: median(timed(*step)[1] for _ in range(5)) for name, step in steps.items()}
    print(f"{LARGE:,} rows, milliseconds: " + ", ".join(f"{name} {1000 * each:.1f}" for name, each in times.items()))


def agreement() -> None:
    """Print how well trees of micro-clusters agree with exact ones."""
    from sklearn.metrics import adjusted_rand_score

    rows = rows_of(AGREEING)
    for linkage in LINKAGES:
        exact, exact_seconds = timed(fit_tree, rows, linkage=linkage, max_exact=AGREEING)
        micro, seconds = timed(fit_tree, rows, linkage=linkage, max_exact=AGREEING - 1)
        agreed = adjusted_rand_score(cut_by_number(exact, N_CLUSTERS), cut_by_number(micro, N_CLUSTERS))
        print(
            f"{linkage}, {AGREEING:,} rows: exact {exact_seconds:.2f} s, {micro.n_leaves:,} micro-clusters "
            f"{seconds:.2f} s, ARI {agreed:.3f}; {_faithful(exact)}, {_faithful(micro)}"
        )


def large() -> None:
    """Print trees that are too large to be exact."""
    for n_rows, linkage in ((LARGE, "average"), (LARGE, "complete"), (2 * LARGE, "ward")):
        tree, seconds = timed(fit_tree, rows_of(n_rows), linkage=linkage)
        print(
            f"{linkage}, {n_rows:,} rows on {tree.n_leaves:,} micro-clusters: {seconds:.2f} s, "
            f"peak {peak_megabytes():.0f} MB"
        )


def _faithful(tree: Any) -> str:
    return f"cophenetic correlation {tree.cophenetic:.3f}"


TASKS = {"ward": ours, "scikit-learn": scikit_learns, "cuts": cuts, "agreement": agreement, "large": large}


def main() -> None:
    """Measure the line asked for, or every line in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--task", choices=TASKS, help="measure this only")
    task = parser.parse_args().task
    if task is not None:
        fit_tree(rows_of(1500))  # imports are paid here
        fit_tree(np.eye(5), linkage="average")
        TASKS[task]()
        return
    print(f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    for each in TASKS:
        subprocess.run([sys.executable, "-m", "benchmarks.tree", "--task", each], check=True)


if __name__ == "__main__":
    main()
