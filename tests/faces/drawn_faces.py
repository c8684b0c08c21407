"""Drawn photos with eyes at known places, and a stand-in for the detector that sees how many faces a photo should have.

A photo's upper left corner says so: its red value is 60 for each of them.
"""

import math

import numpy as np
from PIL import Image, ImageDraw

from imgcluster.faces.detecting import Face

EYES = {"left": (255, 0, 0), "right": (0, 0, 255)}


def draw_face(size, middle, *, side, degrees=0.0):
    """Draw a grey photo with a red and a blue eye, turned clockwise, and return it with its face."""
    photo = Image.new("RGB", size, (128, 128, 128))
    draw, turn = ImageDraw.Draw(photo), math.radians(degrees)
    eyes = []
    for offset, colour in ((-0.2, EYES["left"]), (0.2, EYES["right"])):
        across, down = offset * side, -0.15 * side
        x = middle[0] + across * math.cos(turn) - down * math.sin(turn)
        y = middle[1] + across * math.sin(turn) + down * math.cos(turn)
        radius = 0.05 * side
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
        eyes.append((x, y))
    face = Face(
        x=middle[0] - 0.4 * side,
        y=middle[1] - side / 2,
        width=0.8 * side,
        height=side,
        confidence=0.99,
        left_eye=eyes[0],
        right_eye=eyes[1],
    )
    return photo, face


def middle_of(crop, colour):
    """Return (x, y) of the middle of all that has about a colour."""
    distance = np.abs(np.asarray(crop).astype(int) - colour).sum(axis=2)
    rows, columns = np.nonzero(distance < 150)
    return columns.mean() + 0.5, rows.mean() + 0.5


def write_photo(path, n_faces, *, shade=100, size=(64, 48)):
    """Write a photo in which `CountingDetector` sees so many faces."""
    pixels = np.full((size[1], size[0], 3), shade, np.uint8)
    pixels[:8, :8] = (60 * n_faces, 0, 0)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **({"quality": 100, "subsampling": 0} if path.suffix == ".jpg" else {}))
    return path


class CountingDetector:
    """Stands in for `detect_faces`; the first face is sure, each further one less so. Notes how often it was asked."""

    def __init__(self):
        self.asked = 0
        self.before = lambda: None

    def __call__(self, rgb, *, min_confidence):
        self.before()
        self.asked += 1
        n_faces = round(np.asarray(rgb)[0, 0, 0] / 60)
        faces = (
            Face(
                x=10.0 * number,
                y=8.0,
                width=8.0,
                height=10.0,
                confidence=0.98 - 0.15 * number,
                left_eye=(10.0 * number + 2, 12.0),
                right_eye=(10.0 * number + 6, 12.0),
            )
            for number in range(n_faces)
        )
        return tuple(face for face in faces if face.confidence >= min_confidence)
