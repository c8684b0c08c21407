"""What stands for a cluster: a few of its images that cover it, and the mean of all."""

import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import joblib
import numpy as np
from PIL import Image, ImageOps

from imgcluster.errors import NoImagesError, ParameterError, UnreadableImageError
from imgcluster.grouping.reach import evenly_spread
from imgcluster.pictures.ahead import read_ahead
from imgcluster.pictures.collection import ImageFile
from imgcluster.pictures.opening import decode, read_bytes

__all__ = [
    "MOST_COVERING",
    "cover_clusters",
    "covering_images",
    "mean_image",
    "mean_of",
    "mean_of_pictures",
    "mean_of_thumbnails",
]

MOST_COVERING = 12
"""So many images of a cluster are looked at with one glance."""

_SIZE = 160  # of a mean, in pixels along each side
_N_AHEAD = 16  # decoded pictures that wait to be added


def covering_images(coordinates: np.ndarray, members: np.ndarray, n_images: int, first: int) -> np.ndarray:
    """Choose a few images of a cluster so that each of its images is near one of them.

    Farthest-point traversal (Gonzalez 1985, "Clustering to minimize the maximum intercluster distance"): the next one
    is always the image that is farthest from those chosen before. The distance of the worst placed image to the nearest
    chosen one is at most twice the least that is possible with so many. Images in one place count as one.

    Parameters
    ----------
    coordinates : ndarray, shape (n, n_dims)
        Of all images, finite.
    members : ndarray of int, shape (m,)
        The images of the cluster.
    n_images : int
        How many, 1 or more.
    first : int
        The image to begin with, one of the members: the medoid.

    Returns
    -------
    ndarray, shape (min(n_images, number of different places),), int64
        In the order in which they were chosen; of equally far ones, the one with the lowest number. None where there
        are no members.

    Raises
    ------
    ParameterError
        When ``n_images`` is below 1, or ``first`` is no member.
    """
    if n_images < 1:
        raise ParameterError(f"n_images={n_images} should be 1 or more.")
    members = np.unique(np.asarray(members, dtype=np.int64))
    if not len(members):
        return members
    if first not in members:
        raise ParameterError(f"Picture {first} is none of the {len(members)} of the group.")
    points = np.asarray(coordinates[members], dtype=np.float64)
    # By a power of two, which rounds nothing: the squares of the smallest distances would vanish otherwise.
    points = np.ldexp(points, -np.frexp(np.abs(points).max(initial=0.0))[1])
    chosen = [int(np.searchsorted(members, first))]
    nearest = np.full(len(members), np.inf)
    while True:
        nearest = np.minimum(nearest, ((points - points[chosen[-1]]) ** 2).sum(axis=1))
        farthest = int(nearest.argmax())
        if len(chosen) >= n_images or nearest[farthest] == 0:
            return members[chosen]
        chosen.append(farthest)


def cover_clusters(
    coordinates: np.ndarray, labels: np.ndarray, medoids: np.ndarray, n_images: int
) -> tuple[np.ndarray, ...]:
    """Choose a few images of every cluster; see `covering_images`.

    Parameters
    ----------
    coordinates : ndarray, shape (n, n_dims)
    labels : ndarray, shape (n,)
        0 to k - 1; -1 is noise, which nothing stands for.
    medoids : ndarray of int, shape (k,)
        The image to begin with in each cluster.
    n_images : int
        How many of each cluster at most, 1 or more.

    Returns
    -------
    tuple of ndarray, length k
    """
    return tuple(
        covering_images(coordinates, np.flatnonzero(labels == label), n_images, medoid)
        for label, medoid in enumerate(medoids)
    )


def mean_of(arrays: Iterable[np.ndarray]) -> tuple[np.ndarray, int]:
    """Return the mean of pictures of one size, which is rounded once, and their number.

    Parameters
    ----------
    arrays : iterable of ndarray, shape (height, width, 3), uint8
        They are gone through once, and not kept.

    Returns
    -------
    mean : ndarray, shape (height, width, 3), uint8
        Halves are rounded to the even number.
    n_used : int

    Raises
    ------
    NoImagesError
        When there are none.
    """
    total, n_used = None, 0
    for array in arrays:
        if total is None:
            total = np.zeros(array.shape)
        total += array
        n_used += 1
    if total is None:
        raise NoImagesError("Not one picture is left to take the mean of.")
    return np.rint(total / n_used).astype(np.uint8), n_used


def mean_of_pictures(pictures: Iterable[Image.Image], *, size: int = _SIZE) -> tuple[np.ndarray, int]:
    """Return the mean of decoded pictures, each of any size, and their number.

    Parameters
    ----------
    pictures : iterable of PIL.Image.Image
        Mode RGB. Of each the largest square around its centre is taken, and brought to ``size`` x ``size``.
    size : int, default 160

    Returns
    -------
    mean : ndarray, shape (size, size, 3), uint8
    n_used : int

    Raises
    ------
    NoImagesError
        When there are none.
    """
    return mean_of(_square(picture, size) for picture in pictures)


def mean_of_thumbnails(thumbnails: Iterable[bytes | None], *, size: int = _SIZE) -> tuple[np.ndarray, int]:
    """Return the mean of pictures in the form of small files, such as the store's thumbnails; see `mean_of_pictures`.

    Parameters
    ----------
    thumbnails : iterable of (bytes or None)
        Those that are missing or damaged are left out.
    size : int, default 160
    """
    return mean_of_pictures(_readable(thumbnails), size=size)


def mean_image(
    images: Sequence[ImageFile], *, size: int = _SIZE, most: int = 1000, cancel: threading.Event | None = None
) -> tuple[np.ndarray, int]:
    """Return the mean of image files, and how many it is of; see `mean_of_pictures`.

    Parameters
    ----------
    images : sequence of ImageFile
        Those that cannot be read are left out.
    size : int, default 160
    most : int, default 1000
        Where there are more images, so many are taken, evenly spread over their order.
    cancel : threading.Event, optional

    Returns
    -------
    mean : ndarray, shape (size, size, 3), uint8
    n_used : int

    Raises
    ------
    NoImagesError
        When not one could be read.
    Cancelled
    """
    chosen = [images[index] for index in evenly_spread(len(images), most)]

    def load(image: ImageFile) -> np.ndarray | None:
        try:
            return _square(decode(read_bytes(image), min_side=size), size)
        except UnreadableImageError:
            return None

    with ThreadPoolExecutor(joblib.cpu_count(), thread_name_prefix="mean") as pool:
        try:
            squares = read_ahead(pool, load, chosen, n_ahead=_N_AHEAD, cancel=cancel)
            return mean_of(square for square in squares if square is not None)
        finally:
            pool.shutdown(cancel_futures=True)


def _square(picture: Image.Image, size: int) -> np.ndarray:
    return np.asarray(ImageOps.fit(picture, (size, size), Image.Resampling.LANCZOS))


def _readable(files: Iterable[bytes | None]) -> Iterator[Image.Image]:
    for data in files:
        try:
            if data is not None:
                yield decode(data)
        except UnreadableImageError:
            continue
