"""From single images, in a collection or from anywhere else, to those of the collection that are like them."""

import threading
from dataclasses import dataclass, replace

import numpy as np

from imgcluster.cache import Workspace
from imgcluster.errors import NoImagesError, ParameterError
from imgcluster.features.extraction import Extraction, extract_features
from imgcluster.features.options import FeatureOptions
from imgcluster.features.outside import THUMBNAILS
from imgcluster.features.store import Store
from imgcluster.features.survey import survey_images
from imgcluster.finding.neighbors import METRICS, build_index
from imgcluster.finding.significance import SimilarImages, similar_images
from imgcluster.pictures.collection import Collection, ImageFile, SkippedImage
from imgcluster.pictures.finding import check_headers
from imgcluster.pictures.formats import MAX_PIXELS
from imgcluster.progress import ProgressCallback
from imgcluster.stages.looking import embed_images, embed_new_images
from imgcluster.stages.predicting import learned_of

__all__ = ["FoundImages", "Search", "search_images"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundImages:
    """What was found for one image.

    Attributes
    ----------
    query : ImageFile
    own : int or None
        The image of the collection that has the query's content, and is left out; None when it is from outside.
    similar : SimilarImages
        Indices into the collection.
    """

    query: ImageFile
    own: int | None
    similar: SimilarImages


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What was found for several images.

    Attributes
    ----------
    collection : Collection
        Those that could be used of the images in which was searched.
    found : tuple of FoundImages
        One for each query that could be used, in their order.
    skipped : tuple of SkippedImage
        The queries that could not be used, with the reasons.
    notes : tuple of str
        What should be known, in sentences.
    """

    collection: Collection
    found: tuple[FoundImages, ...]
    skipped: tuple[SkippedImage, ...]
    notes: tuple[str, ...]


def search_images(
    collection: Collection,
    queries: Collection,
    options: FeatureOptions | None = None,
    *,
    n_neighbors: int = 10,
    alpha: float = 0.05,
    metric: str = "cosine",
    workspace: Workspace,
    max_pixels: int = MAX_PIXELS,
    progress: ProgressCallback | None = None,
    cancel: threading.Event | None = None,
) -> Search:
    """Find the images of a collection that are like some others.

    Parameters
    ----------
    collection : Collection
        Where to search.
    queries : Collection
        What to search for. An image whose content is in the collection is known there, and leaves itself out; the
        others are looked at as those of the collection were.
    options : FeatureOptions, optional
        What counts as similar.
    n_neighbors, alpha
        See `imgcluster.finding.significance.similar_images`.
    metric : {"cosine", "euclidean"}
    workspace, max_pixels, progress, cancel
        See `imgcluster.stages.looking.embed_images`.

    Returns
    -------
    Search

    Raises
    ------
    NoImagesError
        Not one query can be used, or not one image of the collection.
    ParameterError
        An option makes no sense, or nothing can look at a query from outside: the vectors were made elsewhere.
    Cancelled, ExtractorError, StoreError
    """
    _check(n_neighbors, alpha, metric)
    options = options or FeatureOptions()
    kept = {"max_pixels": max_pixels, "progress": progress, "cancel": cancel}
    known = _read(queries, workspace=workspace, **kept)  # before an hour is spent on the collection
    extraction, notes = embed_images(collection, options, workspace=workspace, **kept)
    owns = [
        _own(image, key, extraction) for image, key in zip(known.collection.images, known.features.hashes, strict=True)
    ]
    outside = replace(
        known.collection,
        images=tuple(image for image, own in zip(known.collection.images, owns, strict=True) if own is None),
        skipped=(),
    )
    vectors, skipped = _vectors(outside, extraction, options, workspace=workspace, **kept)
    index = build_index(extraction.features.vectors, scaling=extraction.features.scaling, metric=metric)
    found = []
    for query, own in zip(known.collection.images, owns, strict=True):
        if own is not None:
            similar = similar_images(index, image=own, n_neighbors=n_neighbors, alpha=alpha)
        elif query in vectors:
            similar = similar_images(index, vector=vectors[query], n_neighbors=n_neighbors, alpha=alpha)
        else:
            continue
        found.append(FoundImages(query=query, own=own, similar=similar))
    return Search(
        collection=extraction.collection,
        found=tuple(found),
        skipped=(*known.collection.skipped, *skipped),
        notes=notes,
    )


def _check(n_neighbors: int, alpha: float, metric: str) -> None:
    if n_neighbors < 1:
        raise ParameterError(f"n_neighbors={n_neighbors} should be 1 or more.")
    if not 0 < alpha < 1:
        raise ParameterError(f"alpha={alpha:g} should be between 0 and 1.", hint="0.05 is usual.")
    if metric not in METRICS:
        raise ParameterError(f'There is no metric "{metric}".', hint=f"Choose one of {', '.join(METRICS)}.")


def _read(
    queries: Collection,
    *,
    workspace: Workspace,
    max_pixels: int,
    progress: ProgressCallback | None,
    cancel: threading.Event | None,
) -> Extraction:
    """Read the queries, for their content; what cannot be used is on the list of skipped ones."""
    queries = check_headers(queries, max_pixels=max_pixels, cancel=cancel)
    with Store(workspace.store_path) as store:
        try:
            return extract_features(
                queries, extractor=THUMBNAILS, store=store, max_pixels=max_pixels, progress=progress, cancel=cancel
            )
        except NoImagesError as error:
            survey = survey_images(queries, extractor=THUMBNAILS, store=store, max_pixels=max_pixels)
            reasons = "; ".join(f"{image.path}: {image.reason}" for image in survey.collection.skipped[:3])
            raise NoImagesError(
                f"There is no picture to search for: {reasons}." if reasons else str(error),
                hint="Give the file of a picture.",
            ) from error


def _own(query: ImageFile, key: str, extraction: Extraction) -> int | None:
    """Return the image of the collection that is the query: the same file, or the first with the same content."""
    same = [index for index, other in enumerate(extraction.features.hashes) if other == key]
    place = (query.source.resolve(), query.member)
    for index in same:
        image = extraction.collection.images[index]
        if (image.source.resolve(), image.member) == place:
            return index
    return same[0] if same else None


def _vectors(
    outside: Collection,
    extraction: Extraction,
    options: FeatureOptions,
    *,
    workspace: Workspace,
    max_pixels: int,
    progress: ProgressCallback | None,
    cancel: threading.Event | None,
) -> tuple[dict[ImageFile, np.ndarray], tuple[SkippedImage, ...]]:
    """Return the vectors of images from outside, and those that the extractor cannot use."""
    if not outside.images:
        return {}, ()
    if options.vectors:
        raise ParameterError(
            f"{outside.images[0].path} is not among the pictures whose vectors are in {options.vectors}, and nothing "
            "here can make a vector of it that could be compared with those.",
            hint="Search for one of these pictures, or leave --vectors out.",
        )
    looked = embed_new_images(
        outside,
        options,
        learned=learned_of(extraction.features, options, workspace=workspace),
        workspace=workspace,
        max_pixels=max_pixels,
        progress=progress,
        cancel=cancel,
    )
    return dict(zip(looked.collection.images, looked.features.vectors, strict=True)), looked.collection.skipped
