"""Extraction in processes of its own: killed in the middle, two at once, and without TensorFlow where all is known."""

import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from fake_extractor import FakeExtractor, write_images

from imgcluster.features.extraction import extract_features
from imgcluster.features.store import Store
from imgcluster.pictures.finding import find_images

EXTRACT = """
import sys
from fake_extractor import FakeExtractor
from imgcluster.features.extraction import extract_features
from imgcluster.features.store import Store
from imgcluster.pictures.finding import find_images
folder, path, log, seconds = sys.argv[1:]
with Store(path) as store:
    fake = FakeExtractor(seconds_per_batch=float(seconds), log=log)
    extract_features(find_images(folder), extractor=fake, store=store)
"""


def start(script, *arguments):
    root = Path(__file__).parents[2]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(root), str(root / "tests")])}
    return subprocess.Popen([sys.executable, "-c", script, *map(str, arguments)], env=environment, cwd=root)


def logged(log):
    return [int(line) for line in log.read_text().split()] if log.exists() else []


def undisturbed(folder, tmp_path):
    with Store(tmp_path / "undisturbed") as store:
        return extract_features(find_images(folder), extractor=FakeExtractor(), store=store).features


def test_killed_in_the_middle(tmp_path):
    write_images(tmp_path / "pictures", 200)
    log = tmp_path / "log"
    process = start(EXTRACT, tmp_path / "pictures", tmp_path / "store", log, 0.15)
    deadline = time.monotonic() + 60
    while len(logged(log)) < 4 and time.monotonic() < deadline:
        time.sleep(0.01)
    process.kill()
    process.wait()
    n_begun = sum(logged(log))
    assert 96 <= n_begun < 200

    with Store(tmp_path / "store") as store:
        assert store.notice is None
        fake = FakeExtractor()
        result = extract_features(find_images(tmp_path / "pictures"), extractor=fake, store=store)
    lost = fake.seen - (200 - n_begun)
    assert 0 <= lost <= 32  # the batch in flight at most
    expected = undisturbed(tmp_path / "pictures", tmp_path)
    np.testing.assert_array_equal(result.features.vectors, expected.vectors)
    assert result.features.fingerprint == expected.fingerprint


def test_two_at_once_on_one_folder(tmp_path):
    write_images(tmp_path / "pictures", 200)
    processes = [
        start(EXTRACT, tmp_path / "pictures", tmp_path / "store", tmp_path / f"log{number}", 0.02) for number in (1, 2)
    ]
    assert [process.wait(timeout=60) for process in processes] == [0, 0]
    connection = sqlite3.connect(tmp_path / "store")
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
    with Store(tmp_path / "store") as store:
        fake = FakeExtractor()
        result = extract_features(find_images(tmp_path / "pictures"), extractor=fake, store=store)
    assert fake.seen == 0
    np.testing.assert_array_equal(result.features.vectors, undisturbed(tmp_path / "pictures", tmp_path).vectors)


@pytest.mark.parametrize("is_renamed", [False, True])
def test_no_tensorflow_when_everything_is_known(tmp_path, network, is_renamed):
    folder = tmp_path / "pictures"
    write_images(folder, 3)
    with Store(tmp_path / "store") as store:
        extract_features(find_images(folder), store=store)
    if is_renamed:
        folder = folder.rename(tmp_path / "renamed")
    script = """
import sys
from imgcluster.features.extraction import extract_features
from imgcluster.features.store import Store
from imgcluster.features.survey import survey_images
from imgcluster.pictures.finding import find_images
with Store(sys.argv[2]) as store:
    collection = find_images(sys.argv[1])
    survey_images(collection, store=store)
    assert extract_features(collection, store=store).features.vectors.shape == (3, 1280)
assert not {"tensorflow", "keras", "umap", "streamlit"} & set(sys.modules)
"""
    assert start(script, folder, tmp_path / "store").wait(timeout=60) == 0
