import pytest

from imgcluster.errors import ExtractorError
from imgcluster.features.extractors import DEFAULT_EXTRACTOR, available_extractors, get_extractor


def test_one_object_per_name():
    assert get_extractor(DEFAULT_EXTRACTOR) is get_extractor("efficientnet_lite0")
    assert available_extractors()[0] is get_extractor(DEFAULT_EXTRACTOR)


def test_every_extractor_says_what_it_is():
    for extractor in available_extractors():
        assert extractor.id.startswith(extractor.name)
        assert extractor.title
        assert extractor.good_for
        assert extractor.n_features > 0
        assert extractor.min_side > 0


def test_unknown_name_lists_the_known_ones():
    with pytest.raises(ExtractorError, match="'vgg'") as caught:
        get_extractor("vgg")
    assert "efficientnet_lite0" in caught.value.hint
