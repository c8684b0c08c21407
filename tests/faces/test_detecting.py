"""The real detector, on pictures that come with scikit-image: the astronaut is a portrait by NASA, public domain."""

import importlib.util
import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from imgcluster.faces import detecting
from imgcluster.faces.detecting import detect_faces, faces_missing

PICTURES = Path(importlib.util.find_spec("skimage").origin).parent / "data"


def picture(name):
    return Image.open(PICTURES / f"{name}.png").convert("RGB")


@pytest.fixture(scope="module")
def astronaut():
    return picture("astronaut")


def test_one_face_with_its_eyes(astronaut):
    (face,) = detect_faces(astronaut)
    assert face.confidence > 0.99
    assert face.left_eye == pytest.approx((205, 101), abs=4)
    assert face.right_eye == pytest.approx((246, 102), abs=4)
    assert (face.x, face.y, face.width, face.height) == pytest.approx((182, 64, 83, 107), abs=6)


@pytest.mark.parametrize("name", ["coffee", "chelsea"])
def test_neither_a_cup_nor_a_cat_is_a_face(name):
    assert detect_faces(picture(name)) == ()


def test_places_are_those_of_the_picture_and_not_of_the_smaller_one_that_is_looked_at(astronaut):
    (face,), (large,) = detect_faces(astronaut), detect_faces(astronaut.resize((2048, 2048), Image.Resampling.BICUBIC))
    assert large.left_eye == pytest.approx([4 * value for value in face.left_eye], abs=12)
    assert large.width == pytest.approx(4 * face.width, rel=0.15)


def test_faces_that_are_too_small_are_left_out(astronaut):
    canvas = Image.new("RGB", (300, 300), (90, 90, 90))
    canvas.paste(astronaut.resize((100, 100), Image.Resampling.LANCZOS))
    assert detect_faces(canvas) == ()


def test_two_faces_are_in_order_from_left_to_right(astronaut):
    both = Image.new("RGB", (1024, 512))
    both.paste(astronaut, (0, 0))
    both.paste(astronaut, (512, 0))
    left, right = detect_faces(both)
    assert right.x - left.x == pytest.approx(512, abs=6)


def test_what_is_not_sure_enough_is_left_out(astronaut):
    assert detect_faces(astronaut, min_confidence=1.0) == ()


def test_a_grey_picture_has_its_face_too(astronaut):
    assert len(detect_faces(astronaut.convert("L").convert("RGB"))) == 1


@pytest.mark.parametrize("size", [(1, 1), (1, 60), (60, 1), (2, 3000), (11, 13), (200, 150)], ids=str)
@pytest.mark.parametrize("kind", ["constant", "noise"])
def test_odd_pictures_have_none(size, kind):
    shape = (size[1], size[0], 3)
    pixels = np.full(shape, 128) if kind == "constant" else np.random.default_rng(0).integers(0, 256, shape)
    assert detect_faces(Image.fromarray(pixels.astype(np.uint8))) == ()


def test_threads_do_not_disturb_each_other(astronaut):
    alone, other = detect_faces(astronaut), picture("coffee")
    with ThreadPoolExecutor(3) as pool:
        together = list(pool.map(detect_faces, [astronaut, other, astronaut]))
    assert together == [alone, (), alone]


class Evil:
    def __reduce__(self):
        return (pytest.fail, ("a file beside the user's pictures was unpickled",))


def test_weights_are_taken_from_the_package_alone(tmp_path, monkeypatch):
    for name in ("pnet.lz4", "rnet.lz4", "onet.lz4"):
        (tmp_path / name).write_bytes(pickle.dumps(Evil()))
    monkeypatch.chdir(tmp_path)
    detecting._detector.cache_clear()
    assert detect_faces(Image.new("RGB", (40, 40))) == ()


@pytest.mark.parametrize("package", ["mtcnn", "tensorflow"])
def test_what_is_missing_is_said_with_the_command(monkeypatch, package):
    assert faces_missing() is None
    present = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == package else present(name))
    missing = faces_missing()
    assert package in missing.sentence and missing.command == f"Install it with: pip install {package}"
