"""A stand-in for the network, for tests of everything around it."""

import pytest
from fake_extractor import FakeExtractor

from imgcluster.features import extractors


@pytest.fixture
def network(monkeypatch) -> FakeExtractor:
    fake = FakeExtractor()
    monkeypatch.setitem(extractors._EXTRACTORS, extractors.DEFAULT_EXTRACTOR, fake)
    return fake
