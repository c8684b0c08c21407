"""The scores of a scan by workers who send less than they were asked for; no cluster is needed."""

import numpy as np
import pytest
from fake_extractor import write_images

from imgcluster.backends import Backend
from imgcluster.cache import Workspace
from imgcluster.pipeline import scan_images
from imgcluster.stages import scanning

BACKEND = Backend(scheduler="tcp://127.0.0.1:1")
HOW = {"extractor": "colour", "k_max": 4, "n_references": 2}


@pytest.fixture
def photos(tmp_path):
    write_images(tmp_path / "photos", 12)
    return tmp_path / "photos"


@pytest.mark.parametrize("kept", [(), (1,), (1, 3), (4,), (1, 2, 3, 4)])
def test_scores_that_never_come_are_computed_here(photos, tmp_path, monkeypatch, kept):
    expected = scan_images(photos, workspace=Workspace(tmp_path / "here"), **HOW).scan

    def run_tasks(backend, function, tasks, *, in_order, cancel):
        yield from (function(*task) for task in tasks if task[-1] in kept)

    monkeypatch.setattr(scanning, "run_tasks", run_tasks)
    workspace = Workspace(tmp_path / "there")
    scan_images(photos, workspace=workspace, **{**HOW, "k_max": 2})  # the features, and two of the scores
    found = scan_images(photos, workspace=workspace, backend=BACKEND, **HOW).scan
    assert [score.k for score in found.scores] == [1, 2, 3, 4]
    for one, other in zip(found.scores, expected.scores, strict=True):
        assert one.inertia == other.inertia
        np.testing.assert_array_equal(one.silhouette_samples, other.silhouette_samples)


def test_without_workers_nobody_is_asked(monkeypatch):
    monkeypatch.setattr(scanning, "run_tasks", lambda *_, **__: pytest.fail("somebody was asked"))
    scores = scanning._scores_from_workers(None, (1, 2), np.zeros((2, 3)), 1, 0, None, None)
    assert list(scores) == []
