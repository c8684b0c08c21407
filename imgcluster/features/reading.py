"""Reading and decoding ahead of the network, in worker threads; every content once, however many files have it."""

import hashlib
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import joblib
import numpy as np
import PIL

from imgcluster.errors import UnreadableImageError
from imgcluster.extractors.extractor import Extractor
from imgcluster.features.store import Store, StoreEntry
from imgcluster.pictures.ahead import read_ahead
from imgcluster.pictures.collection import ImageFile, Url
from imgcluster.pictures.opening import decode, read_bytes
from imgcluster.pictures.thumbnails import THUMBNAIL_SIZE, make_thumbnail
from imgcluster.version import __version__

__all__ = ["Outcome", "Reader", "loader_version", "n_readers", "read_images"]

_REMOTE_READERS = 16  # threads: what lies elsewhere is waited for most of the time


def loader_version(max_pixels: int) -> str:
    """Name what decodes: with another version or limit, what could not be decoded is tried again."""
    return f"imgcluster {__version__}, Pillow {PIL.__version__}, {max_pixels} pixels"


def n_readers(images: Sequence[ImageFile]) -> int:
    """Return how many threads should read these images."""
    is_remote = len(images) > 0 and isinstance(images[0].source, Url)
    return max(joblib.cpu_count(), _REMOTE_READERS if is_remote else 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a worker found out about one image.

    Attributes
    ----------
    index : int
        Which image.
    entry : StoreEntry or None
        What to keep of it; None when the file could not be read at all.
    pixels : ndarray or None
        What the extractor prepared, when it has to see this image.
    reason : str or None
        Why the image cannot be used.
    """

    index: int
    entry: StoreEntry | None = None
    pixels: np.ndarray | None = None
    reason: str | None = None


def read_images(
    images: Sequence[ImageFile],
    indices: Sequence[int],
    *,
    extractor: Extractor,
    store: Store,
    max_pixels: int,
    n_ahead: int,
    cancel: threading.Event | None,
) -> Iterator[Outcome]:
    """Yield what is found out about some of the images, in order, while threads work on the next ``n_ahead``.

    Raises
    ------
    Cancelled
    """
    read = Reader(images, extractor=extractor, store=store, max_pixels=max_pixels)
    with ThreadPoolExecutor(n_readers(images), thread_name_prefix="decode") as pool:
        try:
            yield from read_ahead(pool, read, indices, n_ahead=n_ahead, cancel=cancel)
        finally:
            pool.shutdown(cancel_futures=True)


class Reader:
    """Called with an image's index in a worker thread, reads, decodes and prepares it.

    Content whose features are in the store, or that another file of this run has too, is read but not decoded. Without
    a store, which a worker elsewhere has not, nothing is known before.
    """

    def __init__(
        self, images: Sequence[ImageFile], *, extractor: Extractor, store: Store | None = None, max_pixels: int
    ) -> None:
        self._images, self._extractor, self._store, self._max_pixels = images, extractor, store, max_pixels
        self._loader = loader_version(max_pixels)
        self._claimed: set[str] = set()
        self._lock = threading.Lock()

    def __call__(self, index: int) -> Outcome:
        image = self._images[index]
        before = _with_present_state(image)
        try:
            data = read_bytes(image)
        except UnreadableImageError as error:
            return Outcome(index=index, reason=str(error))
        # Which content a file has is remembered only when nobody wrote to it meanwhile.
        unchanged = before if before == _with_present_state(image) else None
        key = hashlib.blake2b(data, digest_size=16).hexdigest()
        entry = StoreEntry(hash=key, image=unchanged, loader=self._loader)
        if not self._claim(key):
            return Outcome(index=index, entry=entry)
        if self._store is not None:
            if not self._store.missing(self._extractor.id, [key]):
                return Outcome(index=index, entry=entry)
            if reason := self._store.reasons([key], loader=self._loader).get(key):
                return Outcome(index=index, entry=entry, reason=reason)
        return self._decode(index, entry, data)

    def _claim(self, key: str) -> bool:
        """Return whether this call is the first for this content."""
        with self._lock:
            is_first = key not in self._claimed
            self._claimed.add(key)
            return is_first

    def _decode(self, index: int, entry: StoreEntry, data: bytes) -> Outcome:
        min_side = max(self._extractor.min_side, THUMBNAIL_SIZE)
        try:
            rgb = decode(data, min_side=min_side, max_pixels=self._max_pixels)
        except UnreadableImageError as error:
            # Too little memory says nothing about the content: not kept, so that it is tried again next time.
            kept = entry if isinstance(error.__cause__, MemoryError) else replace(entry, reason=str(error))
            return Outcome(index=index, entry=kept, reason=str(error))
        entry = replace(entry, thumbnail=make_thumbnail(rgb))
        return Outcome(index=index, entry=entry, pixels=self._extractor.prepare(rgb))


def _with_present_state(image: ImageFile) -> ImageFile | None:
    """Return the image with its file's size and time of change as they are now, None when it is not there.

    What lies elsewhere is written in one go, and was listed before it is read: should another content have taken its
    place, the next listing tells that it changed.
    """
    if isinstance(image.source, Url):
        return image
    try:
        status = image.source.stat()
    except OSError:
        return None
    size = status.st_size if image.member is None else image.size
    return replace(image, size=size, mtime_ns=status.st_mtime_ns)
