"""What a page's address may say about what counts as similar."""

import pytest

from imgcluster.extractors.registry import get_extractor
from imgcluster.features.options import FeatureOptions
from imgcluster.ui.linking import features_of_link, link_of_features

HOSTILE = (
    *("vectors=/etc/passwd", "hog(weights=/etc/passwd)", 'hog(weights="/etc/passwd")', "quick+hog(weights=x)"),
    *("resnet50(weights=/etc/passwd)", 'vgg16(weights="/etc/passwd")+colour'),
    *("<script>alert(1)</script>", "x" * 10_000, "hog+" * 3_000, "nothing", "hog(cell=1e99)", "hog|size=99999", "+"),
    *("hog:nan", "hog:0", "hog(cell=8", "||", "hog(__class__=1)", "\x00", "٣"),
)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_address_asks_for_nothing(text):
    assert features_of_link(text) is None


def test_an_address_fetches_no_weights(monkeypatch):
    assert features_of_link("colour") is not None
    monkeypatch.setattr(get_extractor("colour"), "note", "Its weights are fetched at first use.")
    assert features_of_link("colour") is None


@pytest.mark.parametrize("text", ["colour", "quick+colour:0.3|grayscale,crop,size=64", "hog(cell=8)+hog"])
def test_an_address_leads_to_the_same_features(text):
    features = features_of_link(text)
    assert features_of_link(link_of_features(features)) == features


@pytest.mark.parametrize("features", [FeatureOptions(), FeatureOptions(vectors="/a/b.npy")])
def test_the_usual_features_and_files_are_not_in_the_address(features):
    assert link_of_features(features) is None
