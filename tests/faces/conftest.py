"""The stand-in for the detector, and one call that finds the faces in a folder."""

import pytest
from drawn_faces import CountingDetector

from imgcluster.faces.collecting import collect_faces
from imgcluster.pictures.finding import find_images


@pytest.fixture
def detector(monkeypatch) -> CountingDetector:
    fake = CountingDetector()
    monkeypatch.setattr("imgcluster.faces.collecting.detect_faces", fake)
    return fake


@pytest.fixture
def collect(tmp_path, detector):
    """Find the faces of a folder: `collect(folder, cancel=...)`."""

    def run(folder, **options):
        return collect_faces(
            find_images(folder), out=tmp_path / "kept" / "faces.zip", kept=tmp_path / "kept" / "found.jsonl", **options
        )

    return run
