"""A stand-in for the network, for tests of everything around it; and a look at what a scan really computes."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from fake_extractor import FakeExtractor

from imgcluster.choosing.scan import scan_k
from imgcluster.commands import keeping_projects
from imgcluster.extractors import registry
from imgcluster.extractors.extractor import Kind
from imgcluster.maps.options import MapOptions
from imgcluster.stages import scanning


@pytest.fixture
def network(monkeypatch) -> FakeExtractor:
    fake = FakeExtractor()
    monkeypatch.setitem(
        registry._KINDS, registry.DEFAULT_EXTRACTOR, Kind(name=registry.DEFAULT_EXTRACTOR, make=lambda: fake)
    )
    return fake


@dataclass
class ComputedScores:
    """The k whose scores were computed, and not taken from the disk; ``before`` is called with each of them."""

    ks: list[int] = field(default_factory=list)
    before: Callable[[int], None] = lambda k: None


@pytest.fixture
def computed(monkeypatch) -> ComputedScores:
    noted = ComputedScores()

    def noting(coordinates, ks, *, remember, **options):
        def remember_and_note(k, compute):
            def compute_and_note():
                noted.ks.append(k)
                noted.before(k)
                return compute()

            return remember(k, compute_and_note)

        return scan_k(coordinates, ks, remember=remember_and_note, **options)

    monkeypatch.setattr(scanning, "scan_k", noting)
    return noted


@pytest.fixture
def quick_map(monkeypatch) -> None:
    """Let the map of a project be the quick one, which needs no process of its own."""
    monkeypatch.setattr(keeping_projects, "_MAP", MapOptions(method="diffusion"))
