"""Crops of drawn faces: the eyes are level, and where they should be."""

import numpy as np
import pytest
from drawn_faces import EYES, draw_face, middle_of
from PIL import Image

from imgcluster.faces.cropping import crop_face
from imgcluster.faces.detecting import Face


@pytest.mark.parametrize("degrees", [0, 12, -12, 35, -44])
@pytest.mark.parametrize(("side", "size"), [(200, 224), (60, 224), (500, 128)], ids=["as large", "larger", "smaller"])
def test_the_eyes_are_level_and_in_place(degrees, side, size):
    photo, face = draw_face((1200, 1000), (610, 480), side=side, degrees=degrees)
    crop = crop_face(photo, face, margin=0.3, size=size)
    assert crop.size == (size, size) and crop.mode == "RGB"
    shown = size / 1.6  # of the face's side
    left, right = middle_of(crop, EYES["left"]), middle_of(crop, EYES["right"])
    assert left == pytest.approx((size / 2 - 0.2 * shown, size / 2 - 0.15 * shown), abs=1.5)
    assert right == pytest.approx((size / 2 + 0.2 * shown, size / 2 - 0.15 * shown), abs=1.5)


@pytest.mark.parametrize("margin", [0.0, 0.5, 1.0])
def test_the_margin_shows_more_around_the_face(margin):
    photo, face = draw_face((800, 800), (400, 400), side=200)
    crop = crop_face(photo, face, margin=margin, size=200)
    (left, _), (right, _) = middle_of(crop, EYES["left"]), middle_of(crop, EYES["right"])
    assert right - left == pytest.approx(0.4 * 200 / (1 + 2 * margin), abs=1.5)


@pytest.mark.parametrize("degrees", [0, 30])
@pytest.mark.parametrize("middle", [(5, 5), (295, 195), (0, 100)], ids=str)
def test_beyond_the_edge_there_is_the_mean_colour(middle, degrees):
    photo, face = draw_face((300, 200), middle, side=120, degrees=degrees)
    crop = np.asarray(crop_face(Image.new("RGB", photo.size, (10, 200, 90)), face)).astype(int)
    assert np.abs(crop - (10, 200, 90)).max() <= 2


def test_eyes_that_make_no_sense_do_not_turn_the_face():
    photo, face = draw_face((300, 300), (150, 150), side=100)
    swapped = Face(
        x=face.x,
        y=face.y,
        width=face.width,
        height=face.height,
        confidence=1.0,
        left_eye=face.right_eye,
        right_eye=face.left_eye,
    )
    assert crop_face(photo, swapped) == crop_face(photo, face)


def test_the_photo_is_not_changed_and_the_crop_is_always_the_same():
    photo, face = draw_face((300, 300), (150, 150), side=100, degrees=20)
    before = photo.tobytes()
    assert crop_face(photo, face).tobytes() == crop_face(photo, face).tobytes()
    assert photo.tobytes() == before


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (40, 1)], ids=str)
def test_the_smallest_photos(size):
    face = Face(x=0, y=0, width=1, height=1, confidence=1, left_eye=(0, 0), right_eye=(0, 0))
    crop = crop_face(Image.new("RGB", size, (1, 2, 3)), face, size=16)
    assert crop.size == (16, 16) and crop.getpixel((8, 8)) == (1, 2, 3)
