"""Is the recommended number of clusters right? On blobs, on classes of real pictures, and where there is none.

    python -m benchmarks.choose_k                  # blobs, noise, and the built-in samples
    python -m benchmarks.choose_k --folder PHOTOS  # and the classes of a folder with one sub-folder for each
    python -m benchmarks.choose_k --seeds 25       # more of everything

Beside our recommendation stand the rules that each use one score. "Exact" is the share of cases where the number is
that of the true clusters, "error" the mean of |found - true| / true; "none" the share where no number is given, which
is right where there are no clusters. The single scores cannot say "none", but for the gap statistic with its k = 1.
"""

import argparse
import os
import platform
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain

import numpy as np
from sklearn.metrics import normalized_mutual_info_score

from benchmarks.cases import (
    Case,
    blob_cases,
    class_cases,
    labelled_features,
    structureless_cases,
    structureless_spaces,
)
from imgcluster.choosing.recommendation import recommend
from imgcluster.choosing.scan import KScan, scan_k

RULES = ("recommended", "silhouette", "gap", "elbow", "davies_bouldin", "calinski_harabasz")


def guesses(scan: KScan) -> dict[str, int | None]:
    """Return what each rule says; None is "no clear number"."""
    recommendation = recommend(scan)
    found = {reason.score: reason.k for reason in recommendation.reasons}
    found["gap"] = None if found["gap"] == 1 else found["gap"]
    return {"recommended": recommendation.k, **{rule: found[rule] for rule in RULES[1:]}}


def run(cases: Iterable[Case]) -> Iterator[tuple[Case, dict[str, int | None], float]]:
    """Scan each case; give what the rules say, and the loss in NMI by taking the recommended k for the true one."""
    for case in cases:
        scan = scan_k(case.coordinates, range(2, case.k_max + 1), column_scales=case.column_scales)
        said = guesses(scan)
        loss = np.nan
        if said["recommended"] is not None and case.truth.max() < len(scan.scores):
            nmi = [
                normalized_mutual_info_score(case.truth, scan.labels[k - 1])
                for k in (case.truth.max() + 1, said["recommended"])
            ]
            loss = nmi[0] - nmi[1]
        yield case, said, loss


def report(cases: Iterable[Case]) -> None:
    """Print one line for each group of cases."""
    results = defaultdict(list)
    for case, said, loss in run(cases):
        results[case.group].append((int(case.truth.max()) + 1, said, loss))
    for group, found in results.items():
        truth = np.array([true for true, _, _ in found])
        print(f"\n{group}: {len(found)} cases, {min(truth)} to {max(truth)} clusters")
        for rule in RULES:
            ks = np.array([said[rule] or 0 for _, said, _ in found])
            none = f"none {np.mean(ks == 0):.2f}"
            if truth.max() == 1:
                print(f"  {rule:<18} {none}")
                continue
            errors = np.abs(ks - truth) / truth
            line = f"  {rule:<18} exact {np.mean(ks == truth):.2f}  error {errors[ks > 0].mean():.2f}  {none}"
            print(f"{line}  NMI lost {np.nanmean([loss for *_, loss in found]):.3f}" if rule == "recommended" else line)


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", help="a folder of pictures with one sub-folder for each class")
    parser.add_argument("--seeds", type=int, default=4, help="times that every case is drawn (default: %(default)s)")
    options = parser.parse_args()
    print(f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    report(blob_cases(options.seeds))
    report(structureless_cases(options.seeds))
    collections = {name: labelled_features(name, sample=True) for name in ("digits", "dots")}
    if options.folder:
        collections["the folder"] = labelled_features(options.folder, sample=False)
    n_seeds = max(1, options.seeds // 4)
    report(chain.from_iterable(class_cases(n_seeds, name, *data) for name, data in collections.items()))
    report(structureless_spaces(n_seeds, collections))


if __name__ == "__main__":
    main()
