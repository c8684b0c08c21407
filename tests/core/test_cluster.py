"""The whole way on a real cluster: two worker processes, one of which is killed; and one in this process's memory."""

import dataclasses
import json
import sqlite3
import threading

import numpy as np
import pytest
from fake_extractor import write_images

from imgcluster.__main__ import DONE, FAILED, main
from imgcluster.backends import Backend, BackendError
from imgcluster.cache import Workspace
from imgcluster.errors import Cancelled, ExtractorError
from imgcluster.extractors import registry
from imgcluster.features.options import parse_features
from imgcluster.pictures.finding import find_images
from imgcluster.pipeline import cluster_images, scan_images
from imgcluster.stages.looking import embed_images

pytest.importorskip("distributed", reason="pip install -r requirements-cluster.txt")

from dask_workers import FATAL, cluster_in_processes, cluster_in_threads

TABLES = ("files", "content", "features")


@pytest.fixture(scope="module")
def cluster():
    with cluster_in_processes() as cluster:
        yield cluster


@pytest.fixture
def backend(cluster):
    return Backend(scheduler=cluster.scheduler_address)


@pytest.fixture(autouse=True)
def fatal(monkeypatch):
    monkeypatch.setitem(registry._KINDS, FATAL.name, FATAL)


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cluster") / "photos"
    write_images(folder, 330)
    (folder / "copy.png").write_bytes((folder / "0007.png").read_bytes())
    (folder / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    (folder / "empty.png").touch()
    return folder


def rows(workspace):
    """Return all that a store holds, but for the speeds."""
    connection = sqlite3.connect(workspace.store_path)
    found = {table: sorted(connection.execute(f"SELECT * FROM {table}")) for table in TABLES}
    connection.close()
    return found


def embedded(photos, workspace, features="fatal", **options):
    return embed_images(find_images(photos), parse_features(features), workspace=workspace, **options)[0]


def equal_scores(first, second):
    for one, other in zip(first.scores, second.scores, strict=True):
        for field in dataclasses.fields(one):
            np.testing.assert_array_equal(getattr(one, field.name), getattr(other, field.name), err_msg=field.name)
    np.testing.assert_array_equal(first.labels, second.labels)


def test_one_worker_killed_in_the_middle(photos, tmp_path, backend, cluster):
    trap = tmp_path / "trap"
    trap.touch()
    before = {worker.pid for worker in cluster.workers.values()}
    there, here = Workspace(tmp_path / "there"), Workspace(tmp_path / "here")
    result = embedded(photos, there, f'fatal(trap="{trap.as_posix()}",slow=true)', backend=backend)
    assert not trap.exists()  # whoever took it away was killed at once, with a batch in hand
    assert {worker.pid for worker in cluster.workers.values()} != before
    expected = embedded(photos, here)
    assert rows(there) == rows(here)
    assert len(rows(there)["features"]) == 330
    assert result.collection == expected.collection
    np.testing.assert_array_equal(result.features.vectors, expected.features.vectors)


def test_pictures_that_kill_every_worker(photos, tmp_path, backend, cluster, monkeypatch):
    monkeypatch.setattr(cluster.scheduler, "allowed_failures", 0)
    with pytest.raises(BackendError, match="several workers died") as raised:
        embedded(photos, Workspace(tmp_path), "fatal(always=true)", backend=backend)
    assert "memory" in raised.value.hint


def test_the_command_line(photos, tmp_path, cluster, monkeypatch, capsys):
    elsewhere = ["--backend", "dask", "--scheduler", cluster.scheduler_address]
    printed = {}
    for name, options in (("here", []), ("there", elsewhere)):
        monkeypatch.setenv("IMGCLUSTER_CACHE", str(tmp_path / name))
        out = tmp_path / f"{name}.csv"
        command = [str(photos), "--extractor", "colour", "--json", "--out", str(out), *options]
        assert main(["scan-k", *command, "--k-max", "3", "--references", "1"]) == DONE
        assert main(["cluster", *command, "--k", "3"]) == DONE
        printed[name] = capsys.readouterr().out
    assert printed["there"] == printed["here"]
    assert (tmp_path / "there.csv").read_bytes() == (tmp_path / "here.csv").read_bytes()
    assert rows(Workspace(tmp_path / "there")) == rows(Workspace(tmp_path / "here"))


def test_the_same_scores(photos, tmp_path, backend):
    how = {"extractor": "colour", "k_max": 8, "n_references": 3}
    here = scan_images(photos, workspace=Workspace(tmp_path / "here"), **how)
    there = scan_images(photos, workspace=Workspace(tmp_path / "there"), backend=backend, **how)
    equal_scores(here.scan, there.scan)
    assert there.recommendation == here.recommendation
    seen = []
    wider = {**how, "k_max": 10}
    again = scan_images(photos, workspace=Workspace(tmp_path / "there"), backend=backend, progress=seen.append, **wider)
    assert [score.k for score in again.scan.scores] == list(range(1, 11))
    assert seen[-1].fresh == 2  # 9 and 10
    equal_scores(scan_images(photos, workspace=Workspace(tmp_path / "here"), **wider).scan, again.scan)


def test_stopped_and_continued(photos, tmp_path, backend):
    there, here, cancel, seen = Workspace(tmp_path / "there"), Workspace(tmp_path / "here"), threading.Event(), []

    def stop(report):
        if report.fresh == 64:
            cancel.set()

    with pytest.raises(Cancelled):
        embedded(photos, there, "fatal(slow=true)", backend=backend, progress=stop, cancel=cancel)
    n_kept = len(rows(there)["files"])
    assert 32 <= n_kept < 332
    embedded(photos, there, "fatal(slow=true)", backend=backend, progress=seen.append)
    assert seen[0].done == n_kept and seen[-1].fresh == 332 - n_kept
    embedded(photos, here)
    assert rows(there) == rows(here)


def test_a_worker_whose_vectors_are_others(photos, tmp_path, backend, monkeypatch):
    """As of a network whose precision depends on the processor: here, this computer's extractor is called otherwise."""
    monkeypatch.setattr(registry.get_extractor("fatal"), "id", "fake-1-bf16")
    with pytest.raises(ExtractorError, match="vectors of fake-1, and those of fake-1-bf16 are wanted"):
        embedded(photos, Workspace(tmp_path), backend=backend)
    assert rows(Workspace(tmp_path))["features"] == []


def test_in_the_memory_of_one_process(photos, tmp_path):
    """Of an address that only this process knows, by workers that are threads of it: four batches at once."""
    fsspec = pytest.importorskip("fsspec", reason="pip install -r requirements-cluster.txt")
    files = fsspec.filesystem("memory")
    files.put(str(photos), "/photos", recursive=True)
    here = cluster_images(photos, n_clusters=3, extractor="phash", workspace=Workspace(tmp_path / "here"))
    with cluster_in_threads(n_threads=2) as cluster:
        there = cluster_images(
            "memory://photos",
            n_clusters=3,
            extractor="phash",
            workspace=Workspace(tmp_path / "there"),
            backend=Backend(scheduler=cluster.scheduler_address),
        )
    files.store.clear()
    assert there.collection.paths == here.collection.paths and there.collection.skipped == here.collection.skipped
    np.testing.assert_array_equal(there.features.vectors, here.features.vectors)
    np.testing.assert_array_equal(there.clustering.labels, here.clustering.labels)
    for table in ("content", "features"):
        assert rows(Workspace(tmp_path / "there"))[table] == rows(Workspace(tmp_path / "here"))[table]


@pytest.mark.parametrize("command", ["cluster", "scan-k"])
@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--backend", "dask"], "--backend dask needs the address of a scheduler. Add --scheduler tcp://host:8786."),
        (["--scheduler", "tcp://host:8786"], "--scheduler is of use only with a backend. Add --backend dask."),
        (["--backend", "dask", "--scheduler", "host"], "'host' is no address of a dask scheduler."),
    ],
)
def test_what_the_command_line_needs(photos, capsys, command, options, sentence):
    assert main([command, str(photos), *options]) == FAILED
    assert sentence in capsys.readouterr().err


def test_an_address_on_the_command_line(photos, capsys):
    url = f"file://{photos.as_posix()}"
    assert main(["cluster", url, "--extractor", "colour", "--k", "2", "--json"]) == DONE
    assert len(json.loads(capsys.readouterr().out)["images"]) == 331
    assert main(["cluster", "file:///no/such/folder", "--k", "2"]) == FAILED
    assert capsys.readouterr().err == "There is nothing at file:///no/such/folder. Check the spelling.\n"
