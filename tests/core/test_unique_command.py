"""The command that copies one picture of each group: what it prints, what it writes, and what it refuses."""

import hashlib
import json

import numpy as np
import pytest
from fake_extractor import write_images
from PIL import Image

from imgcluster.__main__ import main
from imgcluster.grouping.methods import MethodOptions
from imgcluster.pipeline import cluster_images

pytestmark = pytest.mark.usefixtures("network")


def write_groups(folder, sizes, *, seed=0):
    """Write pictures that are nearly equal in each group, named so that the groups are mixed."""
    rng, n = np.random.default_rng(seed), 0
    folder.mkdir(parents=True, exist_ok=True)
    for number, size in enumerate(sizes):
        base = rng.integers(40, 216, (2, 2, 3)).repeat(8, axis=0).repeat(8, axis=1)
        for copy in range(size):
            pixels = (base + rng.integers(-4, 5, base.shape)).astype(np.uint8)
            Image.fromarray(pixels).save(folder / f"{copy:03d} of {number}.png")
            n += 1
    return n


@pytest.fixture
def photos(tmp_path):
    write_groups(tmp_path / "photos", [20, 12, 8])
    (tmp_path / "photos" / "empty.png").touch()
    return tmp_path / "photos"


def contents(folder):
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_medoid_of_each_group_is_copied(photos, tmp_path, capsys):
    before, out = contents(photos), tmp_path / "few"
    assert main(["unique", str(photos), "--out", str(out), "--k", "3"]) == 0
    printed = capsys.readouterr().out
    result = cluster_images(photos, n_clusters=3)
    expected = [f"{number:02d} {result.collection.paths[m]}" for number, m in enumerate(result.summary.medoids, 1)]
    assert sorted(contents(out)) == expected
    assert [name[-5] for name in expected] == ["0", "1", "2"]  # from the largest group to the smallest
    for name, digest in contents(out).items():
        assert digest == before[name[3:]]
    assert f"40 pictures in 3 groups: 3 pictures copied to {out}." in printed
    assert f"  {expected[0]}  for 20 pictures, from {expected[0][3:]}" in printed
    assert "1 file could not be used" in printed
    assert contents(photos) == before


def test_a_few_that_cover_each_group(photos, tmp_path, capsys):
    assert main(["unique", str(photos), "--out", str(tmp_path / "few"), "--k", "3", "--per-group", "5", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    medoids = cluster_images(photos, n_clusters=3).summary.medoids
    paths = cluster_images(photos, n_clusters=3).collection.paths
    assert [group["size"] for group in result["groups"]] == [20, 12, 8]
    for group, medoid in zip(result["groups"], medoids, strict=True):
        assert group["pictures"][0]["path"] == paths[medoid] and len(group["pictures"]) == 5
        assert len({picture["path"][-5] for picture in group["pictures"]}) == 1
        for picture in group["pictures"]:
            assert picture["copy"] == f"{group['cluster']:02d} {picture['path']}"
            assert (tmp_path / "few" / picture["copy"]).read_bytes() == (photos / picture["path"]).read_bytes()
    assert result["out"] == str(tmp_path / "few") and result["skipped"][0]["path"] == "empty.png"


def test_how_many_groups_fit_is_said_first(photos, tmp_path, capsys):
    assert main(["unique", str(photos), "--out", str(tmp_path / "few")]) == 0
    printed = capsys.readouterr().out.splitlines()
    n_groups = cluster_images(photos).clustering.n_clusters
    assert printed[1].startswith(f"40 pictures in {n_groups} groups: {n_groups} pictures copied to")
    assert len(contents(tmp_path / "few")) == n_groups


def test_what_is_in_no_group_is_left_out_and_said(tmp_path, capsys):
    n = write_groups(tmp_path / "photos", [15, 15])
    write_images(tmp_path / "photos" / "other", 4, seed=9)
    photos, out = tmp_path / "photos", tmp_path / "few"
    method = ["--method", "dbscan", "--eps", "0.05", "--min-samples", "4", "--space", "none"]
    status = main(["unique", str(photos), "--out", str(out), *method])
    printed = capsys.readouterr()
    assert status == 0, printed.err
    assert f"{n + 4} pictures in 2 groups: 2 pictures copied" in printed.out
    assert "4 pictures in no group, unlike all groups: left out." in printed.out
    assert not [name for name in contents(out) if "of" not in name]
    nothing = tmp_path / "nothing"
    assert main(["unique", str(photos), "--out", str(nothing), *method, "--min-samples", "20"]) == 0
    assert "0 groups: nothing was written." in capsys.readouterr().out and not nothing.exists()


def test_one_picture_is_its_own_group(tmp_path, capsys):
    (path,) = write_images(tmp_path / "photos", 1)
    assert main(["unique", str(tmp_path / "photos"), "--out", str(tmp_path / "few"), "--k", "1"]) == 0
    assert "1 picture in 1 group: 1 picture copied" in capsys.readouterr().out
    assert (tmp_path / "few" / "01 0000.png").read_bytes() == path.read_bytes()


def test_names_of_two_folders_do_not_clash(tmp_path):
    for seed, name in enumerate(["a", "b"]):
        write_images(tmp_path / "photos" / name, 1, seed=seed)
    arguments = ["--out", str(tmp_path / "few"), "--k", "1", "--per-group", "2"]
    assert main(["unique", str(tmp_path / "photos"), *arguments]) == 0
    assert sorted(contents(tmp_path / "few")) == ["01 0000 (2).png", "01 0000.png"]


def test_numbers_are_as_wide_as_the_last_one(tmp_path):
    write_images(tmp_path / "photos", 120)
    arguments = ["--out", str(tmp_path / "few"), "--method", "agglomerative", "--k", "100", "--space", "none"]
    assert main(["unique", str(tmp_path / "photos"), *arguments]) == 0
    assert sorted(name.split()[0] for name in contents(tmp_path / "few")) == [f"{n:03d}" for n in range(1, 101)]
    result = cluster_images(tmp_path / "photos", method=MethodOptions(method="agglomerative", n_clusters=100))
    assert result.clustering.n_clusters == 100


def test_a_picture_that_vanishes_is_said(photos, tmp_path, capsys):
    result = cluster_images(photos, n_clusters=3)
    gone = photos / result.collection.paths[result.summary.medoids[1]]
    cluster_images_then = "imgcluster.commands.unique.cluster_images"

    def and_then_it_vanishes(*arguments, **options):
        gone.unlink()
        return result

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cluster_images_then, and_then_it_vanishes)
        assert main(["unique", str(photos), "--out", str(tmp_path / "few"), "--k", "3"]) == 0
    printed = capsys.readouterr()
    assert f"{gone.name} was not copied: it vanished meanwhile" in printed.err
    assert "3 groups: 2 pictures copied" in printed.out and len(contents(tmp_path / "few")) == 2


def test_refusals_come_before_the_work(photos, tmp_path, capsys, network):
    before = contents(photos)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    for arguments, message in [
        (["--out", str(photos / "few")], "lies in the folder of the pictures"),
        (["--out", str(photos)], "lies in the folder of the pictures"),
        (["--out", str(tmp_path / "full")], "is not empty (1 there)"),
        (["--out", str(tmp_path / "few"), "--per-group", "13"], "--per-group 13 should be from 1 to 12"),
        (["--out", str(tmp_path / "few"), "--per-group", "0"], "--per-group 0 should be from 1 to 12"),
        (["--out", str(tmp_path / "few"), "--k", "0"], "--k 0 is no number of groups"),
        (["--out", str(tmp_path / "few"), "--k", "3", "--method", "hdbscan"], "finds the number of groups itself"),
    ]:
        assert main(["unique", str(photos), *arguments]) == 1
        assert message in capsys.readouterr().err
    assert network.seen == 0 and contents(photos) == before and not (tmp_path / "few").exists()
