"""One group on sheets of paper: small pictures in rows, with their names beneath."""

import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from PIL import Image, ImageDraw, ImageFont

from imgcluster.editing.groups import NO_GROUP
from imgcluster.errors import ParameterError
from imgcluster.keeping.final import FinalGroups
from imgcluster.palette import cluster_color
from imgcluster.reporting.gallery import facts, listed_images

__all__ = ["A4", "MOST_COLUMNS", "RESOLUTION", "SheetLayout", "contact_sheet_pages", "fitted", "n_pages"]

A4, RESOLUTION = (1240, 1754), 150
MOST_COLUMNS = 12

_MARGIN, _GAP, _HEAD, _FOOT = 75, 20, 96, 36
_INK, _MUTED, _SHADE = "#111827", "#5b6472", "#e5e8ee"
_TITLE, _SMALL, _LEAST = 38, 21, 13  # heights of letters in pixels


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetLayout:
    """Where things are on a sheet.

    Attributes
    ----------
    columns : int, default 4
        Pictures side by side, from 1 to 12.
    size : tuple of int, default A4 at 150 dots per inch
        Width and height in pixels, 600 or more each.

    Raises
    ------
    ParameterError
    """

    columns: int = 4
    size: tuple[int, int] = A4

    def __post_init__(self) -> None:
        if not 1 <= self.columns <= MOST_COLUMNS:
            raise ParameterError(
                f"{self.columns} pictures side by side should be from 1 to {MOST_COLUMNS}.",
                hint="4 suits most pictures.",
            )
        if min(self.size) < 600:
            raise ParameterError(
                f"A sheet of {self.size[0]} x {self.size[1]} pixels is too small.",
                hint="Let it be 600 or more each way.",
            )

    @property
    def width(self) -> int:
        """Of the box that a picture is fitted into, in pixels."""
        return (self.size[0] - 2 * _MARGIN - _GAP * (self.columns - 1)) // self.columns

    @property
    def height(self) -> int:
        """Of that box: near its width, so that the rows fill the sheet."""
        return (self._free + _GAP) // self.rows - _GAP - self.caption

    @property
    def caption(self) -> int:
        """Height of the line beneath a picture."""
        return self.letters + 14

    @property
    def letters(self) -> int:
        """Height of its letters."""
        return max(_LEAST, _SMALL - max(0, self.columns - 4) * 2)

    @property
    def rows(self) -> int:
        """Rows of pictures on a sheet."""
        return max(1, round((self._free + _GAP) / (self.width + self.caption + _GAP)))

    @property
    def _free(self) -> int:
        return self.size[1] - 2 * _MARGIN - _HEAD - _FOOT

    @property
    def per_page(self) -> int:
        """Pictures on a sheet."""
        return self.columns * self.rows

    def box(self, position: int) -> tuple[int, int, int, int]:
        """Return where a picture is on its sheet: left, top, right, bottom."""
        row, column = divmod(position, self.columns)
        left = _MARGIN + column * (self.width + _GAP)
        top = _MARGIN + _HEAD + row * (self.height + self.caption + _GAP)
        return left, top, left + self.width, top + self.height


def n_pages(final: FinalGroups, label: int, layout: SheetLayout) -> int:
    """Return how many sheets a group takes."""
    return -(-int((final.groups.labels == label).sum()) // layout.per_page)


def fitted(image: Image.Image, layout: SheetLayout) -> Image.Image:
    """Return an image in the largest size that fits into a box of the sheet."""
    scale = min(layout.width / image.width, layout.height / image.height)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)


def contact_sheet_pages(
    final: FinalGroups,
    label: int,
    pictures: Callable[[Sequence[int]], Iterable[Image.Image | str]],
    *,
    layout: SheetLayout | None = None,
) -> Iterator[Image.Image]:
    """Draw the sheets of one group, its medoid first.

    Parameters
    ----------
    final : FinalGroups
    label : int
        -1 is those in no group.
    pictures : callable
        Called with the indices of the images of each sheet; gives each as an RGB image, or says in words why not.
    layout : SheetLayout, optional

    Yields
    ------
    PIL.Image.Image
        Mode RGB; one at a time, so that no more are in memory.

    Notes
    -----
    Letters are those of the font that comes with Pillow: a name in other than Latin ones is drawn as boxes.
    """
    layout = layout or SheetLayout()
    images, total = listed_images(final, label), n_pages(final, label, layout)
    for number, start in enumerate(range(0, len(images), layout.per_page), start=1):
        members = images[start : start + layout.per_page]
        page = Image.new("RGB", layout.size, "white")
        _draw_frame(page, final, label, facts(final, label, images), f"{number} / {total}")
        for position, (image, picture) in enumerate(zip(members, pictures(members), strict=True)):
            _draw_picture(page, layout, position, picture, PurePosixPath(final.images[image].path).name)
        yield page


def _draw_frame(page: Image.Image, final: FinalGroups, label: int, known: str, number: str) -> None:
    draw, (width, height) = ImageDraw.Draw(page), page.size
    color = cluster_color(NO_GROUP if label == NO_GROUP else final.groups.numbers[label])
    draw.ellipse((_MARGIN, _MARGIN + 8, _MARGIN + 26, _MARGIN + 34), fill=color)
    room = width - 2 * _MARGIN
    _write(draw, (_MARGIN + 40, _MARGIN), final.title(label), size=_TITLE, color=_INK, room=room - 40)
    _write(draw, (_MARGIN, _MARGIN + 52), known.replace("·", "-"), size=_SMALL, color=_MUTED, room=room)
    foot = height - _MARGIN - _FOOT + 12
    _write(draw, (_MARGIN, foot), final.name, size=_SMALL, color=_MUTED, room=room - 200)
    draw.text((width - _MARGIN, foot), number, font=_font(_SMALL), fill=_MUTED, anchor="ra")


def _draw_picture(page: Image.Image, layout: SheetLayout, position: int, picture: Image.Image | str, name: str) -> None:
    draw, (left, top, right, bottom) = ImageDraw.Draw(page), layout.box(position)
    if isinstance(picture, str):
        draw.rectangle((left, top, right - 1, bottom - 1), fill=_SHADE)
        width = max(6, int((layout.width - 20) / (0.55 * layout.letters)))
        lines = textwrap.wrap(_printable(picture), width, max_lines=6, placeholder="...")
        middle = ((left + right) / 2, (top + bottom) / 2)
        draw.text(middle, "\n".join(lines), font=_font(layout.letters), fill=_INK, anchor="mm", align="center")
    else:
        small = fitted(picture, layout)
        page.paste(small, (left + (layout.width - small.width) // 2, top + (layout.height - small.height) // 2))
    _write(draw, (left, bottom + 6), name, size=layout.letters, color=_INK, room=layout.width)


def _write(draw: ImageDraw.ImageDraw, place: tuple[int, int], text: str, *, size: int, color: str, room: int) -> None:
    """Write one line, cut where there is no more room."""
    font, text = _font(size), _printable(text)
    if font.getlength(text) > room:
        text = text[:400]
        while text and font.getlength(text + "...") > room:
            text = text[:-1]
        text += "..."
    draw.text(place, text, font=font, fill=color)


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
