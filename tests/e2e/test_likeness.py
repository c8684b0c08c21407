"""What should count as similar, in a real browser on the digits: chosen by goal, combined, and back again."""

import pytest
from map_driver import until
from screens import STRIP, are_loaded, is_drawn, violations

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def app(run_app):
    return run_app("app.py")  # with a cache of its own, where nothing was chosen yet


@pytest.fixture
def pictures(app, open_page, settled):
    page = open_page(f"{app.url}/?c=digits")
    goal(page, "Things in the photo").wait_for(timeout=90_000)
    settled(page)
    return page


def goal(page, title: str):
    return page.get_by_role("radio", name=title)


def has_features(page, text: str | None) -> None:
    until(page, lambda page: f"x={text}" in page.url if text else "x=" not in page.url, True)


def is_grouped(page) -> None:
    is_drawn(page)
    are_loaded(page.locator(f"{STRIP}:nth-child(1) .picture:nth-child(-n+4)"))


def open_similar(page, name: str) -> None:
    page.get_by_role("button", name=f"Similar: {name}").click()
    page.get_by_text("Pictures are compared by").wait_for()


def test_by_shapes_and_back(pictures, settled):
    page = pictures
    goal(page, "Shapes and outlines").click()
    page.get_by_text("Round with round").wait_for()
    page.get_by_role("button", name="Start").click()
    is_grouped(page)
    has_features(page, "hog")
    page.reload()
    is_grouped(page)
    has_features(page, "hog")
    settled(page)
    open_similar(page, "Shapes and outlines")
    page.get_by_role("link", name="Choose what counts as similar").click()
    goal(page, "Things in the photo").click()
    page.get_by_text("Dogs with dogs").wait_for()
    settled(page)
    start = page.get_by_role("button", name="Start").or_(page.get_by_role("link", name="See the groups"))
    start.first.click()
    is_grouped(page)
    has_features(page, None)


def test_other_weights_need_no_second_look(app, open_page, settled):
    page = open_page(f"{app.url}/groups?c=digits&k=10&x=hog%2Bpixels:0.3")
    is_grouped(page)
    settled(page)
    open_similar(page, "HOG")
    slider = page.get_by_role("slider", name="Weight of Pixels")
    slider.focus()
    slider.press("ArrowRight")
    page.get_by_text("Nothing is looked at again").wait_for()
    page.get_by_role("button", name="Use these weights").click()
    until(page, lambda page: "pixels" in page.url and "0.4" in page.url, True)
    is_grouped(page)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("title", ["Things in the photo", "Faces", "Something else"])
def test_everybody_can_choose(app, open_page, settled, title, dark):
    page = open_page(f"{app.url}/?c=digits", dark=dark, width=400, height=900)
    goal(page, title).click()
    page.mouse.move(5, 5)
    settled(page)
    assert page.get_by_role("alert").filter(has_text="wrong").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(page, settled) == []
