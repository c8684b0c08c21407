"""What bursts do to the groups: each photograph several times over, nearly the same.

    python -m benchmarks.bursts --folder PHOTOS       # in folders named by classes; nothing in it is changed
    python -m benchmarks.bursts                       # the built-in sample "dots"

The number of classes is told. "All in the graph" is our space as if there were no bursts; the recipe is z-scores and
KMeans of scikit-learn, on the same features.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.common import command, say, table
from benchmarks.variants import agreement, classes, write_bursts
from imgcluster.cache import Workspace
from imgcluster.grouping.clustering import kmeans
from imgcluster.pictures.collection import ImageFile
from imgcluster.pipeline import open_collection
from imgcluster.spaces.manifold import diffusion_map
from imgcluster.spaces.space import Space, fit_space
from imgcluster.stages.looking import embed_images

MOST = (1, 5, 12, 15, 30)


def main() -> None:
    """Print one line for each length of the bursts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder")
    options = parser.parse_args()
    chosen = open_collection(options.folder or "dots", sample=not options.folder)
    images = chosen.images[::2]  # of long bursts there would be very many
    rows = [line(images, most) for most in MOST]
    print(f"{command()}: NMI / ARI of {len(images):,} pictures in bursts, the number of classes told\n")
    print(table(["in bursts of up to", "pictures", "in the graph", "ours", "all in the graph", "the recipe"], rows))


def line(images: tuple[ImageFile, ...], most: int) -> list[object]:
    """Write the bursts, and return how well their classes are found."""
    say(f"bursts of up to {most}")
    with tempfile.TemporaryDirectory() as directory:
        folder = write_bursts(images, Path(directory) / "pictures", most)
        extraction, _ = embed_images(open_collection(folder), workspace=Workspace(Path(directory) / "workspace"))
    truth = classes(extraction.collection.paths)
    vectors, k = extraction.features.vectors, len(set(truth))
    space = fit_space(extraction.features)
    ways = [space.coordinates, all_in_the_graph(space)]
    found = [kmeans(coordinates, k).labels for coordinates in ways] + [recipe(vectors, k)]
    n_in_graph = len(np.unique(space.coordinates, axis=0))
    return [most, len(truth), n_in_graph, *("{:.3f} / {:.3f}".format(*agreement(truth, labels)) for labels in found)]


def all_in_the_graph(space: Space) -> np.ndarray:
    """Return the diffusion map of the same neighbours without bursts; identical pictures once, as in ours."""
    originals, point = np.unique(space.first_twin, return_inverse=True)
    place = {image: number for number, image in enumerate(originals)}
    indices = np.vectorize(place.get, otypes=[np.int32])(space.first_twin[space.neighbors[originals]])
    found = diffusion_map(space.model.known, indices, space.distances[originals], 20, random_state=0)
    return found.coordinates[point]


def recipe(vectors: np.ndarray, k: int) -> np.ndarray:
    """Return the groups of z-scores by KMeans."""
    from sklearn.cluster import KMeans
    from sklearn.preprocessing import StandardScaler

    return KMeans(k, n_init=10, random_state=0).fit_predict(StandardScaler().fit_transform(vectors))


if __name__ == "__main__":
    main()
