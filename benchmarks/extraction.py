"""How fast pictures become features: the whole path against the usual recipe, and against what the cores allow.

    python -m benchmarks.extraction                    # 400 generated photographs of 1200 x 900
    python -m benchmarks.extraction --folder PHOTOS    # and the first 400 pictures of a folder
    python -m benchmarks.extraction --images 100

Ours and the recipe each run in a process of their own, loaded and warm. The rates are the best of five turns: other
programs only ever slow one down. The cosines compare our vectors with those that TensorFlow gives for the same pixels;
NMI is that of as many groups as a folder has sub-folders, made in our way of either.
"""

import argparse
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import joblib
import numpy as np
from PIL import Image

from benchmarks.common import apart, command, peak_megabytes, say, short, table, timed
from benchmarks.recipe import keras_model, one_by_one, resnet50
from benchmarks.variants import agreement, classes
from imgcluster.extractors.extractor import Extractor
from imgcluster.extractors.registry import get_extractor
from imgcluster.features.extraction import extract_features
from imgcluster.features.reading import Reader
from imgcluster.features.rows import normalize_rows
from imgcluster.features.store import Store
from imgcluster.grouping.clustering import kmeans
from imgcluster.pictures.ahead import read_ahead
from imgcluster.pictures.collection import Collection
from imgcluster.pictures.finding import find_images
from imgcluster.spaces.space import fit_space

NETWORK = "efficientnet_lite0"
N_RECIPE = 60
REPEATS = 5
BATCH = 32
RECIPES = ("folded", "published", "resnet50")  # our network, the same as published, and another


def main() -> None:
    """Print one table, a column for each collection."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, help="photographs, best in one sub-folder for each class")
    parser.add_argument("--images", type=int, default=400, help="at most so many (default: %(default)s)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        made = write_photos(Path(directory) / "photos", options.images)
        columns = {f"1200 x 900, {kilobytes(some(made, options.images))}": figures(made, options.images)}
        if options.folder:
            title = f"PHOTOS, {kilobytes(some(options.folder, options.images))}"
            columns[title] = figures(options.folder, options.images, classed=True)
    names = list(next(reversed(columns.values())))
    print(f"{command()}: up to {options.images:,} pictures, {N_RECIPE} of them for the recipe, {REPEATS} turns\n")
    print(table(("", *columns), [(name, *(each.get(name, "") for each in columns.values())) for name in names]))


def figures(folder: Path, n_images: int, *, classed: bool = False) -> dict[str, object]:
    """Return what is measured on one folder, by name."""
    ours = apart(our_way, folder, n_images)
    say(f"ours: {ours.whole:.0f} pictures a second")
    same, published, usual = (apart(recipe, folder, n_images, network) for network in RECIPES)
    theirs = apart(tensorflow_vectors, folder, n_images)
    allowed = 1 / (1 / ours.decoding + 1 / ours.network)
    cosines = np.einsum("ij,ij->i", normalize_rows(ours.vectors), normalize_rows(theirs.vectors))

    def against(rate: float) -> str:
        return f"{short(rate)} (ours {short(ours.whole / rate)} x)"

    found: dict[str, object] = {
        "whole path, from the disk to the stored vector, pictures a second": ours.whole,
        "decoding alone": ours.decoding,
        "network alone": ours.network,
        "share of 1 / (1/decoding + 1/network)": f"{100 * ours.whole / allowed:.0f} %",
        "recipe with the same network, pictures a second": against(same.rate),
        "recipe with the network as published": against(published.rate),
        "recipe with ResNet50, as in most tutorials": against(usual.rate),
        "ready after, s": ours.loading,
        "second run, nothing changed, s": ours.again,
        "TensorFlow imported by our path": "yes" if ours.imported else "no",
        "peak memory, MB": ours.peak,
        "peak memory of the recipe, MB": published.peak,
        "least cosine to TensorFlow's vectors": f"{cosines.min():.5f}",
    }
    if classed:
        for name, way in (("ours", ours), ("TensorFlow's", theirs)):
            found[f"NMI of the groups, vectors {name}"] = round(quality(way.vectors, ours.paths), 3)
    return found


def our_way(folder: Path, n_images: int) -> SimpleNamespace:
    """Measure the whole path and its parts."""
    collection, network = some(folder, n_images), get_extractor(NETWORK)
    _, loading = timed(network.load)
    n = len(collection)
    with tempfile.TemporaryDirectory() as directory:
        scratch = Path(directory)
        prepared = decode_all(collection, network, scratch / "first")
        network(prepared[:BATCH])
        turns = []
        for turn in range(REPEATS):
            extraction, whole = timed(extract, collection, scratch / f"{turn}.sqlite")
            _, decoding = timed(decode_all, collection, network, scratch / f"{turn}")
            _, predicting = timed(network, prepared)
            turns.append((whole, decoding, predicting))
        _, again = timed(extract, collection, scratch / "0.sqlite")
    whole, decoding, predicting = map(min, zip(*turns, strict=True))
    return SimpleNamespace(
        whole=n / whole,
        decoding=n / decoding,
        network=n / predicting,
        loading=loading,
        again=again,
        imported="tensorflow" in sys.modules,
        peak=peak_megabytes(),
        vectors=np.array(extraction.features.vectors),
        paths=extraction.collection.paths,
    )


def recipe(folder: Path, n_images: int, network: str) -> SimpleNamespace:
    """Measure what tutorials do, on some of the pictures."""
    paths = [image.source for image in some(folder, n_images).images[:N_RECIPE]]
    model = resnet50() if network == "resnet50" else keras_model(published=network == "published")
    seconds = min(one_by_one(model, paths)[1] for _ in range(REPEATS))
    return SimpleNamespace(rate=len(paths) / seconds, peak=peak_megabytes())


def tensorflow_vectors(folder: Path, n_images: int) -> SimpleNamespace:
    """Return the vectors that TensorFlow gives for the pixels that our network gets."""
    model, network = keras_model(published=False), get_extractor(NETWORK)
    with tempfile.TemporaryDirectory() as directory:
        prepared = decode_all(some(folder, n_images), network, Path(directory))
    batches = (prepared[start : start + BATCH] for start in range(0, len(prepared), BATCH))
    return SimpleNamespace(vectors=np.concatenate([model.predict_on_batch(batch) for batch in batches]))


def some(folder: Path, n_images: int) -> Collection:
    """Return the pictures of a folder; where there are too many, some of every part of it."""
    collection = find_images(folder)
    step = max(1, len(collection) / n_images)
    chosen = [collection.images[int(step * index)] for index in range(min(n_images, len(collection)))]
    return replace(collection, images=tuple(chosen))


def kilobytes(collection: Collection) -> str:
    return f"{sum(image.size for image in collection.images) / len(collection) / 1000:.0f} KB"


def quality(vectors: np.ndarray, paths: tuple[str, ...]) -> float:
    """Return the NMI of as many groups as there are classes."""
    truth = classes(paths)
    space = fit_space(SimpleNamespace(vectors=vectors, fingerprint="", scaling="hellinger"))
    return agreement(truth, kmeans(space.coordinates, len(set(truth))).labels)[0]


def extract(collection: Collection, path: Path):
    """Return the extraction of a collection, kept in a store."""
    with Store(path) as store:
        return extract_features(collection, store=store)


def decode_all(collection: Collection, network: Extractor, scratch: Path) -> np.ndarray:
    """Read, decode and prepare with all cores, thumbnails included; nothing is predicted."""
    scratch.mkdir(exist_ok=True)
    with Store(scratch / "decoding.sqlite") as store, ThreadPoolExecutor(joblib.cpu_count()) as pool:
        reader = Reader(collection.images, extractor=network, store=store, max_pixels=10**9)
        outcomes = read_ahead(pool, reader, range(len(collection)), n_ahead=96, cancel=None)
        return np.stack([outcome.pixels for outcome in outcomes if outcome.pixels is not None])


def write_photos(folder: Path, n_images: int) -> Path:
    """Write JPEGs of 1200 x 900 with coarse and fine structure, some 150 KB each."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    for index in range(n_images):
        layers = [rng.normal(0, 50 / level**0.5, (3 * level, 4 * level, 3)) for level in (1, 4, 16, 75)]
        pixels = 128 + sum(
            np.stack([np.asarray(Image.fromarray(layer[..., c]).resize((1200, 900))) for c in range(3)], axis=-1)
            for layer in layers
        )
        Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(folder / f"{index:04d}.jpg", quality=88)
    return folder


if __name__ == "__main__":
    main()
