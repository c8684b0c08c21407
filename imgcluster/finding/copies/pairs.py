"""Pairs of images that may be copies of one picture, with how sure that is."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from imgcluster.extractors.looks import ImageLooks
from imgcluster.finding.copies.alignment import SmallPictures, aligned_similarities, small_pictures
from imgcluster.finding.copies.candidates import candidate_pairs
from imgcluster.progress import Progress, ProgressCallback, raise_if_cancelled

__all__ = ["EXACT", "KIND_NAMES", "LEAST_SIMILARITY", "NEAR", "PIXELS", "CopyPairs", "find_pairs"]

EXACT, PIXELS, NEAR = 0, 1, 2
"""The same content; the same pixels in another file; nearly the same picture."""

KIND_NAMES = ("exact", "pixels", "near")
"""The kinds' names in files, in their order."""

LEAST_SIMILARITY = 0.5
"""Pairs below are not kept: no slider reaches there."""

_STAGE = "Comparing the pictures"
_CHUNK = 512  # pairs between two reports
_THUMBNAILS_AT_A_TIME = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyPairs:
    """Pairs of images, by index, in ascending order.

    Of three or more files with the same content, each is paired with the first alone, and of contents with the same
    pixels, the first file of each with the first file of all: 5,000 such files make 4,999 pairs.
    The other pairs are of different pixels, each by its first file.

    Attributes
    ----------
    first, second : ndarray, shape (n_pairs,), int64
        ``first`` < ``second``.
    kinds : ndarray, shape (n_pairs,), uint8
        `EXACT`, `PIXELS` or `NEAR`.
    similarities : ndarray, shape (n_pairs,), float32
        In [0.5, 1]: 1 for `EXACT` and `PIXELS`, below 1 for `NEAR`.
    dated : ndarray, shape (n_images,), bool
        Whether the file says when the picture was taken; asked of the images in these pairs alone.
    """

    first: np.ndarray
    second: np.ndarray
    kinds: np.ndarray
    similarities: np.ndarray
    dated: np.ndarray

    def __post_init__(self) -> None:
        for array in (self.first, self.second, self.kinds, self.similarities, self.dated):
            array.setflags(write=False)

    def contents(self, n_images: int) -> np.ndarray:
        """Return for each image the first one with the same content, itself where there is none: (n_images,) int64."""
        contents = np.arange(n_images)
        exact = self.kinds == EXACT
        contents[self.second[exact]] = self.first[exact]
        return contents


def find_pairs(
    hashes: Sequence[str],
    looks: ImageLooks,
    *,
    thumbnails: Callable[[Sequence[str]], Mapping[str, bytes]],
    neighbors: np.ndarray | None = None,
    same_pixels: Callable[[int, int], bool] | None = None,
    is_dated: Callable[[int], bool] | None = None,
    progress: ProgressCallback | None = None,
    cancel: threading.Event | None = None,
) -> CopyPairs:
    """Find the pairs of images that may be copies.

    Equal digests of the looks mean the same pixels. Of all else, candidates come cheaply (see `candidate_pairs`), and
    each is looked at: the two thumbnails are laid on each other (see `aligned_similarities`). That are about 15
    candidates for each image, never all pairs.

    Parameters
    ----------
    hashes : sequence of str, length n_images
        Each image's content; equal for the same.
    looks : ImageLooks
        Of the same images.
    thumbnails : callable
        Returns the thumbnails, JPEG, of some of these hashes.
    neighbors : ndarray of int, shape (n_images, k), optional
        For each image the nearest ones in the features: further candidates, above all for strong crops and edits.
    same_pixels : callable, optional
        Asked for two images of the same size, whose looks leave it open, whether all their pixels are the same.
    is_dated : callable, optional
        Tells whether an image's file says when it was taken.
    progress : callable, optional
    cancel : threading.Event, optional

    Returns
    -------
    CopyPairs

    Raises
    ------
    Cancelled
    """
    n = len(hashes)
    content = _first_of_each(hashes)
    distinct = np.flatnonzero(content == np.arange(n))
    pixels = content.copy()
    pixels[distinct] = distinct[_first_of_each([row.tobytes() for row in looks.digests[distinct]])]
    roots = distinct[pixels[distinct] == distinct]
    first, second = candidate_pairs(looks, roots, content=pixels, neighbors=neighbors)
    pictures = _small(hashes, roots, thumbnails, cancel)
    similarities = _similarities(pictures, roots, looks, first, second, progress, cancel)
    near = similarities >= LEAST_SIMILARITY
    first, second, similarities = first[near], second[near], similarities[near]
    kinds = np.full(len(first), NEAR, dtype=np.uint8)
    if same_pixels is not None:
        for pair in np.flatnonzero(_may_be_the_same(looks, first, second, similarities)).tolist():
            raise_if_cancelled(cancel)
            if same_pixels(int(first[pair]), int(second[pair])):
                kinds[pair], similarities[pair] = PIXELS, 1.0
    exact, same = np.flatnonzero(content != np.arange(n)), distinct[pixels[distinct] != distinct]
    first = np.concatenate([content[exact], pixels[same], first])
    second = np.concatenate([exact, same, second])
    kinds = np.concatenate([np.full(len(exact), EXACT, np.uint8), np.full(len(same), PIXELS, np.uint8), kinds])
    similarities = np.concatenate([np.ones(len(exact) + len(same), np.float32), similarities])
    order = np.lexsort((second, first))
    dated = np.zeros(n, dtype=bool)
    if is_dated is not None:
        for image in np.unique(np.concatenate([first, second])).tolist():
            raise_if_cancelled(cancel)
            dated[image] = is_dated(image)
    return CopyPairs(
        first=first[order], second=second[order], kinds=kinds[order], similarities=similarities[order], dated=dated
    )


def _first_of_each(keys: Sequence[object]) -> np.ndarray:
    seen: dict[object, int] = {}
    return np.array([seen.setdefault(key, place) for place, key in enumerate(keys)], dtype=np.int64)


def _small(
    hashes: Sequence[str],
    images: np.ndarray,
    thumbnails: Callable[[Sequence[str]], Mapping[str, bytes]],
    cancel: threading.Event | None,
) -> SmallPictures:
    parts = []
    for start in range(0, len(images), _THUMBNAILS_AT_A_TIME):
        raise_if_cancelled(cancel)
        keys = [hashes[image] for image in images[start : start + _THUMBNAILS_AT_A_TIME].tolist()]
        found = thumbnails(keys)
        parts.append(small_pictures([found.get(key) for key in keys]))
    return SmallPictures.joined(parts)


def _similarities(
    pictures: SmallPictures,
    images: np.ndarray,
    looks: ImageLooks,
    first: np.ndarray,
    second: np.ndarray,
    progress: ProgressCallback | None,
    cancel: threading.Event | None,
) -> np.ndarray:
    """Return the similarity of each pair; ``pictures`` are those of ``images``, which are in ascending order."""
    import joblib

    started, total = time.monotonic(), len(first)
    sizes = np.column_stack([looks.widths, looks.heights])[images]
    chunks = [slice(start, start + _CHUNK) for start in range(0, total, _CHUNK)]
    a, b = np.searchsorted(images, first), np.searchsorted(images, second)

    def compare(chunk: slice) -> np.ndarray:
        raise_if_cancelled(cancel)
        return aligned_similarities(pictures, sizes, a[chunk], b[chunk])

    found, done = [np.empty(0, dtype=np.float32)], 0
    work = joblib.Parallel(n_jobs=-1, prefer="threads", return_as="generator")
    for similarities in work(joblib.delayed(compare)(chunk) for chunk in chunks):
        found.append(similarities)
        done += len(similarities)
        if progress is not None:
            progress(Progress(stage=_STAGE, done=done, total=total, seconds=time.monotonic() - started))
    return np.concatenate(found)


def _may_be_the_same(looks: ImageLooks, first: np.ndarray, second: np.ndarray, similarities: np.ndarray) -> np.ndarray:
    """Return which pairs are of equal size and so alike that their pixels may be the same."""
    same_size = (looks.widths[first] == looks.widths[second]) & (looks.heights[first] == looks.heights[second])
    return same_size & (similarities >= 0.98)
