"""The one loader: every use of a picture, from thumbnails to features, opens it here and sees the same pixels.

Pillow's own `PIL.Image.open` is not used: its limit on the size is one global for the whole process, and it tries
every format there is. `_open_header` below does what it does for the formats of `picture_formats` alone.
"""

import errno
import io
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from stat import S_ISREG
from typing import BinaryIO, TypeVar

from PIL import ExifTags, Image

from imgcluster.errors import ArchiveError, FolderError, UnreadableImageError
from imgcluster.pictures.archives import read_member
from imgcluster.pictures.collection import ImageFile, Url
from imgcluster.pictures.colours import to_rgb
from imgcluster.pictures.damage import damage_reason, without_text
from imgcluster.pictures.formats import MAX_PIXELS, picture_formats
from imgcluster.pictures.remote import read_address, read_whole

__all__ = [
    "ImageDetails",
    "ImageOrigin",
    "check_header",
    "date_taken",
    "decode",
    "file_problem",
    "image_details",
    "image_origin",
    "read_bytes",
]

T = TypeVar("T")

MAX_FILE_BYTES = 2**30
"""Larger files are not read into memory: 1 GiB."""

_HEADER_BYTES = 2**18  # of a picture in a ZIP file, before the whole of it is unpacked

_DRAFTABLE = frozenset({"JPEG", "MPO"})

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_ON_THEIR_SIDE = (5, 6, 7, 8)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageDetails:
    """What the large view says about one image.

    Attributes
    ----------
    width, height : int
        Pixels, the way up that it is shown.
    format : str
        Pillow's name, such as "JPEG".
    n_bytes : int
        Size of the file.
    taken : datetime
        When the camera took it; where it does not say so, when the file was last changed. Local time.
    """

    width: int
    height: int
    format: str
    n_bytes: int
    taken: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageOrigin:
    """What the camera wrote into a file.

    Attributes
    ----------
    taken : datetime or None
        Local time.
    camera : str
        Maker and model, such as "Canon EOS 5D"; empty where it does not say so.
    """

    taken: datetime | None = None
    camera: str = ""


def read_bytes(image: ImageFile) -> bytes:
    """Return the content of an image's file, from the disk, its ZIP file or its address; thread-safe.

    Raises
    ------
    UnreadableImageError
        With the reason in plain words.
    FolderError
        It lies at an address that needs a package which is missing.
    """
    try:
        if image.member is not None:
            return read_member(image.source, image.member)
        if isinstance(image.source, Url):
            _check_size(image.size)
            data = read_whole(str(image.source), size=image.size, limit=MAX_FILE_BYTES)
            _check_size(len(data))  # it may have grown, and not every listing says how large it is
            return data
        with _open_file(image) as file:
            return file.read()
    except FolderError:
        raise  # it is the same for all that lie there
    except (OSError, MemoryError, ArchiveError) as error:
        raise UnreadableImageError(file_problem(error)) from error


def decode(data: bytes, *, min_side: int | None = None, max_pixels: int = MAX_PIXELS) -> Image.Image:
    """Decode one picture to RGB, the right way up; thread-safe.

    The EXIF orientation is applied, of an animation the first frame is taken, transparency is laid over white, and
    16-bit, CMYK, palette, grey and other kinds become 8-bit RGB (see `imgcluster.pictures.colours.to_rgb`).

    Parameters
    ----------
    data : bytes
        Content of a file.
    min_side : int, optional
        JPEG only: decode at the smallest of 1/1, 1/2, 1/4 and 1/8 of the size whose shorter side still has as many
        pixels. Saves most of the time when a 24-megapixel photograph is needed at 224 pixels.
    max_pixels : int
        Largest width x height that is decoded.

    Returns
    -------
    PIL.Image.Image
        Mode RGB, without metadata. ``info["size"]`` is (width, height) of the whole picture, the right way up, also
        where it was decoded smaller.

    Raises
    ------
    UnreadableImageError
        With the reason in plain words, whatever went wrong inside Pillow.
    """

    def finish(image: Image.Image) -> Image.Image:
        whole = None
        if min_side is not None and image.format in _DRAFTABLE:
            whole = image.size
            image.draft(None, (min_side, min_side))
        image.load()
        width, height = whole or image.size
        orientation = _orientation(image)
        turn = _TURNS.get(orientation)
        rgb = to_rgb(image)
        rgb = rgb if turn is None else rgb.transpose(turn)
        rgb.info["size"] = (height, width) if orientation in _ON_THEIR_SIDE else (width, height)
        return rgb

    return _with_image(data, finish, max_pixels=max_pixels)


def check_header(image: ImageFile, *, max_pixels: int = MAX_PIXELS) -> None:
    """Open no more than an image's header, and raise when that alone shows that it cannot be used.

    Damage further inside the file shows only in `decode`.

    Raises
    ------
    UnreadableImageError
        With the reason in plain words.
    """
    try:
        with _open_beginning(image) as file, _open_header(file, max_pixels=max_pixels):
            return
    except Exception:  # the beginning was not enough, or the file is bad: the whole of it tells which, and why
        _with_image(read_bytes(image), lambda header: None, max_pixels=max_pixels)


def image_details(image: ImageFile) -> ImageDetails:
    """Return size, format and date of one image.

    Raises
    ------
    UnreadableImageError
        With the reason in plain words.
    """

    def describe(header: Image.Image) -> ImageDetails:
        width, height = header.size
        # Pillow turns TIFF files itself, and has done so to this size.
        if header.format != "TIFF" and _orientation(header) in _ON_THEIR_SIDE:
            width, height = height, width
        taken = _date_taken(header) or datetime.fromtimestamp(image.mtime_ns / 1e9)
        return ImageDetails(width=width, height=height, format=header.format or "", n_bytes=image.size, taken=taken)

    return _with_image(read_bytes(image), describe, max_pixels=MAX_PIXELS)


def date_taken(image: ImageFile) -> datetime | None:
    """Return when the camera took an image, in local time; None where the beginning of the file does not say so."""
    try:
        with _open_beginning(image) as file, _open_header(file, max_pixels=MAX_PIXELS) as header:
            return _date_taken(header)
    except Exception:  # what cannot be opened says nothing
        return None


def image_origin(image: ImageFile) -> ImageOrigin:
    """Return when and by which camera an image was taken, from no more than the beginning of its file.

    An image that says nothing of it, or that cannot be opened, has no origin: never raises for it.
    """
    try:
        with _open_beginning(image) as file, _open_header(file, max_pixels=MAX_PIXELS) as header:
            if header.format == "PNG" and "exif" not in header.info:
                return ImageOrigin()  # Pillow would decode all of it, to look behind the pixels
            return ImageOrigin(taken=_date_taken(header), camera=_camera(header))
    except Exception:  # whatever is wrong with it is said elsewhere
        return ImageOrigin()


def file_problem(error: BaseException) -> str:
    """Return in plain words why the system would not hand out a file."""
    if isinstance(error, UnreadableImageError):
        return str(error)
    if isinstance(error, PermissionError):
        return "no permission to read it"
    if isinstance(error, FileNotFoundError | NotADirectoryError | ArchiveError):
        return "it vanished meanwhile"
    if isinstance(error, IsADirectoryError):
        return "this is a folder, not a picture"
    if isinstance(error, MemoryError):
        return "there is not enough memory to open it"
    if isinstance(error, OSError) and error.errno == errno.ELOOP:
        return "a link that leads in a circle"
    return "it cannot be read: " + (getattr(error, "strerror", None) or type(error).__name__)


def _with_image(data: bytes, use: Callable[[Image.Image], T], *, max_pixels: int) -> T:
    """Open `data`, hand the image to `use` and return its result; every failure becomes an UnreadableImageError."""
    try:
        with _open_header(io.BytesIO(data), max_pixels=max_pixels) as image:
            return use(image)
    except UnreadableImageError:
        raise
    except MemoryError as error:
        raise UnreadableImageError(file_problem(error)) from error
    except Image.DecompressionBombError as error:
        # Some plugins check Pillow's own limit as well.
        limit = 2 * (Image.MAX_IMAGE_PIXELS or 0) / 1e6
        raise UnreadableImageError(f"too large: more than {limit:.0f} megapixels in a file of this kind") from error
    except Exception as error:  # the plugins raise nearly everything, from struct.error to RecursionError
        if "MAX_TEXT" in str(error) and (shorter := without_text(data)) != data:
            return _with_image(shorter, use, max_pixels=max_pixels)
        raise UnreadableImageError(damage_reason(data, error)) from error


def _open_header(file: BinaryIO, *, max_pixels: int) -> Image.Image:
    """Return the image with its pixels still in the file, of the first allowed format that takes it."""
    prefix = file.read(16)
    if not prefix:
        raise UnreadableImageError("the file is empty")
    failure: Exception | None = None
    for name in picture_formats():
        factory, accept = Image.OPEN[name]
        try:
            if accept is not None and accept(prefix) is not True:
                continue
            file.seek(0)
            image = factory(file, "")
        except Exception as error:  # not of this format after all, or damaged
            failure = failure or error
            continue
        width, height = image.size
        if width * height > max_pixels:
            image.close()
            limit = f"{max_pixels / 1e6:g} megapixels"
            raise UnreadableImageError(f"too large: {width:,} x {height:,} pixels (limit {limit})")
        return image
    raise failure or UnreadableImageError("this is not a picture")


def _open_beginning(image: ImageFile) -> BinaryIO:
    if isinstance(image.source, Url):
        return io.BytesIO(read_address(str(image.source), max_bytes=_HEADER_BYTES))
    if image.member is None:
        return _open_file(image)
    return io.BytesIO(read_member(image.source, image.member, max_bytes=_HEADER_BYTES))


def _open_file(image: ImageFile) -> BinaryIO:
    """Open an ordinary file, without waiting where a pipe has taken its place since it was found."""
    descriptor = os.open(image.source, os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0))
    file = os.fdopen(descriptor, "rb")
    status = os.fstat(descriptor)
    try:
        if not S_ISREG(status.st_mode):
            raise UnreadableImageError("this is not an ordinary file")
        _check_size(status.st_size)
    except UnreadableImageError:
        file.close()
        raise
    return file


def _check_size(n_bytes: int) -> None:
    if n_bytes > MAX_FILE_BYTES:
        raise UnreadableImageError(f"too large: {n_bytes // 2**20:,} MB (limit {MAX_FILE_BYTES // 2**20:,} MB)")


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # broken EXIF: shown as it is stored
        return 1


def _date_taken(image: Image.Image) -> datetime | None:
    try:
        exif = image.getexif()
        text = exif.get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.DateTimeOriginal) or exif[ExifTags.Base.DateTime]
        return datetime.strptime(str(text).strip("\0 "), "%Y:%m:%d %H:%M:%S")
    except Exception:  # no EXIF, or a broken one
        return None


def _camera(image: Image.Image) -> str:
    try:
        exif = image.getexif()
        maker, model = (
            " ".join(str(exif.get(tag, "")).replace("\0", " ").split())
            for tag in (ExifTags.Base.Make, ExifTags.Base.Model)
        )
    except Exception:  # no EXIF, or a broken one
        return ""
    if not model or not maker or model.casefold().startswith(maker.split()[0].casefold()):
        return model
    return f"{maker} {model}"
