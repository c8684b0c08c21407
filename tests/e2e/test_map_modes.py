"""The map in a real browser: dots of no group, colours by a number, sizes, landmarks."""

import io

import numpy as np
import pytest
from map_driver import MAP, card_is_complete, chosen, lasso, place, places, plot, point_at, press, set_groups, until
from map_modes import LANDMARK, N_BLOBS, assert_landmarks, choose, known, landmarks, never_drawn_anew, set_dots
from PIL import Image, ImageColor

from imgcluster.palette import NOISE_COLOR, cluster_color
from imgcluster.ui.components.map_colors import VALUE_COLORS, value_codes

pytestmark = pytest.mark.e2e

CARD = ".imgcluster-card"


@pytest.fixture(scope="module")
def app(run_app):
    return run_app("tests/e2e/map_modes_app.py")


@pytest.fixture
def page(app, open_page):
    page = open_page(app.url)
    page.wait_for_selector(f"{MAP}.js-plotly-plot")
    return page


def color_at(page, x: float, y: float) -> np.ndarray:
    with Image.open(io.BytesIO(page.screenshot())) as image:
        return np.array(image.convert("RGB").getpixel((round(x), round(y))))


def rgb(color: str) -> np.ndarray:
    return np.array(ImageColor.getrgb(color))


def test_no_group_is_grey_beneath_the_others_and_can_be_pointed_at(page):
    assert plot(page, "beneath.marker.color") == NOISE_COLOR
    assert plot(page, "beneath.x.length") == N_BLOBS + 1
    for index in (0, 5, 9):  # each lies exactly on one of no group
        assert np.abs(color_at(page, *place(page, index)) - rgb(cluster_color(index))).max() < 40
    alone = 5 * N_BLOBS
    assert np.abs(color_at(page, *place(page, alone)) - rgb(NOISE_COLOR)).max() < 60
    point_at(page, alone)
    card_is_complete(page, alone)
    assert page.locator(CARD).inner_text() == "No group"
    page.mouse.click(*place(page, alone))
    until(page, lambda page: known(page)["picked"], alone)


def test_a_selection_reaches_those_of_no_group(page):
    inside = lasso(page, around=N_BLOBS + 1)
    assert {1, N_BLOBS + 1} <= inside
    until(page, lambda page: set(known(page)["selected"]), inside)
    grey = [*range(N_BLOBS, 2 * N_BLOBS), 5 * N_BLOBS]
    lit = [grey[position] for position in plot(page, "[...beneath.selectedpoints]")]
    assert set(lit) == inside & set(grey)
    set_groups(page, 6)
    assert set(chosen(page)) == inside
    assert [grey[position] for position in plot(page, "[...beneath.selectedpoints]")] == lit
    page.get_by_role("button", name="Select some").click()  # Python's choice takes the place of the lasso
    until(page, chosen, list(range(N_BLOBS, 4 * N_BLOBS)))
    assert plot(page, "plot.layout.selections.length") == 0
    assert len(known(page)["selected"]) == 3 * N_BLOBS
    page.locator(MAP).focus()
    page.keyboard.press("Escape")
    until(page, chosen, [])
    assert plot(page, "beneath.selectedpoints ?? null") is None


def test_colours_by_a_number(page):
    kept = never_drawn_anew(page)
    choose(page, "Value")
    values = np.linspace(0, 1, 300)
    values[N_BLOBS : 2 * N_BLOBS] = np.nan
    codes, colors = value_codes(values, VALUE_COLORS)
    until(page, lambda page: plot(page, "[...dots.marker.color]"), codes.tolist())
    assert plot(page, "beneath.x.length") == N_BLOBS
    last = 299
    point_at(page, last)
    card_is_complete(page, last)
    assert page.locator(CARD).inner_text() == "Group 12"  # the name stays that of the group
    assert page.locator(CARD).evaluate("card => card.style.getPropertyValue('--group')") == colors[-1]
    assert np.abs(color_at(page, *place(page, last)) - rgb(colors[-1])).max() < 40
    choose(page, "Groups")
    until(page, lambda page: plot(page, "Math.max(...dots.marker.color)"), N_BLOBS - 1)
    assert kept()


def test_the_size_of_the_dots(page):
    kept, size = never_drawn_anew(page), plot(page, "dots.marker.size")
    set_dots(page, 2)
    until(page, lambda page: plot(page, "dots.marker.size"), 2 * size)
    assert plot(page, "beneath.marker.size") == 2 * size
    assert kept()


def moves(before, after) -> np.ndarray:
    """How far each landmark that stayed went, in whole pixels."""
    return np.rint([np.subtract(after[index], before[index]) for index in before.keys() & after.keys()])


def test_landmarks_follow_the_map_and_never_cover_one_another(page):
    assert page.locator(LANDMARK).count() == 0
    page.get_by_text("Landmarks").click()
    page.locator(f"{LANDMARK}[src^=blob]:not([hidden])").first.wait_for()
    assert page.locator(".imgcluster-landmarks").get_attribute("aria-hidden") == "true"
    assert_landmarks(page, places(page))
    assert 3 < len(landmarks(page)) < 2 * N_BLOBS

    press(page, "Zoom in")
    assert_landmarks(page, places(page))
    page.get_by_role("button", name="Move the map").click()
    before = landmarks(page)
    x, y = place(page, 1)
    page.mouse.move(640, 450)
    page.mouse.down()
    page.mouse.move(610, 470, steps=5)
    until(page, lambda page: [-30, 20] in moves(before, landmarks(page)).tolist(), True)
    page.mouse.up()
    until(page, lambda page: np.allclose(place(page, 1), [x - 30, y + 20], atol=1), True)
    assert_landmarks(page, places(page))

    index, (x, y) = next(iter(landmarks(page).items()))
    assert page.evaluate("([x, y]) => document.elementFromPoint(x, y).tagName", [x, y]) != "IMG"
    page.mouse.click(*place(page, index))
    until(page, lambda page: known(page)["picked"], index)
    page.locator(f"{LANDMARK}.marked[data-index='{index}']").wait_for(state="attached")
    page.get_by_text("Landmarks").click()
    until(page, lambda page: page.locator(LANDMARK).count(), 0)


def test_landmarks_on_a_narrow_screen(app, open_page):
    page = open_page(app.url, width=400, height=1200)
    page.wait_for_selector(f"{MAP}.js-plotly-plot")
    page.get_by_text("Landmarks").click()
    page.locator(f"{LANDMARK}[src^=blob]:not([hidden])").first.wait_for()
    assert_landmarks(page, places(page), size=34)
    page.set_viewport_size({"width": 380, "height": 1200})
    until(page, lambda page: plot(page, "plot.clientWidth === plot._fullLayout.width"), True)
    assert_landmarks(page, places(page), size=34)


def test_landmarks_outside_a_selection_are_faint(page):
    page.get_by_text("Landmarks").click()
    page.get_by_role("button", name="Select some").click()
    page.get_by_text("36 selected").wait_for()
    assert page.locator(f"{LANDMARK}.faint").count() == 0
    inside = lasso(page)
    until(page, lambda page: page.locator(f"{LANDMARK}:not(.faint)").count(), len(inside & set(range(24, 48))))
