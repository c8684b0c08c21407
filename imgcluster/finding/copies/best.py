"""Which of several copies of a picture is the one to keep, and why."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from imgcluster.extractors.looks import ImageLooks
from imgcluster.pictures.collection import ImageFile

__all__ = ["Merits", "best_first", "is_named_like_a_copy", "merits_of", "size_in_words"]

# "a (1)", "a - Copy (2)", "Copy of a", in the languages in which file managers say so.
_COPY = re.compile(r".*\(\d+\)|.*[\W_](copy|kopie|copie|copia|cópia)[\W_]*\d*|(copy of|kopie von|copie de) .*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Merits:
    """What speaks for each image of a collection as the one to keep; entry i belongs to image i.

    Attributes
    ----------
    widths, heights : ndarray of int, shape (n_images,)
        Pixels.
    sizes : ndarray of int64, shape (n_images,)
        Bytes of the file.
    pixels_of : ndarray of int64, shape (n_images,)
        A number for each set of files with the same pixels.
    worth : ndarray of int64, shape (n_images,)
        Bytes of the smallest file with the same pixels: a PNG that was made of a JPEG holds no more than that.
    sharpness : ndarray of float, shape (n_images,)
        The same for the same pixels, rounded to what can be seen.
    dated : ndarray of bool, shape (n_images,)
        Whether the file says when the picture was taken.
    names : tuple of str
        File names, without folders.
    """

    widths: np.ndarray
    heights: np.ndarray
    sizes: np.ndarray
    pixels_of: np.ndarray
    worth: np.ndarray
    sharpness: np.ndarray
    dated: np.ndarray
    names: tuple[str, ...]


def merits_of(
    images: Sequence[ImageFile], looks: ImageLooks, *, pixels_of: np.ndarray, dated: np.ndarray | None = None
) -> Merits:
    """Gather the merits of all images.

    Parameters
    ----------
    images : sequence of ImageFile, length n_images
    looks : ImageLooks
    pixels_of : ndarray of int, shape (n_images,)
        Equal for images with the same pixels, from 0 to n_images - 1.
    dated : ndarray of bool, shape (n_images,), optional
    """
    n = len(images)
    sizes = np.array([image.size for image in images], dtype=np.int64)
    worth = np.full(n, np.iinfo(np.int64).max)
    np.minimum.at(worth, pixels_of, sizes)
    sharpness = np.zeros(n)
    np.maximum.at(sharpness, pixels_of, np.round(looks.sharpness.astype(np.float64), 2))
    return Merits(
        widths=looks.widths,
        heights=looks.heights,
        sizes=sizes,
        pixels_of=pixels_of,
        worth=worth[pixels_of],
        sharpness=sharpness[pixels_of],
        dated=np.zeros(n, dtype=bool) if dated is None else dated,
        names=tuple(image.path.rpartition("/")[2] for image in images),
    )


def best_first(members: Sequence[int], merits: Merits, *, keep: Collection[int] = ()) -> tuple[tuple[int, ...], str]:
    """Put copies of one picture into an order, the one to keep first, and say why it is the first.

    What the user chose comes first; then count, each only where all before are equal: more pixels; a larger file, which
    is one compressed less; sharpness; a date inside the file; a name that is not one of a copy; and of files with the
    same pixels the smaller one. What is equal in all this stays in the order of the collection.

    Parameters
    ----------
    members : sequence of int
        One or more images.
    merits : Merits
    keep : collection of int
        Images that the user chose to keep.

    Returns
    -------
    order : tuple of int
    reason : str
        Without a capital letter and a full stop, such as "most pixels: 4,000 x 3,000 against 1,024 x 768".
    """

    def key(image: int) -> tuple[float, ...]:
        return (
            image not in keep,
            -int(merits.widths[image]) * int(merits.heights[image]),
            -merits.worth[image],
            -merits.sharpness[image],
            not merits.dated[image],
            is_named_like_a_copy(merits.names[image]),
            merits.sizes[image],
            image,
        )

    order = sorted(members, key=key)
    if order[0] in keep:
        return tuple(order), "you chose it"
    if len(order) == 1:
        return tuple(order), "there is no other"
    return tuple(order), _reason(order[0], order[1], merits, differs=_first_difference(key(order[0]), key(order[1])))


def is_named_like_a_copy(name: str) -> bool:
    """Tell whether a file's name is one that file managers give to copies, such as "a (1).jpg" or "a - Copy.jpg"."""
    return _COPY.fullmatch(name.rpartition(".")[0].lower()) is not None


def _first_difference(first: tuple[float, ...], second: tuple[float, ...]) -> int:
    return next(place for place, (a, b) in enumerate(zip(first, second, strict=True)) if a != b)


def _reason(best: int, other: int, merits: Merits, *, differs: int) -> str:
    def size(image: int) -> str:
        return f"{merits.widths[image]:,} x {merits.heights[image]:,}"

    def against(sizes: np.ndarray) -> str:
        return f"{size_in_words(sizes[best])} against {size_in_words(sizes[other])}"

    same = "the same pixels" if merits.pixels_of[best] == merits.pixels_of[other] else "as many pixels"
    return (
        "you chose it",
        f"most pixels: {size(best)} against {size(other)}",
        f"as many pixels, and compressed less: {against(merits.worth)}",
        f"as many pixels, and sharper: {merits.sharpness[best]:.2f} against {merits.sharpness[other]:.2f}",
        f"{same}, and the file says when it was taken",
        f'{same}, and "{merits.names[other]}" is named like a copy',
        f"{same} in a smaller file: {against(merits.sizes)}",
        f"{same} and bytes; it is the first in the list",
    )[differs]


def size_in_words(number: int) -> str:
    """Return a number of bytes as people say it, such as "2.1 MB"."""
    if number < 10_000:
        return f"{number:,} bytes"
    return f"{number / 1e3:,.0f} KB" if number < 1e6 else f"{number / 1e6:,.1f} MB"
