"""Projects in a real browser: closed and opened again, sent without the pictures, and found where these went."""

import os
import re
import shutil
import subprocess
import sys

import pytest
from map_driver import set_groups, until
from PIL import Image, ImageDraw
from screens import STRIP, are_loaded, is_detailed, is_drawn, violations

from imgcluster.keeping.projects.library import ProjectLibrary

pytestmark = pytest.mark.e2e

COLOURS = ("crimson", "seagreen", "royalblue", "gold", "black", "orchid")
N_IMAGES, N_GROUPS = 48, 6


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache-of-projects")


@pytest.fixture(scope="module")
def app(run_app, cache):
    return run_app("app.py", env={"IMGCLUSTER_CACHE": str(cache)})


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures") / "photos"
    folder.mkdir()
    for number in range(N_IMAGES):
        image = Image.new("RGB", (96, 96), "white")
        size = 20 + number // len(COLOURS) * 4
        ImageDraw.Draw(image).ellipse((48 - size // 2, 10, 48 + size // 2, 86), fill=COLOURS[number % len(COLOURS)])
        image.save(folder / f"{number:03}.png")
    return folder


@pytest.fixture(scope="module")
def sent(app, grouped, photos, cache, tmp_path_factory):
    """The file of a project, as the command line writes it."""
    path = tmp_path_factory.mktemp("sent") / "sent.imgcluster"
    command = [sys.executable, "-m", "imgcluster", "cluster", str(photos), "--k", "4", "--project", str(path)]
    subprocess.run(command, env={**os.environ, "IMGCLUSTER_CACHE": str(cache)}, check=True, capture_output=True)
    return path


@pytest.fixture(scope="module")
def grouped(app, photos, cache, browser):
    """The folder grouped by another method and into another number, named, and the page closed."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(app.url)
    page.get_by_role("textbox", name="Folder or ZIP file").fill(str(photos))
    page.get_by_role("textbox", name="Folder or ZIP file").press("Enter")
    page.get_by_role("button", name="Start").click()
    page.wait_for_url("**/groups**", timeout=300_000)
    is_drawn(page)
    is_detailed(page)
    set_groups(page, N_GROUPS)
    page.get_by_role("combobox", name="What kind of groups?").click()
    page.get_by_role("option", name=re.compile("spherical", re.I)).click()
    until(page, lambda _: way_on_disk(cache), "spherical")
    to_pictures(page)
    menu(page, 0).get_by_role("textbox", name="Name").fill("Circles <b>of</b> mine")
    page.keyboard.press("Enter")
    card(page, "Circles <b>of</b> mine").wait_for()
    page.close()


def way_on_disk(cache):
    library = ProjectLibrary(cache)
    return library.load(library.list()[0].id).choices.get("way")


def to_pictures(page):
    page.get_by_role("link", name="Pictures", exact=True).click()
    page.get_by_role("heading", name="Find the groups").wait_for()


def card(page, name):
    return page.get_by_role("button", name=name, exact=True)


def menu(page, place):
    """Open the menu of a project, and return what is in it."""
    page.get_by_role("button", name="More").nth(place).click()
    page.get_by_test_id("stPopoverBody").get_by_role("button").first.wait_for()
    return page.get_by_test_id("stPopoverBody")


def names(page):
    return page.locator("[class*=st-key-project-open-]").all_inner_texts()


def test_a_closed_project_opens_where_it_was(app, grouped, open_page, settled):
    page = open_page(app.url)
    card(page, "Circles <b>of</b> mine").wait_for()
    page.get_by_text(f"{N_IMAGES} pictures, {N_GROUPS} groups, today").wait_for()
    cover = page.locator("[class*=st-key-project-] img")
    assert cover.count() == 1 and cover.evaluate("image => image.naturalWidth") == 4 * 96
    card(page, "Circles <b>of</b> mine").click()
    page.wait_for_url("**/groups**")
    is_drawn(page)
    until(page, lambda page: page.locator(STRIP).count(), N_GROUPS)
    assert "spherical" in page.get_by_role("combobox", name="What kind of groups?").input_value()
    are_loaded(page.locator(f"{STRIP}:first-child .picture:nth-child(-n+4)"))


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [400, 1280])
def test_everybody_can_use_the_list(app, grouped, open_page, settled, width, dark):
    page = open_page(app.url, width=width, dark=dark)
    card(page, "Circles <b>of</b> mine").wait_for()
    menu(page, 0)
    assert violations(page, settled) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_duplicate_and_delete(app, grouped, photos, open_page):
    page = open_page(app.url)
    card(page, "Circles <b>of</b> mine").wait_for()
    menu(page, 0).get_by_role("button", name="Duplicate").click()
    card(page, "Circles <b>of</b> mine (2)").wait_for()
    place = names(page).index(next(name for name in names(page) if "(2)" in name))
    page.get_by_test_id("stPopoverBody").wait_for(state="detached")
    body = menu(page, place)
    body.get_by_role("button", name="Delete").click()
    body.get_by_text("Your pictures stay").wait_for()
    body.get_by_role("button", name="Delete it").click()
    card(page, "Circles <b>of</b> mine (2)").wait_for(state="detached")
    assert card(page, "Circles <b>of</b> mine").count() == 1
    assert len(list(photos.iterdir())) == N_IMAGES


def test_a_folder_that_was_renamed_is_found_by_content(app, grouped, sent, photos, open_page):
    page = open_page(app.url)
    there = photos.rename(photos.with_name("renamed"))
    try:
        card(page, "Circles <b>of</b> mine").click()
        page.get_by_role("textbox", name="Where are the pictures now?").fill(str(there))
        page.get_by_role("button", name="Look there").click()
        page.get_by_text(f"{N_IMAGES} of {N_IMAGES} pictures are there.").wait_for()
        page.get_by_role("button", name="See the groups").click()
        page.wait_for_url("**/groups**")
        is_drawn(page)
        until(page, lambda page: page.locator(STRIP).count(), N_GROUPS)
    finally:
        there.rename(photos)


def test_a_sent_file_shows_groups_and_thumbnails_without_the_pictures(run_app, sent, photos, open_page, tmp_path):
    """On another computer: another cache, and no such folder."""
    shutil.move(photos, tmp_path / "away")
    try:
        elsewhere = run_app("app.py")
        page = open_page(elsewhere.url)
        assert names(page) == []
        page.locator("[class*=st-key-project_file-] input[type=file]").set_input_files(sent)
        page.wait_for_url("**/groups**")
        is_drawn(page)
        until(page, lambda page: page.locator(STRIP).count(), 4)
        are_loaded(page.locator(f"{STRIP}:first-child .picture:nth-child(-n+4)"))
        to_pictures(page)
        page.get_by_text("Somebody sent this project").wait_for()
        until(page, lambda page: len(names(page)), 1)
    finally:
        shutil.move(tmp_path / "away", photos)


def test_the_program_opens_the_file_that_it_is_started_with(run_app, sent, open_page):
    started = run_app("app.py", env={"IMGCLUSTER_OPEN": str(sent)})
    page = open_page(started.url)
    is_drawn(page)
    until(page, lambda page: page.locator(STRIP).count(), 4)
    again = open_page(started.url)
    again.get_by_role("button", name="Handwritten digits").wait_for()
    assert len(names(again)) == 1
