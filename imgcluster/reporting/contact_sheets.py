"""Contact sheets as files: one PDF, or one JPEG for each sheet."""

import contextlib
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Literal

from PIL import Image

from imgcluster.editing.groups import NO_GROUP
from imgcluster.errors import FolderError, ParameterError, UnreadableImageError
from imgcluster.keeping.exporting.placing import put_in_place
from imgcluster.keeping.final import FinalGroups
from imgcluster.pictures.ahead import read_ahead
from imgcluster.pictures.destination import written_whole
from imgcluster.pictures.names import safe_name
from imgcluster.pictures.opening import decode, read_bytes
from imgcluster.progress import Progress, ProgressCallback, raise_if_cancelled
from imgcluster.reporting.embedding import Thumbnails
from imgcluster.reporting.gallery import listed_groups
from imgcluster.reporting.pdf import write_pdf
from imgcluster.reporting.sheet_pages import RESOLUTION, SheetLayout, contact_sheet_pages, fitted, n_pages

__all__ = ["SheetFormat", "write_contact_sheets"]

SheetFormat = Literal["pdf", "jpeg"]

_STAGE = "Drawing contact sheets"
_THREADS, _AHEAD = 2, 4
_QUALITY = 88


def write_contact_sheets(
    final: FinalGroups,
    out: Path,
    *,
    format: SheetFormat = "pdf",
    labels: Sequence[int] | None = None,
    layout: SheetLayout | None = None,
    thumbnails: Thumbnails | None = None,
    progress: ProgressCallback | None = None,
    cancel: threading.Event | None = None,
) -> int:
    """Write the sheets of some groups.

    Parameters
    ----------
    final : FinalGroups
    out : Path
        For "pdf", a file that is not there yet; for "jpeg", a folder that is not there yet, or empty.
    format : {"pdf", "jpeg"}, default "pdf"
        One file with all sheets, or one for each, numbered: "007 Dogs.jpg".
    labels : sequence of int, optional
        Which groups, in this order; all by default, the largest first, and then those in no group (-1).
    layout : SheetLayout, optional
    thumbnails : callable, optional
        What is shown where a picture cannot be read, as when they are on another computer. Without one, the reason is.
    progress : callable, optional
        Called after every sheet.
    cancel : threading.Event, optional

    Returns
    -------
    int
        The number of sheets.

    Raises
    ------
    FolderError
        When something is there already, or cannot be written there.
    ParameterError
        When there is no such group or format, or none at all.
    Cancelled
        ``cancel`` was set; nothing is left.
    """
    layout, chosen = layout or SheetLayout(), _checked(final, labels)
    if format not in ("pdf", "jpeg"):
        raise ParameterError(f'Contact sheets are "pdf" or "jpeg", not "{format}".')
    total, begun = sum(n_pages(final, label, layout) for label in chosen), time.monotonic()
    with ThreadPoolExecutor(_THREADS) as pool:

        def pictures(images: Sequence[int]) -> Iterator[Image.Image | str]:
            read = partial(_picture, final, layout, thumbnails)
            return read_ahead(pool, read, images, n_ahead=_AHEAD, cancel=cancel)

        def pages() -> Iterator[tuple[str, Image.Image]]:
            n_done = 0
            for label in chosen:
                for page in contact_sheet_pages(final, label, pictures, layout=layout):
                    raise_if_cancelled(cancel)
                    yield final.title(label), page
                    n_done += 1
                    if progress is not None:
                        seconds, current = time.monotonic() - begun, final.title(label)
                        progress(Progress(stage=_STAGE, done=n_done, total=total, current=current, seconds=seconds))

        if format == "jpeg":
            _write_jpegs(out, pages(), total)
        else:
            sheets = (page for _, page in pages())
            title = f"{final.name}: groups"
            _write_new(out, lambda file: write_pdf(file, sheets, resolution=RESOLUTION, title=title, quality=_QUALITY))
    return total


def _checked(final: FinalGroups, labels: Sequence[int] | None) -> tuple[int, ...]:
    some_outside = (final.groups.labels == NO_GROUP).any()
    there = (*listed_groups(final), *((NO_GROUP,) if some_outside else ()))
    if labels is None:
        labels = there
    if strange := set(labels) - set(there):
        raise ParameterError(f"There is no group with the label {min(strange)}.")
    if not labels:
        raise ParameterError("There is no group to draw.", hint="Choose at least one.")
    return tuple(labels)


def _picture(final: FinalGroups, layout: SheetLayout, thumbnails: Thumbnails | None, image: int) -> Image.Image | str:
    """Return one picture in its size on the sheet, its thumbnail, or the reason why there is neither."""
    try:
        return fitted(decode(read_bytes(final.images[image]), min_side=max(layout.width, layout.height)), layout)
    except UnreadableImageError as error:
        thumbnail = None if thumbnails is None else thumbnails([image])[0]
        if thumbnail is not None:
            with contextlib.suppress(UnreadableImageError):
                return fitted(decode(thumbnail), layout)
        return str(error)


def _write_jpegs(out: Path, pages: Iterator[tuple[str, Image.Image]], total: int) -> None:
    digits = max(3, len(str(total)))
    with written_whole(out, what="The contact sheets") as aside:
        for number, (title, page) in enumerate(pages, start=1):
            name = safe_name(f"{number:0{digits}d} {title}.jpg")
            page.save(aside / name, "JPEG", quality=_QUALITY, dpi=(RESOLUTION, RESOLUTION))


def _write_new(path: Path, write: Callable[..., object]) -> None:
    """Write a file aside, and put it in its place when it is whole and nothing else is there."""
    temporary = path.with_name(f".imgcluster-{os.getpid()}-{secrets.token_hex(4)}-{path.name[:80]}")
    try:
        if os.path.lexists(path):
            raise FileExistsError
        with temporary.open("xb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        put_in_place(temporary, path)
    except FileExistsError as error:
        raise FolderError(
            f"The file {path} is there already, and nothing is ever overwritten.", hint="Choose another name."
        ) from error
    except FolderError:
        raise
    except OSError as error:
        raise FolderError(
            f"The file {path} cannot be written: {error.strerror or error}.",
            hint="Choose a folder that exists and that you may write to.",
        ) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()
