"""The screen How many groups in a real browser: from the question to the answer, and to the groups that follow it."""

import csv
import re

import pytest
from map_driver import colors, until
from screens import DIALOG, GALLERY, STRIP, are_loaded, is_drawn, violations

pytestmark = pytest.mark.e2e

CHART = ".js-plotly-plot"
STRIPS = ".imgcluster-strips"


@pytest.fixture(scope="module")
def app(run_app, shared_cache):
    return run_app("app.py", env=shared_cache)


@pytest.fixture(scope="module")
def compared(app, browser):
    """What a person sees who asks how many groups there are in the digits, until they are told."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"{app.url}/how_many?c=digits&k=10")
    start = page.get_by_role("button", name="Compare 2 to 30 groups")
    start.wait_for(timeout=300_000)
    seen = {"before": page.get_by_test_id("stMain").inner_text()}
    start.click()
    page.get_by_role("button", name="Cancel").wait_for()
    is_told(page)
    seen["answer"] = answer(page)
    page.close()
    return seen


@pytest.fixture
def told(app, compared, open_page):
    page = open_page(f"{app.url}/how_many?c=digits&k=10")
    is_told(page)
    return page


def is_told(page):
    page.get_by_role("heading", level=1).wait_for(timeout=300_000)
    page.locator(f"{CHART} .points path").first.wait_for(timeout=90_000)
    page.locator(f"{STRIPS} .picture").first.wait_for()


def answer(page) -> str:
    return page.get_by_role("heading", level=1).inner_text()


def n_groups(page) -> int:
    slider = page.get_by_role("slider", name="How many groups")
    return int(slider.get_attribute("aria-valuenow") or slider.input_value())


def click_point(page, chart: int, k: int) -> None:
    """Click the point of a curve, the silhouette's being chart 1."""
    page.locator(CHART).nth(chart).scroll_into_view_if_needed()
    place = (
        page.locator(CHART)
        .nth(chart)
        .evaluate(
            """(plot, k) => {
            const { x, y } = plot.data.find(({ customdata }) => customdata), at = [...x].indexOf(k);
            const { xaxis, yaxis } = plot._fullLayout, box = plot.getBoundingClientRect();
            return [box.left + xaxis._offset + xaxis.d2p(k), box.top + yaxis._offset + yaxis.d2p([...y][at])];
        }""",
            k,
        )
    )
    page.mouse.click(*place)
    until(page, n_groups, k)
    is_marked(page, k)


def is_marked(page, k: int) -> None:
    """All three curves show the chosen number."""
    chosen = (
        "(plots) => plots.slice(0, 3).map((plot) => plot.layout?.shapes?.find(({ name }) => name === 'chosen')?.x0)"
    )
    until(page, lambda page: page.locator(CHART).evaluate_all(chosen), [k, k, k])


def slide(page, k: int) -> None:
    slider = page.get_by_role("slider", name="How many groups")
    slider.focus()
    while (now := n_groups(page)) != k:
        slider.press("ArrowRight" if now < k else "ArrowLeft")
    is_marked(page, k)


def test_from_the_question_to_the_answer(compared):
    assert "Every number of groups is tried" in compared["before"]
    assert "1,797 pictures, takes" in compared["before"]
    assert re.search(r"\d+ groups$", compared["answer"])


def test_the_answer_its_curves_and_the_pictures(told, compared):
    page = told
    assert answer(page) == compared["answer"]
    assert page.get_by_text(re.compile("silhouette peaks at")).count() == 1
    drawn = page.locator(CHART).evaluate_all("(plots) => plots.slice(0, 3).map((plot) => plot.data[0].x.length)")
    assert [*map(int, drawn)] == [30, 30, 30]
    is_marked(page, 10)
    assert page.locator(STRIPS).count() == 3
    for column in range(3):
        are_loaded(page.locator(STRIPS).nth(column).locator(".strip:nth-child(-n+3) .picture:nth-child(-n+3)"))


def test_a_point_of_a_curve_chooses_and_the_groups_follow(told):
    page = told
    click_point(page, 1, 14)
    page.get_by_role("button", name="Use 15 groups").wait_for()
    until(page, lambda page: "k=14" in page.url, True)
    page.get_by_role("link", name="See the groups").click()
    is_drawn(page)
    until(page, colors, 14)
    until(page, lambda page: page.locator(STRIP).count(), 14)


def test_the_same_point_can_be_clicked_again(told):
    page = told
    click_point(page, 1, 13)
    slide(page, 10)
    click_point(page, 1, 13)
    click_point(page, 0, 6)
    click_point(page, 2, 13)


def test_buttons_choose(told, compared):
    page, k = told, int(re.search(r"\d+", compared["answer"])[0])
    slide(page, k + 5)
    page.get_by_role("button", name=f"Use {k} groups").click()
    page.get_by_text(f"You use {k} groups").wait_for()
    page.get_by_role("button", name=f"Use {k + 1} groups").click()
    is_marked(page, k + 1)
    until(page, lambda page: page.get_by_role("button", name=f"Use {k + 1} groups").count(), 0)


def test_what_is_chosen_on_groups_is_chosen_here(told):
    page = told
    page.get_by_role("link", name="See the groups").click()
    is_drawn(page)
    slider = page.get_by_role("slider", name="How many groups")
    slider.focus()
    slider.press("ArrowRight")
    until(page, colors, 11)
    page.get_by_role("link", name="See why").click()
    is_told(page)
    is_marked(page, 11)


def test_pictures_that_may_not_belong(told):
    page = told
    n_wrong = int(re.match(r"\d+", page.get_by_text("may not belong").first.inner_text())[0])
    page.get_by_text("Show them").click()
    until(page, lambda page: page.locator(GALLERY).count(), min(n_wrong, 60))
    are_loaded(page.locator(f"{GALLERY}:nth-child(-n+6)"))
    page.locator(GALLERY).first.click()
    page.locator(DIALOG).get_by_text("silhouette -").wait_for()


def test_a_picture_of_a_column_beside(told):
    page = told
    name = page.locator(STRIPS).nth(2).locator(".strip .name").nth(1).inner_text()
    page.locator(STRIPS).nth(2).locator(".strip").nth(1).locator(".picture").first.click()
    page.locator(DIALOG).get_by_text(name, exact=True).wait_for()
    page.get_by_role("button", name="Show on the map").click()
    is_drawn(page)
    assert page.locator(DIALOG).count() == 0


def test_the_table_of_all_scores(told):
    with told.expect_download() as download:
        told.get_by_role("button", name="All scores as a table").click()
    rows = list(csv.DictReader(download.value.path().read_text().splitlines()))
    assert [int(row["k"]) for row in rows] == list(range(1, 31))
    assert all(-1 <= float(row["silhouette"]) <= 1 for row in rows[1:])


def test_a_reload_shows_the_result(told, compared):
    told.reload()
    is_told(told)
    assert answer(told) == compared["answer"]


def test_a_new_server_shows_the_result(run_app, compared, open_page, shared_cache):
    app = run_app("app.py", env=shared_cache)
    page = open_page(f"{app.url}/how_many?c=digits&k=12")
    is_told(page)
    assert answer(page) == compared["answer"]
    assert "Traceback" not in app.log.read_text()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 400])
def test_the_screen_is_accessible(app, compared, open_page, settled, dark, width):
    page = open_page(f"{app.url}/how_many?c=digits&k=10", dark=dark, width=width)
    is_told(page)
    found = violations(page, settled)
    page.get_by_text("More scores").click()
    page.get_by_text("Show them").click()
    are_loaded(page.locator(f"{GALLERY}:nth-child(-n+3)"))
    found += violations(page, settled)
    page.get_by_role("button", name="Compare another range").click()
    page.get_by_role("button", name="Compare 2 to 30 groups").wait_for()
    found += violations(page, settled)
    assert found == []


def test_a_narrow_screen_needs_no_scrolling_sideways(app, compared, open_page):
    page = open_page(f"{app.url}/how_many?c=digits&k=10", width=400)
    is_told(page)
    page.get_by_text("More scores").click()
    page.wait_for_function(
        "[document.documentElement, document.querySelector('[data-testid=stMain]')].every((e) => e.scrollWidth <= 400)"
    )


def test_cancel_keeps_what_is_there_and_one_can_go_on(told, settled):
    """The last one: it leaves a wider range behind."""
    page = told
    page.get_by_role("button", name="Compare another range").click()
    page.get_by_role("slider", name="end").press("End")
    page.get_by_role("button", name="Compare 2 to 100 groups").click()
    page.get_by_role("button", name="Cancel").click()
    stopped = page.get_by_text("Stopped: 2 to")
    stopped.wait_for()
    is_told(page)
    reached = int(re.search(r"2 to (\d+) groups", stopped.inner_text())[1])
    assert 30 <= reached < 100
    page.get_by_role("button", name="Go on").click()
    stopped.wait_for(state="detached", timeout=300_000)
    is_told(page)
    settled(page)
    until(page, lambda page: int(page.locator(CHART).first.evaluate("(plot) => plot.data[0].x.length")), 100)


def test_nothing_went_wrong_on_the_server(app, compared):
    assert "Traceback" not in app.log.read_text()
