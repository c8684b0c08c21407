"""The whole app in a real browser: from the first click to the groups, and everything that one does with them."""

import re
import sqlite3
import statistics
from pathlib import Path

import pytest
from map_driver import chosen, lasso, place, places, plot, press, set_groups, until, view
from screens import DIALOG, GALLERY, STRIP, are_loaded, is_detailed, is_drawn, violations

pytestmark = pytest.mark.e2e

N_DIGITS = 1797


@pytest.fixture(scope="module")
def app(run_app, shared_cache):
    return run_app("app.py", env=shared_cache)


@pytest.fixture(scope="module")
def digits(app, browser):
    """The app with the digits grouped: by the sample's button and Start, as a person does it."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(app.url)
    page.get_by_role("button", name="Handwritten digits").click()
    page.get_by_text("1,797", exact=True).wait_for()
    seen = {
        "found": page.get_by_test_id("stMetric").all_inner_texts(),
        "address": page.url,
    }
    page.get_by_role("button", name="Start").click()
    page.get_by_role("button", name="Cancel").wait_for()
    seen["working"] = page.get_by_test_id("stMain").inner_text()
    page.wait_for_url("**/groups**", timeout=300_000)
    is_drawn(page)
    seen["groups"] = page.locator(STRIP).count()
    is_detailed(page)
    page.close()
    return seen


@pytest.fixture
def groups(app, digits, open_page):
    page = open_page(f"{app.url}/groups?c=digits&k=10")
    is_drawn(page)
    is_detailed(page)
    return page


def store_rows(shared_cache):
    with sqlite3.connect(Path(shared_cache["IMGCLUSTER_CACHE"]) / "store.sqlite") as store:
        tables = [name for (name,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {table: store.execute(f"SELECT count(*) FROM {table}").fetchone() for table in tables}


def loaded_libraries(app):
    maps = Path(f"/proc/{app.process.pid}/maps")
    return maps.read_text() if maps.exists() else ""


def test_from_the_first_click_to_the_groups(digits):
    assert [text.split("\n")[0] for text in digits["found"]] == ["Pictures found", "Cannot be read", "Time"]
    assert "c=digits" in digits["address"]
    assert "Looking" in digits["working"] or "Getting ready" in digits["working"]
    assert digits["groups"] == 8


def test_the_slider_moves_map_strips_and_address(groups):
    page = groups
    are_loaded(page.locator(f"{STRIP}:nth-child(-n+2) .picture:nth-child(-n+8)"))
    press(page, "Zoom in")
    zoomed, before = view(page), plot(page, "[...dots.marker.color]")
    assert set(before) == set(range(10))
    set_groups(page, 12)
    until(page, lambda page: page.locator(STRIP).count(), 12)
    until(page, lambda page: "k=12" in page.url, True)
    after = plot(page, "[...dots.marker.color]")
    assert set(after) == set(range(12))
    assert sum(a == b for a, b in zip(before, after, strict=True)) > N_DIGITS / 2  # what stays keeps its colour
    assert view(page) == zoomed
    names = page.locator(f"{STRIP} .name").all_inner_texts()
    assert names == [f"Group {number}" for number in range(1, 13)]
    sizes = [int(re.sub(r"\D", "", text)) for text in page.locator(f"{STRIP} .size").all_inner_texts()]
    assert sizes == [after.count(label) for label in range(12)]
    are_loaded(page.locator(f"{STRIP}:nth-child(-n+2) .picture:nth-child(-n+8)"))


def test_pointing_at_a_dot_shows_its_picture(groups):
    page, times = groups, []
    page.evaluate(
        """() => document.addEventListener("mousemove", () => {
            const moved = performance.now(), card = () => document.querySelector(".imgcluster-card:popover-open img");
            const look = () => {
                const image = card();
                if (image?.src.startsWith("blob:") && image.complete) globalThis.shown ??= performance.now() - moved;
                else requestAnimationFrame(look);
            };
            globalThis.shown = undefined;
            look();
        }, { capture: true })"""
    )
    indices = [index for index, (_, y) in enumerate(places(page)) if 120 < y < 800][::150][:8]
    for _ in ("not fetched yet", "fetched"):
        took = []
        for index in indices:
            page.mouse.move(20, 20)
            page.wait_for_selector(".imgcluster-card:popover-open", state="detached")
            x, y = place(page, index)
            page.mouse.move(x, y)
            page.wait_for_selector(".imgcluster-card:popover-open img[src^=blob]")
            page.wait_for_function("globalThis.shown !== undefined")
            took.append(page.evaluate("globalThis.shown"))
        times.append(took)
    print(f"\nfrom pointing to picture, median (most) of {len(indices)}:", end=" ")
    print(", then ".join(f"{statistics.median(took):.0f} ({max(took):.0f}) ms" for took in times))


def test_the_lasso_fills_the_gallery_by_pages(groups):
    page = groups
    crowded = max(range(0, N_DIGITS, 60), key=lambda index: crowd(page, index))
    inside = lasso(page, around=crowded)
    assert len(inside) > 60
    until(page, lambda page: len(chosen(page)) > 0, True)
    selected = set(chosen(page))
    assert len(selected ^ inside) < len(inside) / 20  # dots under the line itself
    page.get_by_text(f"{len(selected)} pictures selected").wait_for()
    until(page, lambda page: page.locator(GALLERY).count(), 60)
    first = page.locator(GALLERY).first.get_attribute("data-index")
    page.get_by_role("button", name="Page 2").click()
    until(page, lambda page: page.locator(GALLERY).first.get_attribute("data-index") != first, True)
    are_loaded(page.locator(f"{GALLERY}:nth-child(-n+6)"))
    page.get_by_role("button", name="Back to all groups").click()
    page.locator(STRIP).first.wait_for()
    until(page, chosen, [])


def crowd(page, index, *, among=[]):  # noqa: B006  (the dots stay where they are)
    among[:] = among or places(page)
    x, y = among[index]
    return sum(abs(px - x) < 70 and abs(py - y) < 70 for px, py in among) if 150 < y < 750 else 0


def test_show_all_and_back(groups):
    page = groups
    size = page.locator(f"{STRIP} .size").nth(1).inner_text()
    page.locator(f"{STRIP} .all").nth(1).click()
    page.get_by_text(f"Group 2: {size}").wait_for()
    are_loaded(page.locator(f"{GALLERY}:nth-child(-n+10)"))
    page.get_by_text("Group 2 in short").click()
    page.get_by_text(f"The mean of {size}").wait_for()
    page.get_by_role("button", name="Back to all groups").click()
    page.locator(STRIP).nth(9).wait_for()


def test_a_picture_in_large(groups):
    page = groups
    strip = page.locator(STRIP).nth(2)
    picture = strip.locator(".picture").nth(1)
    index, name = int(picture.get_attribute("data-index")), picture.locator("img").get_attribute("alt").split(",")[0]
    picture.click()
    dialog = page.locator(DIALOG)
    dialog.locator(GALLERY).nth(8).wait_for()
    text = dialog.inner_text()
    assert name in text and "Group 3" in text and "Most like it" in text
    assert re.search(r"128 × 128 pixels · PNG · [\d.]+ KB", text)
    assert re.search(r"\d\d \w+ 20\d\d, \d\d:\d\d", text)
    are_loaded(dialog.locator(GALLERY))
    assert dialog.get_by_role("img").first.evaluate("image => image.naturalWidth") == 128
    assert plot(page, "[...rings.x]") == [plot(page, f"dots.x[{index}]")]
    dialog.locator(GALLERY).nth(4).click()
    until(page, lambda page: page.locator(DIALOG).count() == 1 and name not in page.locator(DIALOG).inner_text(), True)
    are_loaded(page.locator(DIALOG).locator(GALLERY))
    page.get_by_role("button", name="Show on the map").click()
    page.locator(DIALOG).wait_for(state="detached")
    until(page, lambda page: plot(page, f"rings.x[0] !== dots.x[{index}]"), True)
    page.reload()
    is_drawn(page)
    assert page.locator(DIALOG).count() == 0


def test_reload_second_tab_and_back(groups, open_page, shared_cache):
    page, before = groups, store_rows(shared_cache)
    set_groups(page, 7)
    until(page, lambda page: "k=7" in page.url, True)
    page.reload()
    is_drawn(page)
    until(page, lambda page: page.locator(STRIP).count(), 7)
    assert "/groups?c=digits&k=7" in page.url

    second = open_page(page.url)
    is_drawn(second)
    until(second, lambda page: page.locator(STRIP).count(), 7)

    page.get_by_role("link", name="Pictures").click()
    page.get_by_text("1,797", exact=True).wait_for()
    assert page.get_by_role("button", name="Start").count() == 0
    page.go_back()  # one step, however often the slider was moved
    is_drawn(page)
    assert "/groups" in page.url
    until(page, lambda page: page.locator(STRIP).count(), 7)
    page.get_by_role("link", name="Pictures").click()
    page.get_by_role("link", name="See the groups").click()
    is_drawn(page)
    until(page, lambda page: page.locator(STRIP).count(), 7)
    assert store_rows(shared_cache) == before


def test_a_deep_link_is_the_first_address_of_a_new_server(run_app, digits, open_page, shared_cache):
    app, before = run_app("app.py", env=shared_cache), store_rows(shared_cache)
    page = open_page(f"{app.url}/groups?c=digits&k=9")
    is_drawn(page)
    until(page, lambda page: page.locator(STRIP).count(), 9)
    is_detailed(page)
    page.mouse.move(*place(page, 500))
    page.wait_for_selector(".imgcluster-card:popover-open img[src^=blob]")
    assert store_rows(shared_cache) == before
    assert "tensorflow" not in loaded_libraries(app)
    assert "Traceback" not in app.log.read_text()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 400])
def test_the_screens_are_accessible(app, digits, open_page, settled, dark, width):
    page = open_page(f"{app.url}/?c=digits", dark=dark, width=width)
    page.get_by_text("1,797", exact=True).wait_for()
    found = violations(page, settled)
    page.get_by_text("Look around").click()
    page.get_by_role("button", name="Choose this folder").wait_for()
    found += violations(page, settled)
    page.goto(f"{app.url}/groups?c=digits&k=10")
    is_drawn(page)
    page.locator(f"{STRIP} .picture").first.scroll_into_view_if_needed()
    are_loaded(page.locator(f"{STRIP}:first-child .picture:first-child"))
    found += violations(page, settled)
    page.locator(f"{STRIP} .picture").first.click()
    page.locator(DIALOG).locator(GALLERY).nth(8).wait_for()
    found += violations(page, settled)
    assert found == []


@pytest.mark.parametrize("screen", ["", "groups"])
def test_narrow_screens_need_no_scrolling_sideways(app, digits, open_page, screen):
    page = open_page(f"{app.url}/{screen}?c=digits&k=10", width=400)
    page.wait_for_function("document.documentElement.scrollWidth <= 400")


def test_nothing_went_wrong_on_the_server(app, digits):
    assert "Traceback" not in app.log.read_text()
