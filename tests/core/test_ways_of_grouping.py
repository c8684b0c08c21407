"""Every method and every space, in Python and on the command line; and trees for other programs."""

import csv
import json

import numpy as np
import pytest
from fake_extractor import write_images

import imgcluster
from imgcluster.__main__ import main
from imgcluster.errors import ParameterError
from imgcluster.grouping.methods import METHODS, MethodOptions
from imgcluster.grouping.trees.hierarchy import cut_by_height, cut_by_number
from imgcluster.spaces.options import SPACES, SpaceOptions

pytestmark = pytest.mark.usefixtures("network")

BY_NUMBER = ("kmeans", "spherical", "agglomerative")


@pytest.fixture
def photos(tmp_path):
    write_images(tmp_path / "photos", 40)
    return tmp_path / "photos"


@pytest.fixture
def groups(tmp_path):
    """Run a command that writes a CSV, and return its rows."""

    def run(*arguments):
        out = tmp_path / "groups.csv"
        assert main(["cluster", *map(str, arguments), "--out", str(out)]) == 0
        with out.open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    return run


@pytest.mark.parametrize("method", [method.name for method in METHODS])
def test_every_method_in_python(photos, method):
    n_clusters = 4 if method in BY_NUMBER else "auto"
    result = imgcluster.cluster_images(photos, n_clusters=n_clusters, method=MethodOptions(method=method))
    assert result.clustering.method == method
    assert len(result.summary.sizes) == result.clustering.n_clusters
    if method in BY_NUMBER:
        assert result.clustering.n_clusters == 4 and result.clustering.labels.min() == 0


@pytest.mark.parametrize("space", [space.name for space in SPACES])
def test_every_space_in_python(photos, space):
    result = imgcluster.cluster_images(photos, n_clusters=3, space=SpaceOptions(method=space))
    assert result.space.method == space
    assert np.isfinite(result.space.coordinates).all()
    assert result.clustering.n_clusters == 3


def test_a_method_that_is_told_a_number_gets_the_recommended_one(photos):
    result = imgcluster.cluster_images(photos, method=MethodOptions(method="agglomerative"))
    assert result.recommendation is not None
    assert result.clustering.parameters["n_clusters"] == result.clustering.n_clusters


def test_density_needs_no_comparison_of_numbers(photos, computed):
    assert imgcluster.cluster_images(photos, method=MethodOptions(method="hdbscan")).recommendation is None
    assert computed.ks == []


def test_the_tree_agrees_with_the_clusters(photos):
    tree = imgcluster.build_tree(photos).tree
    clusters = imgcluster.cluster_images(photos, n_clusters=5, method=MethodOptions(method="agglomerative"))
    assert np.array_equal(cut_by_number(tree, 5), clusters.clustering.labels)


@pytest.mark.parametrize("method", [method.name for method in METHODS])
def test_every_method_on_the_command_line(photos, groups, method):
    rows = groups(photos, "--method", method, *(["--k", "4"] if method in BY_NUMBER else []))
    assert len(rows) == 40
    assert {int(row["cluster"]) for row in rows} <= {-1, *range(1, 41)}
    assert all((row["distance"] == "") == (row["cluster"] == "-1") for row in rows)


def test_a_height_cuts_the_tree(photos, groups):
    tree = imgcluster.build_tree(photos).tree
    height = float(tree.linkage[-3:-1, 2].mean())
    rows = groups(photos, "--method", "agglomerative", "--height", height)
    assert [int(row["cluster"]) - 1 for row in rows] == cut_by_height(tree, height).tolist()


def test_pictures_in_no_group_are_counted(photos, capsys):
    assert main(["cluster", str(photos), "--method", "dbscan", "--eps", "1e-6"]) == 0
    printed = capsys.readouterr().out
    assert "40 pictures in 0 groups" in printed and "no group" in printed


def test_none_is_left_over_when_asked(photos, groups):
    rows = groups(photos, "--method", "hdbscan", "--min-cluster-size", "3", "--assign-noise")
    clusters = {row["cluster"] for row in rows}
    assert clusters == {"-1"} or "-1" not in clusters


@pytest.mark.parametrize(
    ("arguments", "fragment"),
    [
        (["--method", "hdbscan", "--k", "5"], "--k 5"),
        (["--method", "dbscan", "--eps", "-1"], "-1"),
        (["--method", "agglomerative", "--linkage", "ward", "--metric", "cosine"], "ward"),
        (["--method", "agglomerative", "--height", "1", "--k", "3"], "height"),
        (["--space", "none", "--dims", "5"], "5"),
        (["--space", "pca", "--dims", "0"], "0"),
    ],
)
def test_contradictions_are_one_sentence(photos, capsys, arguments, fragment):
    assert main(["cluster", str(photos), *arguments]) == 1
    said = capsys.readouterr().err
    assert fragment in said.strip().splitlines()[-1] and "Traceback" not in said


def test_a_tree_in_newick(photos, tmp_path, capsys):
    out = tmp_path / "photos.newick"
    assert main(["tree", str(photos), "--out", str(out)]) == 0
    text = out.read_text(encoding="utf-8")
    assert text.count("(") == 39 and text.rstrip().endswith(";") and "0007.png" in text
    assert "Cophenetic correlation" in capsys.readouterr().out


def test_a_tree_in_json(photos, tmp_path):
    out = tmp_path / "photos.json"
    assert main(["tree", str(photos), "--linkage", "average", "--metric", "cosine", "--out", str(out)]) == 0
    text = out.read_text(encoding="utf-8")
    assert isinstance(json.loads(text), dict) and "0007.png" in text


def test_a_tree_as_json_on_standard_output(photos, capsys):
    assert main(["tree", str(photos), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["n_images"], len(result["merges"]), len(result["paths"])) == (40, 39, 40)


def test_another_ending_is_refused_before_any_work(photos, network, capsys):
    assert main(["tree", str(photos), "--out", "tree.pdf"]) == 1
    assert '".pdf"' in capsys.readouterr().err
    assert network.seen == 0


@pytest.mark.parametrize("n_images", [1, 2, 3])
def test_very_small_folders(tmp_path, n_images):
    write_images(tmp_path / "few", n_images)
    assert imgcluster.build_tree(tmp_path / "few").tree.n_leaves == n_images
    for method in METHODS:
        options = MethodOptions(method=method.name)
        result = imgcluster.cluster_images(tmp_path / "few", method=options)
        assert len(result.clustering.labels) == n_images


def test_a_number_and_a_height_contradict_each_other(photos):
    with pytest.raises(ParameterError):
        imgcluster.cluster_images(photos, n_clusters=3, method=MethodOptions(method="agglomerative", height=1.0))
