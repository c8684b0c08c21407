"""How many planted copies are found, how many other pairs with them, and how long that takes.

    python -m benchmarks.copies --folder PHOTOS            # 200 copies among the pictures of a folder (not changed)
    python -m benchmarks.copies                            # among pictures made up, and the built-in sample "dots"
    python -m benchmarks.copies --rows 30000               # the time for so many pictures, a tenth of them copies

Of the pairs found, every one that was not planted counts as false: a folder may well have copies of its own. These are
named on stderr, to be looked at.
"""

import argparse
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.common import command, say, short, table, timed
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
    """Print recall and precision at several places of the slider, and the times."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder")
    parser.add_argument("--rows", type=int, default=5000, help="pictures for the times (default: %(default)s)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        rows = [line(*each) for each in folders(Path(directory), options.folder)]
    print(f"{command()}: recall / precision where pictures count as near from a similarity of\n")
    print(table(("", "pictures", "copies", *(f"{near:.2f}" for near in SLIDER), "missed there", "s"), rows))
    print(f"\n{speed(options.rows)}")


def folders(directory: Path, photos: str | None) -> Iterator[tuple[str, Path]]:
    """Give folders of originals in a new directory, each with its title."""
    if photos:
        yield "PHOTOS", written(directory / "photos", open_collection(photos).images)
        return
    made = directory / "made up"
    made.mkdir()
    rng = np.random.default_rng(1)
    for number in range(500):
        photo_like(rng, (480, 360)).save(made / f"{number:03d}.jpg", quality=92)
    yield "made up", made
    yield "dots", written(directory / "dots", load_sample("dots").images)


def written(folder: Path, images: tuple[ImageFile, ...]) -> Path:
    """Copy images to a new folder, numbered, and return it."""
    folder.mkdir()
    for number, image in enumerate(images):
        name = image.path.replace("/", "-")
        (folder / f"{number:05d}-{name}").write_bytes(read_bytes(image))
    return folder


def line(title: str, folder: Path) -> list[object]:
    """Plant copies in a folder, look for them, and return a line of the table."""
    originals = sorted(folder.iterdir())
    planted = plant_copies(originals, folder, min(N_COPIES, len(originals)))
    with tempfile.TemporaryDirectory() as directory:
        workspace = Workspace(Path(directory))
        extraction, _ = embed_images(open_collection(folder), workspace=workspace)
        collection, looks = look_closely(extraction.collection, workspace=workspace)
        pairs, seconds = timed(find_copies, collection, extraction.features, looks, workspace=workspace)
    paths = collection.paths
    true = {frozenset(pair) for pair in planted.items()}
    names = [frozenset((paths[i], paths[j])) for i, j in zip(pairs.first, pairs.second, strict=True)]
    is_true = np.array([pair in true for pair in names])
    cells = []
    for near in SLIDER:
        chosen = pairs.similarities >= near
        n_right, n_chosen = int((is_true & chosen).sum()), int(chosen.sum())
        cells.append(f"{n_right / len(true):.3f} / {n_right / max(1, n_chosen):.3f}")
    found = {pair for pair, similarity in zip(names, pairs.similarities, strict=True) if similarity >= DEFAULT_NEAR}
    missed = Counter(
        copy.split("-", 2)[2].rpartition(".")[0] for copy, of in planted.items() if {copy, of} not in found
    )
    for pair in found - true:
        say(f"not planted: {sorted(pair)}")
    of_each = len(planted) // len(KINDS)
    text = ", ".join(f"{count} of {of_each} {kind}" for kind, count in missed.items()) or "none"
    return [title, len(originals), len(planted), *cells, text, seconds]


def speed(n: int) -> str:
    """Say how long the pairs and the groups of many made-up pictures take, without reading files."""
    rng = np.random.default_rng(0)
    vectors, thumbnails = [], {}
    for number in range(n):
        picture = decode(thumbnails[str(number - 1)]) if number % 10 == 9 else photo_like(rng, (160, 120))
        vectors.append(Looks().prepare(picture))
        thumbnails[str(number)] = make_thumbnail(picture)
    looks = parse_looks(np.stack(vectors))
    hashes = [str(number) for number in range(n)]
    neighbors = rng.integers(0, n, (n, 6))  # as many candidates as the features would bring
    pairs, searching = timed(find_pairs, hashes, looks, thumbnails=lambda keys: thumbnails, neighbors=neighbors)
    images = [ImageFile(path=f"{key}.jpg", source=Path(key), size=1, mtime_ns=0) for key in hashes]
    groups, grouping = timed(group_copies, pairs, looks, images=images, not_same=((0, 1), (8, 9)))
    return (
        f"Among {n:,} made-up pictures that were looked at already, {len(pairs.first):,} pairs are found in "
        f"{short(searching)} s, and their {len(groups):,} groups, for each place of the slider, in "
        f"{1000 * grouping:.0f} ms."
    )


if __name__ == "__main__":
    main()
