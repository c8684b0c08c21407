"""What the folder browser lists, and what it says of folders that it cannot."""

from pathlib import Path

import pytest

from imgcluster.errors import FolderError
from imgcluster.pictures.browsing import list_folder


def test_folders_in_natural_order_and_images_counted(tmp_path):
    for name in ("day 10", "day 2", ".hidden", "$RECYCLE.BIN"):
        (tmp_path / name).mkdir()
    for name in ("a.JPG", "b.heic", "c.txt", ".d.png", "e.zip", "f.ZIP"):
        (tmp_path / name).touch()
    listing = list_folder(tmp_path)
    assert listing.path == tmp_path
    assert listing.parent == tmp_path.parent
    assert listing.folders == ("day 2", "day 10")
    assert listing.n_images == 2
    assert listing.archives == ("e.zip", "f.ZIP")


def test_the_top_has_no_parent():
    assert list_folder(Path("/")).parent is None


def test_home_is_understood(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert list_folder("~").path == tmp_path


@pytest.mark.parametrize("name", ["missing", "file.png"])
def test_what_is_no_folder_is_refused_in_a_sentence(tmp_path, name):
    (tmp_path / "file.png").touch()
    with pytest.raises(FolderError, match="cannot be opened") as error:
        list_folder(tmp_path / name)
    assert error.value.hint


def test_a_link_to_nothing_is_no_folder(tmp_path):
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    assert list_folder(tmp_path).folders == ()
