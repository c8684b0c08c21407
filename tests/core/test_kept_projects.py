"""What ``cluster --project`` writes: groups of any number, and the map that others see."""

import csv

import numpy as np
import pytest
from fake_extractor import write_images

from imgcluster.__main__ import main
from imgcluster.cache import Workspace
from imgcluster.commands import keeping_projects
from imgcluster.keeping.projects import project_parts
from imgcluster.keeping.projects.project_file import load_project
from imgcluster.maps.options import MapOptions
from imgcluster.pipeline import cluster_images
from imgcluster.stages.grouping import place_on_map

pytestmark = pytest.mark.usefixtures("network")


@pytest.fixture
def photos(tmp_path):
    write_images(tmp_path / "photos", 12)
    return tmp_path / "photos"


@pytest.mark.usefixtures("quick_map")
@pytest.mark.parametrize(("k", "n_rows"), [(3, 3), (5, 0)])
def test_groups_of_more_numbers_than_are_kept_are_found_again(photos, tmp_path, monkeypatch, k, n_rows):
    for module in (keeping_projects, project_parts):
        monkeypatch.setattr(module, "MOST_ROWS", 3)
    path, table = tmp_path / "p.imgcluster", tmp_path / "groups.csv"
    assert main(["cluster", str(photos), "--k", str(k), "--project", str(path)]) == 0
    opened = load_project(path)
    assert len(opened.parts.series) == n_rows and opened.project.n_clusters == k
    assert main(["export", str(path), "--csv", str(table)]) == 0
    with table.open(newline="", encoding="utf-8") as file:
        numbers = [int(row["group"]) for row in csv.DictReader(file)]
    labels = cluster_images(photos, n_clusters=k).clustering.labels
    assert len({*zip(numbers, labels.tolist(), strict=True)}) == len({*numbers}) == k


def test_the_map_goes_along(photos, tmp_path, monkeypatch):
    assert MapOptions() == keeping_projects._MAP  # the one that the app draws
    options = MapOptions(method="pca")
    monkeypatch.setattr(keeping_projects, "_MAP", options)
    path, report = tmp_path / "p.imgcluster", tmp_path / "report.html"
    assert main(["cluster", str(photos), "--k", "3", "--project", str(path)]) == 0
    space = cluster_images(photos, n_clusters=3).space
    expected = place_on_map(space, options, workspace=Workspace.default())
    np.testing.assert_array_equal(load_project(path).parts.places, expected)
    assert main(["export", str(path), "--html", str(report)]) == 0
    assert '"places":null' not in report.read_text(encoding="utf-8").replace(" ", "")
