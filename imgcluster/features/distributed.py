"""Images looked at on other machines: the workers read, decode and work out the vectors; this process keeps them.

A worker knows nothing of the store. It is sent descriptions of images and the text that names an extractor, and returns
what `imgcluster.features.extraction` writes into the store: content hash, vector, thumbnail, or the reason why not.
"""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from imgcluster.backends import Backend, BackendError, run_tasks
from imgcluster.errors import ExtractorError, FolderError, ParameterError, UnreadableImageError
from imgcluster.extractors.extractor import Extractor
from imgcluster.extractors.networks.network import precision_of, without_precision
from imgcluster.extractors.registry import kind_named
from imgcluster.features.options import FeatureOptions, parse_features
from imgcluster.features.reading import Outcome, Reader, loader_version, n_readers
from imgcluster.features.store import Store
from imgcluster.pictures.collection import ImageFile
from imgcluster.pictures.opening import read_bytes

__all__ = ["Elsewhere", "Order", "check_can_go_elsewhere", "look_at", "outcomes_from_workers"]

_BATCH_SIZE = 32

# With several threads in one worker a batch is read while another is in the network, which takes all cores by itself.
# The threads share the extractor too, whose precision an order changes: it is held from there to the vectors.
_one_batch = threading.Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """Workers of other machines, and the extractor that they use.

    Attributes
    ----------
    backend : Backend
    features : str
        Text of a `FeatureOptions` of one extractor: each worker makes its own.
    """

    backend: Backend
    features: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is wanted of a worker, for every image.

    Attributes
    ----------
    features : str
        See `Elsewhere`.
    extractor_id : str
        What the worker's extractor must be called, so that its vectors can be kept beside the others.
    loader : str
        `loader_version` of this process: another one might decode other pixels.
    max_pixels : int
        Images of more pixels (width x height) are skipped.
    """

    features: str
    extractor_id: str
    loader: str
    max_pixels: int


def check_can_go_elsewhere(options: FeatureOptions) -> None:
    """Raise `ParameterError` where other machines cannot make these features."""
    if options.vectors:
        raise ParameterError(
            "Vectors from a file need no other machines.", hint="Leave --backend out, or choose an extractor."
        )
    if any(kind_named(part.name).trained for part in options.parts):
        raise ParameterError(
            "The autoencoder learns from the pictures on this computer, and other machines cannot take part in that.",
            hint="Leave --backend out, or choose another extractor.",
        )


def outcomes_from_workers(
    images: Sequence[ImageFile],
    indices: Sequence[int],
    *,
    elsewhere: Elsewhere,
    extractor_id: str,
    store: Store,
    max_pixels: int,
    cancel: threading.Event | None,
) -> Iterator[Outcome]:
    """Yield what the workers found out about some images, batch by batch as they are finished.

    The workers' vectors are those of ``extractor_id``. That of a network names the precision that it works in, which
    depends on the processor: it is that of this computer, float32 where it never looked at a picture, and the workers
    compute in it too; see `_suit`.

    Vectors are in the outcomes' entries. Of content whose features are in the store, or came before, nothing but the
    file is left in the entry, as when it had been read here.

    Raises
    ------
    Cancelled, BackendError
        See `imgcluster.backends.run_tasks`; also when the workers do not see the files that are here.
    ExtractorError
        A worker's extractor makes other vectors than those that are wanted.
    """
    if not indices:
        return  # nobody need be asked
    order = Order(
        features=elsewhere.features,
        extractor_id=extractor_id,
        loader=loader_version(max_pixels),
        max_pixels=max_pixels,
    )
    starts = range(0, len(indices), _BATCH_SIZE)
    batches = (tuple(indices[start : start + _BATCH_SIZE]) for start in starts)
    tasks = ((batch, tuple(images[index] for index in batch), order) for batch in batches)
    claimed: set[str] = set()
    with closing(run_tasks(elsewhere.backend, look_at, tasks, cancel=cancel)) as finished:
        for outcomes in finished:
            _raise_if_not_shared(outcomes, images)
            for outcome in outcomes:
                entry = outcome.entry
                if entry is not None and (entry.hash in claimed or not store.missing(extractor_id, [entry.hash])):
                    entry = replace(entry, vector=None, thumbnail=None, reason=None)
                    outcome = Outcome(index=outcome.index, entry=entry)
                if entry is not None:
                    claimed.add(entry.hash)
                yield outcome


def look_at(indices: Sequence[int], images: Sequence[ImageFile], order: Order) -> list[Outcome]:
    """Read, decode and work out the vectors of a batch of images: what a worker does.

    Returns
    -------
    list of Outcome
        One for each of ``indices``, in order; vectors and thumbnails are in their entries.

    Raises
    ------
    ExtractorError
        This worker would make other vectors than those that are wanted, or lacks what the extractor needs.
    BackendError
        It lacks what reads the images' addresses.
    """
    extractor = _fitting_extractor(order)
    read = Reader(images, extractor=extractor, max_pixels=order.max_pixels)
    try:
        with ThreadPoolExecutor(n_readers(images), thread_name_prefix="decode") as pool:
            outcomes = list(pool.map(read, range(len(images))))
    except FolderError as error:
        raise BackendError(f"A worker cannot read the pictures: {error}", hint=error.hint) from error
    seen = [outcome for outcome in outcomes if outcome.pixels is not None]
    vectors = iter(())
    if seen:
        with _one_batch:
            _suit(extractor, order)  # again: while this batch was read, another order may have had another precision
            vectors = iter(extractor(np.stack([outcome.pixels for outcome in seen])))
    return [
        replace(
            outcome,
            index=index,
            pixels=None,
            entry=outcome.entry if outcome.pixels is None else replace(outcome.entry, vector=next(vectors)),
        )
        for index, outcome in zip(indices, outcomes, strict=True)
    ]


def _fitting_extractor(order: Order) -> Extractor:
    """Return this worker's own extractor, loaded, when it makes the very vectors that are wanted."""
    loader = loader_version(order.max_pixels)
    if loader != order.loader:
        raise ExtractorError(
            f"A worker opens pictures with {loader}, and this computer with {order.loader}.",
            hint="Install the same versions on every machine, and start the workers again.",
        )
    (extractor,) = parse_features(order.features).extractors()
    if missing := extractor.missing():
        raise ExtractorError(f"A worker cannot look at the pictures: {missing.sentence}", hint=missing.command)
    with _one_batch:
        _suit(extractor, order)  # before an image is read for nothing
    return extractor


def _suit(extractor: Extractor, order: Order) -> None:
    """Have an extractor make the very vectors that are wanted, or raise; nothing is done where it does already."""
    extractor.load()
    if extractor.id == order.extractor_id:
        return
    if without_precision(extractor.id) == without_precision(order.extractor_id):
        extractor.load_in(precision_of(order.extractor_id))
    if extractor.id != order.extractor_id:
        raise ExtractorError(
            f"A worker would make the vectors of {extractor.id}, and those of {order.extractor_id} are wanted: they "
            "cannot be compared.",
            hint="Install the same versions on every machine, and start the workers again.",
        )


def _raise_if_not_shared(outcomes: Sequence[Outcome], images: Sequence[ImageFile]) -> None:
    """Raise when a worker could read none of its files, and this process can read one of them."""
    if any(outcome.entry is not None for outcome in outcomes):
        return
    for outcome in outcomes:
        image = images[outcome.index]
        try:
            is_here = isinstance(image.source, Path) and bool(read_bytes(image))
        except UnreadableImageError:
            continue
        if is_here:
            raise BackendError(
                f"A worker cannot read {image.source}, which is on this computer: {outcome.reason}.",
                hint="Put the pictures where every machine finds them at the same path, or give an address of theirs.",
            )
