"""From a collection to features: only what is new is worked out, and what was worked out stays, whatever happens.

Worker threads read and decode ahead while the network runs in the calling thread. Each batch is committed to the store
before the next one begins, so that a killed run loses one batch at most.
"""

import hashlib
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

import numpy as np

from imgcluster.errors import NoImagesError
from imgcluster.extractors.extractor import Extractor
from imgcluster.extractors.registry import DEFAULT_EXTRACTOR
from imgcluster.features.distributed import Elsewhere, outcomes_from_workers
from imgcluster.features.reading import Outcome, loader_version, read_images
from imgcluster.features.store import Store, StoreEntry
from imgcluster.features.survey import look_up, resolved
from imgcluster.pictures.collection import Collection, ImageFile, SkippedImage
from imgcluster.pictures.formats import MAX_PIXELS
from imgcluster.progress import Progress, ProgressCallback

__all__ = ["Extraction", "Features", "extract_features"]

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
    elsewhere: Elsewhere | None = None,
) -> Extraction:
    """Work out one vector per image, or take it from the store.

    The result is the same to the last bit, whether the work was done in one run or in many, as long as the extractor's
    engine and precision are the same: those of a network depend on the processor and on what is installed. Its id names
    the precision, so that vectors of two precisions are never mixed.

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
    elsewhere : Elsewhere, optional
        Who looks at the images in the place of this process, with an extractor of the id that ``extractor`` has at the
        start; it is not loaded itself. The speed is not noted.

    Returns
    -------
    Extraction

    Raises
    ------
    NoImagesError
        Not one image could be used.
    Cancelled
        ``cancel`` was set; every finished batch is in the store.
    ExtractorError, StoreError, BackendError
    """
    extractor = resolved(extractor)
    # Of an extractor that is not loaded here, the precision in the id is what the disk says, and that a worker on this
    # computer may write meanwhile: the one that was ordered stands for the whole of the work.
    ordered_id = None if elsewhere is None else extractor.id
    for _ in range(2):  # once more when the store had to begin anew, or the precision was another once it was loaded
        run = _Run(
            collection.images,
            extractor=extractor,
            store=store,
            max_pixels=max_pixels,
            measure=measure,
            elsewhere=elsewhere,
            ordered_id=ordered_id,
        )
        run.work(progress or (lambda report: None), cancel)
        extractor_id = run.extractor_id
        if not store.missing(extractor_id, run.usable_hashes()):
            break
    return _collect(collection, run, extractor_id=extractor_id, scaling=extractor.scaling, store=store)


class _Run:
    """One pass over a collection: what the store knew at its start, completed on the way."""

    def __init__(
        self,
        images: Sequence[ImageFile],
        *,
        extractor: Extractor,
        store: Store,
        max_pixels: int,
        measure: bool,
        elsewhere: Elsewhere | None,
        ordered_id: str | None,
    ) -> None:
        self._images, self._extractor, self._store = images, extractor, store
        self._max_pixels, self._elsewhere, self._ordered_id = max_pixels, elsewhere, ordered_id
        self._least_measured = 1 if measure else _LEAST_MEASURED
        self._loader = loader_version(max_pixels)
        known = look_up(images, extractor_id=self.extractor_id, store=store, loader=self._loader)
        self._hashes, self._reasons, self._todo = known.hashes, known.reasons, known.todo
        self._unread: dict[int, str] = {}
        self._pending: list[Outcome] = []

    @property
    def extractor_id(self) -> str:
        """What the vectors are kept under: as ordered; or as the extractor here is called, which `load` may change."""
        return self._extractor.id if self._ordered_id is None else self._ordered_id

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
        with closing(self._outcomes(cancel)) as outcomes:
            for outcome in outcomes:
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
        if n_seen >= self._least_measured:
            self._store.put_rate(self.extractor_id, n_seen / (time.perf_counter() - started))

    def _outcomes(self, cancel: threading.Event | None) -> Iterator[Outcome]:
        """Yield what is found out about each image that the store did not know, here or elsewhere."""
        how = {"store": self._store, "max_pixels": self._max_pixels, "cancel": cancel}
        if self._elsewhere is not None:
            how |= {"elsewhere": self._elsewhere, "extractor_id": self.extractor_id}
            yield from outcomes_from_workers(self._images, self._todo, **how)
            return
        yield from read_images(self._images, self._todo, extractor=self._extractor, n_ahead=_N_AHEAD, **how)

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
        n_images = sum(outcome.pixels is not None or _has_vector(outcome) for outcome in self._pending)
        return n_images == _BATCH_SIZE or len(self._pending) >= _MOST_PENDING

    def _commit(self) -> None:
        """Have the pending images seen by the extractor, and write all that is pending in one transaction."""
        seen = [outcome for outcome in self._pending if outcome.pixels is not None]
        entries = [
            self._entry(outcome, outcome.entry.vector) if _has_vector(outcome) else outcome.entry
            for outcome in self._pending
            if outcome.pixels is None
        ]
        if seen:
            vectors = self._extractor(np.stack([outcome.pixels for outcome in seen]))
            entries += [self._entry(outcome, vector) for outcome, vector in zip(seen, vectors, strict=True)]
        self._store.put_batch(self.extractor_id, entries)
        self._pending.clear()

    def _entry(self, outcome: Outcome, vector: np.ndarray) -> StoreEntry:
        if np.isfinite(vector).all():
            return replace(outcome.entry, vector=vector)
        # Not kept in the store, where reasons are for every extractor: another one may well make something of it.
        self._reasons[outcome.entry.hash] = "no features can be worked out from it"
        return replace(outcome.entry, vector=None)


def _has_vector(outcome: Outcome) -> bool:
    """Whether a worker elsewhere sent the vector with the outcome."""
    return outcome.entry.vector is not None


def _collect(collection: Collection, run: _Run, *, extractor_id: str, scaling: str, store: Store) -> Extraction:
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
    vectors = store.vectors(extractor_id, hashes)
    vectors.setflags(write=False)
    return Extraction(
        collection=replace(collection, images=tuple(used), skipped=tuple(skipped)),
        features=Features(
            vectors=vectors,
            hashes=tuple(hashes),
            extractor=extractor_id,
            fingerprint=_fingerprint(extractor_id, hashes),
            scaling=scaling,
        ),
    )


def _fingerprint(extractor_id: str, hashes: Sequence[str]) -> str:
    return hashlib.blake2b("\n".join([extractor_id, *hashes]).encode(), digest_size=16).hexdigest()
