"""From a collection to the pairs of copies in it, found once and kept."""

import hashlib
import threading

from imgcluster.cache import Workspace, cached_call
from imgcluster.errors import UnreadableImageError
from imgcluster.extractors.looks import ImageLooks, Looks
from imgcluster.features.extraction import Features
from imgcluster.features.store import Store
from imgcluster.finding.copies.candidates import N_BY_FEATURES
from imgcluster.finding.copies.pairs import CopyPairs, find_pairs
from imgcluster.finding.neighbors import build_index
from imgcluster.pictures.collection import Collection
from imgcluster.pictures.opening import date_taken, decode, read_bytes
from imgcluster.progress import ProgressCallback
from imgcluster.version import __version__

__all__ = ["find_copies"]

_JPEG = (".jpg", ".jpeg", ".jpe", ".jfif", ".mpo")


def find_copies(
    collection: Collection,
    features: Features,
    looks: ImageLooks,
    *,
    workspace: Workspace,
    progress: ProgressCallback | None = None,
    cancel: threading.Event | None = None,
) -> CopyPairs:
    """Return the pairs of images that may be copies, computed once for each fingerprint of the features.

    Parameters
    ----------
    collection : Collection
    features : Features
        Of the same images: their contents, and with their vectors further candidates for copies.
    looks : ImageLooks
        Of the same images.
    workspace : Workspace
    progress : callable, optional
    cancel : threading.Event, optional

    Returns
    -------
    CopyPairs

    Raises
    ------
    Cancelled, StoreError
    """
    return cached_call(
        workspace,
        _pairs,
        features.fingerprint,
        Looks.id,
        __version__,
        collection,
        features,
        looks,
        workspace,
        progress,
        cancel,
        ignore=["collection", "features", "looks", "workspace", "progress", "cancel"],
    )


def _pairs(
    fingerprint: str,
    looks_id: str,
    version: str,
    collection: Collection,
    features: Features,
    looks: ImageLooks,
    workspace: Workspace,
    progress: ProgressCallback | None,
    cancel: threading.Event | None,
) -> CopyPairs:
    index = build_index(features.vectors, scaling=features.scaling)
    with Store(workspace.store_path) as store:
        return find_pairs(
            features.hashes,
            looks,
            thumbnails=store.thumbnails,
            neighbors=index.table(N_BY_FEATURES).indices,
            same_pixels=_WholePixels(collection, looks).are_the_same,
            is_dated=lambda image: date_taken(collection.images[image]) is not None,
            progress=progress,
            cancel=cancel,
        )


class _WholePixels:
    """Compares images with all their pixels, each of them decoded once.

    Only where the digests of the looks cannot tell: those of large JPEGs are of reduced pixels, those of others of all.
    """

    def __init__(self, collection: Collection, looks: ImageLooks) -> None:
        self._images, self._looks = collection.images, looks
        self._digests: dict[int, bytes | None] = {}

    def are_the_same(self, first: int, second: int) -> bool:
        """Return whether the pixels of two images of equal size are the same; False where one cannot be read."""
        shorter = min(self._looks.widths[first], self._looks.heights[first])
        if shorter < 2 * Looks.min_side or self._is_jpeg(first) == self._is_jpeg(second):
            return False
        return self._digest(first) is not None and self._digest(first) == self._digest(second)

    def _is_jpeg(self, image: int) -> bool:
        return self._images[image].path.lower().endswith(_JPEG)

    def _digest(self, image: int) -> bytes | None:
        if image not in self._digests:
            try:
                pixels = decode(read_bytes(self._images[image])).tobytes()
            except UnreadableImageError:
                self._digests[image] = None
            else:
                self._digests[image] = hashlib.blake2b(pixels, digest_size=16).digest()
        return self._digests[image]
