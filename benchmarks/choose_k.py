"""Is the recommended number of clusters right? On blobs, on classes of real pictures, and where there is none.

    python -m benchmarks.choose_k                  # blobs, noise, and the built-in samples
    python -m benchmarks.choose_k --folder PHOTOS  # and the classes of a folder with one sub-folder for each
    python -m benchmarks.choose_k --seeds 25       # more of everything

Beside our recommendation stand the rules that each use one score. The first figure is the share of cases where the
number is that of the true clusters, the second the mean of |found - true| / true; "none" is the share where no number
is given, which is right where there are no clusters. The single scores cannot say "none", but for the gap statistic
with its k = 1.
"""

import argparse
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
from benchmarks.common import command, say, table
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


def lines(cases: Iterable[Case]) -> Iterator[list[object]]:
    """Give one line of the table for each group of cases."""
    results = defaultdict(list)
    for case, said, loss in run(cases):
        results[case.group].append((int(case.truth.max()) + 1, said, loss))
    for group, found in results.items():
        truth = np.array([true for true, _, _ in found])
        fewest, most = truth.min(), truth.max()
        cells = [cell(truth, np.array([said[rule] or 0 for _, said, _ in found])) for rule in RULES]
        losses = [loss for *_, loss in found if not np.isnan(loss)]
        lost = f"{np.mean(losses):.3f}" if most > 1 and losses else "-"
        yield [group, len(found), f"{fewest}" if fewest == most else f"{fewest} to {most}", *cells, lost]
        say(f"{group}: {cells[0]}")


def cell(truth: np.ndarray, ks: np.ndarray) -> str:
    """Return how often one rule is right, and how far it is off; 0 stands for "no clear number"."""
    none = f"{np.mean(ks == 0):.2f} none"
    if truth.max() == 1:
        return none if (ks == 0).any() else "never"
    errors = (np.abs(ks - truth) / truth)[ks > 0]
    text = f"{np.mean(ks == truth):.2f} / {errors.mean():.2f}" if len(errors) else "-"
    return f"{text}, {none}" if (ks == 0).any() else text


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", help="a folder of pictures with one sub-folder for each class")
    parser.add_argument("--seeds", type=int, default=2, help="times that every case is drawn (default: %(default)s)")
    options = parser.parse_args()
    collections = {name: labelled_features(name, sample=True) for name in ("digits", "dots")}
    if options.folder:
        collections["the folder"] = labelled_features(options.folder, sample=False)
    n_seeds = max(1, options.seeds // 4)
    cases = chain(
        blob_cases(options.seeds),
        structureless_cases(options.seeds),
        chain.from_iterable(class_cases(n_seeds, name, *data) for name, data in collections.items()),
        structureless_spaces(n_seeds, collections),
    )
    print(f"{command()}: k = 2 to 30, and to 45 where 40 clusters are; share that is exact / mean error\n")
    header = ("", "cases", "clusters", *(rule.replace("_", " ") for rule in RULES), "NMI lost")
    print(table(header, lines(cases)))


if __name__ == "__main__":
    main()
