"""Export in a real browser: the report is saved and opened from the disk, pictures are copied and taken back."""

import hashlib
import re
import zipfile

import numpy as np
import pytest
from screens import is_drawn, violations

from imgcluster.pictures.drawings import FAMILIES, draw

pytestmark = pytest.mark.e2e

KINDS, N_EACH = list(FAMILIES)[:4], 12
N_IMAGES = len(KINDS) * N_EACH
PIECE = 2**22


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """Drawings of four kinds, and one file that is larger than what travels at once."""
    folder = tmp_path_factory.mktemp("photos")
    for kind in KINDS:
        for number in range(N_EACH):
            draw(kind, np.random.default_rng([number, KINDS.index(kind)])).save(folder / f"{kind}-{number:02d}.png")
    with (folder / f"{KINDS[0]}-00.png").open("ab") as file:  # what is behind the end of a picture is not looked at
        file.write(np.random.default_rng(0).bytes(5 * PIECE // 2))
    return folder


@pytest.fixture(scope="module")
def app(run_app, photos, browser):
    """The app with the drawings in four groups, and the query that names them."""
    running = run_app("app.py")
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(running.url)
    page.get_by_role("textbox", name="Folder or ZIP file").fill(str(photos))
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Start").click(timeout=90_000)
    page.wait_for_url("**/groups**", timeout=300_000)
    is_drawn(page)
    address = re.search(r"c=(\w+)", page.url)[1]
    page.close()
    return running, f"c={address}&k=4"


@pytest.fixture
def export(app, open_page):
    running, query = app

    def open_(**options):
        page = open_page(f"{running.url}/export?{query}", **options)
        page.get_by_role("heading", name="Python script").wait_for(timeout=90_000)
        return page

    return open_


def contents(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def saved(page, button, path):
    """Have a file made, save it, and wait until the app has let go of it."""
    page.get_by_role("button", name=button).click()
    save = page.get_by_role("button", name=re.compile(f"^Save .*{re.escape(path.suffix)}"))
    save.wait_for(timeout=180_000)
    with page.expect_download() as download:
        save.click()
    download.value.save_as(path)
    page.get_by_text(f"Saved {download.value.suggested_filename}").wait_for()
    page.get_by_role("button", name=button).wait_for()
    return download.value


def test_the_report_is_saved_and_opens_from_the_disk(export, browser, tmp_path, settled):
    page = export()
    path = tmp_path / "report.html"
    download = saved(page, "Make the report", path)
    assert download.suggested_filename.endswith(" report.html")
    settled(page)
    asked, said = [], []
    with browser.new_context() as context:
        report = context.new_page()
        report.on("request", lambda request: request.url.startswith("data:") or asked.append(request.url))
        report.on("console", lambda message: said.append(message.text))
        report.on("pageerror", lambda error: said.append(str(error)))
        report.goto(path.as_uri())
        report.wait_for_selector("#map[data-drawn]")
        assert report.locator("article").count() == 4
        assert f"{N_IMAGES} pictures in 4 groups" in report.locator("body").inner_text()
    assert (asked, said) == ([path.as_uri()], [])


def test_a_zip_file_that_travels_in_pieces_arrives_whole(export, photos, tmp_path, settled):
    page = export()
    path = tmp_path / "photos.zip"
    saved(page, "Make the ZIP file", path)
    settled(page)
    assert path.stat().st_size > 2 * PIECE
    with zipfile.ZipFile(path) as archive:
        found = {name.split("/")[-1]: hashlib.sha256(archive.read(name)).hexdigest() for name in archive.namelist()}
    assert found == contents(photos)


def test_a_download_is_stopped_and_begun_again(export, tmp_path, settled):
    page = export()
    page.get_by_role("button", name="Make the ZIP file").click()
    save = page.get_by_role("button", name=re.compile("^Save .*zip"))
    save.wait_for(timeout=180_000)
    page.evaluate("imgcluster.thumbnails.constructor.CALM = 1e9")  # it keeps out of the way of clicks: for ever now
    save.click()
    page.locator(".imgcluster-download").get_by_role("button", name="Cancel").click()
    page.get_by_text("Stopped.").wait_for()
    page.evaluate("imgcluster.thumbnails.constructor.CALM = 250")
    with page.expect_download() as download:
        save.click()
    download.value.save_as(tmp_path / "photos.zip")
    settled(page)
    assert zipfile.ZipFile(tmp_path / "photos.zip").testzip() is None


def test_pictures_are_copied_into_folders_and_that_is_undone(export, photos, tmp_path, settled):
    before, out = contents(photos), tmp_path / "by group"
    page = export()
    page.get_by_role("textbox", name="Folder to write into").fill(str(out))
    page.keyboard.press("Enter")
    page.get_by_role("button", name=f"Copy {N_IMAGES} pictures").click()
    page.get_by_text(f"{N_IMAGES} pictures copied to").wait_for()
    assert len([*out.glob("*/*")]) == N_IMAGES and len([path for path in out.iterdir() if path.is_dir()]) == 4
    page.get_by_role("button", name="Undo this export").click()
    page.get_by_text(f"{N_IMAGES} files removed from").wait_for()
    settled(page)
    assert list(out.iterdir()) == [] and contents(photos) == before


@pytest.mark.parametrize("dark", [False, True])
def test_everybody_can_use_it(export, settled, dark):
    page = export(width=400, dark=dark)
    page.get_by_role("button", name="Make the report").click()
    page.get_by_role("button", name=re.compile("^Save ")).wait_for(timeout=180_000)
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    assert violations(page, settled) == []
