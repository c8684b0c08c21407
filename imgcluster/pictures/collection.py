"""What was found: the images of one collection in a fixed order, and the files that cannot be used."""

from dataclasses import dataclass
from pathlib import Path

__all__ = ["Collection", "ImageFile", "SkippedImage", "Url"]


@dataclass(frozen=True, slots=True)
class Url:
    """The address of a file elsewhere, such as s3://bucket/photos/a.jpg, where others have their `Path`.

    Attributes
    ----------
    text : str
        See `imgcluster.pictures.remote`.
    """

    text: str

    def __str__(self) -> str:
        return self.text

    def __fspath__(self) -> str:
        return self.text

    def absolute(self) -> "Url":
        """Return itself: an address does not depend on where the program was started."""
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageFile:
    """One image: where it is, and what tells cheaply whether it changed.

    Attributes
    ----------
    path : str
        The name shown and exported: relative to the collection's root, with "/", always valid UTF-8.
    source : Path or Url
        The file on disk, or the ZIP file that holds it; or where it lies elsewhere.
    member : str or None
        The name inside the ZIP file, None for a file on disk.
    size : int
        Bytes.
    mtime_ns : int
        Time of the last change in nanoseconds (of the ZIP file for its members; elsewhere with what else tells a
        change, see `imgcluster.pictures.remote`).
    """

    path: str
    source: Path | Url
    member: str | None = None
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SkippedImage:
    """A file that looks like an image and cannot be used, with the reason in plain words."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """The images found in one folder, ZIP file, upload or sample, in natural order of their paths.

    Attributes
    ----------
    name : str
        For the screen: the folder's name, or the sample's title.
    images : tuple of ImageFile
    skipped : tuple of SkippedImage
    """

    name: str
    images: tuple[ImageFile, ...]
    skipped: tuple[SkippedImage, ...] = ()

    def __len__(self) -> int:
        return len(self.images)

    @property
    def paths(self) -> tuple[str, ...]:
        """The images' shown names, in order."""
        return tuple(image.path for image in self.images)
