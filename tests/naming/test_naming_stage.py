"""From a folder to proposed names, with the real head of the network and vectors made for it."""

import threading

import numpy as np
import pytest
from fake_extractor import FakeExtractor, write_images

from imgcluster.cache import Workspace
from imgcluster.editing.edits import Rename, apply
from imgcluster.editing.groups import groups_of
from imgcluster.errors import Cancelled
from imgcluster.extractors.networks import efficientnet
from imgcluster.extractors.networks.efficientnet import LITE0, EfficientNetLite
from imgcluster.features.extraction import extract_features
from imgcluster.features.store import Store, StoreEntry
from imgcluster.pictures.finding import find_images
from imgcluster.stages.naming import propose

STARFISH, DAISY = 327, 985


def looks_like(class_number, n):
    """Vectors in which the head sees this class and nothing else."""
    weights = efficientnet._head(LITE0)[0][class_number]
    return np.repeat(np.maximum(weights, 0)[None] * 40, n, axis=0).astype(np.float32)


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path / "work")


@pytest.fixture
def extraction(tmp_path, workspace):
    """Twenty pictures in one folder, grouped by something other than the network."""
    write_images(tmp_path / "pictures", 20)
    with Store(workspace.store_path) as store:
        return extract_features(find_images(tmp_path / "pictures"), extractor=FakeExtractor(), store=store)


def put_network_vectors(workspace, extraction, vectors):
    entries = [
        StoreEntry(hash=key, vector=vector) for key, vector in zip(extraction.features.hashes, vectors, strict=True)
    ]
    with Store(workspace.store_path) as store:
        store.put_batch(EfficientNetLite().id, entries)


HALVES = groups_of(np.repeat([0, 1], 10))


def test_words_come_from_what_the_network_saw_whatever_the_groups_were_made_by(workspace, extraction):
    put_network_vectors(workspace, extraction, np.concatenate([looks_like(STARFISH, 10), looks_like(DAISY, 10)]))
    found = propose(extraction.collection, extraction.features, HALVES, workspace=workspace)
    assert found.names == ("Starfish", "Daisy") and found.notes == () and found.seconds_for_words == 0
    assert {proposal.source for proposal in found.proposals} == {"words"}
    named, _ = apply(HALVES, Rename(group=tuple(range(10)), name="Mine"))
    found = propose(extraction.collection, extraction.features, named, workspace=workspace)
    assert found.names == ("", "Daisy")


def test_without_the_networks_vectors_nothing_is_looked_at_unasked(workspace, extraction, monkeypatch):
    monkeypatch.setattr(EfficientNetLite, "load", lambda self: pytest.fail("the network was loaded"))
    found = propose(extraction.collection, extraction.features, HALVES, workspace=workspace)
    assert found.proposals == (None, None) and found.seconds_for_words > 0
    assert found.notes == ("No words were looked for: the built-in network has not seen all of these pictures.",)


def test_when_asked_the_network_looks(workspace, extraction, monkeypatch):
    vectors = {"left": np.concatenate([looks_like(STARFISH, 10), looks_like(DAISY, 10)])}

    def see(self, batch):
        seen, vectors["left"] = vectors["left"][: len(batch)], vectors["left"][len(batch) :]
        return seen

    monkeypatch.setattr(EfficientNetLite, "load", lambda self: None)
    monkeypatch.setattr(EfficientNetLite, "__call__", see)
    reports = []
    found = propose(
        extraction.collection, extraction.features, HALVES, workspace=workspace, look=True, progress=reports.append
    )
    assert found.names == ("Starfish", "Daisy") and reports[-1].done == 20
    stopped = threading.Event()
    stopped.set()
    with pytest.raises(Cancelled):
        unnamed = groups_of(np.arange(20))
        propose(extraction.collection, extraction.features, unnamed, workspace=workspace, cancel=stopped)


def test_a_missing_package_is_said_and_the_rest_goes_on(workspace, extraction, monkeypatch):
    put_network_vectors(workspace, extraction, looks_like(STARFISH, 20))

    def refuse(spec):
        raise efficientnet._missing_package("no_such_package").error()

    monkeypatch.setattr(efficientnet, "_head", refuse)
    found = propose(extraction.collection, extraction.features, HALVES, workspace=workspace)
    assert found.proposals == (None, None) and "no-such-package is not installed" in found.notes[0]


@pytest.mark.parametrize("labels", [np.full(20, -1), np.arange(20), np.zeros(20)], ids=["noise", "each", "one"])
def test_degenerate_groups_are_named_or_not_but_nothing_breaks(workspace, extraction, labels):
    put_network_vectors(workspace, extraction, looks_like(STARFISH, 20))
    groups = groups_of(labels)
    found = propose(extraction.collection, extraction.features, groups, workspace=workspace)
    assert found.names == (("Starfish",) if groups.n_groups == 1 else ("",) * groups.n_groups)
