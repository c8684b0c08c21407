"""What is found in folders and lists, in which order, and what is said about the rest."""

import os
import re
import stat
import sys
import threading
from types import SimpleNamespace

import pytest
from odd_images import encoded, looks_right, quadrants, write_odd_images

from imgcluster.errors import Cancelled, FolderError, NoImagesError, ParameterError, UnreadableImageError
from imgcluster.pictures import finding
from imgcluster.pictures.finding import check_headers, find_images, leads_elsewhere
from imgcluster.pictures.formats import picture_formats, picture_suffixes
from imgcluster.pictures.opening import decode, read_bytes

# What Pillow says about broken metadata.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")

PNG = encoded(quadrants(), "PNG")

needs_links = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="links need a privilege on this system")


def write(folder, *names, content=PNG):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def reasons(collection):
    return {item.path: item.reason for item in collection.skipped}


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    folder = tmp_path_factory.mktemp("odd") / "pictures"
    folder.mkdir()
    return folder, write_odd_images(folder)


def test_every_good_file_is_used_and_every_bad_one_is_listed(odd):
    folder, expected = odd
    checked = check_headers(find_images(folder))
    used, skipped = {}, reasons(checked)
    for image in checked.images:
        try:
            used[image.path] = decode(read_bytes(image))
        except UnreadableImageError as error:
            skipped[image.path] = str(error)
    assert set(used) == set(expected.good)
    assert set(skipped) == set(expected.bad)
    assert len(expected.bad) >= 25
    for path, fragment in expected.bad.items():
        assert fragment in skipped[path], path
    for path, kind in expected.good.items():
        assert kind != "quadrants" or looks_right(used[path]), path


def test_the_pictures_are_left_as_they_were(odd):
    folder, _ = odd

    def state():
        return sorted((str(path), os.lstat(path).st_mtime_ns, os.lstat(path).st_size) for path in folder.rglob("*"))

    before = state()
    check_headers(find_images(folder))
    assert state() == before


def test_what_is_shown_is_valid_text(odd):
    folder, _ = odd
    collection = find_images(folder)
    for item in (*collection.images, *collection.skipped):
        item.path.encode("utf-8")
        assert not item.path.startswith("/")


def test_order_is_natural(tmp_path):
    names = [f"{folder}/img{number}.png" for folder in ("day 10", "day 2") for number in (1, 2, 10, 100)]
    write(tmp_path, *names)

    def by_numbers(name):
        return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]

    assert list(find_images(tmp_path).paths) == sorted(names, key=by_numbers)


def test_order_does_not_depend_on_the_order_on_the_disk(tmp_path, monkeypatch):
    write(tmp_path, "a.png", "b/c.png", "b/a.png", "A.png", "z.png")
    once = find_images(tmp_path)
    scandir = os.scandir

    class Backwards:
        def __init__(self, path):
            with scandir(path) as entries:
                self.entries = sorted(entries, key=lambda entry: entry.name, reverse=True)

        def __enter__(self):
            return self.entries

        def __exit__(self, *_):
            pass

    monkeypatch.setattr(finding.os, "scandir", Backwards)
    assert find_images(tmp_path) == once


def test_not_recursive(tmp_path):
    write(tmp_path, "a.png", "b/c.png", "d.png/e.png")
    collection = find_images(tmp_path, recursive=False)
    assert collection.paths == ("a.png",)
    assert reasons(collection) == {"d.png": "this is a folder, not a picture"}


def test_same_name_in_two_folders_are_two_images(tmp_path):
    write(tmp_path, "a/x.png", "b/x.png")
    assert find_images(tmp_path).paths == ("a/x.png", "b/x.png")


@pytest.mark.parametrize(
    "suffix", ["jpg", "JPG", "jpeg", "png", "webp", "gif", "bmp", "tif", "TIFF", "heic", "HEIF", "avif"]
)
def test_extensions_in_any_case(tmp_path, suffix):
    write(tmp_path, f"a.{suffix}")
    assert len(find_images(tmp_path)) == 1


def test_formats_that_are_never_opened():
    assert not {"EPS", "WMF", "PDF", "MPEG", "HDF5", "GRIB", "BUFR"} & set(picture_formats())
    assert {"JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP", "HEIF", "AVIF", "JPEG2000"} <= set(picture_formats())
    assert not {".eps", ".ps", ".pdf", ".mpg", ".wmf", ".h5"} & picture_suffixes()


@needs_links
def test_links_inside_the_folder_are_the_same_picture_once(tmp_path):
    write(tmp_path, "z/real.png", ".store/1234", "other.png")
    (tmp_path / "a link.png").symlink_to("z/real.png")
    (tmp_path / "store link 1.png").symlink_to(".store/1234")
    (tmp_path / "store link 2.png").symlink_to(".store/1234")
    (tmp_path / "z again").symlink_to("z")
    (tmp_path / "text.txt").symlink_to("other.png")
    collection = find_images(tmp_path)
    assert set(collection.paths) == {"z/real.png", "other.png", "store link 1.png"}
    assert not collection.skipped


@needs_links
def test_a_folder_given_as_a_link(tmp_path):
    write(tmp_path, "real/a.png")
    (tmp_path / "link").symlink_to("real")
    assert find_images(tmp_path / "link").paths == ("a.png",)


@needs_links
def test_circles_of_links_end(tmp_path):
    write(tmp_path, "a/b/c.png")
    (tmp_path / "a/b/up").symlink_to(tmp_path)
    (tmp_path / "a/one.png").symlink_to("two.png")
    (tmp_path / "a/two.png").symlink_to("one.png")
    collection = find_images(tmp_path)
    assert collection.paths == ("a/b/c.png",)
    assert reasons(collection) == dict.fromkeys(("a/one.png", "a/two.png"), "a link that leads in a circle")


@pytest.mark.skipif(sys.platform != "linux", reason="this system has no such names")
def test_names_that_look_the_same_are_told_apart(tmp_path):
    for name in (b"\xff.png", b"\xfe.png", "�.png".encode()):
        write(tmp_path, os.fsdecode(name))
    collection = find_images(tmp_path)
    assert set(collection.paths) == {"�.png", "� (2).png", "� (3).png"}
    assert all(looks_right(decode(read_bytes(image))) for image in collection.images)


def test_a_folder_that_may_not_be_read_is_listed(tmp_path, monkeypatch):
    write(tmp_path, "a.png", "locked/b.png")
    scandir = os.scandir

    def refuse(path):  # as root there is nothing that may not be read
        if str(path).endswith("locked"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(finding.os, "scandir", refuse)
    collection = find_images(tmp_path)
    assert collection.paths == ("a.png",)
    assert reasons(collection) == {"locked": "folder not searched: no permission to read it"}
    with pytest.raises(FolderError, match="no permission"):
        find_images(tmp_path / "locked")


@pytest.mark.parametrize("name", ["nothing here", "a.txt/below a file", "nul\0in it"])
def test_a_missing_folder_is_one_sentence(tmp_path, name):
    write(tmp_path, "a.txt")
    with pytest.raises(FolderError) as caught:
        find_images(tmp_path / name)
    assert "no such folder" in str(caught.value)
    assert caught.value.hint


def test_a_file_instead_of_a_folder(tmp_path):
    write(tmp_path, "a.png")
    with pytest.raises(FolderError, match=r"a\.png is a file, not a folder") as caught:
        find_images(str(tmp_path / "a.png"))
    assert "folder that it is in" in caught.value.hint


def test_an_empty_folder(tmp_path):
    write(tmp_path, "notes.txt", "film.mp4", ".hidden.png")
    with pytest.raises(NoImagesError, match="no pictures") as caught:
        find_images(tmp_path)
    assert caught.value.hint


def test_a_folder_with_nothing_usable_keeps_the_reasons(tmp_path):
    write(tmp_path, "a.png", content=b"")
    collection = find_images(tmp_path)
    assert len(collection) == 0
    assert reasons(collection) == {"a.png": "the file is empty"}


def test_a_list_of_paths(tmp_path):
    write(tmp_path, "b/img10.png", "b/img2.png", "c/no extension", ".hidden.png", "raw.NEF")
    names = [
        "b/img10.png",
        "b/img2.png",
        "b/../b/img2.png",
        "c/no extension",
        ".hidden.png",
        "raw.NEF",
        "b",
        "none.png",
    ]
    collection = find_images([str(tmp_path / name) for name in names])
    assert collection.paths == (".hidden.png", "b/img2.png", "b/img10.png", "c/no extension")
    assert {path: text.split(";")[0] for path, text in reasons(collection).items()} == {
        "b": "this is a folder, not a picture",
        "none.png": "there is no such file",
        "raw.NEF": "camera RAW files cannot be opened",
    }


def test_a_list_of_one_and_of_none(tmp_path):
    write(tmp_path, "a.png")
    assert find_images([tmp_path / "a.png"]).paths == ("a.png",)
    with pytest.raises(NoImagesError):
        find_images([])


def test_a_list_relative_to_the_current_folder(tmp_path, monkeypatch):
    write(tmp_path, "a.png", "b/c.png")
    monkeypatch.chdir(tmp_path)
    collection = find_images(["a.png", "b/c.png"])
    assert collection.paths == ("a.png", "b/c.png")
    monkeypatch.chdir("/")
    assert looks_right(decode(read_bytes(collection.images[0])))


def test_sizes_and_times_are_those_of_the_files(tmp_path):
    write(tmp_path, "a.png")
    (image,) = find_images(tmp_path).images
    status = (tmp_path / "a.png").stat()
    assert (image.size, image.mtime_ns, image.member) == (status.st_size, status.st_mtime_ns, None)
    assert image.source == (tmp_path / "a.png").resolve()


def test_headers_are_checked_with_progress(tmp_path):
    write(tmp_path, *(f"{number}.png" for number in range(50)))
    write(tmp_path, "7.png", content=b"no picture")
    write(tmp_path, "empty.png", content=b"")
    found = find_images(tmp_path)
    (tmp_path / "9.png").unlink()
    reports = []
    checked = check_headers(found, progress=reports.append)
    assert [report.done for report in reports] == list(range(1, 51))
    assert {report.total for report in reports} == {50}
    assert checked.paths == tuple(f"{number}.png" for number in range(50) if number not in {7, 9})
    assert reasons(checked) == {
        "7.png": "this is not a picture",
        "9.png": "it vanished meanwhile",
        "empty.png": "the file is empty",
    }


def test_headers_limit(tmp_path):
    write(tmp_path, "a.png")
    assert reasons(check_headers(find_images(tmp_path), max_pixels=100)) == {
        "a.png": "too large: 48 x 32 pixels (limit 0.0001 megapixels)"
    }


def test_headers_can_be_cancelled(tmp_path):
    write(tmp_path, *(f"{number}.png" for number in range(50)))
    cancel = threading.Event()
    with pytest.raises(Cancelled):
        check_headers(find_images(tmp_path), cancel=cancel, progress=lambda report: cancel.set())


def test_what_windows_calls_a_junction_leads_elsewhere():
    is_junction = [0, 0xA0000003, 0xA0000008]
    found = [SimpleNamespace(st_mode=stat.S_IFDIR, st_reparse_tag=tag) for tag in is_junction]
    assert [leads_elsewhere(status) for status in found] == [False, True, False]


@pytest.mark.parametrize("source", ["~nobodyx/photos", ["~nobodyx/a.jpg"]])
def test_a_user_who_is_not_there_is_an_error(source):
    with pytest.raises(ParameterError, match=r"~nobodyx/.* cannot be found: there is no user of that name") as caught:
        find_images(source)
    assert caught.value.hint
