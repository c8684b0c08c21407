"""The list of projects: what is done in it, what comes from others, and what is found when something went wrong."""

import json
import os
from dataclasses import replace

import pytest
from some_projects import LOCATION, SCRIPT, assert_same, some_parts, some_project, some_thumbnails

from imgcluster.editing.history import History
from imgcluster.errors import FolderError, ParameterError, ProjectError
from imgcluster.features.store import Store
from imgcluster.keeping.archive import read_archive, write_archive
from imgcluster.keeping.projects import library as library_module
from imgcluster.keeping.projects import summaries
from imgcluster.keeping.projects.library import ProjectLibrary, new_id, now
from imgcluster.keeping.projects.project_file import save_project


@pytest.fixture
def library(tmp_path):
    return ProjectLibrary(tmp_path)


@pytest.fixture
def times(monkeypatch):
    """Let a second pass between one change and the next."""
    seconds = iter(range(10, 60))
    monkeypatch.setattr(library_module, "now", lambda: f"2026-11-25T10:00:{next(seconds)}+00:00")


def sent_file(path, **options):
    project = some_project(name="sent")
    save_project(path, project, parts=some_parts(), private=False, **options)
    return project


def files_below(directory):
    return {
        each.relative_to(directory).as_posix(): each.read_bytes() for each in directory.rglob("*") if each.is_file()
    }


def test_what_is_saved_is_listed_and_loaded(library):
    project = some_project()
    saved = library.save(project)
    assert saved == replace(project, changed=saved.changed) and saved.changed > project.changed
    assert saved.changed.endswith("+00:00") and len(saved.changed) == len(now())
    assert library.load(project.id) == saved
    (summary,) = library.list()
    for name in ("id", "name", "kind", "location", "created", "changed", "n_images", "n_clusters", "cover"):
        assert getattr(summary, name) == getattr(saved, name)
    assert summary.n_edits == project.history.n_done and summary.problem == ""


def test_the_last_changed_comes_first(library, times):
    ids = [library.save(some_project(3, id=new_id())).id for _ in range(3)]
    assert [each.id for each in library.list()] == ids[::-1]
    library.save(library.load(ids[0]))
    assert [each.id for each in library.list()] == [ids[0], ids[2], ids[1]]


def test_the_list_reads_no_project(library, monkeypatch):
    library.save(some_project())
    monkeypatch.setattr(summaries, "load_project", lambda *given, **options: pytest.fail("a project is read"))
    assert len(library.list()) == 1


@pytest.mark.parametrize("content", [None, b"", b"[]", b"\xff", b'{"summary": 3}', b"[" * 100_000])
def test_a_missing_or_damaged_summary_is_made_again(library, content):
    library.save(some_project())
    expected, path = library.list(), library.directory / some_project().id / "summary.json"
    path.write_bytes(content) if content is not None else path.unlink()
    assert library.list() == expected
    assert json.loads(path.read_text())["summary"]["name"] == some_project().name


def test_a_summary_of_another_state_is_made_again(library):
    """As it is when the program was ended just after the project was written."""
    project = library.save(some_project())
    save_project(library.directory / project.id / "project.imgcluster", replace(project, name="newer"), private=True)
    assert [each.name for each in library.list()] == ["newer"]


@pytest.mark.parametrize(
    "project_id",
    [
        "",
        ".",
        "..",
        "../..",
        "/",
        "0123456789AB",
        "0123456789ab/",
        "0123456789ab\n",
        "../0123456789",
        "\0" * 12,
        "x" * 12,
        None,
        5,
    ],
)
def test_an_id_leads_nowhere_else(library, project_id):
    library.save(some_project())
    before = files_below(library.directory)
    for use in (library.load, library.delete, library.duplicate, library.load_sent, library.store_path):
        with pytest.raises(ProjectError, match="no such project"):
            use(project_id)
    with pytest.raises(ProjectError):
        library.save(some_project(id=project_id))
    assert files_below(library.directory) == before


def test_a_link_is_no_project(library, tmp_path):
    library.save(some_project())
    other = ProjectLibrary(tmp_path / "other")
    other.directory.mkdir(parents=True)
    (other.directory / some_project().id).symlink_to(library.directory / some_project().id)
    assert other.list() == ()
    for use in (other.delete, other.load, lambda given: other.save(some_project())):
        with pytest.raises(ProjectError):
            use(some_project().id)
    assert len(library.list()) == 1


def test_renaming(library):
    library.save(some_project())
    library.rename(some_project().id, f"  {SCRIPT}\n ")
    assert [each.name for each in library.list()] == [SCRIPT]
    for name in ("", "  ", "x" * 201, "a\u202eb"):
        with pytest.raises(ParameterError):
            library.rename(some_project().id, name)
    assert library.load(some_project().id).name == SCRIPT


def test_duplicates_are_numbered_and_on_their_own(library):
    first = library.save(some_project(name="X"))
    second, third = library.duplicate(first.id), library.duplicate(first.id)
    fourth = library.duplicate(second.id)
    assert [each.name for each in (second, third, fourth)] == ["X (2)", "X (3)", "X (4)"]
    assert len({each.id for each in library.list()}) == 4
    assert replace(second, id=first.id, name="X", created=first.created, changed=first.changed) == first
    library.save(replace(second, history=History()))
    assert library.load(first.id).history == first.history
    assert len(library.duplicate(library.save(some_project(id=new_id(), name="y" * 200)).id).name) <= 200


def test_deleting_removes_one_project_and_nothing_else(library, tmp_path):
    (tmp_path / "photo.png").write_bytes(b"x")
    kept, gone = library.save(some_project(id=new_id())), library.save(some_project())
    before = files_below(library.directory / kept.id)
    library.delete(gone.id)
    assert [each.id for each in library.list()] == [kept.id]
    assert [each.name for each in library.directory.iterdir()] == [kept.id]
    assert files_below(library.directory / kept.id) == before and (tmp_path / "photo.png").exists()
    with pytest.raises(ProjectError):
        library.delete(gone.id)


def test_finding_by_location(library, times):
    assert library.find_by_location("folder", LOCATION) is None
    library.save(some_project())
    newest = library.save(some_project(id=new_id()))
    library.save(some_project(id=new_id(), kind="upload"))
    assert library.find_by_location("folder", LOCATION).id == newest.id
    assert library.find_by_location("folder", "/elsewhere") is None


@pytest.mark.parametrize("n_images", [0, 1, 2])
def test_projects_of_few_images_or_none(library, n_images):
    saved = library.save(some_project(n_images, location="/x/\udcff"))
    assert library.load(saved.id) == saved and library.list()[0].location == "/x/\udcff"


def test_a_sent_file_becomes_a_project_with_its_own_thumbnails(library, tmp_path):
    thumbnails = some_thumbnails(some_project())
    original = sent_file(tmp_path / "s.imgcluster", thumbnails=thumbnails)
    added = library.add_file(tmp_path / "s.imgcluster")
    (tmp_path / "s.imgcluster").unlink()
    assert (added.kind, added.location, added.name) == ("file", "", "sent") and added.id != original.id
    assert library.load(added.id) == added and added.history == original.history
    assert_same(library.load_sent(added.id).parts, some_parts())
    path = library.store_path(added.id)
    assert path.parent == library.directory / added.id
    with Store(path) as store:
        assert store.thumbnails(original.hashes) == thumbnails


def test_what_is_no_picture_gets_into_no_store(library, tmp_path):
    path = tmp_path / "s.imgcluster"
    project = sent_file(path, thumbnails=some_thumbnails(some_project()))
    header, arrays = read_archive(path, kind="project", version=1)
    data = arrays["thumbnail_bytes"].copy()
    start, end = arrays["thumbnail_offsets"][1:3]
    data[start : start + 30] = list(b"<script>alert(1)</script>".ljust(30))
    write_archive(path, kind="project", version=1, header=header, arrays=arrays | {"thumbnail_bytes": data})
    added = library.add_file(path)
    with Store(library.store_path(added.id)) as store:
        assert {*store.thumbnails(project.hashes)} == {*project.hashes} - {project.hashes[1]}
    assert end > start


def test_a_refused_file_adds_nothing(library, tmp_path):
    path = tmp_path / "s.imgcluster"
    sent_file(path)
    path.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(ProjectError, match="damaged"):
        library.add_file(path)
    assert library.list() == () and not library.directory.exists()


def test_a_project_of_ones_own_that_was_copied_by_hand_is_believed_nothing(library, tmp_path):
    save_project(tmp_path / "s.imgcluster", some_project(), private=True)
    added = library.add_file(tmp_path / "s.imgcluster")
    assert added.location == "" and library.load_sent(added.id) is None and library.store_path(added.id) is None


def test_a_duplicate_of_a_sent_project_has_its_own_thumbnails(library, tmp_path):
    sent_file(tmp_path / "s.imgcluster", thumbnails=some_thumbnails(some_project()))
    first = library.add_file(tmp_path / "s.imgcluster")
    second = library.duplicate(first.id)
    library.delete(first.id)
    with Store(library.store_path(second.id)) as store:
        assert len(store.thumbnails(second.hashes)) == 24
    assert library.load_sent(second.id).parts is not None


def test_a_damaged_project_is_listed_with_a_sentence_and_never_lost(library):
    project = library.save(some_project())
    path = library.directory / project.id / "project.imgcluster"
    data = path.read_bytes()[:-100]
    path.write_bytes(data)
    for _ in range(2):
        (summary,) = library.list()
        assert summary.name == project.name and "damaged" in summary.problem and "\n" not in summary.problem
    assert library.find_by_location(project.kind, project.location) is None
    with pytest.raises(ProjectError, match="damaged"):
        library.load(project.id)
    library.save(project)
    assert library.list()[0].problem == ""
    (aside,) = path.parent.glob("project.imgcluster.set-aside-*")
    assert aside.read_bytes() == data


def test_a_project_of_a_newer_version_stays_for_it(library):
    project = library.save(some_project())
    path = library.directory / project.id / "project.imgcluster"
    header, arrays = read_archive(path, kind="project", version=1)
    write_archive(path, kind="project", version=2, header=header, arrays=arrays)
    (path.parent / "summary.json").unlink()
    (summary,) = library.list()
    assert "newer version" in summary.problem and summary.id in summary.name
    with pytest.raises(ProjectError, match="newer version"):
        library.rename(project.id, "x")
    assert read_archive(path, kind="project", version=2)[0] == header


def test_a_project_of_a_sample_that_is_gone_stays_for_the_version_that_has_it(library):
    project = library.save(some_project(kind="sample", location="digits2"))
    for _ in range(2):
        (summary,) = library.list()
        assert '"digits2", which this version does not have' in summary.problem
    assert library.find_by_location("sample", "digits2") is None
    with pytest.raises(ProjectError, match="digits2") as error:
        library.load(project.id)
    assert error.value.hint
    library.save(replace(project, location="digits"))
    assert library.list()[0].problem == ""


def test_what_was_left_by_a_killed_program_goes_in_time(library, tmp_path):
    project = library.save(some_project())
    place = library.directory / project.id
    left = [
        library.directory / ".new-abc",
        library.directory / ".gone-abc",
        place / ".new-abc",
        library.directory / ".new-fresh",
    ]
    for path in (left[0], left[1], left[3]):
        path.mkdir()
        (path / "a").write_bytes(b"x")
    left[2].write_bytes(b"x")
    for path in left[:3]:
        os.utime(path, (0, 0))
    again = ProjectLibrary(tmp_path)
    assert [each.id for each in again.list()] == [project.id]
    again.load(project.id)
    assert [path.exists() for path in left] == [False, False, False, True]


def test_a_place_that_cannot_be_written_to_is_said(tmp_path):
    (tmp_path / "projects").write_bytes(b"a file")
    library = ProjectLibrary(tmp_path)
    assert library.list() == ()
    with pytest.raises(FolderError, match="cannot be written") as error:
        library.save(some_project())
    assert error.value.hint
