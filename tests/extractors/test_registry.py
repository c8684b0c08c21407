import pytest

from imgcluster.errors import ExtractorError, ParameterError
from imgcluster.extractors.registry import DEFAULT_EXTRACTOR, available_kinds, get_extractor, kind_named


def test_one_object_for_the_same_name_and_parameters():
    assert get_extractor(DEFAULT_EXTRACTOR) is get_extractor("efficientnet_lite0")
    assert available_kinds()[0] is kind_named(DEFAULT_EXTRACTOR)


@pytest.mark.parametrize("kind", available_kinds(), ids=lambda kind: kind.name)
def test_every_extractor_says_what_it_is(kind):
    extractor = kind.make()
    assert extractor.id.startswith(extractor.name)
    assert extractor.title
    assert extractor.good_for
    assert extractor.n_features > 0
    assert extractor.min_side > 0
    assert extractor.rate > 0
    assert extractor.load_seconds >= 0
    assert extractor.scaling in ("hellinger", "l2", "none")


def test_unknown_name_lists_the_known_ones():
    with pytest.raises(ExtractorError, match="'vgg'") as caught:
        get_extractor("vgg")
    assert "efficientnet_lite0" in caught.value.hint


def test_unknown_parameter():
    with pytest.raises(ParameterError, match="no parameter 'size'"):
        get_extractor(DEFAULT_EXTRACTOR, size=3)
