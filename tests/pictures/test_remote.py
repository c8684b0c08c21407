"""Pictures at addresses: in the memory of this process, and on the disk by way of fsspec."""

import re
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from odd_images import encoded, quadrants

from imgcluster.errors import FolderError, NoImagesError, ParameterError, UnreadableImageError
from imgcluster.pictures import opening, remote
from imgcluster.pictures.finding import check_headers, find_images
from imgcluster.pictures.opening import image_details, image_origin, read_bytes
from imgcluster.pictures.remote import address_name, is_address

fsspec = pytest.importorskip("fsspec", reason="pip install -r requirements-cluster.txt")

PNG = encoded(quadrants(), "PNG")
NAMES = ("b/img10.png", "b/img2.PNG", "a b/ü [1].jpg", "top.png", "same/x.png", "x.png")
LEFT_OUT = (".hidden.png", "__MACOSX/x.png", "notes.txt")


@pytest.fixture
def memory():
    files = fsspec.filesystem("memory")
    yield files
    files.store.clear()


def fill_memory(files, root="/photos"):
    for name in (*NAMES, *LEFT_OUT):
        files.pipe(f"{root}/{name}", PNG)
    files.pipe(f"{root}/empty.png", b"")
    files.pipe(f"{root}/camera.cr2", PNG)


def fill_folder(folder):
    for name in (*NAMES, *LEFT_OUT):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(PNG)
    (folder / "empty.png").touch()
    (folder / "camera.cr2").write_bytes(PNG)


@pytest.mark.parametrize("address", ["s3://bucket/photos", "gs://b", "memory://", "file:///photos", "S3://b"])
def test_addresses(address):
    assert is_address(address)


@pytest.mark.parametrize("place", ["photos", "/photos", r"C:\photos", "c://photos", "://x", "zip::s3://b", ""])
def test_no_addresses(place):
    assert not is_address(place)


def test_a_path_is_never_an_address():
    assert not is_address(Path("s3://bucket"))


def test_the_same_as_in_a_folder(memory, tmp_path):
    fill_memory(memory)
    fill_folder(tmp_path / "photos")
    here = find_images(tmp_path / "photos")
    for url in ("memory://photos", "memory://photos/", f"file://{(tmp_path / 'photos').as_posix()}"):
        there = find_images(url, remote=True)
        assert there.name == here.name == "photos"
        assert there.paths == here.paths
        assert there.skipped == here.skipped
        assert [image.size for image in there.images] == [image.size for image in here.images]
        assert all(image.mtime_ns > 10**18 for image in there.images)  # a time of this century
        assert [read_bytes(image) for image in there.images] == [PNG] * len(NAMES)
        assert check_headers(there) == there


def test_the_time_is_the_files_own(tmp_path):
    fill_folder(tmp_path)
    (image,) = (
        each for each in find_images(f"file://{tmp_path.as_posix()}", remote=True).images if each.path == "x.png"
    )
    assert abs(image.mtime_ns - (tmp_path / "x.png").stat().st_mtime_ns) < 10**6
    assert image_details(image).width == image_details(find_images([tmp_path / "x.png"]).images[0]).width
    assert image_origin(image).camera == ""


def test_a_listing_is_never_an_old_one(memory, monkeypatch):
    fill_memory(memory)
    forgotten = []
    monkeypatch.setattr(type(memory), "invalidate_cache", lambda self, path=None: forgotten.append(path))
    find_images("memory://photos", remote=True)
    assert forgotten == ["/photos"]


def test_nothing_is_fetched_unasked(monkeypatch, tmp_path):
    """The screens open what they are told without ``remote``: an address is then a folder that is not there."""
    monkeypatch.setattr(remote, "_file_system", lambda url: pytest.fail("it was asked"))
    monkeypatch.chdir(tmp_path)
    for place in ("memory://photos", "s3://bucket"):
        with pytest.raises(FolderError, match="cannot be opened"):
            find_images(place)
        with pytest.raises(FolderError, match="cannot be opened"):
            find_images(Path(place), remote=True)


def test_no_screen_asks_for_it():
    """Nor calls what takes an address by itself: what they are told may come from an address line or a sent file."""
    root = Path(__file__).parents[2]
    screens = [root / "app.py", *(root / "pages").rglob("*.py"), *(root / "imgcluster" / "ui").rglob("*.py")]
    asking = re.compile(r"\b(remote_files|read_address|read_whole|cluster_images|scan_images|build_tree)\b|remote=")
    assert [path.name for path in screens if asking.search(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("url", ["memory://nowhere", "file:///no/such/folder"])
def test_nothing_there(memory, url):
    with pytest.raises(FolderError, match=f"There is nothing at {url}"):
        find_images(url, remote=True)


def test_no_picture_there(memory):
    memory.pipe("/texts/a.txt", b"text")
    with pytest.raises(NoImagesError, match="no pictures in texts"):
        find_images("memory://texts", remote=True)


def test_a_single_file(memory):
    memory.pipe("/photos.zip", b"PK")
    with pytest.raises(FolderError, match="is a file, not a folder"):
        find_images("memory://photos.zip", remote=True)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://user:secret@host/photos",
        "sftp://me@host/photos",
        "abfs://account:secret@account.dfs.core.windows.net/photos",
        "https://host/photos/?sig=secret",
        "https://host/photos?secret",
        "https://host?X-Amz-Signature=secret/photos",
        "abfs://container/photos?sig=secret",
    ],
)
def test_no_password_is_kept_or_shown(url):
    with pytest.raises(ParameterError, match="would be kept with the pictures' names") as raised:
        find_images(url, remote=True)
    assert "secret" not in f"{raised.value}{raised.value.hint}" and "variables of the environment" in raised.value.hint


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("ftp://host/photos", "ftp:// addresses are not read"),
        ("FTP://host/photos", "ftp:// addresses are not read"),
        ("zip://a::memory://photos.zip", "joins several addresses"),
        ("memory://photos::file:///etc", "joins several addresses"),
    ],
)
def test_addresses_that_are_not_read(url, sentence):
    with pytest.raises(ParameterError, match=sentence):
        find_images(url, remote=True)


def test_without_fsspec(monkeypatch):
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(FolderError, match="Reading s3:// addresses needs the package fsspec") as raised:
        find_images("s3://bucket/photos", remote=True)
    assert raised.value.hint == "pip install -r requirements-cluster.txt"


def test_without_the_package_of_the_protocol(monkeypatch):
    def no_package(url):
        raise ImportError("Install s3fs to access S3")

    monkeypatch.setattr(fsspec, "url_to_fs", no_package)
    with pytest.raises(FolderError, match="Reading s3:// addresses needs one more package") as raised:
        find_images("s3://bucket/photos", remote=True)
    assert "s3fs" in raised.value.hint


def test_an_unknown_protocol():
    with pytest.raises(FolderError, match="Nothing is known of addresses that begin with nonsense://"):
        find_images("nonsense://photos", remote=True)


def test_what_may_not_be_listed(memory, monkeypatch):
    class NoCredentialsError(Exception):
        pass

    def find(self, *_, **__):
        raise NoCredentialsError("Unable to locate credentials.\nMore of it")

    monkeypatch.setattr(type(memory), "find", find)
    with pytest.raises(FolderError, match=r"memory://photos cannot be listed: Unable to locate credentials\.$"):
        find_images("memory://photos", remote=True)


def test_it_vanished_or_cannot_be_read(memory, monkeypatch):
    fill_memory(memory)
    image = find_images("memory://photos", remote=True).images[0]
    memory.rm("/photos", recursive=True)
    with pytest.raises(UnreadableImageError, match="it vanished meanwhile"):
        read_bytes(image)

    def cat_file(self, *_, **__):
        raise RuntimeError("the bucket is asleep")

    monkeypatch.setattr(type(memory), "cat_file", cat_file)
    with pytest.raises(UnreadableImageError, match="it cannot be read: the bucket is asleep"):
        read_bytes(image)


def test_large_files_are_not_read(memory, monkeypatch):
    fill_memory(memory)
    image = find_images("memory://photos", remote=True).images[0]
    monkeypatch.setattr(opening, "MAX_FILE_BYTES", 10)
    with pytest.raises(UnreadableImageError, match="too large"):
        read_bytes(image)


@pytest.mark.parametrize(
    "status",
    [
        {"LastModified": datetime(2026, 5, 4, tzinfo=UTC), "ETag": '"a"'},
        {"updated": "2026-05-04T00:00:00Z", "etag": "a"},
        {"last_modified": datetime(2026, 5, 4), "etag": "a"},
        {"mtime": datetime(2026, 5, 4, tzinfo=UTC).timestamp()},
    ],
)
def test_what_tells_a_change(status):
    state = remote._state(status)
    assert state // 10**9 == datetime(2026, 5, 4, tzinfo=UTC).timestamp()
    tags = {"ETag", "etag"} & status.keys()
    for tag in tags:  # written again within a second, as long as before
        assert remote._state(status | {tag: "b"}) != state
    assert remote._state(status) == state


def test_a_state_fits_into_the_store():
    assert remote._state({}) == 0
    assert remote._state({"mtime": "nonsense"}) == 0
    assert 0 < remote._state({"ETag": "only"}) < 10**9
    assert remote._state({"mtime": 4e9}) < 2**63


@pytest.mark.parametrize(("url", "name"), [("s3://b/holiday/", "holiday"), ("s3://b", "b"), ("memory://", "memory://")])
def test_its_name(url, name):
    assert address_name(url) == name
