"""A map of very many pictures in a real browser: a sample is drawn, and all take part; colours that change at once."""

import json

import numpy as np
import pytest
from map_driver import (
    MAP,
    card_is_complete,
    chosen,
    drag,
    lasso,
    place,
    plot,
    point_at,
    press,
    set_groups,
    until,
    view,
)
from map_modes import known, never_drawn_anew, turn_solid
from sampled_map_app import N_BLOBS, N_IMAGES, besides, points, sample

pytestmark = pytest.mark.e2e

CARD = ".imgcluster-card"
BESIDES = "plot.data.find(({ name }) => name === 'besides')"
# What the canvas of the dots shows, and that of the selected ones; Plotly keeps them readable.
PIXELS = "plot.querySelector('.gl-canvas-context').toDataURL()"
PIXELS_OF_SELECTED = "plot.querySelector('.gl-canvas-focus').toDataURL()"


@pytest.fixture(scope="module")
def app(run_app):
    return run_app("tests/e2e/sampled_map_app.py")


@pytest.fixture
def page(app, open_page):
    page = open_page(app.url)
    page.wait_for_selector(f"{MAP}.js-plotly-plot")
    return page


@pytest.fixture
def sampled(page):
    page.get_by_text("Sample", exact=True).click()
    until(page, lambda page: plot(page, "dots.x.length"), len(sample()))
    return page


def spot(page, index: int) -> tuple[float, float]:
    """Where a picture is in the window, whether it has a dot or not."""
    x, y = points(2)[index].tolist()
    axes = "const { xaxis, yaxis } = plot._fullLayout, box = plot.getBoundingClientRect()"
    return plot(page, f"(() => {{ {axes}; return [box.left + xaxis.d2p({x}), box.top + yaxis.d2p({y})]; }})()")


def redraw(page) -> None:
    """Let Plotly draw all there is anew."""
    page.evaluate(f"async () => (await imgcluster.plotly).redraw(document.querySelector('{MAP}'))")


def test_new_colours_are_drawn_without_placing_the_dots_anew(page):
    press(page, "Zoom in")
    before, shown = view(page), plot(page, PIXELS)
    plot(page, "plot.calcdata.kept = true")
    set_groups(page, 8)
    assert plot(page, "plot.calcdata.kept") is True and view(page) == before
    quick = plot(page, PIXELS)
    assert quick != shown
    redraw(page)
    assert plot(page, "plot.calcdata.kept ?? null") is None
    assert plot(page, PIXELS) == quick
    point_at(page, 17)
    card_is_complete(page, 17)
    assert page.locator(CARD).inner_text() == "Group 8"


def test_a_lasso_after_new_colours_shows_these(page):
    nothing = plot(page, PIXELS_OF_SELECTED)
    plot(page, "plot.calcdata.kept = true")
    set_groups(page, 8)
    assert plot(page, "plot.calcdata.kept") is True
    lasso(page)
    until(page, lambda page: len(known(page)["selected"]) > 0, True)
    shown = plot(page, PIXELS_OF_SELECTED)
    redraw(page)
    assert chosen(page) == known(page)["selected"]
    assert plot(page, PIXELS_OF_SELECTED) == shown != nothing


def test_a_sample_and_a_few_besides_have_dots(sampled):
    x, y = points(2)[sample()].T
    assert np.array_equal(np.float32(plot(sampled, "[...dots.x]")), x)
    assert np.array_equal(np.float32(plot(sampled, "[...dots.y]")), y)
    assert np.array_equal(np.float32(plot(sampled, f"[...{BESIDES}.x]")), points(2)[besides(5), 0])
    assert plot(sampled, "[...dots.marker.color]") == (sample() % N_BLOBS % 5).tolist()
    for place_in_trace, index in ((35, int(sample()[35])), (None, besides(5)[3])):
        x, y = spot(sampled, index)
        assert place_in_trace is None or np.allclose(place(sampled, place_in_trace), (x, y), atol=0.01)
        sampled.mouse.move(x - 3, y - 3)
        sampled.mouse.move(x, y)
        card_is_complete(sampled, index)
        sampled.mouse.click(x, y)
        until(sampled, lambda page, index=index: known(page)["picked"], index)


def test_another_number_of_groups_keeps_the_dots_and_the_view(sampled):
    kept = never_drawn_anew(sampled)
    press(sampled, "Zoom in")
    before = view(sampled)
    set_groups(sampled, 9)
    until(sampled, lambda page: plot(page, f"{BESIDES}.x.length"), 9)
    assert plot(sampled, f"[...{BESIDES}.marker.color]") == list(range(9))
    assert kept() and view(sampled) == before


def crowded(page) -> tuple[float, float]:
    """A place in the window with many dots around it: the first picture of the blob nearest to the middle."""
    box = page.locator(MAP).bounding_box()
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    return min((spot(page, index) for index in range(N_BLOBS)), key=lambda each: np.hypot(*np.subtract(each, middle)))


def offsets(page, x: float, y: float) -> np.ndarray:
    """Where all pictures are in the window, as seen from a place in it, shape (N_IMAGES, 2)."""
    return np.array([spot(page, index) for index in range(N_IMAGES)]) - (x, y)


def test_a_lasso_selects_what_has_no_dot_too(sampled):
    x, y = crowded(sampled)
    corners = [(-60, -50), (70, -60), (40, 60), (0, 10), (-70, 60)]
    drag(sampled, [(x + dx, y + dy) for dx, dy in (*corners, corners[0])])
    until(sampled, lambda page: len(known(page)["selected"]) > 0, True)
    found = known(sampled)["selected"]
    around = offsets(sampled, x, y)
    within = {index for index in range(N_IMAGES) if is_inside(corners, around[index])}
    assert all(to_edge(corners, around[index]) < 3 for index in within ^ set(found))  # Plotly takes corners off
    assert set(found) - set(sample()) - set(besides(5)) and set(found) & set(sample())
    assert chosen(sampled) == [at for at, index in enumerate(sample()) if index in found]
    sampled.get_by_text(f"{len(found)} selected").wait_for()
    sampled.locator(MAP).focus()
    sampled.keyboard.press("Escape")
    until(sampled, lambda page: known(page)["selected"], [])
    assert chosen(sampled) == []


def is_inside(corners, point) -> bool:
    """Whether a point is in a polygon: the angles at it add up to a full turn."""
    arms = np.array(corners) - point
    angles = np.angle((arms[:, 0] + 1j * arms[:, 1]) / np.roll(arms[:, 0] + 1j * arms[:, 1], 1))
    return abs(angles.sum()) > np.pi


def to_edge(corners, point) -> float:
    """How far a point is from the nearest of a thousand points of each side of a polygon."""
    ends = np.array(corners, dtype=float)
    shares = np.linspace(0, 1, 1000)[:, None, None]
    return np.linalg.norm((1 - shares) * ends + shares * np.roll(ends, 1, axis=0) - point, axis=-1).min()


def test_a_sample_in_three_dimensions(sampled):
    turn_solid(sampled)
    assert plot(sampled, "dots.x.length") == len(sample())
    assert plot(sampled, f"{BESIDES}.x.length") == 5
    set_groups(sampled, 4)
    until(sampled, lambda page: plot(page, f"[...{BESIDES}.marker.color]"), list(range(4)))
    assert json.loads(sampled.locator("code").first.inner_text())["selected"] == []
