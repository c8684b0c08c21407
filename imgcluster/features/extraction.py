"""From a collection to features: only what is new is worked out, and what was worked out stays, whatever happens.

Worker threads read and decode ahead while the network runs in the calling thread. Each batch is committed to the store
before the next one begins, so that a killed run loses one batch at most.
"""

import hashlib
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import joblib
import numpy as np

from imgcluster.errors import NoImagesError
from imgcluster.extractors.extractor import Extractor
from imgcluster.extractors.registry import DEFAULT_EXTRACTOR, get_extractor
from imgcluster.features.reading import Outcome, Reader, loader_version
from imgcluster.features.store import Store, StoreEntry
from imgcluster.pictures.ahead import read_ahead
from imgcluster.pictures.collection import Collection, ImageFile, SkippedImage
from imgcluster.pictures.formats import MAX_PIXELS
from imgcluster.progress import Progress, ProgressCallback

__all__ = ["Extraction", "Features", "Survey", "extract_features", "survey_images"]

_STAGE = "Looking at the pictures"
_BATCH_SIZE = 32
_N_AHEAD = 3 * _BATCH_SIZE  # prepared images that wait for the network: some 15 MB
_MOST_PENDING = 8 * _BATCH_SIZE  # outcomes that need no network, such as renamed files, are committed by then
_LEAST_MEASURED = 10 * _BATCH_SIZE  # in shorter runs, what was decoded while the network was loading counts too much


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """One vector per image.

    Attributes
    ----------
    vectors : ndarray of shape (n_images, n_features), float32, read-only
    hashes : tuple of str
        Each image's content, 32 hexadecimal digits (BLAKE2b, 128 bits); equal for copies.
    extractor : str
        The extractor's id: its name and version.
    fingerprint : str
        Stands for all of the above, as a key for derived results.
    scaling : {"hellinger", "l2", "none"}
        What suits the vectors before they are compared; see `imgcluster.features.scaling`.
    """

    vectors: np.ndarray
    hashes: tuple[str, ...]
    extractor: str
    fingerprint: str
    scaling: str = "hellinger"


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction:
    """What came of a collection: the images that could be used, in their order, and their features.

    Attributes
    ----------
    collection : Collection
        Without the images that could not be read or decoded; those are added to ``skipped``.
    features : Features
        Row i belongs to ``collection.images[i]``.
    notes : tuple of str
        Sentences for the screen: what is no error, and should be known.
    """

    collection: Collection
    features: Features
    notes: tuple[str, ...] = ()


def extract_features(
    collection: Collection,
    *,
    extractor: str | Extractor = DEFAULT_EXTRACTOR,
    store: Store,
    max_pixels: int = MAX_PIXELS,
    progress: ProgressCallback | None = None,
    cancel: threading.Event | None = None,
    measure: bool = False,
) -> Extraction:
    """Work out one vector per image, or take it from the store.

    The result is the same to the last bit, whether the work was done in one run or in many.

    Parameters
    ----------
    collection : Collection
    extractor : str or Extractor, default "efficientnet_lite0"
        It is loaded only when an image's content is not in the store.
    store : Store
        Vectors, thumbnails and the reasons of undecodable images are kept there.
    max_pixels : int
        New images of more pixels (width x height) are skipped.
    progress : callable, optional
        Called with a `Progress` at the start and after each image that had to be read.
    cancel : threading.Event, optional
    measure : bool, default False
        Note the speed also of a run over a few images, for an estimate of the others.

    Returns
    -------
    Extraction

    Raises
    ------
    NoImagesError
        Not one image could be used.
    Cancelled
        ``cancel`` was set; every finished batch is in the store.
    ExtractorError, StoreError
    """
    extractor = _resolve(extractor)
    for _ in range(2):  # once more when the store proved damaged on the way and had to begin anew
        run = _Run(collection.images, extractor=extractor, store=store, max_pixels=max_pixels, measure=measure)
        run.work(progress or (lambda report: None), cancel)
        if not store.missing(extractor.id, run.usable_hashes()):
            break
    return _collect(collection, run, extractor=extractor, store=store)


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What the store knows of a collection before any file is opened.

    Attributes
    ----------
    collection : Collection
        Images whose content could not be decoded before are on its list of skipped ones.
    unread : tuple of ImageFile
        Those of its images whose content is not known: they are new, or changed.
    n_new : int
        How many of its images have no features yet; the unread ones count.
    seconds : float
        About how long `extract_features` will take, by the speed of the last run.
    """

    collection: Collection
    unread: tuple[ImageFile, ...]
    n_new: int
    seconds: float


def survey_images(
    collection: Collection,
    *,
    extractor: str | Extractor = DEFAULT_EXTRACTOR,
    store: Store,
    max_pixels: int = MAX_PIXELS,
) -> Survey:
    """Ask the store what it knows of a collection, without opening a file."""
    extractor = _resolve(extractor)
    known = _look_up(collection.images, extractor_id=extractor.id, store=store, loader=loader_version(max_pixels))
    pairs = list(zip(collection.images, known.hashes, strict=True))
    skipped = [SkippedImage(path=image.path, reason=known.reasons[key]) for image, key in pairs if key in known.reasons]
    n_new = len(known.todo)
    return Survey(
        collection=replace(
            collection,
            images=tuple(image for image, key in pairs if key not in known.reasons),
            skipped=(*collection.skipped, *skipped),
        ),
        unread=tuple(image for image, key in pairs if key is None),
        n_new=n_new,
        seconds=extractor.load_seconds + n_new / (store.rate(extractor.id) or extractor.rate) if n_new else 0.0,
    )


def _resolve(extractor: str | Extractor) -> Extractor:
    return get_extractor(extractor) if isinstance(extractor, str) else extractor


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What the store knows of some images: each one's hash, reasons by hash, and the indices that need work."""

    hashes: list[str | None]
    reasons: dict[str, str]
    todo: list[int]


def _look_up(images: Sequence[ImageFile], *, extractor_id: str, store: Store, loader: str) -> _Known:
    hashes = store.hashes(images)
    distinct = {key for key in hashes if key is not None}
    missing = store.missing(extractor_id, list(distinct))
    reasons = store.reasons(list(missing), loader=loader)
    to_do = missing - reasons.keys()
    todo = [index for index, key in enumerate(hashes) if key is None or key in to_do]
    return _Known(hashes=hashes, reasons=reasons, todo=todo)


class _Run:
    """One pass over a collection: what the store knew at its start, completed on the way."""

    def __init__(
        self, images: Sequence[ImageFile], *, extractor: Extractor, store: Store, max_pixels: int, measure: bool
    ) -> None:
        self._images, self._extractor, self._store = images, extractor, store
        self._least_measured = 1 if measure else _LEAST_MEASURED
        self._loader = loader_version(max_pixels)
        known = _look_up(images, extractor_id=extractor.id, store=store, loader=self._loader)
        self._hashes, self._reasons, self._todo = known.hashes, known.reasons, known.todo
        self._unread: dict[int, str] = {}
        self._pending: list[Outcome] = []
        self._read = Reader(images, extractor=extractor, store=store, max_pixels=max_pixels)

    def hash_or_reason(self, index: int) -> tuple[str | None, str | None]:
        """Return an image's hash when it can be used, otherwise the reason why not."""
        key = self._hashes[index]
        reason = self._unread.get(index) or self._reasons.get(key)
        return (key, None) if reason is None else (None, reason)

    def usable_hashes(self) -> list[str]:
        """Return the hashes of the images that can be used, in order."""
        keys = (self.hash_or_reason(index)[0] for index in range(len(self._images)))
        return [key for key in keys if key is not None]

    def work(self, progress: ProgressCallback, cancel: threading.Event | None) -> None:
        """Work through everything that the store did not know."""
        report = Progress(stage=_STAGE, done=len(self._images) - len(self._todo), total=len(self._images), fresh=0)
        progress(report)
        started = time.perf_counter()
        n_seen = 0
        with ThreadPoolExecutor(joblib.cpu_count(), thread_name_prefix="decode") as pool:
            try:
                for outcome in read_ahead(pool, self._read, self._todo, n_ahead=_N_AHEAD, cancel=cancel):
                    self._note(outcome)
                    if n_seen == 0 and outcome.pixels is not None:
                        progress(replace(report, current=f"getting {self._extractor.title} ready"))
                        started += self._load()
                    n_seen += outcome.pixels is not None
                    if self._is_batch_full():
                        self._commit()
                    report = replace(
                        report,
                        done=report.done + 1,
                        fresh=report.fresh + 1,
                        current=self._images[outcome.index].path,
                        seconds=time.perf_counter() - started,
                    )
                    progress(report)
                self._commit()
            finally:
                pool.shutdown(cancel_futures=True)
        if n_seen >= self._least_measured:
            self._store.put_rate(self._extractor.id, n_seen / (time.perf_counter() - started))

    def _load(self) -> float:
        """Load the extractor and return the seconds that took; the workers read ahead meanwhile."""
        started = time.perf_counter()
        self._extractor.load()
        return time.perf_counter() - started

    def _note(self, outcome: Outcome) -> None:
        if outcome.entry is None:
            self._unread[outcome.index] = outcome.reason
            return
        self._hashes[outcome.index] = outcome.entry.hash
        if outcome.reason is not None:
            self._reasons[outcome.entry.hash] = outcome.reason
        self._pending.append(outcome)

    def _is_batch_full(self) -> bool:
        n_images = sum(outcome.pixels is not None for outcome in self._pending)
        return n_images == _BATCH_SIZE or len(self._pending) >= _MOST_PENDING

    def _commit(self) -> None:
        """Have the pending images seen by the extractor, and write all that is pending in one transaction."""
        seen = [outcome for outcome in self._pending if outcome.pixels is not None]
        entries = [outcome.entry for outcome in self._pending if outcome.pixels is None]
        if seen:
            vectors = self._extractor(np.stack([outcome.pixels for outcome in seen]))
            entries += [self._entry(outcome, vector) for outcome, vector in zip(seen, vectors, strict=True)]
        self._store.put_batch(self._extractor.id, entries)
        self._pending.clear()

    def _entry(self, outcome: Outcome, vector: np.ndarray) -> StoreEntry:
        if np.isfinite(vector).all():
            return replace(outcome.entry, vector=vector)
        # Not kept in the store, where reasons are for every extractor: another one may well make something of it.
        self._reasons[outcome.entry.hash] = "no features can be worked out from it"
        return outcome.entry


def _collect(collection: Collection, run: _Run, *, extractor: Extractor, store: Store) -> Extraction:
    used, hashes, skipped = [], [], list(collection.skipped)
    for index, image in enumerate(collection.images):
        key, reason = run.hash_or_reason(index)
        if reason is None:
            used.append(image)
            hashes.append(key)
        else:
            skipped.append(SkippedImage(path=image.path, reason=reason))
    if not used:
        first = f"; {skipped[0].path}, for one: {skipped[0].reason}" if skipped else ""
        raise NoImagesError(f"None of the {len(skipped)} pictures can be used{first}.", hint="Choose other pictures.")
    vectors = store.vectors(extractor.id, hashes)
    vectors.setflags(write=False)
    return Extraction(
        collection=replace(collection, images=tuple(used), skipped=tuple(skipped)),
        features=Features(
            vectors=vectors,
            hashes=tuple(hashes),
            extractor=extractor.id,
            fingerprint=_fingerprint(extractor.id, hashes),
            scaling=extractor.scaling,
        ),
    )


def _fingerprint(extractor_id: str, hashes: Sequence[str]) -> str:
    return hashlib.blake2b("\n".join([extractor_id, *hashes]).encode(), digest_size=16).hexdigest()
