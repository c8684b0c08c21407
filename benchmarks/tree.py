"""Seconds and memory of the tree, against scikit-learn's, and what is lost where it is built on micro-clusters.

    python -m benchmarks.tree                # every line in a process of its own
    python -m benchmarks.tree --share 0.1    # with a tenth of the rows

12 overlapping blobs in 20 dimensions. Peaks are of the whole process, with Python and its packages. ARI is that of the
cut into 12 against scikit-learn's, or against that of the exact tree.
"""

import argparse
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np

from benchmarks.common import apart, command, peak_megabytes, say, short, table, timed
from benchmarks.k_scan import rows_of
from imgcluster.grouping.trees.dendrogram import bundle_of_image, dendrogram, labels_of_drawn
from imgcluster.grouping.trees.hierarchy import (
    Tree,
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


def compared(linkage: str, n_rows: int) -> list[object]:
    """Return a line: ours, medians of three, and scikit-learn's."""
    from sklearn.metrics import adjusted_rand_score

    rows = rows_of(n_rows)
    tree, seconds, peak = apart(fitted, linkage, n_rows)
    model, their_seconds, their_peak = apart(fitted_by_scikit_learn, linkage, n_rows)
    agreed = adjusted_rand_score(model, cut_by_number(tree, N_CLUSTERS))
    how = "exact" if tree.exact else f"on {tree.n_leaves:,} bundles"
    title = f"{linkage}, {how}, {len(rows):,} rows"
    return [title, seconds, peak, their_seconds, their_peak, their_seconds / seconds, f"{agreed:.3f}"]


def fitted(linkage: str, n_rows: int) -> tuple[Tree, float, float]:
    """Return our tree, its seconds and the peak of this process."""
    rows = warm(n_rows)
    runs = [timed(fit_tree, rows, linkage=linkage) for _ in range(3)]
    return runs[0][0], median(seconds for _, seconds in runs), peak_megabytes()


def fitted_by_scikit_learn(linkage: str, n_rows: int) -> tuple[np.ndarray, float, float]:
    """Return the labels, the seconds and the peak of scikit-learn's."""
    from sklearn.cluster import AgglomerativeClustering

    rows, model = rows_of(n_rows), AgglomerativeClustering(N_CLUSTERS, linkage=linkage)
    model.fit(rows[:100])
    seconds = median(timed(model.fit, rows)[1] for _ in range(3))
    return model.labels_, seconds, peak_megabytes()


def alone(linkage: str, n_rows: int) -> list[object]:
    """Return a line for a size at which nothing is compared."""
    tree, seconds = timed(fit_tree, warm(n_rows), linkage=linkage)
    how = "exact" if tree.exact else f"on {tree.n_leaves:,} bundles"
    return [f"{linkage}, {how}, {n_rows:,} rows", seconds, peak_megabytes(), None, None, None, None]


def agreement(linkage: str, n_rows: int) -> list[object]:
    """Return a line: how well the tree of bundles agrees with the exact one."""
    from sklearn.metrics import adjusted_rand_score

    rows = warm(n_rows)
    exact, exact_seconds = timed(fit_tree, rows, linkage=linkage, max_exact=n_rows)
    bundled, seconds = timed(fit_tree, rows, linkage=linkage, max_exact=n_rows - 1)
    agreed = adjusted_rand_score(cut_by_number(exact, N_CLUSTERS), cut_by_number(bundled, N_CLUSTERS))
    correlations = [f"{tree.cophenetic:.3f}" for tree in (exact, bundled)]
    return [linkage, exact_seconds, f"{seconds:.2f} ({bundled.n_leaves:,})", f"{agreed:.3f}", *correlations]


def cuts(n_rows: int) -> str:
    """Say what a move of the cut costs."""
    tree = fit_tree(rows_of(n_rows))
    labels = cut_by_number(tree, N_CLUSTERS)
    drawn = dendrogram(tree)
    height = heights_for_number(tree, N_CLUSTERS)[0]
    steps: dict[str, tuple[Callable[..., Any], ...]] = {
        "a cut by number": (cut_by_number, tree, N_CLUSTERS),
        "by height": (cut_by_height, tree, height),
        "all cuts up to 100": (cut_series, tree, 100),
        "the branches of a cut": (branches, tree, labels),
        "the images below the root": (images_below, tree, 2 * n_rows - 2),
        "one branch divided": (split_branch, tree, labels, 0),
        "the dendrogram": (dendrogram, tree),
        "the bundle of each image": (bundle_of_image, tree, drawn),
        "labels of what is drawn": (labels_of_drawn, tree, drawn, labels),
    }
    times = {name: median(timed(*step)[1] for _ in range(5)) for name, step in steps.items()}
    each = ", ".join(f"{name} {short(1000 * seconds)}" for name, seconds in times.items())
    return f"Of a tree of {n_rows:,} images, in milliseconds: {each}."


def warm(n_rows: int) -> np.ndarray:
    """Return rows, when all imports are paid."""
    fit_tree(rows_of(1500))
    fit_tree(np.eye(5), linkage="average")
    return rows_of(n_rows)


def main() -> None:
    """Print both tables, and what a cut costs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--share", type=float, default=1.0, help="of the rows (default: %(default)s)")
    share = parser.parse_args().share
    n_compared, n_agreeing, n_large = (int(share * n_rows) for n_rows in (COMPARED, AGREEING, LARGE))
    lines = [compared(linkage, n_compared) for linkage in LINKAGES]
    say("compared")
    larger = (("ward", n_large), ("average", n_large), ("complete", n_large), ("ward", 2 * n_large))
    lines.extend(apart(alone, linkage, n_rows) for linkage, n_rows in larger)
    say("larger ones")
    print(f"{command()}: medians of three where scikit-learn is beside\n")
    print(table(("tree", "s", "peak, MB", "scikit-learn, s", "peak, MB", "times ours", "ARI"), lines))
    print(f"\nTrees of {n_agreeing:,} rows, exact and on bundles:\n")
    header = ("linkage", "exact, s", "on bundles, s", "ARI", "cophenetic correlation", "on bundles")
    print(table(header, [apart(agreement, linkage, n_agreeing) for linkage in LINKAGES]))
    print(f"\n{apart(cuts, n_large)}")


if __name__ == "__main__":
    main()
