import threading

import numpy as np
import pytest
from fake_extractor import write_images
from odd_images import encoded
from PIL import Image

from imgcluster.cache import Workspace
from imgcluster.errors import Cancelled, NoImagesError
from imgcluster.extractors.looks import Looks
from imgcluster.pictures.finding import find_images
from imgcluster.stages.looking import look_closely


def test_each_picture_is_looked_at_once(tmp_path, monkeypatch):
    workspace = Workspace(tmp_path / "workspace")
    write_images(tmp_path / "in", 5)
    (tmp_path / "in" / "broken.png").write_bytes(b"nothing")
    large = Image.fromarray(np.random.default_rng(0).integers(0, 256, (1200, 1800, 3), dtype=np.uint8))
    (tmp_path / "in" / "large.jpg").write_bytes(encoded(large, "JPEG"))
    seen, reports = [], []
    prepare = Looks.prepare
    monkeypatch.setattr(Looks, "prepare", lambda self, image: seen.append(image.size) or prepare(self, image))
    first, looks = look_closely(find_images(tmp_path / "in"), workspace=workspace, progress=reports.append)
    assert len(seen) == 6
    assert (900, 600) in seen
    assert len(first) == len(looks) == 6
    assert [skipped.path for skipped in first.skipped] == ["broken.png"]
    sizes = dict(zip(first.paths, zip(looks.widths, looks.heights, strict=True), strict=True))
    assert sizes["large.jpg"] == (1800, 1200)
    assert sizes["0000.png"] == (16, 12)
    assert {report.stage for report in reports} == {"Looking closely"}
    assert reports[-1].done == reports[-1].total

    write_images(tmp_path / "in" / "more", 1, seed=9)
    second, again = look_closely(find_images(tmp_path / "in"), workspace=workspace)
    assert len(seen) == 7
    kept = [second.paths.index(path) for path in first.paths]
    np.testing.assert_array_equal(again.sharpness[kept], looks.sharpness)
    np.testing.assert_array_equal(again.digests[kept], looks.digests)


def test_no_pictures_and_a_change_of_mind(tmp_path):
    workspace = Workspace(tmp_path / "workspace")
    write_images(tmp_path / "in", 3)
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(Cancelled):
        look_closely(find_images(tmp_path / "in"), workspace=workspace, cancel=cancel)
    for path in (tmp_path / "in").iterdir():
        path.write_bytes(b"nothing")
    with pytest.raises(NoImagesError):
        look_closely(find_images(tmp_path / "in"), workspace=workspace)
