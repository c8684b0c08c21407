"""What images are known by: their content, wherever they lie and whatever they are called."""

import hashlib
import threading
import time
from collections.abc import Sequence

from imgcluster.errors import UnreadableImageError
from imgcluster.features.store import Store
from imgcluster.pictures.collection import ImageFile
from imgcluster.pictures.opening import read_bytes
from imgcluster.progress import Progress, ProgressCallback, raise_if_cancelled

__all__ = ["content_hashes"]

_STAGE = "Looking for the pictures"


def content_hashes(
    images: Sequence[ImageFile],
    *,
    store: Store | None = None,
    progress: ProgressCallback | None = None,
    cancel: threading.Event | None = None,
) -> tuple[str | None, ...]:
    """Return the hash of each image's content, as in `imgcluster.features.extraction.Features`.

    Parameters
    ----------
    images : sequence of ImageFile
    store : Store, optional
        Files that it knows, and that have not changed since, are not read.
    progress : callable, optional
    cancel : threading.Event, optional

    Returns
    -------
    tuple of str or None
        None where the file cannot be read.

    Raises
    ------
    Cancelled
    """
    begun = time.monotonic()
    known = [None] * len(images) if store is None else store.hashes(images)
    hashes = []
    for done, (image, key) in enumerate(zip(images, known, strict=True), start=1):
        raise_if_cancelled(cancel)
        hashes.append(_hash(image) if key is None else key)
        if progress is not None:
            seconds = time.monotonic() - begun
            progress(Progress(stage=_STAGE, done=done, total=len(images), current=image.path, seconds=seconds))
    return tuple(hashes)


def _hash(image: ImageFile) -> str | None:
    try:
        return hashlib.blake2b(read_bytes(image), digest_size=16).hexdigest()
    except UnreadableImageError:
        return None
