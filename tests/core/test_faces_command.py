"""The command that finds faces: what it prints, what it writes, and what it refuses."""

import json

import pytest
from fake_extractor import write_images

from imgcluster.__main__ import main
from imgcluster.faces.detecting import Face

pytestmark = pytest.mark.usefixtures("network")


@pytest.fixture(autouse=True)
def seen(monkeypatch):
    """Every picture has one face, but for those that are wider than high; returns which were looked at."""
    sizes = []

    def detect(rgb, *, min_confidence):
        sizes.append(rgb.size)
        box = {"x": 2.0, "y": 2.0, "width": 8.0, "height": 8.0}
        face = Face(**box, confidence=0.95, left_eye=(4.0, 5.0), right_eye=(8.0, 5.0))
        return (face,) if rgb.width <= 16 else ()

    monkeypatch.setattr("imgcluster.faces.collecting.detect_faces", detect)
    return sizes


@pytest.fixture
def photos(tmp_path):
    write_images(tmp_path / "photos", 5)
    (tmp_path / "photos" / "empty.png").touch()
    return tmp_path / "photos"


def test_the_faces_are_written_and_can_be_grouped(photos, tmp_path, capsys):
    out = tmp_path / "my crops"
    assert main(["faces", str(photos), "--out", str(out)]) == 0
    printed = capsys.readouterr()
    assert printed.out.startswith("5 faces in 5 of 5 pictures, written to")
    assert f"python -m imgcluster cluster '{out}'" in printed.out
    assert "empty.png: the file is empty" in printed.err
    assert len(list(out.glob("*-face1.jpg"))) == 5 and (out / "faces.csv").exists()
    assert main(["cluster", str(out), "--k", "2"]) == 0
    assert "5 pictures in 2 groups" in capsys.readouterr().out


def test_json(photos, tmp_path, capsys):
    assert main(["faces", str(photos), "--out", str(tmp_path / "out"), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["n_faces"], result["n_with_faces"], result["n_images"]) == (5, 5, 5)
    assert result["without"] == [] and result["skipped"] == [{"path": "empty.png", "reason": "the file is empty"}]


def test_a_second_run_looks_at_nothing_again(photos, tmp_path, seen):
    assert main(["faces", str(photos), "--out", str(tmp_path / "one")]) == 0
    assert main(["faces", str(photos), "--out", str(tmp_path / "two"), "--size", "64", "--margin", "0.1"]) == 0
    assert len(seen) == 5 and len(list((tmp_path / "two").glob("*.jpg"))) == 5


def test_no_face_is_a_plain_answer(photos, tmp_path, capsys):
    assert main(["faces", str(photos), "--out", str(tmp_path / "out"), "--min-confidence", "0.99"]) == 0
    assert capsys.readouterr().out == "0 faces in 0 of 5 pictures: nothing was written.\n"
    assert not (tmp_path / "out").exists()


def test_nothing_is_written_among_the_photos_or_over_anything(photos, tmp_path, capsys, seen):
    assert main(["faces", str(photos), "--out", str(photos / "faces")]) == 1
    assert "lies in the folder of the pictures" in capsys.readouterr().err
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    assert main(["faces", str(photos), "--out", str(tmp_path / "full")]) == 1
    assert "is not empty (1 there)" in capsys.readouterr().err
    assert main(["faces", str(photos), "--out", str(tmp_path / "out"), "--min-confidence", "1.5"]) == 1
    assert "min_confidence=1.5 should be from 0.5 to 1" in capsys.readouterr().err
    assert main(["faces", str(tmp_path / "nowhere"), "--out", str(tmp_path / "out")]) == 1
    assert seen == [] and len(list(photos.iterdir())) == 6


def test_a_missing_package_is_one_sentence(photos, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert main(["faces", str(photos), "--out", str(tmp_path / "out")]) == 1
    assert "pip install mtcnn" in capsys.readouterr().err
