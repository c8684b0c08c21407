"""ZIP files, also hostile ones: read in place, never extracted, never more than they say."""

import io
import struct
import tracemalloc
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from odd_images import bomb_png, encoded, looks_right, quadrants

from imgcluster.errors import ArchiveError, NoImagesError, UnreadableImageError
from imgcluster.pictures.finding import ZipLimits, check_headers, find_images
from imgcluster.pictures.opening import decode, image_details, read_bytes

PNG = encoded(quadrants(), "PNG")


def write_zip(path, members, *, compression=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return path


def patched(path, field, value, *, central=True, local=False):
    """Change a 4-byte number in the headers of the first member: "size" or "packed", the offsets are the format's."""
    data = bytearray(path.read_bytes())
    if central:
        struct.pack_into("<L", data, data.index(b"PK\1\2") + {"packed": 20, "size": 24}[field], value)
    if local:
        struct.pack_into("<L", data, {"packed": 18, "size": 22}[field], value)
    path.write_bytes(data)
    return path


def reasons(collection):
    return {item.path: item.reason for item in collection.skipped}


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_zip_gives_what_its_folder_gives(tmp_path, compression):
    members = [
        ("b/img10.png", PNG),
        ("b/img2.PNG", PNG),
        ("notes.txt", b"x"),
        ("__MACOSX/._a.png", b"x"),
        (".a.png", b"x"),
    ]
    members += [("Thumbs.db", b"x"), ("empty.jpg", b""), ("inner.zip", b"PK"), ("raw.cr2", b"x"), ("folder/", b"")]
    path = write_zip(tmp_path / "a.zip", members, compression=compression)
    before = path.read_bytes()
    collection = check_headers(find_images(path))
    assert collection.name == "a.zip"
    assert collection.paths == ("b/img2.PNG", "b/img10.png")
    assert set(reasons(collection)) == {"empty.jpg", "raw.cr2"}
    for image in collection.images:
        assert read_bytes(image) == PNG
        assert image_details(image).width == 48
        assert (image.source, image.size, image.mtime_ns) == (path, len(PNG), path.stat().st_mtime_ns)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_names_cannot_point_out_of_the_zip(tmp_path):
    names = [
        "../../up.png",
        "/absolute.png",
        "C:\\Windows\\drive.png",
        "a/../../b.png",
        "..\\..\\back.png",
        "./dot.png",
    ]
    folder = tmp_path / "deep" / "deeper"
    folder.mkdir(parents=True)
    collection = find_images(write_zip(folder / "a.zip", [(name, PNG) for name in names]))
    expected = {"up.png", "absolute.png", "Windows/drive.png", "a/b.png", "back.png", "dot.png"}
    assert set(collection.paths) == expected
    assert all(looks_right(decode(read_bytes(image))) for image in collection.images)
    assert [path.name for path in tmp_path.rglob("*")] == ["deep", "deeper", "a.zip"]


def test_cleaned_names_stay_different(tmp_path):
    collection = find_images(write_zip(tmp_path / "a.zip", [("a.png", PNG), ("../a.png", PNG), ("/a.png", PNG)]))
    assert sorted(collection.paths) == ["a (2).png", "a (3).png", "a.png"]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_of_two_members_of_one_name_the_last_counts(tmp_path):
    other = encoded(quadrants().rotate(180), "PNG")
    collection = find_images(write_zip(tmp_path / "a.zip", [("a.png", other), ("a.png", PNG)]))
    assert [read_bytes(image) for image in collection.images] == [PNG]
    assert reasons(collection) == {"a.png": "a later file in the ZIP file has the same name"}


def test_names_in_utf_8_without_saying_so(tmp_path):
    path = write_zip(tmp_path / "a.zip", [("Mxxdchen.png", PNG)])
    path.write_bytes(path.read_bytes().replace(b"Mxxdchen", "Mädchen".encode()))
    collection = find_images(path)
    assert collection.paths == ("Mädchen.png",)
    assert read_bytes(collection.images[0]) == PNG


def test_emoji_and_newlines_in_names(tmp_path):
    collection = find_images(write_zip(tmp_path / "a.zip", [("🐱\n'\".png", PNG)]))
    assert collection.paths == ("🐱\n'\".png",)


@pytest.mark.parametrize(
    "content", [b"", b"PK", b"This is text.", PNG, b"PK\3\4" + bytes(100), b"PK\5\6" + b"\xff" * 18]
)
def test_no_zip_at_all(tmp_path, content):
    path = tmp_path / "a.zip"
    path.write_bytes(content)
    with pytest.raises(ArchiveError, match=r"a\.zip is damaged") as caught:
        find_images(path)
    assert caught.value.hint


def test_damaged_anywhere_is_one_error_or_a_reason(tmp_path):
    path = write_zip(tmp_path / "a.zip", [("a.png", PNG), ("b.png", PNG)])
    whole = path.read_bytes()
    for place in range(len(whole)):
        changed = bytearray(whole)
        changed[place] ^= 0xFF
        path.write_bytes(changed)
        try:
            for image in find_images(path).images:
                read_bytes(image)
        except (ArchiveError, NoImagesError, UnreadableImageError):
            pass
    path.write_bytes(whole[:-30])
    with pytest.raises(ArchiveError):
        find_images(path)


def test_one_damaged_member_leaves_the_others(tmp_path):
    path = write_zip(tmp_path / "a.zip", [("a.png", PNG), ("b.png", PNG)], compression=zipfile.ZIP_STORED)
    data = bytearray(path.read_bytes())
    data[60] ^= 0xFF
    path.write_bytes(data)
    bad, good = find_images(path).images
    assert read_bytes(good) == PNG
    with pytest.raises(UnreadableImageError, match="damaged inside the ZIP"):
        read_bytes(bad)


def test_protected_by_a_password(tmp_path):
    path = write_zip(tmp_path / "a.zip", [("a.png", PNG)])
    data = bytearray(path.read_bytes())
    data[6] |= 1
    data[data.index(b"PK\1\2") + 8] |= 1
    path.write_bytes(data)
    with pytest.raises(ArchiveError, match="protected by a password"):
        find_images(path)


def test_some_protected_by_a_password(tmp_path):
    path = write_zip(tmp_path / "a.zip", [("a.png", PNG), ("b.png", PNG)])
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\1\2") + 8] |= 1
    path.write_bytes(data)
    collection = find_images(path)
    assert collection.paths == ("b.png",)
    assert reasons(collection) == {"a.png": "it is protected by a password"}


def test_links_inside_are_not_followed(tmp_path):
    link = zipfile.ZipInfo("a.png")
    link.external_attr = 0o120777 << 16
    collection = find_images(write_zip(tmp_path / "a.zip", [(link, b"/etc/passwd"), ("b.png", PNG)]))
    assert collection.paths == ("b.png",)
    assert reasons(collection) == {"a.png": "a link inside a ZIP file is not followed"}


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_unusual_compression_is_said(tmp_path, compression):
    (item,) = find_images(write_zip(tmp_path / "a.zip", [("a.png", PNG)], compression=compression)).skipped
    assert "unusual way" in item.reason


def test_limits(tmp_path):
    path = write_zip(
        tmp_path / "a.zip", [(f"{number}.png", bytes(2**20)) for number in range(5)] + [("small.png", PNG)]
    )
    with pytest.raises(ArchiveError, match="holds 6 files; the limit is 5"):
        find_images(path, limits=ZipLimits(max_files=5))
    with pytest.raises(ArchiveError, match="unpack to 5 MB; the limit is 4 MB"):
        find_images(path, limits=ZipLimits(max_total_bytes=4 * 2**20))
    collection = find_images(path, limits=ZipLimits(max_member_bytes=2**20 - 1))
    assert collection.paths == ("small.png",)
    assert reasons(collection)["0.png"].startswith("too large: 1 MB")
    assert len(find_images(path, limits=ZipLimits(max_files=6, max_total_bytes=6 * 2**20))) == 6


def test_a_member_never_grows_past_what_it_declares(tmp_path):
    path = write_zip(tmp_path / "a.zip", [("a.png", bytes(200 * 2**20))])
    assert path.stat().st_size < 300_000
    (image,) = find_images(patched(path, "size", 1000)).images
    assert image.size == 1000
    tracemalloc.start()
    with pytest.raises(UnreadableImageError, match="damaged inside the ZIP"):
        read_bytes(image)
    assert tracemalloc.get_traced_memory()[1] < 10 * 2**20
    tracemalloc.stop()


@pytest.mark.parametrize("field", ["size", "packed"])
def test_a_member_shorter_than_it_declares(tmp_path, field):
    path = write_zip(tmp_path / "a.zip", [("a.png", PNG)], compression=zipfile.ZIP_STORED)
    for name, value in (("size", 10_000), ("packed", 10_000)) if field == "size" else (("packed", 20),):
        patched(path, name, value)
    (image,) = find_images(path).images
    with pytest.raises(UnreadableImageError, match=r"cut off|damaged inside the ZIP"):
        read_bytes(image)


def test_a_bomb_inside_a_zip(tmp_path):
    collection = check_headers(find_images(write_zip(tmp_path / "a.zip", [("a.png", bomb_png(40_000, 30_000))])))
    assert "40,000 x 30,000" in reasons(collection)["a.png"]


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_header_behind_the_first_quarter_megabyte(tmp_path):
    """In a TIFF the description may stand at the very end."""
    data = encoded(quadrants(), "TIFF")
    moved = data[:4] + struct.pack("<L", 2**19) + data[8:].ljust(2**19 - 8, b"\0")
    offset = struct.unpack_from("<L", data, 4)[0]
    moved += data[offset:]
    path = write_zip(tmp_path / "a.zip", [("a.tif", moved)])
    assert len(check_headers(find_images(path))) == 1


def test_a_zip_behind_other_data(tmp_path):
    """Self-extracting archives begin with a program."""
    content = io.BytesIO()
    write_zip(content, [("a.png", PNG)])
    path = tmp_path / "a.zip"
    path.write_bytes(b"program" * 100 + content.getvalue())
    assert read_bytes(find_images(path).images[0]) == PNG


def test_the_zip_changed_or_vanished_meanwhile(tmp_path):
    path = write_zip(tmp_path / "a.zip", [("a.png", PNG)])
    (image,) = find_images(path).images
    read_bytes(image)
    write_zip(path, [("something else.png", PNG * 2)])
    with pytest.raises(UnreadableImageError, match="vanished meanwhile"):
        read_bytes(image)
    path.write_bytes(b"no ZIP file any more")
    with pytest.raises(UnreadableImageError, match="vanished meanwhile"):
        read_bytes(image)
    path.unlink()
    with pytest.raises(UnreadableImageError, match="vanished meanwhile"):
        read_bytes(image)


def test_reading_from_many_threads(tmp_path):
    contents = {f"{number}.png": bytes([number]) * 5000 for number in range(100)}
    images = find_images(write_zip(tmp_path / "a.zip", contents.items())).images
    with ThreadPoolExecutor(8) as pool:
        read = list(pool.map(read_bytes, images * 5))
    assert read == [contents[image.path] for image in images] * 5


def test_nothing_to_find(tmp_path):
    with pytest.raises(NoImagesError):
        find_images(write_zip(tmp_path / "a.zip", [("notes.txt", b"x")]))
    with pytest.raises(NoImagesError):
        find_images(write_zip(tmp_path / "b.zip", []))


def test_the_file_stays_free(tmp_path):
    """No open handle is kept: the ZIP file can be replaced or deleted at once."""
    path = write_zip(tmp_path / "a.zip", [("a.png", PNG)])
    read_bytes(find_images(path).images[0])
    handles = Path("/proc/self/fd")
    if handles.exists():
        assert str(path) not in {str(handle.readlink()) for handle in handles.iterdir() if handle.is_symlink()}


def test_a_table_of_contents_that_is_too_long_is_not_even_read(tmp_path, monkeypatch):
    path = write_zip(tmp_path / "a.zip", [(f"{number}{'x' * 100}.png", b"") for number in range(500)])
    monkeypatch.setattr(zipfile, "ZipFile", lambda *args, **kwargs: pytest.fail("read it"))
    with pytest.raises(ArchiveError, match="too many files; the limit is 100"):
        find_images(path, limits=ZipLimits(max_files=100))


def test_a_table_of_contents_of_the_large_kind(tmp_path, monkeypatch):
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 10)
    path = write_zip(tmp_path / "a.zip", [(f"{number}.png", PNG) for number in range(20)])
    assert b"PK\6\6" in path.read_bytes()
    assert len(find_images(path)) == 20
    with pytest.raises(ArchiveError, match="too many files; the limit is 1"):
        find_images(path, limits=ZipLimits(max_files=1))
