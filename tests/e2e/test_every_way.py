"""Every method, the tree with its cut, and two groupings compared, in a real browser on the digits."""

import re

import pytest
from map_driver import colors, until
from screens import GALLERY, STRIP, is_detailed, is_drawn, violations

pytestmark = pytest.mark.e2e

CHART = ".js-plotly-plot"


@pytest.fixture(scope="module")
def app(run_app, shared_cache):
    return run_app("app.py", env=shared_cache)


@pytest.fixture
def groups(app, open_page, settled):
    page = open_page(f"{app.url}/groups?c=digits&k=10")
    is_drawn(page)
    is_detailed(page)  # the page runs again when the map is there, which would close an open menu
    until(page, colors, 10)
    settled(page)
    return page


@pytest.fixture
def tree(app, open_page, settled):
    page = open_page(f"{app.url}/tree?c=digits&k=10")
    page.locator(f"{CHART} .main-svg").first.wait_for(timeout=300_000)
    page.locator(STRIP).first.wait_for()
    is_detailed(page)
    settled(page)
    return page


def is_shown(page, screen: str) -> None:
    what = page.get_by_role("heading", level=1) if screen == "compare" else page.locator(STRIP).first
    what.wait_for(timeout=300_000)


def show_pictures(page, selector: str) -> None:
    """The pictures are there, however often the page runs again meanwhile and draws other buttons."""
    loaded = """all => {
        all[0]?.scrollIntoView({ block: "center" });
        return all.length > 0 && all.every(({ firstElementChild: image }) => image.src.startsWith("blob:"));
    }"""
    until(page, lambda page: page.locator(selector).evaluate_all(loaded), True)


def choose(page, label: str, option: str) -> None:
    """Choose from a menu, which closes when the page scrolls or runs again: then it is opened once more."""
    from playwright.sync_api import TimeoutError as MenuClosedError

    menu = page.get_by_role("combobox", name=re.compile(label))
    entry = page.get_by_role("option", name=re.compile(option))
    for _ in range(20):
        menu.scroll_into_view_if_needed()
        if entry.count() == 0:
            menu.click()
        try:
            entry.click(timeout=3_000)
            return
        except MenuClosedError:
            continue
    pytest.fail(f"the menu {label} does not stay open")


def test_every_method_once(groups, settled):
    page = groups
    for title in ("spherical k-means", "agglomerative", "HDBSCAN", "distance · DBSCAN", "KMeans"):
        choose(page, "What kind of groups", f"{title}$")
        settled(page)
        is_drawn(page)
        show_pictures(page, f"{STRIP}:nth-child(1) .picture:nth-child(-n+3)")
        assert page.get_by_role("alert").filter(has_text="wrong").count() == 0


@pytest.mark.parametrize("title", ["t-SNE", "PCA", "Spectral"])
def test_other_maps(groups, settled, title):
    page = groups
    page.get_by_role("button", name="Map", exact=True).click()
    page.get_by_role("radio", name=title, exact=True).click()
    page.keyboard.press("Escape")
    settled(page)
    page.get_by_text("a first sketch is shown").wait_for(state="detached", timeout=300_000)
    is_drawn(page)


def test_the_cut_moves_and_all_follow(tree):
    page = tree
    slider = page.get_by_role("slider", name="How many groups")
    slider.focus()
    slider.press("ArrowRight")
    until(page, colors, 11)
    until(page, lambda page: page.locator(STRIP).count(), 11)
    assert "k=11" in page.url


def test_a_branch_is_opened_and_divided(tree, settled):
    page = tree
    choose(page, "^Branch", "Group 1$")
    show_pictures(page, f"{GALLERY}:nth-child(-n+3)")
    page.get_by_role("button", name="Divide only here").click()
    page.get_by_role("button", name="Take back").wait_for()
    choose(page, "^Branch", "none")
    is_drawn(page)
    until(page, colors, 11)
    page.get_by_role("button", name="Take back").click()
    until(page, colors, 10)


def test_folders_against_groups(app, open_page, settled):
    page = open_page(f"{app.url}/compare?c=digits&k=10")
    answer = page.get_by_role("heading", level=1)
    answer.wait_for(timeout=300_000)
    assert re.fullmatch(r"\d+\s% alike", answer.inner_text())
    page.locator(CHART).first.wait_for()
    choose(page, "First", "Ward tree")
    settled(page)
    page.get_by_text("Adjusted Rand index").wait_for()
    show_pictures(page, f"{GALLERY}:nth-child(-n+3)")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("screen", ["groups", "tree", "compare"])
def test_the_screens_are_accessible(app, open_page, settled, screen, dark):
    page = open_page(f"{app.url}/{screen}?c=digits&k=10", dark=dark)
    (page.get_by_role("heading", level=1) if screen == "compare" else page.locator(STRIP).first).wait_for(
        timeout=300_000
    )
    assert violations(page, settled) == []


@pytest.mark.parametrize("screen", ["groups", "tree", "compare"])
def test_narrow_screens_need_no_scrolling_sideways(app, open_page, settled, screen):
    page = open_page(f"{app.url}/{screen}?c=digits&k=10", width=400)
    (page.get_by_role("heading", level=1) if screen == "compare" else page.locator(STRIP).first).wait_for(
        timeout=300_000
    )
    settled(page)
    page.wait_for_function(
        "[document.documentElement, document.querySelector('[data-testid=stMain]')].every((e) => e.scrollWidth <= 400)"
    )


def test_nothing_went_wrong_on_the_server(app, groups):
    assert "Traceback" not in app.log.read_text()
