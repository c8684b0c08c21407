"""What every method asks of its input before it begins, and says where it could not do all that was asked."""

import numpy as np

from imgcluster.errors import ParameterError

__all__ = ["check_n_clusters", "checked_points", "fewer_than_asked"]


def checked_points(coordinates: np.ndarray) -> np.ndarray:
    """Return coordinates as float64, shape (n_images, n_dims).

    Raises
    ------
    ParameterError
        When there are no rows or no columns, or a value is not finite.
    """
    points = np.asarray(coordinates, dtype=np.float64)
    if points.ndim != 2 or 0 in points.shape:
        raise ParameterError(f"The coordinates have the shape {points.shape}; images x dims is needed, none of them 0.")
    bad = np.flatnonzero(~np.isfinite(points).all(axis=1))
    if len(bad):
        raise ParameterError(
            f"The coordinates of {len(bad)} pictures are not numbers (the first is picture {bad[0] + 1}).",
            hint="Compute the space again.",
        )
    return points


def check_n_clusters(n_clusters: int, n_images: int) -> None:
    """Raise `ParameterError` unless ``n_clusters`` is from 1 to ``n_images``."""
    if not 1 <= n_clusters <= n_images:
        raise ParameterError(
            f"{n_clusters} groups were asked for, and there are {n_images} pictures.",
            hint=f"Choose a number from 1 to {n_images}.",
        )


def fewer_than_asked(n_asked: int, n_found: int, places: str) -> tuple[str, ...]:
    """Return the note on groups that could not be made, none where all could; ``places`` are those there are."""
    if n_found >= n_asked:
        return ()
    if n_found == 1:
        return (f"{n_asked} groups were asked for, but all pictures are alike.",)
    return (f"{n_asked} groups were asked for, but there are only {n_found} {places}.",)
