"""Vectors that were made elsewhere, by CLIP, DINOv2 or anything else: files with one row per image."""

import hashlib
import threading
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from imgcluster.errors import NoImagesError, ParameterError
from imgcluster.extractors.extractor import Descriptor
from imgcluster.features.blocks import row_blocks
from imgcluster.features.extraction import Extraction, Features, extract_features
from imgcluster.features.outside_files import VectorTable, read_vector_file
from imgcluster.features.store import Store
from imgcluster.pictures.collection import Collection, ImageFile, SkippedImage
from imgcluster.pictures.formats import MAX_PIXELS
from imgcluster.pictures.home import expanded
from imgcluster.progress import ProgressCallback

__all__ = ["THUMBNAILS", "match_rows", "read_outside_vectors"]


class _Thumbnails(Descriptor):
    """Looks at nothing: what is wanted is that every image is read, hashed and has its thumbnail in the store."""

    id = "thumbnail-1"
    name = "thumbnail"
    title = "the thumbnails"
    good_for = "seeing the pictures whose vectors were made elsewhere"
    n_features = 1
    min_side = 1
    scaling = "none"

    def prepare(self, image: Image.Image) -> np.ndarray:
        return np.zeros(1, dtype=np.float32)


THUMBNAILS = _Thumbnails()


def read_outside_vectors(
    collection: Collection,
    path: Path,
    *,
    store: Store,
    max_pixels: int = MAX_PIXELS,
    progress: ProgressCallback | None = None,
    cancel: threading.Event | None = None,
) -> Extraction:
    """Take one vector per image from a file; the images are read all the same, for their content and thumbnails.

    Parameters
    ----------
    collection : Collection
    path : Path
        See `imgcluster.features.outside_files.read_vector_file` for the formats, `match_rows` for how rows find their
        images.
    store : Store
        Thumbnails are kept there.
    max_pixels : int
        New images of more pixels (width x height) are skipped.
    progress : callable, optional
    cancel : threading.Event, optional

    Returns
    -------
    Extraction
        Images without a row, or with NaN or infinity in it, are on the list of skipped ones; a note counts the rows
        that belong to no image. The vectors are compared by their angle, as those of CLIP and DINOv2 are.

    Raises
    ------
    ParameterError
        The file cannot be read; two rows of one image differ; no row belongs to an image.
    NoImagesError
        Not one image could be used.
    Cancelled
        ``cancel`` was set; every finished batch is in the store.
    StoreError
    """
    path = expanded(path)
    table = read_vector_file(path)
    rows = _rows_in_order(collection, table, path) if table.paths is None else _rows_by_path(collection, table, path)
    vectors = _taken(table.vectors, rows[rows >= 0])
    is_good = np.zeros(len(rows), dtype=bool)
    is_good[rows >= 0] = np.isfinite(vectors).all(axis=1)
    usable = _usable(collection, rows, is_good, path.name)
    if not usable.images:
        raise NoImagesError(
            f"Not one vector in {path.name} can be used: each of {len(vectors)} holds NaN or infinity.",
            hint="Make the vectors again.",
        )
    seen = extract_features(
        usable, extractor=THUMBNAILS, store=store, max_pixels=max_pixels, progress=progress, cancel=cancel
    )
    kept = set(seen.collection.paths)
    wanted = np.array([image.path in kept for image in collection.images])[rows >= 0]
    return Extraction(
        collection=seen.collection,
        features=_features(vectors[wanted], seen.features.hashes, path.name),
        notes=() if table.paths is None else _notes(rows, table.paths, path.name),
    )


def match_rows(images: Sequence[ImageFile], paths: Sequence[str]) -> np.ndarray:
    """Find each image's row by its path, whatever the separators and the folder that the vectors were made in.

    A path that is equal to the shown one counts first, then one that is equal to the file's absolute one. What is left
    is matched by the most names at the end of the path that are shared with one image and one row alone: in the end by
    the file's name, where no other image and no other row has it.

    Parameters
    ----------
    images : sequence of ImageFile
    paths : sequence of str

    Returns
    -------
    ndarray, shape (n_images,), int64
        Indices into ``paths``, the first one where some are equal; -1 where there is none.
    """
    row_of: dict[str, int] = {}
    for row, path in enumerate(paths):
        row_of.setdefault(_plain(path), row)
    shown = [_plain(image.path) for image in images]
    places = [_plain(str(image.source.absolute() / (image.member or ""))) for image in images]
    found = [row_of.get(path, row_of.get(place, -1)) for path, place in zip(shown, places, strict=True)]
    image_names, row_names = ([path.split("/") for path in each] for each in (places, row_of))
    longest = min(max(map(len, image_names), default=0), max(map(len, row_names), default=0))
    for n_names in range(longest, 0, -1):
        if -1 not in found:
            break
        image_ends, row_ends = (["/".join(path[-n_names:]) for path in each] for each in (image_names, row_names))
        image_counts, row_counts = Counter(image_ends), Counter(row_ends)
        unique = {
            end: row
            for end, row in zip(row_ends, row_of.values(), strict=True)
            if row_counts[end] == image_counts[end] == 1
        }
        found = [unique.get(end, -1) if row < 0 else row for row, end in zip(found, image_ends, strict=True)]
    return np.array(found, dtype=np.int64)


def _plain(path: str) -> str:
    """Return a path with "/" and composed accents: macOS takes them apart, Windows writes backslashes."""
    return unicodedata.normalize("NFC", path.strip().replace("\\", "/")).removeprefix("./")


def _rows_in_order(collection: Collection, table: VectorTable, path: Path) -> np.ndarray:
    if len(table.vectors) != len(collection):
        raise ParameterError(
            f"{path.name} has {len(table.vectors):,} rows, and there are {len(collection):,} pictures.",
            hint=f"Without paths, the rows must be in the order of the pictures, which begins with "
            f"{', '.join(collection.paths[:3])}; or put {path.stem}.txt beside it, with one path per line.",
        )
    return np.arange(len(collection))


def _rows_by_path(collection: Collection, table: VectorTable, path: Path) -> np.ndarray:
    first: dict[str, int] = {}
    for row, name in enumerate(table.paths):
        other = first.setdefault(_plain(name), row)
        if other != row and not np.array_equal(table.vectors[other], table.vectors[row], equal_nan=True):
            raise ParameterError(
                f"{path.name} has two different vectors for {name}, in rows {other + 1:,} and {row + 1:,}.",
                hint="Each picture needs one row.",
            )
    rows = match_rows(collection.images, table.paths)
    if (rows < 0).all():
        raise ParameterError(
            f"None of the {len(table.paths):,} rows of {path.name} belongs to one of the {len(collection):,} pictures.",
            hint=f"They are found by path: the first row is named {table.paths[0]!r}, the first picture "
            f"{collection.paths[0]!r}.",
        )
    return rows


def _taken(vectors: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return these rows as float32, some at a time: the file may be mapped, and of a larger type."""
    taken = np.empty((len(rows), vectors.shape[1]), dtype=np.float32)
    with np.errstate(over="ignore"):  # what is too large for float32 becomes infinite, and is noticed as that
        for places, block in row_blocks(vectors, rows):
            taken[places] = block
    return taken


def _usable(collection: Collection, rows: np.ndarray, is_good: np.ndarray, name: str) -> Collection:
    """Return the collection of the images that have a good vector; the others are added to the skipped ones."""
    skipped = [
        SkippedImage(path=image.path, reason=f"{'no vector' if row < 0 else 'a vector with NaN or infinity'} in {name}")
        for image, row, good in zip(collection.images, rows, is_good, strict=True)
        if not good
    ]
    images = tuple(image for image, good in zip(collection.images, is_good, strict=True) if good)
    return replace(collection, images=images, skipped=(*collection.skipped, *skipped))


def _features(vectors: np.ndarray, hashes: Sequence[str], name: str) -> Features:
    digest = hashlib.blake2b(vectors.tobytes(), digest_size=16).hexdigest()
    vectors.setflags(write=False)
    return Features(
        vectors=vectors,
        hashes=tuple(hashes),
        extractor=f"vectors:{name}:{digest}",
        fingerprint=hashlib.blake2b("\n".join(["vectors", digest, *hashes]).encode(), digest_size=16).hexdigest(),
        scaling="l2",
    )


def _notes(rows: np.ndarray, paths: Sequence[str], name: str) -> tuple[str, ...]:
    used = {_plain(paths[row]) for row in rows if row >= 0}
    n_unused = sum(_plain(path) not in used for path in paths)
    return (f"{n_unused:,} of the {len(paths):,} rows of {name} belong to no picture here.",) if n_unused else ()
