"""How fast pictures become features: the whole path against the usual recipe, and against what the cores allow.

Run by hand:  python -m benchmarks.extraction [FOLDER] [--growth]
"""

import argparse
import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import joblib
import numpy as np
from PIL import Image

from imgcluster.extractors.networks.efficientnet import EfficientNetLite
from imgcluster.extractors.networks.keras_backend import import_keras
from imgcluster.extractors.registry import get_extractor
from imgcluster.features.extraction import extract_features
from imgcluster.features.reading import Reader
from imgcluster.features.store import Store
from imgcluster.pictures.ahead import read_ahead
from imgcluster.pictures.collection import Collection
from imgcluster.pictures.finding import find_images

N_PHOTOS = 400
N_RECIPE = 60
REPEATS = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, help="photographs; 400 are generated when it is left out")
    parser.add_argument("--growth", action="store_true", help="also 1,000 and 8,000 pictures (minutes)")
    options = parser.parse_args()
    network = get_extractor("efficientnet_lite0")
    print(
        f"{platform.processor() or platform.machine()}, {joblib.cpu_count()} cores, Python {platform.python_version()}"
    )
    seconds = clock(network.load)
    print(f"loading the network: {seconds:.1f} s, {peak_megabytes():.0f} MB")
    with tempfile.TemporaryDirectory() as directory:
        scratch = Path(directory)
        folder = options.folder or write_photos(scratch / "photos")
        collection = find_images(folder)
        collection = replace(collection, images=collection.images[:N_PHOTOS])
        measure_rates(collection, network, scratch)
        if options.growth:
            measure_growth(collection, scratch)


def measure_rates(collection: Collection, network: EfficientNetLite, scratch: Path) -> None:
    """Print pictures per second of the whole path, its parts and the recipe, the best of five turns each."""
    n_bytes = sum(image.size for image in collection.images) / len(collection)
    print(f"{len(collection)} pictures of {n_bytes / 1000:.0f} KB on average")
    prepared = decode_all(collection, network, scratch)
    turns = []  # the best counts: other programs only ever slow one down
    for turn in range(REPEATS):
        path = scratch / f"turn{turn}.sqlite"
        turns.append(
            (
                len(collection) / clock(lambda path=path: extract(collection, path)),
                len(collection) / clock(lambda turn=turn: decode_all(collection, network, scratch / str(turn))),
                len(collection) / clock(lambda: network(prepared)),
            )
        )
    whole, decoding, predicting = (max(values) for values in zip(*turns, strict=True))
    print(f"whole path, from the disk to the stored vector: {whole:.1f} pictures/s, peak {peak_megabytes():.0f} MB")
    allowed = 1 / (1 / decoding + 1 / predicting)
    print(f"decoding alone {decoding:.0f}/s, network alone {predicting:.0f}/s: the cores allow {allowed:.1f}/s")
    print(f"  -> {whole / allowed:.0%} of what the cores allow")
    recipe = max(run_recipe(collection, network) for _ in range(REPEATS))
    print(f"load_img, model.predict one at a time: {recipe:.1f}/s")
    print(f"  -> {whole / recipe:.1f} times the recipe")
    seconds = clock(lambda: extract(collection, scratch / "turn0.sqlite"))
    print(f"second run, nothing changed: {seconds:.3f} s")


def measure_growth(collection: Collection, scratch: Path) -> None:
    """Print time and memory for 1,000 and 8,000 pictures, first and second run."""
    for n_images in (1000, 8000):
        folder = write_variants(collection, scratch / f"{n_images}", n_images)
        path = scratch / f"{n_images}.sqlite"
        first = clock(lambda folder=folder, path=path: extract(find_images(folder), path))
        second = clock(lambda folder=folder, path=path: extract(find_images(folder), path))
        print(
            f"{n_images:,} pictures: {first:.1f} s ({n_images / first:.1f}/s), again {second:.2f} s, "
            f"peak {peak_megabytes():.0f} MB, store {path.stat().st_size / 1e6:.0f} MB"
        )
        shutil.rmtree(folder)


def extract(collection: Collection, path: Path) -> None:
    with Store(path) as store:
        extract_features(collection, store=store)


def decode_all(collection: Collection, network: EfficientNetLite, scratch: Path) -> np.ndarray:
    """Read, decode and prepare with all cores, thumbnails included; nothing is predicted."""
    scratch.mkdir(exist_ok=True)
    with Store(scratch / "decoding.sqlite") as store, ThreadPoolExecutor(joblib.cpu_count()) as pool:
        reader = Reader(collection.images, extractor=network, store=store, max_pixels=10**9)
        outcomes = read_ahead(pool, reader, range(len(collection)), n_ahead=96, cancel=None)
        return np.stack([outcome.pixels for outcome in outcomes if outcome.pixels is not None])


def run_recipe(collection: Collection, network: EfficientNetLite) -> float:
    """Return pictures per second of what tutorials do, with the same network."""
    utils, model = import_keras().utils, network.model
    model.predict(np.zeros((1, 224, 224, 3)), verbose=0)
    started = time.perf_counter()
    for image in collection.images[:N_RECIPE]:
        pixels = utils.img_to_array(utils.load_img(image.source, target_size=(224, 224)))
        model.predict(pixels[np.newaxis], verbose=0)
    return len(collection.images[:N_RECIPE]) / (time.perf_counter() - started)


def write_photos(folder: Path) -> Path:
    """Write 400 JPEGs of 1200 x 900 with coarse and fine structure, some 250 KB each."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    for index in range(N_PHOTOS):
        layers = [rng.normal(0, 50 / level**0.5, (3 * level, 4 * level, 3)) for level in (1, 4, 16, 75)]
        pixels = 128 + sum(
            np.stack([np.asarray(Image.fromarray(layer[..., c]).resize((1200, 900))) for c in range(3)], axis=-1)
            for layer in layers
        )
        Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(folder / f"{index:04d}.jpg", quality=88)
    return folder


def write_variants(collection: Collection, folder: Path, n_images: int) -> Path:
    """Write copies that differ in a few pixels, so that no two have the same content."""
    folder.mkdir()
    for index in range(n_images):
        source = collection.images[index % len(collection)].source
        with Image.open(source) as image:
            copy = image.convert("RGB")
        block = (index % 251, index // 251, 128)
        copy.paste(block, (8 * (index % 8), 0, 8 * (index % 8) + 8, 8))
        copy.save(folder / f"{index:05d}.jpg", quality=88)
    return folder


def clock(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def peak_megabytes() -> float:
    """Return the most memory that this process has held so far; 0 on Windows."""
    if os.name == "nt":
        return 0.0
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak / 1e3


if __name__ == "__main__":
    main()
