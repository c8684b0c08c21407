"""Our own components in a real browser: map, gallery, strips and the feed of thumbnails."""

import json
import re
import statistics
import time
from pathlib import Path

import pytest
from map_driver import (
    MAP,
    card_is_complete,
    chosen,
    lasso,
    listen,
    place,
    plot,
    point_at,
    press,
    set_groups,
    until,
    view,
)

pytestmark = pytest.mark.e2e

N_IMAGES = 400


@pytest.fixture(scope="module")
def app(run_app):
    return run_app("tests/e2e/components_app.py")


@pytest.fixture
def page(app, open_page):
    page = open_page(app.url)
    page.wait_for_selector(f"{MAP}.js-plotly-plot")
    return page


def known(page) -> dict:
    """What Python knows."""
    return json.loads(page.locator("code").first.inner_text())


def test_map_is_drawn_and_says_what_it_shows(page):
    assert plot(page, "dots.type") == "scattergl"
    assert page.locator(MAP).get_attribute("role") == "img"
    assert page.locator(MAP).get_attribute("aria-label") == "Map of 400 pictures in 5 groups, 5 in no group"
    assert plot(page, "plot.querySelector('.modebar-btn, .xtick, .ytick')") is None


def test_map_has_a_name_from_the_first_moment(app, open_page):
    """Plotly and the coordinates come with a later message; a screen reader may be there before them."""
    watch = """new MutationObserver(() => {
        const map = document.querySelector(".imgcluster-map-canvas");
        if (map) window.firstName ??= String(map.getAttribute("aria-label"));
    }).observe(document, { childList: true, subtree: true })"""
    page = open_page(app.url, prepare=lambda page: page.add_init_script(watch))
    page.wait_for_selector(f"{MAP}.js-plotly-plot")
    assert page.evaluate("firstName") == "Map of 400 pictures in 5 groups, 5 in no group"


def test_pointing_shows_the_picture_and_the_group(page):
    page.locator(".imgcluster-gallery .picture img[src^=blob]").nth(0).wait_for()
    times = []
    for index in [100, 121, 122, 123]:  # of different blobs, so that none is fetched with the one before
        started = time.perf_counter()
        point_at(page, index)
        card_is_complete(page, index)
        times.append(1000 * (time.perf_counter() - started))
    print(f"\nfrom pointing to picture: {statistics.median(times):.0f} ms (median of 4, none fetched before)")

    card = page.locator(".imgcluster-card")
    assert card.inner_text() == "Group 4"  # 123 % 10 % 5 == 3
    shown = page.evaluate("() => document.querySelector('.imgcluster-card img').src")
    assert shown == page.evaluate("() => globalThis.imgcluster.thumbs.get('test-400').get(123)")
    box = card.bounding_box()
    assert box["x"] >= 0 and box["y"] >= 0 and box["x"] + box["width"] <= 1280 and box["y"] + box["height"] <= 900
    page.mouse.move(5, 5)
    page.wait_for_selector(".imgcluster-card", state="hidden")


def test_a_picture_without_thumbnail_gets_a_placeholder(page):
    point_at(page, 149)
    card_is_complete(
        page, 149, "data:image/svg+xml,%3Csvg%20xmlns%3D%22http%3A%2F%2Fwww.w3.org%2F2000%2Fsvg%22%20viewBox"
    )


def test_lasso_reports_the_pictures_inside(page):
    inside = lasso(page)
    assert len(inside) > 10
    until(page, lambda page: set(known(page)["selected"]), inside)
    assert set(chosen(page)) == inside
    page.keyboard.press("Escape")
    until(page, lambda page: known(page)["selected"], [])
    assert chosen(page) == []


def test_python_can_clear_the_selection(page):
    inside = lasso(page)
    until(page, lambda page: set(known(page)["selected"]), inside)
    page.get_by_role("button", name="Select none").click()
    until(page, chosen, [])


def test_new_labels_keep_zoom_selection_and_tool(page):
    inside = lasso(page)
    until(page, lambda page: set(known(page)["selected"]), inside)
    press(page, "Zoom in")
    page.get_by_role("button", name="Move the map").click()
    before = view(page)
    set_groups(page, 8)
    assert view(page) == before
    assert set(chosen(page)) == inside
    until(page, lambda page: plot(page, "plot._fullLayout.dragmode"), "pan")
    assert set(plot(page, "[...dots.marker.color]")) == {-1, *range(8)}


def test_double_click_and_button_show_the_whole_map(page):
    whole = view(page)
    press(page, "Zoom out")
    page.get_by_role("button", name="Show the whole map").click()
    until(page, view, whole)
    x, y = place(page, 1)
    page.mouse.move(x + 40, y + 40)
    plot(page, "plot.once('plotly_relayout', () => { plot.zoomed = true; })")
    page.mouse.wheel(0, -300)
    page.wait_for_function(f"() => document.querySelector('{MAP}').zoomed")
    assert view(page) != whole
    page.mouse.dblclick(x + 40, y - 100)
    until(page, view, whole)


def test_a_message_that_was_overtaken_ends_nothing(open_page, app):
    """Streamlit cleans up after each message that a newer one overtook: zoom and tools would be lost with the map."""
    page = open_page(app.url)
    calls = page.evaluate(
        """async script => {
            const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
            const { show } = await import(url);
            const place = document.body.appendChild(document.createElement("div")), calls = [], shown = new Map();
            class Kind {
                constructor() { calls.push("made"); }
                update({ data }) { calls.push(data); }
                destroy() { calls.push("destroyed"); }
            }
            const overtaken = show(shown, Kind, { parentElement: place, data: 1 });
            overtaken();
            const last = show(shown, Kind, { parentElement: place, data: 2 });
            place.remove();
            last();
            return calls;
        }""",
        Path("imgcluster/ui/components/shared.js").read_text() + "\nexport { show };",
    )
    assert calls == ["made", 1, 2, "destroyed"]


def test_click_picks_and_marks(page):
    page.mouse.click(*place(page, 77))
    until(page, lambda page: known(page)["picked"], 77)
    until(page, lambda page: plot(page, "[...rings.x]"), [plot(page, "dots.x[77]")])


def test_nothing_is_sent_twice(app, open_page, settled):
    received = []
    # However slow the machine, the browser does not take an answer for lost and ask again (PATIENCE in shared.js).
    wait_for_ever = (
        "const wait = setTimeout; setTimeout = (work, ms, ...rest) => wait(work, ms === 4000 ? 2 ** 30 : ms, ...rest)"
    )

    def prepare(page):
        listen(received)(page)
        page.add_init_script(wait_for_ever)

    page = open_page(app.url, prepare=prepare)
    page.wait_for_selector(f"{MAP}.js-plotly-plot")
    assert max(received) > 1_000_000  # Plotly
    page.locator(".picture img[src^=blob]").nth(5).wait_for()
    loaded = lambda page: json.loads(page.locator("code").nth(1).inner_text())  # noqa: E731

    received.clear()
    set_groups(page, 6)
    set_groups(page, 5)
    for _ in range(2):
        page.get_by_role("link", name="Other").click()
        for _ in range(3):  # more runs than Streamlit's own cache of messages outlives
            page.get_by_role("button", name="Run again").click()
            settled(page)
        page.get_by_role("link", name="Groups").click()
        page.wait_for_selector(f"{MAP}.js-plotly-plot")
        page.locator(".picture img[src^=blob]").nth(5).wait_for()
    assert max(received) < 200_000
    set_groups(page, 6)
    asked = loaded(page)
    assert len(asked) == len(set(asked))


def test_what_the_browser_lost_is_sent_again(page):
    page.evaluate("() => { globalThis.imgcluster.plotly = null; globalThis.imgcluster.layouts.clear(); }")
    page.get_by_role("link", name="Other").click()
    page.get_by_role("heading", name="Another page").wait_for()
    page.get_by_role("link", name="Groups").click()
    page.wait_for_selector(f"{MAP}.js-plotly-plot")


def test_lost_requests_for_pictures_are_sent_again(page):
    page.evaluate(
        """() => {
            const { thumbnails } = globalThis.imgcluster, { send } = thumbnails.feed;
            thumbnails.constructor.PATIENCE = 50;
            thumbnails.feed.send = () => { thumbnails.feed.send = send; };
        }"""
    )
    point_at(page, 222)
    card_is_complete(page, 222)


def test_pictures_are_not_asked_for_while_somebody_clicks(page):
    """Streamlit would rerun what asked first, and not what the click belongs to."""
    n_asked = page.evaluate(
        """async () => {
            const { thumbnails } = globalThis.imgcluster, { send } = thumbnails.feed, asked = [];
            const pause = () => new Promise((go) => setTimeout(go, 500));
            thumbnails.constructor.HELD = 1e9;
            thumbnails.feed.send = (request) => { asked.push(request); send(request); };
            window.dispatchEvent(new PointerEvent("pointerdown"));
            thumbnails.want("test-400", [350], 0, (index, url) => { window.got = url; });
            await pause();
            const whileHeld = asked.length;
            window.dispatchEvent(new PointerEvent("pointerup"));
            return whileHeld;
        }"""
    )
    assert n_asked == 0
    page.wait_for_function("window.got?.startsWith('blob:')")


def test_gallery_by_pointer_and_keyboard(page):
    pictures = page.locator(".imgcluster-gallery .picture")
    assert pictures.count() == 48
    pictures.nth(2).click()
    until(page, lambda page: known(page)["picked"], 2)
    until(page, lambda page: pictures.nth(2).get_attribute("aria-pressed"), "true")
    until(page, lambda page: plot(page, "rings.x.length"), 1)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    until(page, lambda page: known(page)["picked"], 3)
    gallery = page.locator(".imgcluster-gallery")
    columns = gallery.evaluate("node => getComputedStyle(node).gridTemplateColumns.split(' ').length")
    page.keyboard.press("ArrowDown")
    page.keyboard.press(" ")
    until(page, lambda page: known(page)["picked"], 3 + columns)
    assert pictures.nth(12).locator("img").get_attribute("alt") == "picture-0012.png, in no group"
    assert page.locator(".imgcluster-gallery .picture[tabindex='0']").count() == 1


def test_strips_change_in_place(page):
    strip = page.locator(".strip[data-cluster='3']")
    strip.locator(".picture").nth(0).scroll_into_view_if_needed()
    strip.locator(".picture img[src^=blob]").nth(0).wait_for()
    strip.evaluate("node => { node.kept = true; node.querySelector('.picture').kept = true; }")
    set_groups(page, 7)
    until(page, lambda page: page.locator(".strip").count(), 7)
    assert strip.evaluate("node => [node.kept, node.querySelector('.picture').kept]") == [True, True]
    assert strip.locator(".size").inner_text() == "39 pictures"  # 79 with five groups

    strip.locator(".picture").nth(1).click()
    until(page, lambda page: known(page)["clicked"], [3, 23])
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    until(page, lambda page: known(page)["clicked"], [4, 4])
    strip.get_by_role("button", name=re.compile("^Show all")).click()
    until(page, lambda page: known(page)["clicked"], [3, None])


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_components_are_accessible(app, open_page, dark):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    page = open_page(app.url, dark=dark)
    page.wait_for_selector(f"{MAP}.js-plotly-plot")
    page.locator(".picture img[src^=blob]").nth(5).wait_for()
    found = axe.Axe().run(page, context=[[".stBidiComponent"]])
    assert [(violation["id"], violation["nodes"]) for violation in found.response["violations"]] == []


def test_the_theme_is_followed(page):
    before = plot(page, "rings.marker.color")
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"before => document.querySelector('{MAP}').data[2].marker.color !== before", arg=before)


def test_time_to_recolor_32_000(app, open_page):
    """Print, not assert: from the key press on the slider to the drawn map, and what was sent for it."""
    received = []
    page = open_page(f"{app.url}?n=32000", prepare=listen(received))
    page.wait_for_selector(f"{MAP}.js-plotly-plot")
    plot(page, "plot.on('plotly_afterplot', () => { plot.drawn = performance.now(); })")
    first = sorted(received)[-2:]
    times, sizes = [], []
    for k in [6, 7, 8, 9, 8, 7, 6, 7, 8, 9]:
        received.clear()
        page.evaluate(
            "() => document.addEventListener('keydown', () => { globalThis.pressed = performance.now(); },"
            " { once: true, capture: true })"
        )
        set_groups(page, k)
        page.wait_for_function(f"() => document.querySelector('{MAP}').drawn > globalThis.pressed")
        times.append(plot(page, "plot.drawn - globalThis.pressed"))
        sizes.append(max(received))
    print(f"\n32,000 dots: {statistics.median(times):.0f} ms (median of 10), {statistics.median(sizes):,.0f} bytes;")
    print(f"the two largest messages of the first display: {first} bytes")
    assert max(sizes) < 32_000 * 2 + 80_000
