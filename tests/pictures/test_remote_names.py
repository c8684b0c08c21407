"""Names that fsspec would take for more than a name, servers that the address names, and files that have grown."""

import itertools
from typing import ClassVar

import pytest
from odd_images import encoded, quadrants

from imgcluster.errors import UnreadableImageError
from imgcluster.pictures import opening, remote
from imgcluster.pictures.collection import SkippedImage
from imgcluster.pictures.finding import find_images
from imgcluster.pictures.opening import read_bytes
from imgcluster.pictures.remote import read_address, read_whole

pytest.importorskip("fsspec", reason="pip install -r requirements-cluster.txt")

import fsspec
from fsspec.implementations.memory import MemoryFileSystem
from fsspec.registry import _registry
from fsspec.utils import infer_storage_options

PNG = encoded(quadrants(), "PNG")


class Served(MemoryFileSystem):
    """As the file systems of Azure and of sftp: who serves it is in the address alone, not in the files' names."""

    protocol = "abfs"
    served: ClassVar = {"account.dfs.core.windows.net": {}, "": {}}

    def __init__(self, account="", **options):
        super().__init__(**options)
        self.account = account

    @property
    def store(self):
        return self.served[self.account]

    @classmethod
    def _strip_protocol(cls, path):
        if "://" not in path:
            return super()._strip_protocol(path)
        parts = infer_storage_options(path)
        return f"/{parts.get('username') or parts.get('host')}{parts['path']}".rstrip("/")

    @staticmethod
    def _get_kwargs_from_urls(url):
        parts = infer_storage_options(url)
        return {"account": parts["host"]} if parts.get("username") else {}


@pytest.fixture
def memory():
    files = fsspec.filesystem("memory")
    yield files
    files.store.clear()


@pytest.fixture
def served(monkeypatch):
    monkeypatch.setitem(_registry, "abfs", Served)
    files = Served(account="account.dfs.core.windows.net")
    yield files
    files.store.clear()


@pytest.mark.parametrize(
    "name", ["a.png::b.png", "::b.png", "a:::.png", "zip::b.png", "c::file:///etc/x.png", "d::memory://photos/a.png"]
)
def test_two_colons_are_a_part_of_the_name(memory, name):
    memory.pipe("/photos/a.png", b"another")
    memory.pipe(f"/photos/{name}", PNG)
    found = {image.path: image for image in find_images("memory://photos", remote=True).images}
    assert found.keys() == {"a.png", name}
    assert read_bytes(found[name]) == PNG
    assert read_bytes(found["a.png"]) == b"another"


def test_two_colons_on_the_disk(tmp_path):
    (tmp_path / "a.png").write_bytes(b"another")
    try:
        (tmp_path / "a.png::b.png").write_bytes(PNG)
    except OSError:
        pytest.skip("no such names on this disk")
    found = {image.path: image for image in find_images(f"file://{tmp_path.as_posix()}", remote=True).images}
    assert read_bytes(found["a.png::b.png"]) == PNG and read_bytes(found["a.png"]) == b"another"


@pytest.mark.parametrize(
    "chain", ["memory://a.png::b.png", "zip://a.png::memory://a.zip", "simplecache::memory://a.png"]
)
def test_no_chain_is_followed(memory, chain):
    memory.pipe("/a.png", PNG)
    memory.pipe("/a.zip", PNG)
    with pytest.raises(Exception) as raised:  # whichever: nothing is there, or fsspec knows no such protocol
        read_address(chain)
    assert isinstance(raised.value, OSError | remote.FolderError)


def test_a_container_of_an_account(served):
    served.pipe("/container/photos/a.png", PNG)
    url = "abfs://container@account.dfs.core.windows.net/photos"
    (image,) = find_images(url, remote=True).images
    assert (image.path, str(image.source)) == ("a.png", f"{url}/a.png")
    assert read_bytes(image) == PNG


def test_a_name_that_leads_to_another_file(served):
    """As with sftp: what follows a "?" is no part of the path."""
    served.pipe("/container/photos/a.png", PNG)
    served.pipe("/container/photos/a.png?b.png", b"another")
    collection = find_images("abfs://container@account.dfs.core.windows.net/photos", remote=True)
    assert collection.paths == ("a.png",)
    assert collection.skipped == (
        SkippedImage(path="a.png?b.png", reason="its name has a meaning of its own in addresses"),
    )


@pytest.mark.parametrize(
    ("size", "length", "read"), [(5, 5, 5), (5, 3, 3), (5, 8, 8), (5, 30, 21), (0, 8, 8), (0, 30, 21)]
)
def test_no_more_is_read_than_is_allowed(memory, monkeypatch, size, length, read):
    content = bytes(range(length))
    memory.pipe("/a.png", content)
    ends, cat_file = [], MemoryFileSystem.cat_file

    def noting(self, path, start=None, end=None):
        ends.append(end)
        return cat_file(self, path, start, end)

    monkeypatch.setattr(MemoryFileSystem, "cat_file", noting)
    assert read_whole("memory://a.png", size=size, limit=20) == content[:read]
    assert ends in ([size + 1], [size + 1, 21], [21])


def test_it_has_grown_too_large(memory, monkeypatch):
    memory.pipe("/photos/a.png", PNG)
    (image,) = find_images("memory://photos", remote=True).images
    memory.pipe("/photos/a.png", PNG + b"\0")
    assert read_bytes(image) == PNG + b"\0"
    monkeypatch.setattr(opening, "MAX_FILE_BYTES", len(PNG))
    with pytest.raises(UnreadableImageError, match="too large"):
        read_bytes(image)


def test_files_of_unknown_size(memory, monkeypatch):
    memory.pipe("/photos/a.png", PNG)
    memory.pipe("/photos/empty.png", b"")
    monkeypatch.setattr(
        MemoryFileSystem, "find", lambda *_, **__: {"/photos/a.png": {"size": None}, "/photos/empty.png": {"size": 0}}
    )
    monkeypatch.setattr(remote.time, "time_ns", itertools.count(1).__next__)
    collection, again = (find_images("memory://photos", remote=True) for _ in range(2))
    assert collection.paths == ("a.png",) and read_bytes(collection.images[0]) == PNG
    assert collection.skipped == (SkippedImage(path="empty.png", reason="the file is empty"),)
    assert collection.images != again.images  # nothing would tell that it changed: it is read again
