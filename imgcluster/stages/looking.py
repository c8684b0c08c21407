"""From a collection to its features: what was found, and one vector per image."""

import threading
from dataclasses import dataclass, replace

from imgcluster.cache import Workspace
from imgcluster.features.extraction import Extraction, extract_features, survey_images
from imgcluster.features.extractors import DEFAULT_EXTRACTOR
from imgcluster.features.store import Store
from imgcluster.pictures.collection import Collection
from imgcluster.pictures.finding import check_headers
from imgcluster.pictures.formats import MAX_PIXELS
from imgcluster.progress import ProgressCallback

__all__ = ["FoundImages", "embed_images", "inspect_collection"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundImages:
    """What is known of a collection before the long work begins.

    Attributes
    ----------
    collection : Collection
        Files whose beginning shows already that they cannot be used are on its list of skipped ones.
    n_new : int
        Images whose features are not in the store yet.
    seconds : float
        Expected time until the features of all are there.
    """

    collection: Collection
    n_new: int
    seconds: float


def inspect_collection(
    collection: Collection,
    *,
    extractor: str = DEFAULT_EXTRACTOR,
    workspace: Workspace,
    max_pixels: int = MAX_PIXELS,
    progress: ProgressCallback | None = None,
    cancel: threading.Event | None = None,
) -> FoundImages:
    """Look at the beginning of every file that the store does not know, and estimate how long the rest takes."""
    with Store(workspace.store_path) as store:
        survey = survey_images(collection, extractor=extractor, store=store, max_pixels=max_pixels)
    unread = replace(collection, images=survey.unread, skipped=())
    unusable = check_headers(unread, max_pixels=max_pixels, progress=progress, cancel=cancel).skipped
    left_out = {skipped.path for skipped in unusable}
    return FoundImages(
        collection=replace(
            collection,
            images=tuple(image for image in survey.collection.images if image.path not in left_out),
            skipped=(*survey.collection.skipped, *unusable),
        ),
        n_new=survey.n_new - len(unusable),
        seconds=survey.seconds,
    )


def embed_images(
    collection: Collection,
    *,
    extractor: str = DEFAULT_EXTRACTOR,
    workspace: Workspace,
    max_pixels: int = MAX_PIXELS,
    progress: ProgressCallback | None = None,
    cancel: threading.Event | None = None,
) -> tuple[Extraction, tuple[str, ...]]:
    """Return the features of a collection, from the store or computed now, and the store's notices."""
    with Store(workspace.store_path) as store:
        extraction = extract_features(
            collection, extractor=extractor, store=store, max_pixels=max_pixels, progress=progress, cancel=cancel
        )
        return extraction, (store.notice,) if store.notice else ()
