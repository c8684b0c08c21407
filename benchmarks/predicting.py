"""Where do new pictures belong, and are strangers told from friends?

    python -m benchmarks.predicting                      # the built-in samples
    python -m benchmarks.predicting --folder PHOTOS      # and a folder with one sub-folder for each class
    python -m benchmarks.predicting --folder PHOTOS --details    # and other thresholds, numbers of groups and voters
    python -m benchmarks.predicting --rows 8000          # the times with so many pictures, in place of 32,000

Of a collection's classes some are chosen, and half of their pictures are grouped; the other half are the friends, the
pictures of all other classes the strangers. "Right" are the friends that go to the group that their class forms (the
most frequent class of the group), whatever the novelty says; "kept" are those that are right and not refused as "none
of these". "Said" is the mean probability that was given for the friends' groups, to be compared with "right"; "out"
are those who are refused. All figures are means over several choices of the classes.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np

from benchmarks.cases import labelled_features
from benchmarks.common import command, peak_megabytes, say, short, table, timed
from imgcluster.features.options import FeatureOptions
from imgcluster.grouping.clustering import Clustering
from imgcluster.grouping.methods import MethodOptions, cluster
from imgcluster.predicting import assigning, novelty
from imgcluster.predicting.fitting import fit_model
from imgcluster.predicting.model import ClusterModel
from imgcluster.predicting.predict import Prediction, predict
from imgcluster.spaces.space import Space, fit_space

QUANTILES = (0.8, 0.9, 0.95, 0.99)
# Names, and the share of the group's own quantile in the threshold, by how many images count as one of its own.
SHRINKAGES = {"of the group": 0, "shrunk, 10": 10, "shrunk, 20": 20, "shrunk, 40": 40, "of all": 10**9}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One choice of classes: what was grouped, and what comes new.

    Attributes
    ----------
    vectors, friends, strangers : ndarray, shape (n, n_features)
    truth, friends_truth : ndarray of int
        The classes of the first two.
    space : Space
        Made of ``vectors``.
    """

    vectors: np.ndarray
    friends: np.ndarray
    strangers: np.ndarray
    truth: np.ndarray
    friends_truth: np.ndarray
    space: Space


def choices(vectors: np.ndarray, classes: np.ndarray, n_classes: int, n_choices: int) -> Iterator[Case]:
    """Choose some of the classes, and half of the pictures of each, again and again."""
    for seed in range(n_choices):
        generator = np.random.default_rng(seed)
        chosen = generator.permutation(classes.max() + 1)[:n_classes]
        known, new = [], []
        for one in chosen:
            members = generator.permutation(np.flatnonzero(classes == one))
            known.extend(members[: len(members) // 2])
            new.extend(members[len(members) // 2 :])
        known = np.sort(known)
        yield Case(
            vectors=vectors[known],
            friends=vectors[new],
            strangers=vectors[~np.isin(classes, chosen)],
            truth=classes[known],
            friends_truth=classes[new],
            space=fit_space(as_features(vectors[known])),
        )


def as_features(vectors: np.ndarray) -> SimpleNamespace:
    """Return vectors as `fit_space` and `fit_model` take them."""
    return SimpleNamespace(
        vectors=vectors, fingerprint="", scaling="hellinger", hashes=[""] * len(vectors), extractor="efficientnet_lite0"
    )


def model_of(vectors: np.ndarray, space: Space, found: Clustering) -> ClusterModel:
    """Return the model of a clustering."""
    return fit_model(
        name="benchmark",
        collection_paths=[""] * len(vectors),
        features=as_features(vectors),
        options=FeatureOptions(),
        space=space,
        labels=found.labels,
        method=found.method,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What came of one case, all but the number of groups in [0, 1]."""

    n_groups: float
    noise: float
    right: float
    kept: float
    friends_refused: float
    strangers_refused: float
    said: float
    """Mean probability that the friends' answers were given, to be compared with ``right``."""


def figures_of(case: Case, model: ClusterModel, friends: Prediction, strangers: Prediction) -> Figures:
    """Compare predictions with the truth."""
    class_of = [np.bincount(case.truth[model.labels == group]).argmax() for group in range(model.n_clusters)]
    is_right = np.array([*class_of, -1])[friends.labels] == case.friends_truth  # the last one is for "no group"
    return Figures(
        n_groups=model.n_clusters,
        noise=np.mean(model.labels < 0),
        right=np.mean(is_right),
        kept=np.mean(is_right & ~friends.is_none),
        friends_refused=np.mean(friends.is_none),
        strangers_refused=np.mean(strangers.is_none) if len(strangers) else np.nan,
        said=np.mean(friends.probabilities),
    )


def measured(case: Case, options: MethodOptions, *, quantile: float = 0.95) -> Figures:
    """Group, predict and compare."""
    model = model_of(case.vectors, case.space, cluster(case.space.coordinates, options))
    friends, strangers = (predict(model, new, quantile=quantile) for new in (case.friends, case.strangers))
    return figures_of(case, model, friends, strangers)


def line(name: str, cases: list[Case], options: MethodOptions, **keywords: float) -> list[str]:
    """Return a line of the table: the means over the cases."""
    found = [measured(case, options, **keywords) for case in cases]

    def mean(field: str) -> float:
        return float(np.mean([getattr(each, field) for each in found]))

    shares = ("noise", "right", "said", "kept", "friends_refused", "strangers_refused")
    say(name)
    return [name, f"{mean('n_groups'):.1f}", *(f"{100 * mean(field):.1f}" for field in shares)]


def report(title: str, vectors: np.ndarray, classes: np.ndarray, *, n_choices: int, details: bool) -> None:
    """Print the table of one collection."""
    n_classes = round(0.7 * (classes.max() + 1))
    cases = list(choices(vectors, classes, n_classes, n_choices))
    first = cases[0]
    print(
        f"\n{title}: {n_choices} choices of {n_classes} of {classes.max() + 1} classes; per cent. The first has "
        f"{len(first.vectors)} grouped pictures, {len(first.friends)} friends, {len(first.strangers)} strangers.\n"
    )
    lines = [
        line(method, cases, MethodOptions(method=method, n_clusters=n_classes))
        for method in ("kmeans", "spherical", "agglomerative")
    ]
    lines.extend(line(method, cases, MethodOptions(method=method)) for method in ("hdbscan", "dbscan"))
    if details:
        lines.extend(detailed(cases, n_classes))
    print(table(("", "groups", "noise", "right", "said", "kept", "friends out", "strangers out"), lines))


def detailed(cases: list[Case], n_classes: int) -> Iterator[list[str]]:
    """Give the lines of what other choices would have given."""
    for quantile in QUANTILES:
        yield line(f"quantile {quantile:g}", cases, MethodOptions(n_clusters=n_classes), quantile=quantile)
    for n_clusters in (n_classes // 2, n_classes, 2 * n_classes, 4 * n_classes):
        for name, shrinkage in SHRINKAGES.items():
            with changed(novelty, "_SHRINKAGE", shrinkage):
                yield line(f"k={n_clusters}, {name}", cases, MethodOptions(n_clusters=n_clusters))
    for n_voters in (1, 3, 5, 10, 15):
        with changed(assigning, "N_VOTERS", n_voters):
            tree = MethodOptions(method="agglomerative", n_clusters=n_classes)
            yield line(f"{n_voters} voters, tree", cases, tree)
            yield line(f"{n_voters} voters, hdbscan", cases, MethodOptions(method="hdbscan"))


class changed:  # noqa: N801  (reads as a verb)
    """A constant of a module with another value, for as long as the block lasts."""

    def __init__(self, module: object, name: str, value: float) -> None:
        self._module, self._name, self._value = module, name, value

    def __enter__(self) -> None:
        self._before = getattr(self._module, self._name)
        setattr(self._module, self._name, self._value)

    def __exit__(self, *_: object) -> None:
        setattr(self._module, self._name, self._before)


def times(n_images: int) -> str:
    """Say how long it takes with many images: features around some middles, all of them different."""
    generator = np.random.default_rng(0)
    middles = generator.gamma(0.5, size=(50, 1280)).astype(np.float32)
    vectors = middles[np.arange(n_images) % 50]
    for row in vectors:  # a row at a time: the numbers are drawn as float64
        row *= generator.gamma(2, size=1280)
    space = fit_space(as_features(vectors))
    found = cluster(space.coordinates, MethodOptions(n_clusters=50))
    model, fitting = timed(model_of, vectors, space, found)
    one, many = (timed(predict, model, vectors[:n_new] * np.float32(1.1))[1] for n_new in (1, 1000))
    return (
        f"The model of {n_images:,} synthetic pictures is made in {short(fitting)} s; one new picture is placed in "
        f"{short(one)} s, a thousand in {short(many)} s; peak {short(peak_megabytes())} MB, features included."
    )


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", help="a folder of pictures with one sub-folder for each class")
    parser.add_argument("--details", action="store_true", help="other thresholds, numbers of groups and of voters, too")
    parser.add_argument("--rows", type=int, default=32_000, help="pictures for the times (default: %(default)s)")
    options = parser.parse_args()
    print(f"{command()}. {times(options.rows)}")
    if options.folder:
        data = labelled_features(options.folder, sample=False)
        report("PHOTOS", *data, n_choices=10, details=options.details)
    for name in ("dots", "digits"):
        report(name, *labelled_features(name, sample=True), n_choices=5, details=options.details)


if __name__ == "__main__":
    main()
