"""What is known of the images of a project without having them."""

from dataclasses import replace

import numpy as np
import pytest
from some_projects import some_parts, some_project

from imgcluster.editing.history import History
from imgcluster.grouping.methods import MethodOptions
from imgcluster.keeping.projects.project_file import load_project, save_project
from imgcluster.keeping.projects.project_groups import (
    choices_of_method,
    images_of_project,
    method_of_project,
    project_groups,
)
from imgcluster.pictures.collection import Collection, SkippedImage

NOTHING = Collection(name="x", images=())
SKIPPED = (SkippedImage(path="broken.png", reason="the file is empty"),)


def opened(path, *, parts):
    project = some_project(choices={}, skipped=SKIPPED, history=History())
    save_project(path, project, parts=parts, private=False)
    return load_project(path)


def test_sizes_and_times_come_with_the_groups(tmp_path):
    path, parts = tmp_path / "p.imgcluster", some_parts()
    images, match = images_of_project(opened(path, parts=parts), path, NOTHING, ())
    assert match.n_found == 0
    assert [image.size for image in images] == parts.sizes.tolist()
    assert [image.mtime_ns for image in images] == parts.mtimes_ns.tolist()
    assert not any(image.source.exists() for image in images)


def test_without_them_and_where_they_make_no_sense_they_are_0(tmp_path):
    path, before = tmp_path / "p.imgcluster", np.full(24, -5, dtype=np.int64)
    for parts in (None, replace(some_parts(), sizes=before, mtimes_ns=before)):
        images, _ = images_of_project(opened(path, parts=parts), path, NOTHING, ())
        assert {(image.size, image.mtime_ns) for image in images} == {(0, 0)}


@pytest.mark.parametrize("method", ["diffusion", "pca"])
def test_skipped_files_are_taken_away_with_the_groups(tmp_path, method):
    path = tmp_path / "p.imgcluster"
    found = opened(path, parts=some_parts(method=method))
    images, _ = images_of_project(found, path, NOTHING, ())
    final, _ = project_groups(found, images)
    assert final.skipped == SKIPPED


def test_what_other_methods_had_chosen_on_the_screens_is_no_way_to_group():
    assert method_of_project(some_project(choices={"min_samples": 4, "assign_noise": True})).method == "kmeans"
    dbscan = MethodOptions(method="dbscan", eps=0.5, min_samples=4, assign_noise=True)
    assert method_of_project(some_project(choices=choices_of_method(dbscan))) == dbscan
