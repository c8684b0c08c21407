"""The whole way: from a folder to its clusters, the same each time, with all that was skipped."""

import csv
import os
import re
import shutil
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fake_extractor import write_images
from odd_images import write_odd_images
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

import imgcluster
from imgcluster import pipeline
from imgcluster.cache import Workspace
from imgcluster.choosing.recommendation import recommend
from imgcluster.choosing.wording import sentence
from imgcluster.errors import Cancelled, FolderError, NoImagesError, ParameterError
from imgcluster.features.options import FeatureOptions
from imgcluster.maps.options import MapOptions
from imgcluster.pipeline import DEFAULT_N_CLUSTERS, cluster_images, open_collection, scan_images
from imgcluster.stages.grouping import fit_series, fit_silhouettes, place_on_map
from imgcluster.stages.looking import expected_time, inspect_collection

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


@pytest.mark.parametrize("n_clusters", [0, -3, "many"])
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


@pytest.mark.parametrize("chosen", [5, None])
def test_auto_takes_the_recommended_number(photos, network, monkeypatch, chosen):
    monkeypatch.setattr(pipeline, "recommend", lambda scan: replace(recommend(scan), k=chosen))
    result = cluster_images(photos)
    assert result.scan.ks.tolist() == list(range(1, 31))
    assert result.recommendation.k == chosen
    n_clusters = result.clustering.n_clusters
    assert n_clusters == (chosen or DEFAULT_N_CLUSTERS)
    assert adjusted_rand_score(result.scan.labels[n_clusters - 1], result.clustering.labels) == 1
    assert result.clustering.sizes.tolist() == sorted(result.clustering.sizes.tolist(), reverse=True)
    assert repr(result.recommendation) == repr(replace(recommend(result.scan), k=chosen))


def test_a_given_number_is_not_compared_with_others(photos, network, computed):
    result = cluster_images(photos, n_clusters=3)
    assert computed.ks == []
    assert (result.scan, result.recommendation) == (None, None)


def test_scan_of_a_folder(photos, network):
    result = scan_images(photos, k_min=3, k_max=5, n_references=2)
    assert [skipped.path for skipped in result.collection.skipped] == ["broken.jpg"]
    assert (result.scan.ks.tolist(), result.scan.n_references, result.scan.n_images) == ([1, 3, 4, 5], 2, 40)
    assert repr(result.recommendation) == repr(recommend(result.scan))
    assert result.sentence == sentence(result.recommendation)
    series = fit_series(cluster_images(photos, n_clusters=1).space, 5, workspace=Workspace.default())
    assert np.array_equal(result.scan.labels, series[[0, 2, 3, 4]])


def test_a_wide_range_ends_at_the_number_of_images(photos, network, computed):
    assert scan_images(photos, k_max=99, n_references=1).scan.ks.tolist() == list(range(1, 41))


def test_a_wider_range_computes_only_what_is_new(photos, network, computed):
    narrow = scan_images(photos, k_min=3, k_max=6).scan
    assert computed.ks == [1, 3, 4, 5, 6]
    reports = []
    wide = scan_images(photos, k_max=8, progress=reports.append).scan
    assert computed.ks[5:] == [2, 7, 8]
    fresh = [report.fresh for report in reports if report.partial]
    assert fresh == [0, 1, 1, 1, 1, 1, 2, 3]  # so that the rate tells the truth
    assert all(
        np.array_equal(narrow.curve(name)[1:], wide.curve(name)[2:6]) for name in ("inertia", "gap", "stability")
    )
    cluster_images(photos)
    assert computed.ks[8:] == list(range(9, 31))
    scan_images(photos, k_max=8, n_references=3)
    assert computed.ks[30:] == list(range(1, 9))


def test_a_cancelled_scan_goes_on_where_it_stopped(photos, network, computed):
    cancel = threading.Event()

    def stop_after_five(report):
        if report.stage == "Comparing numbers of groups" and report.done == 5:
            cancel.set()

    with pytest.raises(Cancelled):
        scan_images(photos, k_max=9, progress=stop_after_five, cancel=cancel)
    assert computed.ks == [1, 2, 3, 4, 5]
    assert scan_images(photos, k_max=9).scan.ks.tolist() == list(range(1, 10))
    assert computed.ks == list(range(1, 10))
    assert network.seen == 40


@pytest.mark.parametrize(
    ("options", "fragment"),
    [
        ({"k_min": 7, "k_max": 4}, r"7.*4"),
        ({"k_min": 31}, r"31.*30"),
        ({"k_min": 0}, r"0.*30"),
        ({"k_min": -2, "k_max": -1}, r"-2.*-1"),
        ({"n_references": 0}, r"0.*50"),
        ({"n_references": 51}, r"51.*50"),
    ],
)
def test_senseless_ranges_are_refused_before_any_work(tmp_path, options, fragment):
    with pytest.raises(ParameterError, match=fragment) as error:
        scan_images(tmp_path / "not looked at", **options)
    assert error.value.hint


def test_a_range_above_the_number_of_images_is_refused_with_both_numbers(photos, network, computed):
    with pytest.raises(ParameterError, match=r"41.*40") as error:
        scan_images(photos, k_min=41, k_max=50)
    assert error.value.hint
    assert computed.ks == []


@pytest.mark.parametrize("n_images", [1, 2, 3, 16])
def test_automatic_numbers_in_very_small_folders(tmp_path, network, n_images):
    write_images(tmp_path / "few", n_images)
    for k_min in (1, 2):
        result = scan_images(tmp_path / "few", k_min=k_min)
        assert result.scan.ks.tolist() == list(range(1, n_images + 1))
        assert result.recommendation.k is None or n_images > 3
        assert result.sentence
    clusters = cluster_images(tmp_path / "few")
    assert clusters.clustering.n_clusters == (clusters.recommendation.k or min(DEFAULT_N_CLUSTERS, n_images))


def test_copies_of_one_image_have_no_number(tmp_path, network):
    (original,) = write_images(tmp_path / "copies", 1)
    for number in range(29):
        shutil.copy(original, original.with_name(f"copy {number}.png"))
    result = cluster_images(tmp_path / "copies")
    assert result.recommendation.k is None
    assert (result.scan.n_distinct, result.clustering.n_clusters, result.clustering.notes) == (1, 1, ())


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
        written = [row["path"] for row in csv.DictReader(file)]
    assert "'-dash.jpg" in written  # which a spreadsheet would compute
    assert [path.removeprefix("'") for path in written] == list(result.collection.paths)


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
    workspace, options = Workspace.default(), FeatureOptions()
    before = inspect_collection(open_collection(photos), workspace=workspace)
    assert [skipped.path for skipped in before.skipped] == ["broken.jpg"]
    time = expected_time(before, options, workspace=workspace)
    assert (time.n_new, len(before)) == (40, 40)
    assert time.seconds > 0
    cluster_images(photos, n_clusters=2)
    write_images(photos / "more", 3, seed=1)
    after = inspect_collection(open_collection(photos), workspace=workspace)
    assert (expected_time(after, options, workspace=workspace).n_new, len(after)) == (3, 43)


def test_stages_are_kept_and_agree_with_the_whole(photos, network):
    result, workspace = cluster_images(photos, n_clusters=4), Workspace.default()
    series = fit_series(result.space, 6, workspace=workspace)
    assert series.shape == (6, 40)
    assert adjusted_rand_score(series[3], result.clustering.labels) == 1
    assert np.array_equal(series, fit_series(result.space, 6, workspace=workspace))
    silhouettes = fit_silhouettes(result.space, series[3], key="four", workspace=workspace)
    assert np.allclose(silhouettes.values, result.silhouettes.values)
    assert place_on_map(result.space, MapOptions(method="pca"), workspace=workspace).shape == (40, 2)


def test_the_readme_works_as_written(photos, network, tmp_path, monkeypatch, capsys):
    (code,) = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), flags=re.DOTALL)
    monkeypatch.chdir(tmp_path)
    write_images(tmp_path / "new-photos", 3, seed=5)
    exec(code, {})  # noqa: S102  (our own README)
    assert len(code.strip().splitlines()) == 8
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
