"""Every test gets a cache directory of its own: nothing of the user's is read or written."""

import pytest
from hypothesis import settings

from imgcluster.extractors.registry import get_extractor

settings.register_profile("unhurried", deadline=None)  # other work may keep a small machine busy
settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def converted_networks(tmp_path_factory):
    """The directory of networks made ready, for all tests: each is converted once."""
    return tmp_path_factory.mktemp("engines")


@pytest.fixture(scope="session")
def network(tmp_path_factory, converted_networks):
    """One loaded network for all tests: loading it takes most of their time."""
    cache = tmp_path_factory.mktemp("network")
    (cache / "engines").symlink_to(converted_networks)
    extractor = get_extractor("efficientnet_lite0")
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("IMGCLUSTER_CACHE", str(cache))
        extractor.load()
    return extractor


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory, monkeypatch, converted_networks):
    directory = tmp_path_factory.mktemp("cache")
    (directory / "engines").symlink_to(converted_networks)
    monkeypatch.setenv("IMGCLUSTER_CACHE", str(directory))
    return directory
