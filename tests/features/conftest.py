"""One loaded network for all tests: loading it takes most of their time."""

import pytest

from imgcluster.features.extractors import get_extractor
from imgcluster.features.store import Store


@pytest.fixture(scope="session")
def network():
    extractor = get_extractor("efficientnet_lite0")
    extractor.load()
    return extractor


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "store" / "store.sqlite") as store:
        yield store
