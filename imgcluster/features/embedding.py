"""From a collection to its features, whatever should count as similar: one extractor, several, or none of ours."""

import hashlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from imgcluster.backends import Backend
from imgcluster.errors import NoImagesError, ParameterError
from imgcluster.extractors.autoencoder import Autoencoder
from imgcluster.extractors.extractor import Extractor
from imgcluster.extractors.networks.conv_autoencoder import Learned
from imgcluster.extractors.preprocessing import preprocessed
from imgcluster.extractors.registry import kind_named
from imgcluster.features.combining import combine_vectors
from imgcluster.features.distributed import Elsewhere, check_can_go_elsewhere
from imgcluster.features.extraction import Extraction, Features, extract_features
from imgcluster.features.options import FeatureOptions
from imgcluster.features.outside import THUMBNAILS, read_outside_vectors
from imgcluster.features.store import Store
from imgcluster.features.survey import survey_images
from imgcluster.features.training import kept_autoencoder, trained_autoencoder
from imgcluster.pictures.collection import Collection
from imgcluster.pictures.formats import MAX_PIXELS
from imgcluster.progress import ProgressCallback

__all__ = [
    "TimeEstimate",
    "check_can_look",
    "embed_collection",
    "embed_new",
    "estimate_time",
    "extractor_id",
    "measure_time",
]

_N_MEASURED = 32

_Training = Callable[[Collection, Autoencoder], Autoencoder]


def embed_collection(
    collection: Collection,
    options: FeatureOptions,
    *,
    store: Store,
    models: Path,
    max_pixels: int = MAX_PIXELS,
    progress: ProgressCallback | None = None,
    cancel: threading.Event | None = None,
    backend: Backend | None = None,
) -> Extraction:
    """Work out one vector per image, or take it from the store.

    Parameters
    ----------
    collection : Collection
    options : FeatureOptions
    store : Store
        Vectors of each extractor are kept there by themselves: another weight in a combination computes nothing anew.
    models : Path
        Directory in which what was trained on the user's images is kept.
    max_pixels : int
        New images of more pixels (width x height) are skipped.
    progress : callable, optional
    cancel : threading.Event, optional
    backend : Backend, optional
        Whose workers look at the images in the place of this process.

    Returns
    -------
    Extraction
        Images that one of the extractors cannot use are on the list of skipped ones.

    Raises
    ------
    NoImagesError
        Not one image could be used.
    Cancelled
        ``cancel`` was set; every finished batch is in the store.
    ExtractorError, StoreError, BackendError
    ParameterError
        Also when other machines cannot make these features.
    """
    kept = {"store": store, "max_pixels": max_pixels, "progress": progress, "cancel": cancel}
    if backend is not None:
        check_can_go_elsewhere(options)
    if options.vectors:
        return read_outside_vectors(collection, Path(options.vectors), **kept)

    def train(collection: Collection, extractor: Autoencoder) -> Autoencoder:
        return trained_autoencoder(
            collection,
            extractor,
            preprocessing=options.preprocessing,
            directory=models,
            max_pixels=max_pixels,
            progress=progress,
            cancel=cancel,
        )

    return _embed(collection, options, train, backend=backend, **kept)


def embed_new(
    collection: Collection,
    options: FeatureOptions,
    *,
    learned: Learned | None = None,
    store: Store,
    max_pixels: int = MAX_PIXELS,
    progress: ProgressCallback | None = None,
    cancel: threading.Event | None = None,
) -> Extraction:
    """Work out the vectors of new images, which are to be compared with those of a collection: nothing is trained.

    Parameters
    ----------
    collection : Collection
        The new images.
    options : FeatureOptions
        What made the collection's vectors.
    learned : Learned, optional
        What an autoencoder among the extractors had learned from the collection.
    store, max_pixels, progress, cancel
        As for `embed_collection`; so are the result and the other errors.

    Raises
    ------
    ParameterError
        The collection's vectors came from a file, or ``learned`` is missing: nothing could look at new images.
    """
    check_can_look(options, learned)

    def train(collection: Collection, extractor: Autoencoder) -> Autoencoder:
        return extractor.trained(learned)

    return _embed(collection, options, train, store=store, max_pixels=max_pixels, progress=progress, cancel=cancel)


def extractor_id(options: FeatureOptions, learned: Learned | None = None) -> str:
    """Return what `Features.extractor` will be for new images, before any is looked at.

    Raises
    ------
    ParameterError
        As for `embed_new`.
    """
    check_can_look(options, learned)
    made = []
    for part in options.parts:
        extractor = part.extractor()
        if kind_named(part.name).trained:
            extractor = extractor.trained(learned)
        made.append(preprocessed(extractor, options.preprocessing))
    return _joined_id([each.id for each in made], options)


def check_can_look(options: FeatureOptions, learned: Learned | None) -> None:
    """Raise `ParameterError` unless new images can be looked at as those of a collection were; see `embed_new`."""
    if options.vectors:
        raise ParameterError(
            "The vectors came from a file, and there is nothing that could make one of a new picture.",
            hint="Group the pictures by one of the extractors; then new ones can be compared with them.",
        )
    if learned is None and any(kind_named(part.name).trained for part in options.parts):
        raise ParameterError(
            "What the autoencoder learned is not there, and without it a new picture cannot be looked at.",
            hint="Group the pictures again, so that it learns from them again.",
        )


def _embed(
    collection: Collection,
    options: FeatureOptions,
    train: _Training,
    *,
    store: Store,
    max_pixels: int,
    progress: ProgressCallback | None,
    cancel: threading.Event | None,
    backend: Backend | None = None,
) -> Extraction:
    extractions: list[Extraction] = []
    extractors: list[Extractor] = []
    for extractor in options.extractors():  # all of them before an hour is spent on the first
        _raise_if_missing(extractor)
    for part in options.parts:
        extractor = part.extractor()
        if kind_named(part.name).trained:
            extractor = train(collection, extractor)
        extractors.append(preprocessed(extractor, options.preprocessing))
        alone = FeatureOptions(parts=(part,), preprocessing=options.preprocessing)
        extractions.append(
            extract_features(
                collection,
                extractor=extractors[-1],
                store=store,
                max_pixels=max_pixels,
                progress=progress,
                cancel=cancel,
                elsewhere=None if backend is None else Elsewhere(backend=backend, features=alone.text),
            )
        )
        collection = extractions[-1].collection  # what one extractor cannot use is nothing for the next
    last = extractions[-1]
    features = _combined(extractions, options) if len(extractions) > 1 else last.features
    notes = tuple(extractor.note for extractor in extractors if extractor.note)
    return Extraction(collection=last.collection, features=features, notes=notes)


def _raise_if_missing(extractor: Extractor) -> None:
    if missing := extractor.missing():
        raise missing.error()


def _rows_of(extraction: Extraction, collection: Collection) -> np.ndarray:
    """Return the vectors of those images that are in the collection, which is a part of the extraction's own."""
    if len(extraction.collection) == len(collection):
        return extraction.features.vectors
    kept = set(collection.paths)
    return extraction.features.vectors[[path in kept for path in extraction.collection.paths]]


def _joined_id(ids: Sequence[str], options: FeatureOptions) -> str:
    """Return the id of vectors: that of the extractor, or those of several with their weights."""
    if len(ids) == 1:
        return ids[0]
    return "+".join(f"{each}:{part.weight_text}" for each, part in zip(ids, options.parts, strict=True))


def _combined(extractions: Sequence[Extraction], options: FeatureOptions) -> Features:
    """Lay the vectors of several extractors side by side, of the images that all of them can use: the last one's."""
    made, last = [each.features for each in extractions], extractions[-1]
    name = _joined_id([each.extractor for each in made], options)
    digest = hashlib.blake2b("\n".join([name, *last.features.hashes]).encode(), digest_size=16)
    return Features(
        vectors=combine_vectors(
            [_rows_of(each, last.collection) for each in extractions],
            scalings=[each.scaling for each in made],
            weights=[part.weight for part in options.parts],
        ),
        hashes=last.features.hashes,
        extractor=name,
        fingerprint=digest.hexdigest(),
        scaling="none",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeEstimate:
    """How long it will take until the features are there.

    Attributes
    ----------
    n_new : int
        Images that are new to one of the extractors: to the one that has the most work.
    seconds : float
    measured : bool
        Whether the speed is this computer's own; otherwise it is that of another.
    """

    n_new: int
    seconds: float
    measured: bool


def estimate_time(
    collection: Collection, options: FeatureOptions, *, store: Store, models: Path, max_pixels: int = MAX_PIXELS
) -> TimeEstimate:
    """Say how long `embed_collection` will take, without opening a file of the collection."""
    surveys = [
        (survey_images(collection, extractor=each, store=store, max_pixels=max_pixels), store.rate(each.id))
        for each in _looking(collection, options, models=models, max_pixels=max_pixels)
    ]
    return TimeEstimate(
        n_new=max(survey.n_new for survey, _ in surveys),
        seconds=sum(survey.seconds for survey, _ in surveys),
        measured=all(rate is not None or survey.n_new == 0 for survey, rate in surveys),
    )


def _looking(
    collection: Collection, options: FeatureOptions, *, models: Path, max_pixels: int
) -> tuple[Extractor, ...]:
    """Return what looks at the images: where the vectors come from elsewhere, only thumbnails are made."""
    if options.vectors:
        return (THUMBNAILS,)
    found = []
    for part in options.parts:
        extractor, steps = part.extractor(), options.preprocessing
        if kind_named(part.name).trained:
            kept = kept_autoencoder(collection, extractor, preprocessing=steps, directory=models, max_pixels=max_pixels)
            extractor = kept or extractor
        found.append(preprocessed(extractor, steps))
    return tuple(found)


def measure_time(
    collection: Collection,
    options: FeatureOptions,
    *,
    store: Store,
    models: Path,
    max_pixels: int = MAX_PIXELS,
    progress: ProgressCallback | None = None,
    cancel: threading.Event | None = None,
) -> TimeEstimate:
    """Work out the features of the first 32 images, which are kept, and say by them how long the others will take.

    What has to be trained first is only estimated.

    Raises
    ------
    Cancelled, ExtractorError, StoreError
    """
    first = replace(collection, images=collection.images[:_N_MEASURED])
    looking = _looking(collection, options, models=models, max_pixels=max_pixels)
    for part, extractor in zip(options.parts, looking, strict=True):
        if kind_named(part.name).trained or store.rate(extractor.id) is not None:
            continue
        _raise_if_missing(extractor)
        try:
            extract_features(
                first,
                extractor=extractor,
                store=store,
                max_pixels=max_pixels,
                progress=progress,
                cancel=cancel,
                measure=True,
            )
        except NoImagesError:  # of so few all may be broken
            continue
    return estimate_time(collection, options, store=store, models=models, max_pixels=max_pixels)
