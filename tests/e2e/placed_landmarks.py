"""A plain reference for what the browser does: which pictures can be drawn on a map without covering one another."""

from dataclasses import dataclass

import numpy as np

from imgcluster.errors import ParameterError

__all__ = ["Landmarks", "place_landmarks"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Landmarks:
    """The pictures that have room.

    Attributes
    ----------
    chosen : ndarray, shape (m,), int64
        Numbers of the rows of ``positions``, the most important first.
    corners : ndarray, shape (m, 2), float64
        Left and top edge of each.
    """

    chosen: np.ndarray
    corners: np.ndarray

    def __post_init__(self) -> None:
        for array in (self.chosen, self.corners):
            array.setflags(write=False)


def place_landmarks(
    positions: np.ndarray,
    *,
    size: float,
    area: tuple[float, float],
    importance: np.ndarray | None = None,
    gap: float = 0.0,
) -> Landmarks:
    """Choose among square pictures, the most important first, each one that none before it is in the way of.

    A picture is centred on its dot, or as near to that as the edge of the map allows.

    Parameters
    ----------
    positions : ndarray, shape (n, 2)
        Where the dots are, from the left and from the top, in the unit of the others (pixels). A picture whose dot is
        outside the map, or not a number, is not drawn.
    size : float
        Side of a picture, above 0.
    area : tuple of float
        Width and height of the map.
    importance : ndarray, shape (n,), optional
        Such as the sizes of the clusters; of equals the first comes first. None: the order of the rows.
    gap : float, default 0
        The least distance between two pictures.

    Returns
    -------
    Landmarks

    Raises
    ------
    ParameterError
    """
    positions = np.asarray(positions, dtype=np.float64)
    if positions.ndim != 2 or positions.shape[1] != 2:
        raise ParameterError(f"The positions have the shape {positions.shape}; (n, 2) is needed.")
    if not size > 0 or not gap >= 0:
        raise ParameterError(f"size={size} should be above 0 and gap={gap} at least 0.")
    order = np.arange(len(positions))
    if importance is not None:
        if np.shape(importance) != order.shape:
            raise ParameterError(f"There are {len(positions)} positions, but importance has {np.shape(importance)}.")
        order = np.argsort(-np.asarray(importance, dtype=np.float64), kind="stable")
    limits = np.asarray(area, dtype=np.float64) - size
    inside = ((positions >= 0) & (positions <= np.asarray(area))).all(axis=1) & (limits >= 0).all()
    corners = np.clip(positions - size / 2, 0, np.maximum(limits, 0))
    chosen: list[int] = []
    for row in order[inside[order]]:
        apart = np.abs(corners[chosen] - corners[row]).max(axis=1)
        if (apart >= size + gap).all():
            chosen.append(int(row))
    return Landmarks(chosen=np.array(chosen, dtype=np.int64), corners=corners[chosen])
