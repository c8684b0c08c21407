"""How well each extractor's vectors fall into the true classes, and how quickly they are made.

    python -m benchmarks.extractors                        # the built-in samples
    python -m benchmarks.extractors --folder PHOTOS        # and a folder with one sub-folder for each class
    python -m benchmarks.extractors --only hog phash       # these alone; texts such as network+colour:0.3 as well

The number of clusters is that of the classes, the space the one that suits the extractor, everything else the default.
"""

import argparse
import os
import platform
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import numpy as np
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

from imgcluster.cache import Workspace
from imgcluster.errors import ImgClusterError
from imgcluster.extractors.registry import available_kinds
from imgcluster.features.options import parse_features
from imgcluster.pictures.collection import Collection
from imgcluster.pictures.samples import SAMPLES
from imgcluster.pipeline import cluster_images, open_collection

COMBINED = ("thorough", "network+colour:0.3", "network+hog:0.5")


def main() -> None:
    """Print a table for each collection."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder")
    parser.add_argument("--only", nargs="+", metavar="EXTRACTOR")
    options = parser.parse_args()
    names = options.only or [*(kind.name for kind in available_kinds()), *COMBINED]
    print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}")
    for sample in SAMPLES:
        report(sample, open_collection(sample, sample=True), names)
    if options.folder:
        report(Path(options.folder).name, open_collection(options.folder), names)


def report(title: str, collection: Collection, names: Sequence[str]) -> None:
    """Print one line for each extractor; those that lack something say what."""
    print(f"\n{title}: {len(collection):,} images in {len(set(classes(collection)))} classes")
    print(f"{'extractor':<28}{'NMI':>6}{'ARI':>7}{'images/s':>10}  with loading")
    for name in names:
        with tempfile.TemporaryDirectory() as directory:  # a new one, so that nothing is there before
            try:
                print(f"{name:<28}{measured(collection, name, Workspace(Path(directory)))}", flush=True)
            except ImgClusterError as problem:
                print(f"{name:<28}  {problem}", flush=True)


def measured(collection: Collection, name: str, workspace: Workspace) -> str:
    """Return NMI, ARI and speed of one extractor as a text."""
    for extractor in parse_features(name).extractors():
        if missing := extractor.missing():
            raise missing.error()
    started = time.perf_counter()
    n_classes = len(set(classes(collection)))
    result = cluster_images(collection, n_clusters=n_classes, extractor=name, workspace=workspace)
    seconds = time.perf_counter() - started
    truth, found = classes(result.collection), result.clustering.labels
    nmi, ari = normalized_mutual_info_score(truth, found), adjusted_rand_score(truth, found)
    return f"{nmi:>6.3f}{ari:>7.3f}{len(collection) / seconds:>10.1f}"


def classes(collection: Collection) -> np.ndarray:
    """Return the name of the folder that each image lies in."""
    return np.array([str(PurePosixPath(path).parent) for path in collection.paths])


if __name__ == "__main__":
    main()
