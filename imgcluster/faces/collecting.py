"""From a collection of photos to the collection of the faces in them."""

import hashlib
import io
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from imgcluster.errors import UnreadableImageError
from imgcluster.faces.album import Album, AlbumWriter, FaceOrigin, read_album
from imgcluster.faces.cropping import crop_face
from imgcluster.faces.detecting import LEAST_CONFIDENCE, Face, detect_faces
from imgcluster.faces.kept import Detection, KeptDetections
from imgcluster.faces.names import CropNames
from imgcluster.faces.options import FaceOptions
from imgcluster.pictures.ahead import read_ahead
from imgcluster.pictures.collection import Collection, ImageFile
from imgcluster.pictures.formats import MAX_PIXELS
from imgcluster.pictures.opening import decode, image_details, read_bytes
from imgcluster.progress import Progress, ProgressCallback

__all__ = ["collect_faces"]

_STAGE = "Finding the faces"
_MIN_SIDE = 1024  # photos are decoded no smaller than this, along the shorter side
_LONGEST_SIDE = 3072  # and kept in memory no larger than this: some of them wait at a time
_N_AHEAD = 4
_QUALITY = 95


@dataclass(frozen=True, slots=True, kw_only=True)
class _Photo:
    """What a worker read: the pixels where they are needed, or why they cannot be used."""

    image: ImageFile
    key: str = ""
    rgb: Image.Image | None = None
    size: tuple[int, int] = (0, 0)
    reason: str = ""


def collect_faces(
    collection: Collection,
    *,
    out: Path,
    kept: Path,
    options: FaceOptions | None = None,
    max_pixels: int = MAX_PIXELS,
    progress: ProgressCallback | None = None,
    cancel: threading.Event | None = None,
) -> Album:
    """Find the faces in all photos of a collection, and keep a crop of each.

    Parameters
    ----------
    collection : Collection
        Its files are only read.
    out : Path
        The ZIP file to be made; one that is there is replaced when all is done.
    kept : Path
        The file in which every photo's faces are kept as they are found: a second run goes on from there.
    options : FaceOptions, optional
    max_pixels : int
        Photos of more pixels (width x height) are skipped.
    progress : callable, optional
    cancel : threading.Event, optional

    Returns
    -------
    Album
        Without a face where there is none.

    Raises
    ------
    ExtractorError
        The detector is missing.
    StoreError
        Something cannot be written.
    Cancelled
        ``cancel`` was set; what was found is kept.
    """
    options = options or FaceOptions()
    names = CropNames(collection.paths)
    begun, fresh = time.monotonic(), 0
    with KeptDetections(kept) as known, AlbumWriter(out) as album, ThreadPoolExecutor(2) as pool:
        read = _reader(known, max_pixels=max_pixels)
        try:
            photos = read_ahead(pool, read, collection.images, n_ahead=_N_AHEAD, cancel=cancel)
            for done, photo in enumerate(photos, start=1):
                if photo.reason:
                    album.add_skipped(photo.image, photo.reason)
                else:
                    detection = known.get(photo.key)
                    if detection is None:
                        fresh += 1
                        detection = _detect(photo)
                        known.put(photo.key, detection)
                    _add(album, photo, detection, names=names, options=options)
                if progress is not None:
                    progress(
                        Progress(
                            stage=_STAGE,
                            done=done,
                            total=len(collection),
                            current=photo.image.path,
                            seconds=time.monotonic() - begun,
                            fresh=fresh,
                        )
                    )
        finally:
            pool.shutdown(cancel_futures=True)
    return read_album(out)


def _reader(known: KeptDetections, *, max_pixels: int) -> Callable[[ImageFile], _Photo]:
    """Return what reads a photo in a worker thread, and decodes it unless it is known to have no face."""

    def read(image: ImageFile) -> _Photo:
        try:
            data = read_bytes(image)
            key = hashlib.blake2b(data, digest_size=16).hexdigest()
            detection = known.get(key)
            if detection is not None and not detection.faces:
                return _Photo(image=image, key=key)
            rgb = decode(data, min_side=_MIN_SIDE, max_pixels=max_pixels)
            details = image_details(image)
        except UnreadableImageError as error:
            return _Photo(image=image, reason=str(error))
        rgb.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE), Image.Resampling.LANCZOS, reducing_gap=3.0)
        return _Photo(image=image, key=key, rgb=rgb, size=(details.width, details.height))

    return read


def _detect(photo: _Photo) -> Detection:
    """Find the faces, and say where they are in the photo at its full size."""
    width, height = photo.size
    across, down = width / photo.rgb.width, height / photo.rgb.height
    found = detect_faces(photo.rgb, min_confidence=LEAST_CONFIDENCE)
    return Detection(width=width, height=height, faces=tuple(face.scaled(across, down) for face in found))


def _add(album: AlbumWriter, photo: _Photo, detection: Detection, *, names: CropNames, options: FaceOptions) -> None:
    faces = [face for face in detection.faces if face.confidence >= options.min_confidence]
    if not faces:
        album.add_photo_without(photo.image)
    for number, face in enumerate(faces, start=1):
        in_memory = face.scaled(photo.rgb.width / detection.width, photo.rgb.height / detection.height)
        album.add_face(
            names.name(photo.image.path, number),
            _jpeg(crop_face(photo.rgb, in_memory, margin=options.margin, size=options.size)),
            photo=photo.image,
            origin=_origin(photo.image.path, number, face, detection),
        )


def _origin(photo: str, number: int, face: Face, detection: Detection) -> FaceOrigin:
    return FaceOrigin(
        photo=photo,
        number=number,
        x=round(face.x),
        y=round(face.y),
        width=round(face.width),
        height=round(face.height),
        confidence=face.confidence,
        photo_width=detection.width,
        photo_height=detection.height,
    )


def _jpeg(crop: Image.Image) -> bytes:
    file = io.BytesIO()
    crop.save(file, "JPEG", quality=_QUALITY)
    return file.getvalue()
