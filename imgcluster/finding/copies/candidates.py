"""Which pairs of images are worth a closer look, of all the millions that there are."""

import numpy as np

from imgcluster.extractors.looks import ImageLooks
from imgcluster.spaces.nearest import import_faiss, nearest_neighbors

__all__ = ["N_BY_FEATURES", "candidate_pairs"]

N_BY_FEATURES = 6
"""Of so many nearest in the features a pair is made."""

_N_BY_HASH, _N_BY_PIXELS = 8, 8
_MOST_BITS = 32  # of the 128 of both hashes; of unrelated pictures about half of them differ
_PIXELS_SIDE = 8


def candidate_pairs(
    looks: ImageLooks, images: np.ndarray, *, content: np.ndarray, neighbors: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return pairs of images that are near each other in one of three ways.

    By the two hashes together (of which 32 of the 128 bits may differ), by the smallest pictures of 8 x 8 grey pixels
    (without their mean, of length 1: a crop moves them little), and by the features. Of each, the nearest few of every
    image: what links a group of many copies is a few pairs of each, never all of them.

    By the hashes the search is exact. By the smallest pictures, of more than 65,536 images, an inverted file serves
    (`imgcluster.spaces.nearest.nearest_neighbors`): exactly it would take a minute of one core at 100,000, and four
    times as long for twice as many. What it misses is far away: of 10,000 random rows and their copies at a distance of
    0.02 to 0.2 it found as many among the 8 nearest as the exact search. A copy is lost only where the hashes and the
    features miss it too.

    Parameters
    ----------
    looks : ImageLooks
        Of the whole collection.
    images : ndarray of int, shape (n_distinct,), ascending
        Those to be compared.
    content : ndarray of int, shape (n_images,)
        For each image of the collection, which of ``images`` stands for it.
    neighbors : ndarray of int, shape (n_images, k), optional
        The nearest in the features, of the whole collection.

    Returns
    -------
    first, second : ndarray, shape (n_pairs,), int64
        ``first`` < ``second``, each pair once, ascending; indices in the collection.
    """
    n = len(images)
    if n < 2:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    found = [_by_hash(looks, images), _by_pixels(looks, images)]
    if neighbors is not None and neighbors.shape[1]:
        found.append(_by_features(images, content, neighbors))
    ends = np.concatenate(found, axis=1)
    low, high = ends.min(axis=0), ends.max(axis=0)
    n_images = len(content)
    keys = np.unique(low[low != high] * n_images + high[low != high])
    return keys // n_images, keys % n_images


def _by_hash(looks: ImageLooks, images: np.ndarray) -> np.ndarray:
    faiss = import_faiss()
    bits = np.concatenate([looks.phash[images], looks.dhash[images]], axis=1)
    index = faiss.IndexBinaryFlat(bits.shape[1])
    packed = np.packbits(bits, axis=1)
    index.add(packed)
    distances, nearest = index.search(packed, min(_N_BY_HASH + 1, len(images)))
    rows = np.broadcast_to(np.arange(len(images))[:, None], nearest.shape)
    near = distances <= _MOST_BITS
    return np.stack([images[rows[near]], images[nearest[near]]])


def _by_pixels(looks: ImageLooks, images: np.ndarray) -> np.ndarray:
    side = looks.miniatures.shape[1]
    cells = (len(images), _PIXELS_SIDE, side // _PIXELS_SIDE, _PIXELS_SIDE, side // _PIXELS_SIDE)
    pixels = looks.miniatures[images].reshape(cells).mean(axis=(2, 4), dtype=np.float32).reshape(len(images), -1)
    pixels -= pixels.mean(axis=1, keepdims=True)
    lengths = np.linalg.norm(pixels, axis=1, keepdims=True)
    # Shorter than 1 is rounding alone: all such are near each other.
    pixels = np.ascontiguousarray(pixels / np.maximum(lengths, 1.0))
    nearest, _ = nearest_neighbors(pixels, min(_N_BY_PIXELS + 1, len(images)))
    rows = np.broadcast_to(np.arange(len(images))[:, None], nearest.shape)
    return np.stack([images[rows.ravel()], images[nearest.ravel()]])


def _by_features(images: np.ndarray, content: np.ndarray, neighbors: np.ndarray) -> np.ndarray:
    nearest = content[neighbors[images, :N_BY_FEATURES]]
    return np.stack([np.repeat(images, nearest.shape[1]), nearest.ravel()])
