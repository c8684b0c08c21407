"""How well each extractor's vectors fall into the true classes, and how quickly they are made.

    python -m benchmarks.extractors                        # the built-in drawings
    python -m benchmarks.extractors --folder PHOTOS        # and a folder with one sub-folder for each class
    python -m benchmarks.extractors --samples dots digits  # and the digits, which take some minutes
    python -m benchmarks.extractors --only hog phash       # these alone; texts such as network+colour:0.3 as well

The number of clusters is that of the classes, the space the one that suits the extractor, everything else the default.
Each extractor begins with nothing in the store; its rate contains loading it, the space and the groups.
"""

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.common import command, say, table, timed
from benchmarks.variants import agreement, classes
from imgcluster.cache import Workspace
from imgcluster.errors import ImgClusterError
from imgcluster.extractors.registry import available_kinds
from imgcluster.features.options import parse_features
from imgcluster.pictures.collection import Collection
from imgcluster.pictures.samples import SAMPLES
from imgcluster.pipeline import cluster_images, open_collection

COMBINED = ("thorough", "network+colour:0.3", "network+hog:0.5")


def main() -> None:
    """Print one table, with three columns for each collection."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", help="a folder of pictures with one sub-folder for each class")
    parser.add_argument("--samples", nargs="*", choices=SAMPLES, default=["dots"], metavar="SAMPLE")
    parser.add_argument("--only", nargs="+", metavar="EXTRACTOR", help="these alone")
    options = parser.parse_args()
    names = options.only or [*(kind.name for kind in available_kinds()), *COMBINED]
    collections = {sample: open_collection(sample, sample=True) for sample in options.samples}
    if options.folder:
        collections = {"PHOTOS": open_collection(options.folder), **collections}
    sizes = (f"{title} {len(each):,} in {len(set(classes(each.paths)))} classes" for title, each in collections.items())
    print(f"{command()}: {'; '.join(sizes)}\n")
    header = [f"{title}, {what}" for title in collections for what in ("NMI", "ARI", "images/s")]
    print(table(("extractor", *header), [line(name, list(collections.values())) for name in names]))


def line(name: str, collections: Sequence[Collection]) -> list[object]:
    """Return one line of the table; of an extractor that lacks something, what that is."""
    cells: list[object] = [name]
    for collection in collections:
        with tempfile.TemporaryDirectory() as directory:  # a new one, so that nothing is there before
            try:
                cells.extend(measured(collection, name, Workspace(Path(directory))))
            except ImgClusterError as problem:
                cells.extend((str(problem), None, None))
    say(f"{cells}")
    return cells


def measured(collection: Collection, name: str, workspace: Workspace) -> tuple[str, str, float]:
    """Return NMI, ARI and images per second of one extractor."""
    for extractor in parse_features(name).extractors():
        if missing := extractor.missing():
            raise missing.error()
    n_classes = len(set(classes(collection.paths)))
    result, seconds = timed(cluster_images, collection, n_clusters=n_classes, extractor=name, workspace=workspace)
    scores = agreement(classes(result.collection.paths), result.clustering.labels)
    return *(f"{score:.3f}" for score in scores), len(collection) / seconds


if __name__ == "__main__":
    main()
