"""From a collection to its features: what was found, and one vector per image."""

import threading
from dataclasses import replace

from imgcluster.backends import Backend
from imgcluster.cache import Workspace
from imgcluster.extractors.looks import ImageLooks, Looks, parse_looks
from imgcluster.extractors.networks.conv_autoencoder import Learned
from imgcluster.features.embedding import TimeEstimate, embed_collection, embed_new, estimate_time, measure_time
from imgcluster.features.extraction import Extraction, extract_features
from imgcluster.features.options import FeatureOptions
from imgcluster.features.store import Store
from imgcluster.features.survey import survey_images
from imgcluster.pictures.collection import Collection
from imgcluster.pictures.finding import check_headers
from imgcluster.pictures.formats import MAX_PIXELS
from imgcluster.progress import Progress, ProgressCallback

__all__ = [
    "embed_images",
    "embed_new_images",
    "expected_time",
    "inspect_collection",
    "look_closely",
    "measured_time",
]


def inspect_collection(
    collection: Collection,
    *,
    workspace: Workspace,
    max_pixels: int = MAX_PIXELS,
    progress: ProgressCallback | None = None,
    cancel: threading.Event | None = None,
) -> Collection:
    """Look at the beginning of every file that the store does not know, and skip what cannot be used."""
    with Store(workspace.store_path) as store:
        survey = survey_images(collection, store=store, max_pixels=max_pixels)
    unread = replace(collection, images=survey.unread, skipped=())
    unusable = check_headers(unread, max_pixels=max_pixels, progress=progress, cancel=cancel).skipped
    left_out = {skipped.path for skipped in unusable}
    return replace(
        collection,
        images=tuple(image for image in survey.collection.images if image.path not in left_out),
        skipped=(*survey.collection.skipped, *unusable),
    )


def expected_time(
    collection: Collection, options: FeatureOptions, *, workspace: Workspace, max_pixels: int = MAX_PIXELS
) -> TimeEstimate:
    """Say how long the features of a collection will take, without opening a file."""
    with Store(workspace.store_path) as store:
        return estimate_time(collection, options, store=store, models=workspace.models, max_pixels=max_pixels)


def measured_time(
    collection: Collection,
    options: FeatureOptions,
    *,
    workspace: Workspace,
    max_pixels: int = MAX_PIXELS,
    progress: ProgressCallback | None = None,
    cancel: threading.Event | None = None,
) -> TimeEstimate:
    """Say the same after the first images have been worked through; what was computed is kept."""
    with Store(workspace.store_path) as store:
        return measure_time(
            collection,
            options,
            store=store,
            models=workspace.models,
            max_pixels=max_pixels,
            progress=progress,
            cancel=cancel,
        )


def embed_images(
    collection: Collection,
    options: FeatureOptions | None = None,
    *,
    workspace: Workspace,
    max_pixels: int = MAX_PIXELS,
    progress: ProgressCallback | None = None,
    cancel: threading.Event | None = None,
    backend: Backend | None = None,
) -> tuple[Extraction, tuple[str, ...]]:
    """Return the features of a collection, from the store or computed now, and what there is to say about them.

    With ``backend``, its workers look at the images; this process writes the store.
    """
    with Store(workspace.store_path) as store:
        extraction = embed_collection(
            collection,
            options or FeatureOptions(),
            store=store,
            models=workspace.models,
            max_pixels=max_pixels,
            progress=progress,
            cancel=cancel,
            backend=backend,
        )
        return extraction, (*extraction.notes, *((store.notice,) if store.notice else ()))


def embed_new_images(
    collection: Collection,
    options: FeatureOptions,
    *,
    learned: Learned | None = None,
    workspace: Workspace,
    max_pixels: int = MAX_PIXELS,
    progress: ProgressCallback | None = None,
    cancel: threading.Event | None = None,
) -> Extraction:
    """Return the features of new images, to be compared with those of another collection; nothing is trained.

    See `imgcluster.features.embedding.embed_new`. What there is to say about them is among the notes.
    """
    with Store(workspace.store_path) as store:
        extraction = embed_new(
            collection,
            options,
            learned=learned,
            store=store,
            max_pixels=max_pixels,
            progress=progress,
            cancel=cancel,
        )
        return replace(extraction, notes=(*extraction.notes, *((store.notice,) if store.notice else ())))


def look_closely(
    collection: Collection,
    *,
    workspace: Workspace,
    max_pixels: int = MAX_PIXELS,
    progress: ProgressCallback | None = None,
    cancel: threading.Event | None = None,
) -> tuple[Collection, ImageLooks]:
    """Return the images that can be used, and what each is like: from the store, or measured now.

    Raises
    ------
    NoImagesError
        Not one image could be used.
    Cancelled
        ``cancel`` was set; every finished batch is in the store.
    StoreError
    """

    def report(seen: Progress) -> None:
        if progress is not None:
            progress(replace(seen, stage="Looking closely"))

    with Store(workspace.store_path) as store:
        extraction = extract_features(
            collection, extractor=Looks(), store=store, max_pixels=max_pixels, progress=report, cancel=cancel
        )
    return extraction.collection, parse_looks(extraction.features.vectors)
