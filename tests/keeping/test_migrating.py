"""Folders that an earlier version had in its list become projects, once."""

import json

import pytest

from imgcluster.keeping.projects.library import ProjectLibrary
from imgcluster.keeping.projects.migrating import OldFolder, old_folders

ENTRIES = [
    {"location": "/photos/new", "n_images": 12, "n_clusters": 5},
    {"location": "/photos/\udcff", "n_images": 0, "n_clusters": 0},
    {"location": "C:\\photos\\old.zip", "n_images": 3, "n_clusters": 2},
]


def write(directory, content):
    text = content if isinstance(content, str) else json.dumps(content)
    (directory / "recents.json").write_text(text)


def test_recent_folders_become_projects_once(tmp_path):
    write(tmp_path, ENTRIES)
    listed = ProjectLibrary(tmp_path).list()
    assert [(each.location, each.n_clusters, each.kind) for each in listed] == [
        (entry["location"], entry["n_clusters"], "folder") for entry in ENTRIES
    ]
    assert listed[0].name == "new" and all(each.name and each.n_images == 0 for each in listed)
    assert json.loads((tmp_path / "recents.json.migrated").read_text()) == ENTRIES
    assert not (tmp_path / "recents.json").exists()
    library = ProjectLibrary(tmp_path)
    library.delete(listed[0].id)
    assert len(ProjectLibrary(tmp_path).list()) == 2


def test_links_to_them_still_lead_there(tmp_path):
    write(tmp_path, ENTRIES[:1])
    library = ProjectLibrary(tmp_path)
    # blake2b of the location with 6 bytes, as earlier versions named folders in addresses
    assert library.load("017fcee2dea1").location == "/photos/new"


def test_a_project_that_is_there_already_stays(tmp_path):
    write(tmp_path, ENTRIES)
    library = ProjectLibrary(tmp_path)
    first = library.list()[0]
    library.rename(first.id, "mine")
    write(tmp_path, ENTRIES)
    assert ProjectLibrary(tmp_path).load(first.id).name == "mine"


@pytest.mark.parametrize(
    "content",
    [
        *("", "{", "null", "3", '"text"', '{"a": 1}', "[3]", "[" * 100_000),
        *([{"location": 3}], [{"location": ""}], [{"location": "/a", "n_clusters": "x"}], [{"location": "a\0b"}]),
        [{"location": "/a", "n_clusters": -1}],
    ],
    ids=range(13),
)
def test_a_damaged_list_is_ignored(tmp_path, content):
    write(tmp_path, content)
    assert old_folders(tmp_path) == () and ProjectLibrary(tmp_path).list() == ()
    assert not (tmp_path / "recents.json").exists() and (tmp_path / "recents.json.migrated").exists()


def test_without_a_list_nothing_is_made(tmp_path):
    assert ProjectLibrary(tmp_path).list() == () and list(tmp_path.iterdir()) == []


def test_where_nothing_can_be_written_the_list_stays(tmp_path):
    write(tmp_path, ENTRIES)
    (tmp_path / "projects").write_bytes(b"a file")
    assert ProjectLibrary(tmp_path).list() == ()
    assert [isinstance(each, OldFolder) for each in old_folders(tmp_path)] == [True] * 3
