"""How many planted copies are found, how many other pairs with them, and how long that takes.

    python -m benchmarks.copies --folder PHOTOS            # 200 copies among the pictures of a folder (not changed)
    python -m benchmarks.copies                            # among pictures made up, and the built-in sample "dots"
    python -m benchmarks.copies --speed 30000              # the time for so many pictures, a tenth of them copies

Of the pairs found, every one that was not planted counts as false: a folder may well have copies of its own. These are
named, to be looked at.
"""

import argparse
import os
import platform
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np

from benchmarks.planting import KINDS, photo_like, plant_copies
from imgcluster.cache import Workspace
from imgcluster.extractors.looks import Looks, parse_looks
from imgcluster.finding.copies.groups import DEFAULT_NEAR, group_copies
from imgcluster.finding.copies.pairs import find_pairs
from imgcluster.pictures.collection import ImageFile
from imgcluster.pictures.opening import decode, read_bytes
from imgcluster.pictures.samples import load_sample
from imgcluster.pictures.thumbnails import make_thumbnail
from imgcluster.pipeline import open_collection
from imgcluster.stages.copies import find_copies
from imgcluster.stages.looking import embed_images, look_closely

N_COPIES = 200
SLIDER = (0.8, 0.85, DEFAULT_NEAR, 0.95)


def main() -> None:
    """Print recall and precision at several sliders, or the times."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder")
    parser.add_argument("--speed", type=int, metavar="N")
    options = parser.parse_args()
    print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}")
    if options.speed:
        report_speed(options.speed)
        return
    with tempfile.TemporaryDirectory() as directory:
        if options.folder:
            collection = open_collection(options.folder)
            report(Path(options.folder).name, written(Path(directory), collection.images))
            return
        made, drawn = Path(directory, "made up"), Path(directory, "dots")
        made.mkdir()
        rng = np.random.default_rng(1)
        for number in range(500):
            photo_like(rng, (480, 360)).save(made / f"{number:03d}.jpg", quality=92)
        report("made up", made)
        drawn.mkdir()
        report("dots", written(drawn, load_sample("dots").images))


def written(folder: Path, images: tuple[ImageFile, ...]) -> Path:
    """Copy images to a folder, numbered, and return it."""
    for number, image in enumerate(images):
        name = image.path.replace("/", "-")
        (folder / f"{number:05d}-{name}").write_bytes(read_bytes(image))
    return folder


def report(title: str, folder: Path) -> None:
    """Plant copies in a folder, look for them, and print what was found."""
    originals = sorted(folder.iterdir())
    planted = plant_copies(originals, folder, min(N_COPIES, len(originals)))
    with tempfile.TemporaryDirectory() as directory:
        workspace = Workspace(Path(directory))
        extraction, _ = embed_images(open_collection(folder), workspace=workspace)
        collection, looks = look_closely(extraction.collection, workspace=workspace)
        begun = time.perf_counter()
        pairs = find_copies(collection, extraction.features, looks, workspace=workspace)
        seconds = time.perf_counter() - begun
    paths = collection.paths
    true = {frozenset(pair) for pair in planted.items()}
    names = [frozenset((paths[i], paths[j])) for i, j in zip(pairs.first, pairs.second, strict=True)]
    is_true = np.array([pair in true for pair in names])
    print(f"\n{title}: {len(planted)} copies among {len(originals)} pictures, {seconds:.1f} s for the pairs")
    for near in SLIDER:
        chosen = pairs.similarities >= near
        n_right, n_chosen = int((is_true & chosen).sum()), int(chosen.sum())
        print(f"  near {near:.2f}: recall {n_right / len(true):.3f}, precision {n_right / max(1, n_chosen):.3f}")
    chosen = pairs.similarities >= DEFAULT_NEAR
    found = {pair for pair, is_chosen in zip(names, chosen, strict=True) if is_chosen}
    missed = Counter(
        copy.split("-", 2)[2].rpartition(".")[0] for copy, of in planted.items() if {copy, of} not in found
    )
    print(f"  missed: {dict(missed) or 'none'} of {len(planted) // len(KINDS)} of each kind")
    for pair, similarity in zip(names, pairs.similarities, strict=True):
        if similarity >= DEFAULT_NEAR and pair not in true:
            print(f"  not planted: {similarity:.3f} {sorted(pair)}")


def report_speed(n: int) -> None:
    """Print how long the pairs and the groups of many made-up pictures take, without reading files."""
    rng = np.random.default_rng(0)
    vectors, thumbnails = [], {}
    for number in range(n):
        picture = decode(thumbnails[str(number - 1)]) if number % 10 == 9 else photo_like(rng, (160, 120))
        vectors.append(Looks().prepare(picture))
        thumbnails[str(number)] = make_thumbnail(picture)
    looks = parse_looks(np.stack(vectors))
    hashes = [str(number) for number in range(n)]
    neighbors = rng.integers(0, n, (n, 6))  # as many candidates as the features would bring
    begun = time.perf_counter()
    pairs = find_pairs(hashes, looks, thumbnails=lambda keys: thumbnails, neighbors=neighbors)
    print(f"{n:,} pictures: {time.perf_counter() - begun:.1f} s for {len(pairs.first):,} pairs")
    images = [ImageFile(path=f"{key}.jpg", source=Path(key), size=1, mtime_ns=0) for key in hashes]
    begun = time.perf_counter()
    groups = group_copies(pairs, looks, images=images, not_same=((0, 1), (8, 9)))
    print(f"{len(groups):,} groups in {1000 * (time.perf_counter() - begun):.0f} ms")


if __name__ == "__main__":
    main()
