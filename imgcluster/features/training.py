"""Training on the user's own images, once: what was learned is kept, and found again while the files are the same."""

import hashlib
import os
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import joblib
import numpy as np

from imgcluster.errors import ParameterError, StoreError, UnreadableImageError
from imgcluster.extractors.autoencoder import ENOUGH_IMAGES, Autoencoder
from imgcluster.extractors.extractor import Extractor
from imgcluster.extractors.networks.conv_autoencoder import SHAPES, Learned, fit_autoencoder
from imgcluster.extractors.preprocessing import Preprocessing, preprocessed
from imgcluster.features.reading import Outcome
from imgcluster.pictures.ahead import read_ahead
from imgcluster.pictures.collection import Collection, ImageFile
from imgcluster.pictures.formats import MAX_PIXELS
from imgcluster.pictures.opening import decode, read_bytes
from imgcluster.progress import Progress, ProgressCallback

__all__ = [
    "LEAST_IMAGES",
    "MOST_IMAGES",
    "find_learned",
    "kept_autoencoder",
    "read_learned",
    "trained_autoencoder",
    "write_learned",
]

LEAST_IMAGES = 100
"""With fewer different images there is nothing to learn."""

MOST_IMAGES = 5000
"""Of larger collections as many are learned from, taken at random."""

_STAGE = "Reading pictures to learn from"
_VERSION = 1  # raised with whatever changes what is learned
_N_AHEAD = 64
_NAMES = tuple(f"weights_{index}" for index in range(len(SHAPES)))


def trained_autoencoder(
    collection: Collection,
    extractor: Autoencoder,
    *,
    preprocessing: Preprocessing,
    directory: Path,
    max_pixels: int = MAX_PIXELS,
    progress: ProgressCallback | None = None,
    cancel: threading.Event | None = None,
) -> Autoencoder:
    """Return an autoencoder that learned from the collection: now, or when the same was asked for before.

    What was learned is kept under the paths, sizes and times of change of the files that it was learned from, the
    preprocessing, the epochs and ``max_pixels``. So it is found again without reading a picture, also when the whole
    folder was moved, or when files that proved unusable are no longer in the collection. But with one picture more,
    less or changed among those that it learned from, it learns anew.

    Parameters
    ----------
    collection : Collection
        Of more than 5,000 images as many are learned from, taken at random by a hash of their paths: always the same.
        Files that cannot be used are left out, and copies count once.
    extractor : Autoencoder
        Says for how many epochs.
    preprocessing : Preprocessing
        What is done to every image before it is learned from.
    directory : Path
        Where what was learned is kept, some 1 MB each; made when it is missing. A damaged file there is replaced.
    max_pixels : int
        Images of more pixels (width x height) are left out.
    progress : callable, optional
        Told of the images read, then of the batches learned from; see `fit_autoencoder`.
    cancel : threading.Event, optional

    Returns
    -------
    Autoencoder
        One that can be called. Its ``note`` says when fewer than 500 images were there to learn from.

    Raises
    ------
    ParameterError
        Fewer than 100 different images could be used.
    Cancelled
        ``cancel`` was set; nothing is kept then.
    ExtractorError
        TensorFlow cannot be loaded.
    StoreError
        The directory cannot be written to.
    """
    _check_number(len(collection))
    how = _how(extractor, preprocessing, max_pixels)
    images = _shuffled(collection.images)
    path = _path(images, how, directory)
    learned = read_learned(path)
    if learned is None:
        seeing = preprocessed(extractor, preprocessing)
        used, pixels = _read_images(images, seeing, max_pixels=max_pixels, progress=progress, cancel=cancel)
        _check_number(len(pixels))
        learned = fit_autoencoder(pixels, epochs=extractor.epochs, progress=progress, cancel=cancel)
        for each in {path, _path(used, how, directory)}:
            write_learned(each, learned)
    return extractor.trained(learned)


def kept_autoencoder(
    collection: Collection,
    extractor: Autoencoder,
    *,
    preprocessing: Preprocessing,
    directory: Path,
    max_pixels: int = MAX_PIXELS,
) -> Autoencoder | None:
    """Return what `trained_autoencoder` would return, when it need not train for it: quick, and reads no picture."""
    path = _path(_shuffled(collection.images), _how(extractor, preprocessing, max_pixels), directory)
    learned = read_learned(path)
    return None if learned is None else extractor.trained(learned)


def _check_number(n_images: int) -> None:
    if n_images < LEAST_IMAGES:
        raise ParameterError(
            f"The autoencoder cannot learn from {n_images} different pictures: {LEAST_IMAGES} is the least, "
            f"and only with {ENOUGH_IMAGES} or more is it to be trusted.",
            hint="Choose the built-in network instead: it has learned from other pictures already.",
        )


def _shuffled(images: Sequence[ImageFile]) -> list[ImageFile]:
    """Return the images in an order of chance that is always the same, whichever others there are."""
    return sorted(images, key=lambda image: hashlib.blake2b(repr(image.path).encode(), digest_size=16).digest())


def _how(extractor: Autoencoder, preprocessing: Preprocessing, max_pixels: int) -> str:
    return f"{_VERSION}\n{preprocessing.text}\n{extractor.epochs}\n{max_pixels}"


def _path(images: Sequence[ImageFile], how: str, directory: Path) -> Path:
    """Return where is kept what is learned from these images, in the order of `_shuffled`."""
    digest = hashlib.blake2b(how.encode(), digest_size=16)
    for image in images[:MOST_IMAGES]:
        digest.update(f"\n{image.size} {image.mtime_ns} {image.path!r}".encode())
    return directory / f"autoencoder-{digest.hexdigest()}.npz"


def _read_images(
    images: Sequence[ImageFile],
    extractor: Extractor,
    *,
    max_pixels: int,
    progress: ProgressCallback | None,
    cancel: threading.Event | None,
) -> tuple[list[ImageFile], np.ndarray]:
    """Read until there are enough images that can be used.

    Returns
    -------
    used : list of ImageFile
        Those that could be read.
    pixels : ndarray of shape (n_different, 64, 64, 3), uint8
        What the extractor prepared of them, the same only once.
    """

    def read(index: int) -> Outcome:
        try:
            rgb = decode(read_bytes(images[index]), min_side=extractor.min_side, max_pixels=max_pixels)
        except UnreadableImageError as error:
            return Outcome(index=index, reason=str(error))
        return Outcome(index=index, pixels=extractor.prepare(rgb))

    report = progress or (lambda report: None)
    used: list[ImageFile] = []
    different: dict[bytes, np.ndarray] = {}
    started = time.perf_counter()
    with ThreadPoolExecutor(joblib.cpu_count(), thread_name_prefix="decode") as pool:
        try:
            for outcome in read_ahead(pool, read, range(len(images)), n_ahead=_N_AHEAD, cancel=cancel):
                if outcome.pixels is not None:
                    used.append(images[outcome.index])
                    content = hashlib.blake2b(outcome.pixels.tobytes(), digest_size=16).digest()
                    different.setdefault(content, outcome.pixels)
                report(
                    Progress(
                        stage=_STAGE,
                        done=len(used),
                        total=min(len(images), MOST_IMAGES),
                        current=images[outcome.index].path,
                        seconds=time.perf_counter() - started,
                    )
                )
                if len(used) == MOST_IMAGES:
                    break
        finally:
            pool.shutdown(cancel_futures=True)
    return used, np.stack(list(different.values())) if different else np.empty((0, 0, 0, 3), dtype=np.uint8)


def write_learned(path: Path, learned: Learned) -> None:
    """Keep what was learned in a file, all or nothing.

    Raises
    ------
    StoreError
        The file cannot be written.
    """
    arrays = dict(zip(_NAMES, learned.weights, strict=True))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, suffix=".part")
        try:
            with os.fdopen(descriptor, "wb") as file:
                np.savez(file, **arrays, history=learned.history, n_images=np.int64(learned.n_images))
            Path(temporary).replace(path)
        finally:
            Path(temporary).unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(
            f"What the autoencoder learned cannot be kept in {path.parent}: {error.strerror or error}.",
            hint="See that there is room, and that you may write there.",
        ) from error


def find_learned(directory: Path, extractor_id: str) -> Learned | None:
    """Return what an autoencoder had learned that made some vectors.

    Parameters
    ----------
    directory : Path
        Where `trained_autoencoder` keeps what was learned.
    extractor_id : str
        As `Features.extractor`, in which the digest of the weights stands; other extractors may be named there as well.

    Returns
    -------
    Learned or None
        None where it is not kept.
    """
    found = (read_learned(path) for path in sorted(directory.glob("autoencoder-*.npz")))
    return next((each for each in found if each is not None and each.digest in extractor_id), None)


def read_learned(path: Path) -> Learned | None:
    """Return what `write_learned` kept; None where there is no such file, or it is damaged."""
    try:
        with np.load(path, allow_pickle=False) as file:
            weights = tuple(file[name] for name in _NAMES)
            history, n_images = file["history"], int(file["n_images"])
    except Exception:  # NumPy and zipfile raise nearly everything, and all of it means: not to be used
        return None
    if [array.shape for array in weights] != list(SHAPES) or history.ndim != 2 or history.shape[1] != 2:
        return None
    if any(array.dtype != np.float32 or not np.isfinite(array).all() for array in weights):
        return None
    return Learned(weights=weights, history=history, n_images=n_images)
