"""The report, opened from the disk: it works, asks for nothing, runs nothing of what names hold, and is accessible."""

import importlib.util
import json
from pathlib import Path

import pytest

from imgcluster.reporting.report import write_report

pytestmark = pytest.mark.e2e

SOME_GROUPS = Path(__file__).parents[1] / "reporting" / "some_groups.py"


@pytest.fixture(scope="module")
def some_groups():
    """The groups that the other tests of the report are made with."""
    spec = importlib.util.spec_from_file_location("some_groups", SOME_GROUPS)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def open_report(browser, tmp_path, some_groups):
    """Write a report and open the file; the test fails where it asks for anything, or reports an error."""
    contexts, errors, asked = [], [], []

    def open_(final=None, *, width=1280, height=900, dark=False, touch=False):
        final = final or some_groups.all_of_it()
        path = tmp_path / f"report {len(contexts)}.html"
        write_report(final, path, thumbnails=some_groups.thumbnails, written="Written on 25 November 2026")
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light", has_touch=touch
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text))
        page.on("dialog", lambda dialog: errors.append(dialog.message) or dialog.dismiss())
        page.on("request", lambda request: request.url.startswith("data:") or asked.append(request.url))
        page.goto(path.as_uri())
        assert asked.pop() == path.as_uri()
        if final.places is not None:
            page.wait_for_selector("#map[data-drawn]")
        return page

    yield open_
    for context in contexts:
        context.close()
    assert errors == [] and asked == []


def drawn_again(page):
    """Wait until what was scrolled or moved is drawn."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def map_in_view(page):
    page.locator("#map").scroll_into_view_if_needed()
    drawn_again(page)


def place_of(page, image: int) -> tuple[float, float]:
    """Where the pointer has to be to point at an image, when the whole map is shown: found as the page finds it."""
    box = page.locator("#map").bounding_box()
    places = json.loads(page.locator("#data").text_content())["places"]
    xs, ys = places[0::2], places[1::2]
    wide, high = max(xs) - min(xs), max(ys) - min(ys)
    scale = min((box["width"] - 62) / wide, (box["height"] - 62) / high)
    x = box["x"] + box["width"] / 2 + (places[2 * image] - (max(xs) + min(xs)) / 2) * scale
    y = box["y"] + box["height"] / 2 + (places[2 * image + 1] - (max(ys) + min(ys)) / 2) * scale
    return x, y


def pixel(page, picture: str) -> list[int]:
    """The colour in the middle of a picture, once it is decoded."""
    return page.locator(picture).evaluate("""async (image) => {
        await image.decode();
        const context = new OffscreenCanvas(1, 1).getContext("2d");
        context.drawImage(image, -image.naturalWidth / 2, -image.naturalHeight / 2);
        return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
    }""")


def is_color_of(some_groups, image: int, found: list[int]) -> bool:
    return all(abs(a - b) < 8 for a, b in zip(some_groups.color_of(image), found, strict=True))


@pytest.mark.parametrize("image", [157, 40, 0], ids=["no group", "not yet shown", "mean name"])
def test_pointing_at_a_dot_shows_its_picture_and_a_click_leads_to_its_group(open_report, some_groups, image):
    final = some_groups.all_of_it()
    page = open_report(final)
    map_in_view(page)
    page.mouse.move(*place_of(page, image))
    card = page.locator("#card")
    card.wait_for()
    assert card.locator(".name").text_content() == final.images[image].path
    assert card.locator(".title").text_content() == final.title(int(final.groups.labels[image]))
    assert is_color_of(some_groups, image, pixel(page, "#card img"))
    page.mouse.click(*place_of(page, image))
    card.wait_for(state="hidden")
    assert page.url.endswith("#no-group" if image == 157 else "#group-5")
    assert page.evaluate("document.activeElement.id") in page.url


def test_a_finger_sees_the_picture_first(open_report, some_groups):
    page = open_report(width=400, height=800, touch=True)
    map_in_view(page)
    page.touchscreen.tap(*place_of(page, 157))
    page.locator("#card").wait_for()
    assert "#" not in page.url
    page.touchscreen.tap(*place_of(page, 157))
    page.wait_for_url("**#no-group")


def test_the_map_is_moved_and_zoomed_and_comes_back(open_report):
    page = open_report()
    canvas = page.locator("#map")
    map_in_view(page)
    page.locator("#faces").click()  # the dots alone

    def drawn():
        drawn_again(page)
        return canvas.evaluate("(canvas) => canvas.toDataURL()")

    page.mouse.move(2, 2)
    seen = [drawn()]
    for step in ("drag", "button", "key", "wheel"):
        box = canvas.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + 10
        if step == "drag":
            page.mouse.move(x, y)
            page.mouse.down()
            page.mouse.move(x + 40, y + 60, steps=4)
            page.mouse.up()
        elif step == "button":
            page.locator("#zoom-in").click()
        elif step == "key":
            canvas.focus()
            page.keyboard.press("ArrowLeft")
        else:
            page.keyboard.down("Control")
            page.mouse.move(x, y)
            page.mouse.wheel(0, -200)
            page.keyboard.up("Control")
        page.mouse.move(2, 2)
        seen.append(drawn())
    assert len({*seen}) == len(seen)
    page.locator("#zoom-all").click()
    page.mouse.move(2, 2)
    assert drawn() == seen[0]
    assert "#" not in page.url  # a drag is no click


def test_a_group_opens_and_all_its_pictures_are_there(open_report, some_groups):
    page = open_report()
    group = page.locator("#group-5")
    assert group.locator("li").count() == 12
    summary = group.locator("summary")
    summary.focus()
    page.keyboard.press("Enter")
    group.locator("details li").nth(99).wait_for()
    group.locator("details li").nth(99).scroll_into_view_if_needed()
    group.locator("details li").nth(117).wait_for()  # the rest comes when one is there
    assert group.locator("li").count() == 130 and group.locator("button").count() == 0
    last = group.locator("details li").last
    last.scroll_into_view_if_needed()
    assert last.locator("img").get_attribute("alt") == some_groups.MEAN[0]
    assert last.locator(".name").text_content() == some_groups.MEAN[0].split("/")[-1]
    assert is_color_of(some_groups, 0, pixel(page, "#group-5 details li:last-child img"))


def test_the_list_of_groups_does_without_a_pointer_what_the_map_does(open_report, some_groups):
    page = open_report()
    link = page.locator(".index a").nth(1)
    assert link.locator(".title").text_content() == some_groups.MEAN[1]
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**#group-1")
    top = page.locator("#group-1 h3").bounding_box()["y"]
    assert 0 <= top < 900


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [400, 1280])
def test_everybody_can_use_it(open_report, dark, width):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    page = open_report(width=width, dark=dark)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for summary in page.locator("summary").all():
        summary.click()
    page.locator("#group-5 details li").nth(20).wait_for()
    found = axe.Axe().run(page).response["violations"]
    assert [(violation["id"], node["html"][:200]) for violation in found for node in violation["nodes"]] == []


@pytest.mark.parametrize("labels", [[], [0], [-1] * 30, list(range(300))], ids=len)
def test_odd_groups_open(open_report, some_groups, labels):
    page = open_report(some_groups.final_groups(labels))
    assert page.locator("article").count() == len({*labels})


def test_it_prints_white_and_without_buttons(open_report):
    page = open_report(dark=True)
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not page.locator("#zoom-in").is_visible() and not page.locator("summary").first.is_visible()
    assert page.locator("#group-5 .paper").is_visible()
    assert page.pdf().startswith(b"%PDF")
