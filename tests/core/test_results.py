"""What programmers ask of the clusters of a folder."""

import numpy as np
import pytest
from fake_extractor import write_images
from PIL import Image

import imgcluster
from imgcluster.errors import NoImagesError, ParameterError
from imgcluster.grouping.methods import MethodOptions


@pytest.fixture
def groups(tmp_path, network):
    write_images(tmp_path / "photos", 40)
    return imgcluster.cluster_images(tmp_path / "photos", n_clusters=4)


def test_the_mean_image_is_the_explicit_mean(groups):
    for label in range(4):
        paths = [groups.collection.images[index].source for index in groups.members(label)]
        squares = [np.asarray(Image.open(path).convert("RGB"))[:, 2:14].astype(float) for path in paths]  # of 16 x 12
        np.testing.assert_array_equal(groups.mean_image(label, size=12), np.rint(np.mean(squares, axis=0)))


def test_a_few_images_cover_a_cluster_and_are_of_it(groups):
    for label in range(4):
        covering = groups.covering_images(label, n_images=3)
        assert covering[0] == groups.summary.medoids[label] and len({*covering.tolist()}) == 3
        assert {*covering.tolist()} <= {*groups.members(label).tolist()}
    assert len(groups.covering_images(-1)) == 0


def test_those_in_no_cluster_have_a_first_one_too(tmp_path, network):
    write_images(tmp_path / "photos", 30)
    found = imgcluster.cluster_images(tmp_path / "photos", method=MethodOptions(method="dbscan", eps=1e-6))
    assert found.clustering.n_noise == 30
    covering = found.covering_images(-1, n_images=2)
    assert covering[0] == 0 and len(covering) == 2


def test_what_is_not_there_is_said(groups):
    with pytest.raises(ParameterError, match="no cluster 4: they are numbered from 0 to 3"):
        groups.members(4)
    with pytest.raises(NoImagesError):
        groups.mean_image(-1)


def test_one_image(tmp_path, network):
    write_images(tmp_path / "photos", 1)
    found = imgcluster.cluster_images(tmp_path / "photos", n_clusters=1)
    assert found.covering_images(0).tolist() == [0] and found.mean_image(0, size=8).shape == (8, 8, 3)
