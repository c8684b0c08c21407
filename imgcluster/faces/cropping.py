"""A face cut out of its photo: square, with some of what is around it, and the eyes level."""

import math

import numpy as np
from PIL import Image

from imgcluster.faces.detecting import Face

__all__ = ["DEFAULT_MARGIN", "DEFAULT_SIZE", "crop_face", "tilt"]

DEFAULT_MARGIN = 0.3
"""What is kept on each side of a face, as a share of its longer side."""

DEFAULT_SIZE = 224
"""Pixels along each side of a crop."""


def tilt(face: Face) -> float:
    """Return by how many radians the line through the eyes leans, clockwise as seen; 0 where it makes no sense."""
    (left, left_height), (right, right_height) = face.left_eye, face.right_eye
    return math.atan2(right_height - left_height, right - left) if right > left else 0.0


def crop_face(rgb: Image.Image, face: Face, *, margin: float = DEFAULT_MARGIN, size: int = DEFAULT_SIZE) -> Image.Image:
    """Cut out a face, turned so that its eyes are level.

    The middle of the box becomes the middle of the crop, whose side shows (1 + 2 margin) times the box's longer side.
    What lies outside the photo has the mean colour of what is around the face.

    Parameters
    ----------
    rgb : PIL.Image.Image
        Mode RGB; not changed.
    face : Face
        In pixels of ``rgb``.
    margin : float, default 0.3
        From 0 on.
    size : int, default 224
        Pixels along each side of the crop.

    Returns
    -------
    PIL.Image.Image
        Mode RGB, size x size.
    """
    side = max(face.width, face.height, 1.0) * (1 + 2 * margin)
    middle = face.x + face.width / 2, face.y + face.height / 2
    # A turned square lies within this circle. It is scaled first: turning alone would skip pixels when it also shrinks.
    radius = side / math.sqrt(2) + 2
    left, right = _clipped(middle[0] - radius, middle[0] + radius, rgb.width)
    top, bottom = _clipped(middle[1] - radius, middle[1] + radius, rgb.height)
    scale = size / side
    width, height = max(1, round((right - left) * scale)), max(1, round((bottom - top) * scale))
    around = rgb.resize((width, height), Image.Resampling.LANCZOS, box=(left, top, right, bottom))
    across, down = width / (right - left), height / (bottom - top)
    cosine, sine = math.cos(tilt(face)), math.sin(tilt(face))
    # From a pixel of the crop back to where it is taken from: turned about the middle.
    half = size / 2
    from_x = (across / scale * cosine, -across / scale * sine, (middle[0] - left) * across)
    from_y = (down / scale * sine, down / scale * cosine, (middle[1] - top) * down)
    coefficients = (
        *(*from_x[:2], from_x[2] - half * (from_x[0] + from_x[1])),
        *(*from_y[:2], from_y[2] - half * (from_y[0] + from_y[1])),
    )
    mean = np.asarray(around).reshape(-1, 3).mean(axis=0)
    return around.transform(
        (size, size),
        Image.Transform.AFFINE,
        coefficients,
        resample=Image.Resampling.BICUBIC,
        fillcolor=tuple(round(value) for value in mean.tolist()),
    )


def _clipped(low: float, high: float, length: int) -> tuple[int, int]:
    """Return whole pixels within the picture, at least one."""
    first = min(max(0, math.floor(low)), length - 1)
    return first, max(first + 1, min(length, math.ceil(high)))
