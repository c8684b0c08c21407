"""From a collection to its features: what was found, and one vector per image."""

import threading
from dataclasses import replace

from imgcluster.cache import Workspace
from imgcluster.features.embedding import TimeEstimate, embed_collection, estimate_time, measure_time
from imgcluster.features.extraction import Extraction, survey_images
from imgcluster.features.options import FeatureOptions
from imgcluster.features.store import Store
from imgcluster.pictures.collection import Collection
from imgcluster.pictures.finding import check_headers
from imgcluster.pictures.formats import MAX_PIXELS
from imgcluster.progress import ProgressCallback

__all__ = ["embed_images", "expected_time", "inspect_collection", "measured_time"]


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
) -> tuple[Extraction, tuple[str, ...]]:
    """Return the features of a collection, from the store or computed now, and what there is to say about them."""
    with Store(workspace.store_path) as store:
        extraction = embed_collection(
            collection,
            options or FeatureOptions(),
            store=store,
            models=workspace.models,
            max_pixels=max_pixels,
            progress=progress,
            cancel=cancel,
        )
        return extraction, (*extraction.notes, *((store.notice,) if store.notice else ()))
