"""Seconds of a whole scan of k against three separate loops, and how they grow.

    python -m benchmarks.k_scan                # 2,000 and 10,000 rows against the loops; 2,000 to 32,000 rows alone
    python -m benchmarks.k_scan --rows 1000    # one size, with the loops

All scores for k = 2 to 30 on 20 columns, 10 references. The loops are what tutorials do: scikit-learn's KMeans for the
elbow, again for ``silhouette_score``, again for the gap statistic, on all rows and with as many references. Ours
includes the fits, the elbow, silhouettes of every image, the gap statistic, Davies-Bouldin, Calinski-Harabasz, the
silhouettes of the references, and the stability; "chains" adds the references of a diffusion map.
"""

import argparse
from statistics import median

import numpy as np

from benchmarks.common import apart, command, peak_megabytes, say, table, timed
from imgcluster.choosing.references import uniform_reference
from imgcluster.choosing.scan import scan_k

KS = range(2, 31)
N_REFERENCES = 10
ALONE, WITH_LOOPS = (4_000, 8_000, 16_000, 32_000), (2_000, 10_000)


def rows_of(n_rows: int) -> np.ndarray:
    """Return 12 overlapping blobs in 20 dimensions, as long as the rows of a diffusion map."""
    generator = np.random.default_rng(0)
    rows = generator.normal(size=(12, 20))[generator.integers(0, 12, n_rows)] * 2 + generator.normal(size=(n_rows, 20))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def three_loops(rows: np.ndarray) -> None:
    """Score every k as one finds it in tutorials."""
    from sklearn.cluster import KMeans
    from sklearn.metrics import silhouette_score

    generator = np.random.default_rng(0)
    for k in KS:
        _ = KMeans(k, random_state=0).fit(rows).inertia_
    for k in KS:
        silhouette_score(rows, KMeans(k, random_state=0).fit_predict(rows))
    for k in (1, *KS):
        boxes = (uniform_reference(rows, generator) for _ in range(N_REFERENCES))
        np.log([KMeans(k, random_state=0).fit(box).inertia_ for box in (rows, *boxes)])


def measure(n_rows: int, *, loops: bool) -> list[object]:
    """Return one line of the table."""
    from sklearn.cluster import KMeans

    rows = rows_of(n_rows)
    KMeans(2).fit(rows[:500])  # imports are paid here, and threads started
    scan_k(rows[:500], [2], column_scales=np.ones(20))
    before = peak_megabytes()
    repeats = range(3 if loops else 1)  # the median of each counts
    ours = median(timed(scan_k, rows, KS, n_references=N_REFERENCES)[1] for _ in repeats)
    chains = median(timed(scan_k, rows, KS, n_references=N_REFERENCES, column_scales=np.ones(20))[1] for _ in repeats)
    grown = peak_megabytes() - before
    if not loops:
        return [f"{n_rows:,}", ours, chains, grown, None, None]
    theirs = median(timed(three_loops, rows)[1] for _ in repeats)
    return [f"{n_rows:,}", ours, chains, grown, theirs, f"{theirs / ours:.1f} and {theirs / chains:.1f}"]


def main() -> None:
    """Measure the size asked for, or every size, each in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, help="measure this many rows only, with the loops")
    asked = parser.parse_args().rows
    sizes = {asked: True} if asked else {**dict.fromkeys(WITH_LOOPS, True), **dict.fromkeys(ALONE, False)}
    lines = []
    for n_rows, loops in sorted(sizes.items()):
        lines.append(apart(measure, n_rows, loops=loops))
        say(f"{lines[-1]}")
    print(f"{command()}: k = {KS[0]} to {KS[-1]}, all scores, {N_REFERENCES} references, 20 columns\n")
    header = ("scan, s", "with the chains of a diffusion map too, s", "memory above the data, MB")
    print(table(("rows", *header, "three loops, s", "times ours"), lines))


if __name__ == "__main__":
    main()
