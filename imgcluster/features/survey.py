"""What the store knows of a collection before any file is opened, and how long the rest will take."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from imgcluster.extractors.extractor import Extractor
from imgcluster.extractors.registry import DEFAULT_EXTRACTOR, get_extractor
from imgcluster.features.reading import loader_version
from imgcluster.features.store import Store
from imgcluster.pictures.collection import Collection, ImageFile, SkippedImage
from imgcluster.pictures.formats import MAX_PIXELS

__all__ = ["Known", "Survey", "look_up", "resolved", "survey_images"]


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
    extractor = resolved(extractor)
    known = look_up(collection.images, extractor_id=extractor.id, store=store, loader=loader_version(max_pixels))
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


def resolved(extractor: str | Extractor) -> Extractor:
    """Return an extractor, also where only its name is given."""
    return get_extractor(extractor) if isinstance(extractor, str) else extractor


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the store knows of some images: each one's hash, reasons by hash, and the indices that need work."""

    hashes: list[str | None]
    reasons: dict[str, str]
    todo: list[int]


def look_up(images: Sequence[ImageFile], *, extractor_id: str, store: Store, loader: str) -> Known:
    """Ask the store for each image's content, and which of them need work; what this loader cannot decode does not."""
    hashes = store.hashes(images)
    distinct = {key for key in hashes if key is not None}
    missing = store.missing(extractor_id, list(distinct))
    reasons = store.reasons(list(missing), loader=loader)
    to_do = missing - reasons.keys()
    todo = [index for index, key in enumerate(hashes) if key is None or key in to_do]
    return Known(hashes=hashes, reasons=reasons, todo=todo)
