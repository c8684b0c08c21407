"""Every test gets a cache directory of its own: nothing of the user's is read or written."""

import pytest


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory, monkeypatch):
    directory = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("IMGCLUSTER_CACHE", str(directory))
    return directory
