"""Find and Tidy in a real browser: a new picture and a stranger, copies that are none, what is remembered."""

import hashlib
import re
import shutil

import numpy as np
import pytest
from map_driver import until
from PIL import Image
from screens import DIALOG, STRIP, are_loaded, is_drawn, violations

from imgcluster.pictures.drawings import FAMILIES, draw

pytestmark = pytest.mark.e2e

KINDS, N_EACH = list(FAMILIES)[:4], 14
PICTURE = ".picture"
SIDES = ".imgcluster-sides"


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """Drawings of four kinds; two of them again, as a JPEG of another size and under another name."""
    folder = tmp_path_factory.mktemp("photos")
    for kind in KINDS:
        for number in range(N_EACH):
            drawing(kind, number).save(folder / f"{kind}-{number:02d}.png")
    first, second = (f"{KINDS[0]}-{number:02d}.png" for number in (0, 1))
    Image.open(folder / first).convert("RGB").resize((150, 150)).save(folder / "smaller.jpg", quality=80)
    shutil.copyfile(folder / second, folder / "renamed.png")
    return folder


def drawing(kind: str, number: int) -> Image.Image:
    return draw(kind, np.random.default_rng([number, KINDS.index(kind)]))


@pytest.fixture(scope="module")
def new_pictures(tmp_path_factory):
    """A drawing of a kind that is there, and something quite different."""
    folder = tmp_path_factory.mktemp("new")
    drawing(KINDS[1], 99).save(folder / "friend.png")
    x, y = np.meshgrid(np.linspace(0, 9, 300), np.linspace(0, 9, 300))
    waves = np.stack([np.sin(x + 2 * np.cos(y)), np.cos(x * y / 4), np.sin(y - x)], axis=2)
    Image.fromarray(np.uint8(127 + 120 * waves)).save(folder / "stranger.jpg")
    return folder


@pytest.fixture(scope="module")
def app(run_app, photos, browser):
    """The app with the drawings in four groups; its address in `home`."""
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
def screen(app, open_page):
    running, query = app

    def open_(name: str, **options):
        page = open_page(f"{running.url}/{name}?{query}", **options)
        page.get_by_role("heading", level=2).first.wait_for(timeout=90_000)
        return page

    return open_


def hand_over(page, path) -> None:
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(path)
    page.get_by_text("Where it belongs").wait_for(timeout=120_000)
    page.get_by_text(path.name).first.wait_for(timeout=120_000)


def test_a_new_picture_and_a_stranger(screen, new_pictures, photos, settled):
    before = {path: hashlib.sha256(path.read_bytes()).digest() for path in photos.iterdir()}
    page = screen("find")
    page.get_by_text("What do you look for?").wait_for()
    hand_over(page, new_pictures / "friend.png")
    page.get_by_text("Because of these").wait_for()
    similar = page.get_by_role("group", name=re.compile("similar pictures, the nearest first"))
    similar.locator(PICTURE).first.wait_for()
    names = similar.locator("img").evaluate_all("images => images.map((image) => image.alt)")
    assert sum(name.startswith(KINDS[1]) for name in names) >= 9, names
    assert page.get_by_text("None of these").count() == 0
    are_loaded(similar.locator(PICTURE))
    page.reload()
    page.get_by_text("friend.png").first.wait_for(timeout=90_000)
    hand_over(page, new_pictures / "stranger.jpg")
    page.get_by_text("None of these: it is farther from every picture than 95 %").wait_for()
    settled(page)
    assert before == {path: hashlib.sha256(path.read_bytes()).digest() for path in photos.iterdir()}


def test_a_picture_is_pasted(screen, new_pictures, settled):
    page = screen("find")
    page.get_by_text("What do you look for?").wait_for()
    data = (new_pictures / "friend.png").read_bytes()
    paste = """bytes => {
          const transfer = new DataTransfer();
          transfer.items.add(new File([new Uint8Array(bytes)], "image.png", { type: "image/png" }));
          document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true }));
        }"""
    settled(page)
    for _ in range(12):  # nobody sees when the page begins to listen; a person would press the keys again
        page.evaluate(paste, list(data))
        page.wait_for_timeout(5_000)
        if page.get_by_text("What do you look for?").count() == 0:
            break
    page.get_by_text("Because of these").wait_for(timeout=120_000)


def test_from_any_picture_to_those_like_it_and_to_the_map(screen, settled):
    page = screen("groups")
    is_drawn(page)
    page.locator(f"{STRIP}:nth-child(2) {PICTURE}").first.click()
    page.get_by_role("button", name="Find similar").click()
    page.wait_for_url("**/find**")
    page.get_by_text("Similar pictures").wait_for()
    page.get_by_role("group", name=re.compile("similar pictures, the nearest first")).locator(PICTURE).first.click()
    page.locator(DIALOG).get_by_role("button", name="Show on the map").click()
    page.wait_for_url("**/groups**")
    is_drawn(page)
    settled(page)


def test_copies_side_by_side_and_what_is_not_the_same_is_remembered(screen, settled):
    page = screen("tidy")
    page.get_by_role("button", name="Look for copies and flaws").click()
    page.locator(SIDES).get_by_text("Group 1 of 2").wait_for(timeout=120_000)
    page.locator(SIDES).get_by_text("Best").wait_for()
    images = page.locator(f"{SIDES} figure img")
    until(page, lambda page: images.evaluate_all("all => all.every(({ src }) => src.startsWith('blob:'))"), True)
    settled(page)
    page.locator(f"{SIDES} figure [role=group]").first.focus()
    for _ in range(3):
        page.keyboard.press("+")
    zooms = images.evaluate_all("all => all.map((image) => image.style.transform)")
    assert len({*zooms}) == 1 and zooms[0] not in ("", "none"), zooms  # both, at the same place
    page.keyboard.press("0")
    until(page, lambda page: page.locator(SIDES).get_by_role("button", name="Not the same").count() > 0, True)
    page.locator(SIDES).get_by_role("button", name="Not the same").first.click()
    page.get_by_role("button", name="Marked as not the same: 1").wait_for()
    page.locator(SIDES).get_by_text("Group 1 of 1").wait_for()
    page.reload()
    page.get_by_role("button", name="Marked as not the same: 1").wait_for(timeout=90_000)
    page.locator(SIDES).get_by_text("Group 1 of 1").wait_for()
    page.get_by_role("button", name="Marked as not the same: 1").click()
    page.get_by_role("button", name="They are copies").click()
    page.locator(SIDES).get_by_text(re.compile("Group . of 2")).wait_for()  # it stays with the group that is shown
    settled(page)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("name", ["find", "tidy"])
def test_everybody_can_use_them(screen, settled, name, dark):
    page = screen(name, width=400, dark=dark)
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    assert violations(page, settled) == []
