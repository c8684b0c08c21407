"""The list of projects on the screen Pictures, and what one does with them there."""

import base64
import io
import time
from datetime import UTC, datetime

import pytest
from fake_extractor import write_images
from listed_projects import (
    forget_everything,
    gone_back,
    led_to_groups,
    open_menu,
    opening,
    projects,
    readable,
    some_project,
)
from PIL import Image

from imgcluster.keeping.projects.summaries import ProjectSummary
from imgcluster.ui.pictures.project_words import facts_of, how_long_ago, short

pytestmark = pytest.mark.usefixtures("few_clusters")

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
SCRIPT = "<img src=x onerror=alert(1)> **b** :red[z]"
N_IMAGES = 24


@pytest.fixture
def photos(tmp_path):
    write_images(tmp_path / "photos", N_IMAGES)
    return tmp_path / "photos"


@pytest.fixture
def grouped(visit, photos, own_cache):
    """A session that has grouped the folder into 5, and gone back."""
    return gone_back(visit().group(photos), own_cache)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ("2026-11-25T01:00:00+00:00", "today"),
        ("2026-11-26T01:00:00+00:00", "today"),
        ("2026-11-24T23:59:00+00:00", "yesterday"),
        ("2026-11-23T23:59:00+00:00", "2 days ago"),
        ("2026-11-12T12:00:00+00:00", "13 days ago"),
        ("2026-11-11T12:00:00+00:00", "2 weeks ago"),
        ("2026-09-27T12:00:00+00:00", "8 weeks ago"),
        ("2025-03-02T12:00:00+00:00", "2 March 2025"),
        ("0001-01-01T00:00:00+00:00", "1 January 1"),
        ("nonsense", ""),
        ("", ""),
    ],
)
def test_when_it_was_is_said_in_words(changed, said):
    assert how_long_ago(changed, NOW) == said


def test_what_is_said_of_a_project():
    facts = {"id": "0" * 12, "name": "x", "changed": "2026-11-24T10:00:00+00:00"}
    assert facts_of(ProjectSummary(**facts), NOW) == "not grouped yet, yesterday"
    grouped = ProjectSummary(**facts, n_images=1400, n_clusters=12, n_edits=1)
    assert facts_of(grouped, NOW) == "1,400 pictures, 12 groups, 1 change, yesterday"
    assert short("x" * 40) == "x" * 40 and len(short("x" * 41)) == 40


def test_without_a_project_there_is_no_list(visit):
    page = visit()
    assert "Your projects" not in page.text and projects(page) == []


def test_a_project_opens_where_it_was(grouped, visit, photos, network):
    page = forget_everything(visit())
    assert projects(page) == ["photos"]
    assert f"{N_IMAGES} pictures, 5 groups, today" in page.text
    led_to_groups(page.click("photos"))
    assert page.app.slider("n_clusters").value == 5
    assert network.seen == N_IMAGES
    page.go("pictures")
    assert page.screen == "pictures" and page.title  # led there once


def test_the_cover_is_one_image(grouped, kept):
    assert len(kept.list()[0].cover) == 4
    shown = [each.proto.imgs[0].url for each in grouped.app.get("image")]
    covers = [url for url in shown if url.startswith("data:image/jpeg")]
    assert len(covers) == 1
    with Image.open(io.BytesIO(base64.b64decode(covers[0].partition(",")[2]))) as cover:
        assert cover.size == (4 * 96, 96)


def test_the_newest_is_first_and_six_are_shown(visit, kept):
    for number in range(9):
        kept.save(some_project(number, name=f"project {number}"))
        time.sleep(0.002)
    names = [summary.name for summary in kept.list()]
    page = visit()
    assert projects(page) == names[:6]
    assert projects(page.click("Show all 9")) == names
    assert projects(page.click("Show fewer")) == names[:6]


def test_a_damaged_project_is_listed_and_can_be_deleted(visit, kept):
    kept.save(some_project(1))
    path = kept.directory / f"{1:012x}" / "project.imgcluster"
    path.write_bytes(path.read_bytes()[:100])
    kept.save(some_project(2, name="whole"))
    page = visit()
    assert projects(page) == ["whole"] and "project 1" in page.text
    assert kept.list()[1].problem in page.text
    open_menu(page, f"{1:012x}")
    assert "Duplicate" not in page.labels and not [field for field in page.app.text_input if field.label == "Name"]
    page.click("Delete").click("Delete it")
    assert [summary.name for summary in kept.list()] == ["whole"]


def test_a_sample_that_this_version_does_not_have_is_listed_and_can_be_deleted(visit, kept):
    kept.save(some_project(1, kind="sample", location="digits2"))
    page = visit()
    assert projects(page) == [] and '"digits2", which this version does not have' in page.text
    assert visit(c=f"{1:012x}").app.title  # a link to it leads to the start
    open_menu(page, f"{1:012x}").click("Delete").click("Delete it")
    assert kept.list() == ()


def test_rename(grouped, kept, visit):
    key = kept.list()[0].id
    open_menu(grouped, key)
    grouped.app.text_input(f"project-name-{key}").input("  Summer   holiday ")
    grouped.run()
    assert kept.list()[0].name == "Summer holiday"
    assert projects(grouped) == ["Summer holiday"]
    assert readable(grouped.app.header[0].value) == "Summer holiday"  # it is open
    grouped.app.text_input(f"project-name-{key}").input("   ")
    grouped.run()
    assert len(grouped.app.error) == 1 and "0 characters" in grouped.app.error[0].proto.title
    assert kept.list()[0].name == "Summer holiday"
    assert visit(c=key).app.header[0].value == "Summer holiday"


def test_names_stay_text(visit, kept):
    kept.save(some_project(1, name=SCRIPT))
    page = visit()
    label = opening(page)[0].label
    assert r"\<img src=x onerror=alert\(1\)\>" in label and r"\*\*b\*\*" in label


def test_duplicate_and_delete(grouped, kept, photos):
    first = kept.list()[0].id
    open_menu(grouped, first).click("Duplicate")
    assert sorted(projects(grouped)) == ["photos", "photos (2)"]
    second = next(summary.id for summary in kept.list() if summary.id != first)
    open_menu(grouped, second).click("Delete")
    assert "Delete? Your pictures stay." in grouped.text
    grouped.click("Keep it")
    assert len(kept.list()) == 2 and "Delete it" not in grouped.labels
    grouped.click("Delete").click("Delete it")
    assert [summary.id for summary in kept.list()] == [first]
    assert grouped.app.header[0].value == "photos"  # another is open
    open_menu(grouped, first).click("Delete").click("Delete it")
    assert kept.list() == () and "Your projects" not in grouped.text
    assert grouped.metrics == {}  # what was open is closed
    assert len(list(photos.iterdir())) == N_IMAGES


def test_what_was_deleted_begins_anew(grouped, kept, photos):
    key = kept.list()[0].id
    open_menu(grouped, key).click("Delete").click("Delete it")
    grouped.type_path(f"{photos} ")
    assert grouped.metrics["Pictures found"] == str(N_IMAGES)
    assert grouped.address["k"] == "8"


def test_two_windows(grouped, visit, kept):
    """What one deletes is gone in the other, without a traceback."""
    other = visit()
    key = kept.list()[0].id
    open_menu(other, key)
    kept.delete(key)
    other.app.button(f"project-copy-{key}").click()
    other.run()
    assert projects(other.run()) == []


def test_hosted_there_is_nothing_of_it(visit, kept, monkeypatch, tmp_path):
    kept.save(some_project(1, name="secret"))
    monkeypatch.setenv("IMGCLUSTER_HOSTED", "1")
    monkeypatch.setenv("IMGCLUSTER_OPEN", str(tmp_path / "secret.imgcluster"))
    page = visit(c=f"{1:012x}")
    assert "secret" not in page.text and projects(page) == [] and not page.app.error
    assert [field.label for field in page.app.file_uploader] == ["A ZIP file, or pictures"]
