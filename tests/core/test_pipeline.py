"""The whole way: from a folder to its clusters, the same each time, with all that was skipped."""

import csv
import os
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from fake_extractor import write_images
from odd_images import write_odd_images
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

import imgcluster
from imgcluster.cache import Workspace
from imgcluster.errors import FolderError, NoImagesError, ParameterError
from imgcluster.pipeline import (
    cluster_images,
    fit_series,
    fit_silhouettes,
    inspect_collection,
    open_collection,
    place_on_map,
)

README = Path(__file__).parents[2] / "README.md"


@pytest.fixture
def photos(tmp_path):
    write_images(tmp_path / "photos", 40)
    (tmp_path / "photos" / "broken.jpg").write_text("no picture")
    return tmp_path / "photos"


def test_everything_fits_together(photos, network):
    result = cluster_images(photos, n_clusters=5)
    n_images = 40
    assert len(result.collection) == n_images
    assert [skipped.path for skipped in result.collection.skipped] == ["broken.jpg"]
    assert result.features.vectors.shape == (n_images, network.n_features)
    assert result.space.coordinates.shape[0] == n_images
    assert result.clustering.n_clusters == 5
    assert result.summary.sizes.tolist() == sorted(result.summary.sizes.tolist(), reverse=True)
    assert result.clustering.labels[result.summary.medoids].tolist() == [0, 1, 2, 3, 4]
    assert result.silhouettes.values.shape == (n_images,)


def test_the_same_folder_gives_the_same_clusters(photos, network, tmp_path):
    first = cluster_images(photos, n_clusters=5, workspace=Workspace(tmp_path / "a"))
    second = cluster_images(photos, n_clusters=5, workspace=Workspace(tmp_path / "b"))
    assert np.array_equal(first.clustering.labels, second.clustering.labels)
    assert np.array_equal(first.space.coordinates, second.space.coordinates)


def test_nothing_is_computed_twice(photos, network):
    cluster_images(photos, n_clusters=3)
    cluster_images(photos, n_clusters=6)
    assert network.seen == 40


@pytest.mark.parametrize("n_clusters", [0, -3])
def test_too_few_clusters_are_refused_before_any_work(tmp_path, n_clusters):
    with pytest.raises(ParameterError, match=f"n_clusters={n_clusters}"):
        cluster_images(tmp_path / "not looked at", n_clusters=n_clusters)


def test_too_many_clusters_are_refused_with_both_numbers(photos, network):
    with pytest.raises(ParameterError, match=r"(?s)41.*40|40.*41") as error:
        cluster_images(photos, n_clusters=41)
    assert error.value.hint


@pytest.mark.parametrize("n_images", [1, 2, 3])
def test_very_small_folders(tmp_path, network, n_images):
    write_images(tmp_path / "few", n_images)
    for n_clusters in range(1, n_images + 1):
        result = cluster_images(tmp_path / "few", n_clusters=n_clusters)
        assert np.bincount(result.clustering.labels).tolist() == result.summary.sizes.tolist()
        assert len(result.summary.sizes) == n_clusters


def test_copies_of_one_image_are_one_cluster(tmp_path, network):
    (original,) = write_images(tmp_path / "copies", 1)
    for number in range(29):
        shutil.copy(original, original.with_name(f"copy {number}.png"))
    result = cluster_images(tmp_path / "copies", n_clusters=4)
    assert result.clustering.n_clusters == 1
    assert result.notes


def test_a_folder_of_broken_things(tmp_path, network):
    folder = tmp_path / "odd"
    folder.mkdir()
    odd = write_odd_images(folder)
    before = fingerprints(folder)
    result = cluster_images(folder, n_clusters=3)
    assert len(odd.bad) >= 25
    assert set(result.collection.paths) == set(odd.good)
    reasons = {skipped.path: skipped.reason for skipped in result.collection.skipped}
    assert set(reasons) == set(odd.bad)
    assert [path for path, fragment in odd.bad.items() if fragment not in reasons[path]] == []
    assert fingerprints(folder) == before
    result.to_csv(tmp_path / "groups.csv")
    with (tmp_path / "groups.csv").open(newline="", encoding="utf-8") as file:
        assert [row["path"] for row in csv.DictReader(file)] == list(result.collection.paths)


def fingerprints(folder):
    """Return what tells every file below a folder from a changed one: its bytes and its time of change."""
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    return {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in files if os.access(path, os.R_OK)}


def test_missing_and_empty_folders(tmp_path):
    with pytest.raises(FolderError):
        open_collection(tmp_path / "missing")
    with pytest.raises(NoImagesError):
        open_collection(tmp_path)


def test_inspection_tells_what_is_new(photos, network):
    workspace = Workspace.default()
    before = inspect_collection(open_collection(photos), workspace=workspace)
    assert (before.n_new, len(before.collection)) == (40, 40)
    assert [skipped.path for skipped in before.collection.skipped] == ["broken.jpg"]
    assert before.seconds > 0
    cluster_images(photos, n_clusters=2)
    write_images(photos / "more", 3, seed=1)
    after = inspect_collection(open_collection(photos), workspace=workspace)
    assert (after.n_new, len(after.collection)) == (3, 43)


def test_stages_are_kept_and_agree_with_the_whole(photos, network):
    result, workspace = cluster_images(photos, n_clusters=4), Workspace.default()
    series = fit_series(result.space, 6, workspace=workspace)
    assert series.shape == (6, 40)
    assert adjusted_rand_score(series[3], result.clustering.labels) == 1
    assert np.array_equal(series, fit_series(result.space, 6, workspace=workspace))
    silhouettes = fit_silhouettes(result.space, series[3], n_clusters=4, workspace=workspace)
    assert np.allclose(silhouettes.values, result.silhouettes.values)
    assert place_on_map(result.space, "pca", workspace=workspace).shape == (40, 2)


def test_the_readme_works_as_written(photos, network, tmp_path, monkeypatch, capsys):
    (code,) = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), flags=re.DOTALL)
    monkeypatch.chdir(tmp_path)
    exec(code, {})  # noqa: S102  (our own README)
    assert len(code.strip().splitlines()) == 5
    with (tmp_path / "groups.csv").open(newline="", encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == 40
    assert "broken.jpg" in (tmp_path / "skipped.csv").read_text(encoding="utf-8")
    assert capsys.readouterr().out


def test_the_digits_fall_into_their_classes(own_cache):
    """With the real network: the true digit is the folder in a picture's path."""
    result = imgcluster.cluster_images(open_collection("digits", sample=True), n_clusters=10)
    truth = [path.split("/")[0] for path in result.collection.paths]
    assert len(truth) == 1797
    assert normalized_mutual_info_score(truth, result.clustering.labels) >= 0.65
