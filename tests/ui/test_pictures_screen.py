"""The screen Pictures: every way to choose, what was found, start and stop."""

import shutil
import zipfile

import pytest
from fake_extractor import write_images

from imgcluster.jobs import JobState
from imgcluster.ui.register import jobs


@pytest.fixture
def photos(tmp_path):
    write_images(tmp_path / "photos", 20)
    return tmp_path / "photos"


def states():
    return {key.split("/", 1)[1].split("/")[0]: job.state for key, job in jobs()._jobs.items()}


def test_first_sight(visit):
    page = visit()
    assert page.app.title[0].value == "Find the groups in your pictures"
    assert {"Handwritten digits", "Dots and shapes", "Open"} <= set(page.labels)
    assert "nothing is sent anywhere" in page.text
    assert "Start" not in page.labels
    assert page.address == {}


def test_a_sample_is_found_and_named_in_the_address(visit):
    page = visit().click("Dots and shapes").settle()
    assert page.metrics == {"Pictures found": "600", "Cannot be read": "0", "Time": "20 seconds"}
    assert "Start" in page.labels
    assert page.address == {"c": "dots", "k": "8"}
    page.click("Handwritten digits").settle()
    assert page.metrics["Pictures found"] == "1,797"
    assert (page.address["c"], page.address["x"]) == ("digits", "pixels")
    page.click("Dots and shapes").settle()
    assert "x" not in page.address


@pytest.mark.parametrize("form", ["{}", '"{}"', "'{}'", "  {}  ", "{}/"])
def test_typed_paths(visit, photos, form):
    page = visit().type_path(form.format(photos))
    assert page.metrics["Pictures found"] == "20"
    assert page.app.header[0].value == "photos"


def test_a_zip_file_is_a_folder(visit, photos, tmp_path):
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for path in photos.iterdir():
            archive.write(path, path.name)
    assert visit().type_path(tmp_path / "all.zip").metrics["Pictures found"] == "20"


@pytest.mark.parametrize("typed", ["", "   ", '""'])
def test_nothing_typed_is_nothing(visit, typed):
    page = visit().type_path(typed).click("Open")
    assert page.metrics == {} and not page.app.error


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: None, "cannot be opened"),
        (lambda path: path.mkdir(), "no pictures"),
        (lambda path: path.write_text("hello"), "not a folder"),
    ],
    ids=["missing", "empty", "file"],
)
def test_what_cannot_be_opened_is_one_sentence(visit, tmp_path, make, message):
    make(tmp_path / "here")
    page = visit().type_path(tmp_path / "here")
    assert len(page.app.error) == 1
    title, hint = page.app.error[0].proto.title, page.app.error[0].value
    assert title.count(".") - title.count("\\.") <= 1 and hint.strip()
    assert message in title
    assert "Traceback" not in page.text and "Start" not in page.labels


def test_a_damaged_zip_file(visit, tmp_path):
    (tmp_path / "bad.zip").write_bytes(b"PK\x03\x04 not really")
    page = visit().type_path(tmp_path / "bad.zip")
    assert len(page.app.error) == 1


def test_another_try_after_an_error(visit, photos):
    page = visit().type_path(photos / "missing")
    assert page.app.error
    page.type_path(photos)
    assert not page.app.error and page.metrics["Pictures found"] == "20"


def test_skipped_files_are_listed_with_their_reasons(visit, photos):
    (photos / "empty.png").write_bytes(b"")
    (photos / "text.jpg").write_text("hello")
    page = visit().type_path(photos)
    assert page.metrics["Cannot be read"] == "2"
    listed = page.app.dataframe[0].value
    assert list(listed.columns) == ["File", "Why"]
    assert set(listed["File"]) == {"empty.png", "text.jpg"} and listed["Why"].all()
    assert page.app.expander[0].label == "2 files that cannot be read"


def test_a_folder_in_which_everything_is_broken(visit, tmp_path):
    (tmp_path / "one.png").write_bytes(b"")
    (tmp_path / "two.jpg").write_text("hello")
    page = visit().type_path(tmp_path)
    assert page.metrics["Pictures found"] == "0"
    assert page.metrics["Cannot be read"] == "2"
    assert "Start" not in page.labels
    assert page.app.error[0].proto.title == "None of these files can be used"


def test_names_stay_text(visit, tmp_path):
    name = "**bold** <b>x</b> $y$ :red[z] [link](http://evil.example) # `code`"
    write_images(tmp_path / "a" / name.replace("/", "_"), 3)
    page = visit().type_path(tmp_path / "a" / name.replace("/", "_"))
    assert r"\*\*bold\*\* \<b\>x\<_b\>".replace("_", r"\_") in page.app.header[0].value
    assert r"\:red\[z\]" in page.app.header[0].value


def test_start_leads_to_the_groups(visit, photos):
    page = visit().type_path(photos).click("Start").settle()
    assert page.screen == "groups"
    page.go("pictures")
    assert "Start" not in page.labels and "Time" not in page.metrics
    assert [link.label for link in page.app.page_link] == ["See the groups"]
    page.run()
    assert page.screen == "pictures"  # led there once, not each time


def test_cancel_and_start_again(visit, photos, network):
    network.seconds_per_batch = 0.2
    write_images(photos, 120, seed=1)
    page = visit().type_path(photos).click("Start")
    assert "Cancel" in page.labels and "Start" not in page.labels
    page.click("Cancel").settle()
    assert states()["groups"] is JobState.CANCELLED
    assert "what was finished is kept" in page.text
    done, network.seconds_per_batch = network.seen, 0
    page.click("Start").settle()
    assert states()["groups"] is JobState.DONE
    assert network.seen <= 120 and done < 120
    assert page.screen == "groups"


def test_a_second_visitor_joins_the_work(visit, photos, network):
    network.seconds_per_batch = 0.5
    first = visit().type_path(photos).click("Start")
    second = visit().type_path(photos)
    assert network.seen <= 20
    first.settle()
    assert "See the groups" in [link.label for link in second.run().app.page_link]
    assert network.seen == 20


def test_a_folder_that_changed(visit, photos, network):
    page = visit().group(photos)
    write_images(photos / "more", 5, seed=2)
    page.go("pictures").type_path(f"{photos} ")
    assert page.metrics == {"Pictures found": "25", "Cannot be read": "0", "Time": "a few seconds"}
    page.click("Start").settle()
    assert network.seen == 25


def test_a_folder_that_went_between_scan_and_start(visit, photos):
    page = visit().type_path(photos)
    shutil.rmtree(photos)
    page.click("Start").settle()
    assert len(page.app.error) == 1
    assert "None of the 20 pictures can be used" in page.app.error[0].proto.title
    assert "Start" in page.labels


def test_look_around(visit, photos, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    with zipfile.ZipFile(tmp_path / "pack.zip", "w") as archive:
        archive.write(next(photos.iterdir()), "one.png")
    page = visit()
    page.app.toggle("browse").set_value(True)
    page.run()
    assert {"photos", "pack.zip", "Up", "Home", "Choose this folder"} <= set(page.labels)
    page.click("photos")
    assert "No folders in here." in page.text
    page.click("Up").click("Up").click("Home").click("photos").click("Choose this folder").settle()
    assert page.metrics["Pictures found"] == "20"
    assert page.app.text_input("folder_path").value == str(photos)
    page.click("Up").click("pack.zip").settle()
    assert page.metrics["Pictures found"] == "1"
    page.click("photos")
    shutil.rmtree(photos)
    page.run()
    assert page.app.error and "Go home" in page.labels
    page.click("Go home")
    assert "Up" in page.labels


def test_storage_is_shown_and_cleared(visit, photos, own_cache, network):
    page = visit().group(photos).go("pictures")
    page.app.session_state["storage"] = True
    page.run()
    assert str(own_cache.name) in page.text.replace("\\", "")
    page.click("Clear").settle()
    assert not (own_cache / "store.sqlite").exists() or (own_cache / "store.sqlite").stat().st_size < 200_000
    assert photos.exists() and len(list(photos.iterdir())) == 20
    page.type_path(f"{photos} ").click("Start").settle()
    assert network.seen == 40


def test_clearing_while_it_runs(visit, photos, network):
    network.seconds_per_batch = 0.5
    page = visit().type_path(photos).click("Start")
    page.app.session_state["storage"] = True
    page.run().click("Clear").settle()
    assert page.screen == "pictures"
    page.type_path(f"{photos} ").click("Start").settle()
    assert page.screen == "groups"
