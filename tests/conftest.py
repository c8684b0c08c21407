"""Every test gets a cache directory of its own: nothing of the user's is read or written."""

import pytest
from hypothesis import settings

from imgcluster.extractors.registry import get_extractor

settings.register_profile("unhurried", deadline=None)  # other work may keep a small machine busy
settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def network():
    """One loaded network for all tests: loading it takes most of their time."""
    extractor = get_extractor("efficientnet_lite0")
    extractor.load()
    return extractor


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory, monkeypatch):
    directory = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("IMGCLUSTER_CACHE", str(directory))
    return directory
