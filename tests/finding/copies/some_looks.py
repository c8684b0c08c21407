"""Looks, pictures and files as the search for copies sees them, without a network or a store."""

from pathlib import Path

import numpy as np

from imgcluster.extractors.looks import Looks, parse_looks
from imgcluster.finding.copies.pairs import EXACT, CopyPairs, find_pairs
from imgcluster.pictures.collection import ImageFile
from imgcluster.pictures.thumbnails import make_thumbnail


def looks_of(pictures):
    vectors = [Looks().prepare(picture) for picture in pictures]
    return parse_looks(np.array(vectors, dtype=np.float32).reshape(len(pictures), Looks.n_features))


def pairs_of(pictures, hashes=None, **options):
    hashes = [f"{place:032x}" for place in range(len(pictures))] if hashes is None else hashes
    thumbnails = {key: make_thumbnail(picture) for key, picture in zip(hashes, pictures, strict=True)}
    return find_pairs(hashes, looks_of(pictures), thumbnails=lambda keys: thumbnails, **options)


def as_set(pairs):
    return set(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True))


def plain_looks(n, *, widths=100, heights=100, sharpness=0.5):
    """Looks of n pictures that matter to nobody but for their sizes and sharpness."""
    vectors = np.zeros((n, Looks.n_features), dtype=np.float32)
    vectors[:, 0], vectors[:, 1], vectors[:, 2] = widths, heights, sharpness
    return parse_looks(vectors)


def files(*names, sizes=None):
    sizes = [1000] * len(names) if sizes is None else sizes
    return [
        ImageFile(path=name, source=Path("/pictures", name), size=size, mtime_ns=0)
        for name, size in zip(names, sizes, strict=True)
    ]


def given_pairs(links, n_images, *, dated=()):
    """Pairs from (first, second, kind, similarity)."""
    links = sorted(links)
    marks = np.zeros(n_images, dtype=bool)
    marks[list(dated)] = True
    columns = list(zip(*links, strict=True)) or [(), (), (), ()]
    return CopyPairs(
        first=np.array(columns[0], dtype=np.int64),
        second=np.array(columns[1], dtype=np.int64),
        kinds=np.array(columns[2], dtype=np.uint8),
        similarities=np.array(columns[3], dtype=np.float32),
        dated=marks,
    )


__all__ = ["EXACT", "as_set", "files", "given_pairs", "looks_of", "pairs_of", "plain_looks"]
