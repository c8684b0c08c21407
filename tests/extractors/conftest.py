"""What the tests of what runs networks share."""

import pytest
from small_network import SIDE, build_small

from imgcluster.extractors.networks import engine
from imgcluster.extractors.networks.conversion import probe_images


@pytest.fixture
def in_this_process(monkeypatch):
    """Conversions in this process, which has TensorFlow anyway; their number is counted."""
    converted = []

    def call(function, *args, **_):
        converted.append(args)
        return function(*args)

    monkeypatch.setattr(engine, "in_own_process", call)
    return converted


@pytest.fixture
def own_engines(tmp_path, monkeypatch):
    """Nothing was converted before."""
    monkeypatch.setenv("IMGCLUSTER_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "engines"


@pytest.fixture
def images():
    return probe_images(SIDE)


@pytest.fixture
def expected(images):
    return build_small().predict_on_batch(images)
