"""Results are computed once, come back read-only, and clearing sets their space free."""

from dataclasses import dataclass

import numpy as np
import pytest

from imgcluster.cache import Workspace, cached_call, clear_cache, directory_size

calls = []


@dataclass(frozen=True)
class Inner:
    more: np.ndarray


@dataclass(frozen=True)
class Result:
    values: np.ndarray
    name: str
    inner: Inner


def compute(fingerprint, big, as_dataclass):
    calls.append(fingerprint)
    if as_dataclass:
        return Result(values=np.arange(3), name=fingerprint, inner=Inner(more=np.arange(2)))
    return np.arange(3)


@pytest.fixture
def workspace(own_cache):
    calls.clear()
    return Workspace.default()


@pytest.mark.parametrize("as_dataclass", [True, False])
def test_computed_once_for_each_fingerprint(workspace, as_dataclass):
    for fingerprint in ("a", "b", "a"):
        result = cached_call(workspace, compute, fingerprint, object(), as_dataclass, ignore=["big"])
        array = result.values if as_dataclass else result
        assert array.tolist() == [0, 1, 2]
        assert not array.flags.writeable
        assert not (as_dataclass and result.inner.more.flags.writeable)
    assert calls == ["a", "b"]


def test_damaged_entry_is_computed_again(workspace):
    cached_call(workspace, compute, "a", None, False, ignore=["big"])
    for path in workspace.derived.rglob("output.pkl"):
        path.write_bytes(b"damaged")
    assert cached_call(workspace, compute, "a", None, False, ignore=["big"]).tolist() == [0, 1, 2]
    assert calls == ["a", "a"]


def test_clear_sets_the_space_free(workspace):
    (workspace.directory / "store.sqlite").write_bytes(b"x" * 1000)
    (workspace.derived / "deep").mkdir(parents=True)
    (workspace.derived / "deep" / "file").write_bytes(b"x" * 500)
    assert directory_size(workspace.directory) == 1500
    assert clear_cache() == 1500
    assert directory_size(workspace.directory) == 0
    assert workspace.directory.is_dir()


def test_clear_keeps_the_projects(workspace):
    project = workspace.directory / "projects" / "0123456789ab" / "project.imgcluster"
    project.parent.mkdir(parents=True)
    project.write_bytes(b"x")
    clear_cache()
    assert project.read_bytes() == b"x"


def test_clear_keeps_what_waits_to_be_saved(workspace):
    waiting = workspace.directory / "downloads" / "session-1" / "zip-1"
    waiting.parent.mkdir(parents=True)
    waiting.write_bytes(b"x")
    clear_cache()
    assert waiting.read_bytes() == b"x"
