"""A project's file is replaced by a later state of itself alone; all else that lies there gets another name."""

import errno
import os
from dataclasses import replace
from pathlib import Path

import pytest
from some_projects import some_project

from imgcluster.errors import FolderError, ProjectError
from imgcluster.keeping.projects import library as library_module
from imgcluster.keeping.projects import replacing
from imgcluster.keeping.projects.library import ProjectLibrary
from imgcluster.keeping.projects.project_file import load_project

BLANK = some_project(0, name="begun anew", created="2026-11-03T10:00:00+00:00")


@pytest.fixture
def library(tmp_path):
    return ProjectLibrary(tmp_path)


@pytest.fixture
def restarted(monkeypatch):
    """Let the program know nothing of the files, as after its start."""
    return lambda: monkeypatch.setattr(replacing, "_known", {})


@pytest.fixture
def n_read(monkeypatch):
    """Count how often a project is read."""
    read = []

    def counting(path, **options):
        read.append(path)
        return load_project(path, **options)

    monkeypatch.setattr(replacing, "load_project", counting)
    return lambda: len(read)


def file_of(library):
    return library.directory / some_project().id / "project.imgcluster"


def set_aside(library):
    return [*file_of(library).parent.glob("project.imgcluster.set-aside-*")]


def rotten(path):
    """Change a byte and nothing that the system tells of the file."""
    state, data = path.stat(), bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    with path.open("r+b") as file:
        file.write(data)
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (state.st_size, state.st_mtime_ns)
    return bytes(data)


@pytest.mark.parametrize("new", [some_project(), BLANK], ids=["the same", "a new one"])
def test_what_rotted_unseen_is_set_aside(library, restarted, new):
    library.save(some_project())
    data = rotten(file_of(library))
    restarted()
    assert library.list()[0].problem == ""  # nothing tells of it yet
    with pytest.raises(ProjectError, match="damaged"):
        library.load(some_project().id)
    library.save(new)
    assert [path.read_bytes() for path in set_aside(library)] == [data]
    assert library.load(new.id).name == new.name


def test_what_could_not_be_read_for_a_moment_is_not_replaced_by_a_new_project(library, restarted, monkeypatch):
    saved = library.save(some_project())
    data = file_of(library).read_bytes()
    restarted()

    def no_more_files(path, *given, **options):
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", no_more_files)
        with pytest.raises(ProjectError, match="cannot be read"):
            library.load(saved.id)
    assert library.load(saved.id) == saved  # somebody else reads it meanwhile
    library.save(BLANK)
    assert [path.read_bytes() for path in set_aside(library)] == [data]
    library.save(replace(BLANK, name="later"))
    assert len(set_aside(library)) == 1 and library.load(saved.id).name == "later"


def test_a_later_state_replaces_and_is_read_at_most_once(library, restarted, n_read):
    library.save(some_project())
    library.save(some_project(name="second"))
    assert n_read() == 0
    restarted()
    for name in ("third", "fourth"):
        library.save(some_project(name=name))
        assert n_read() == 1
    restarted()
    library.save(replace(library.load(some_project().id), name="fifth"))
    assert n_read() == 2
    assert set_aside(library) == [] and library.list()[0].name == "fifth"


def test_a_later_state_replaces_what_another_process_wrote(library, restarted, n_read):
    library.save(some_project())
    ours = dict(replacing._known)
    library.save(some_project(name="theirs"))
    replacing._known.clear()
    replacing._known.update(ours)
    library.save(some_project(name="ours"))
    assert n_read() == 1 and set_aside(library) == [] and library.list()[0].name == "ours"


def test_the_old_one_stays_in_its_place_until_the_new_one_is_written(library, monkeypatch):
    library.save(some_project())
    data = rotten(file_of(library))
    replacing._known.clear()

    def full(*given, **options):
        raise FolderError("the disk is full")

    monkeypatch.setattr(replacing, "save_project", full)
    with pytest.raises(FolderError, match="full"):
        library.save(BLANK)
    assert file_of(library).read_bytes() == data and set_aside(library) == []


def test_a_summary_that_cannot_be_written_is_made_again(library, monkeypatch):
    library.save(some_project())

    def full(*given, **options):
        raise FolderError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(library_module, "write_summary", full)
        assert library.save(some_project(name="second")).name == "second"
    assert library.list()[0].name == "second"


def test_the_name_of_a_saved_project_is_on_the_disk(library, monkeypatch):
    kept = []
    monkeypatch.setattr(replacing, "keep_name", lambda place: kept.append((place, file_of(library).exists())))
    library.save(some_project())
    assert kept == [(file_of(library).parent, True)]
