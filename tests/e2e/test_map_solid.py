"""The map in three dimensions, in a real browser."""

import statistics

import numpy as np
import pytest
from map_driver import MAP, card_is_complete, chosen, lasso, listen, plot, press, set_groups, until
from map_modes import (
    LANDMARK,
    N_BLOBS,
    assert_landmarks,
    choose,
    expected_landmarks,
    known,
    landmarks,
    never_drawn_anew,
    set_dots,
    turn_solid,
)

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


def camera(page) -> list[float]:
    """Where the map is looked at from, as seen from the point that is looked at."""
    return plot(
        page,
        "(({eye, center}) => ['x', 'y', 'z'].map((name) => eye[name] - center[name]))"
        "(plot._fullLayout.scene._scene.getCamera())",
    )


def solid_places(page) -> np.ndarray:
    """Where the dots are in the window, by the matrices that Plotly draws with, shape (n, 2)."""
    found = plot(
        page,
        "(({glplot: {cameraParams: {model, view, projection}}, dataScale}) => ({"
        " matrices: [model, view, projection].map((matrix) => [...matrix]), scale: [...dataScale],"
        " points: [[...dots.x], [...dots.y], [...dots.z]], box: plot.getBoundingClientRect().toJSON() }))"
        "(plot._fullLayout.scene._scene)",
    )
    points = np.vstack(
        [np.array(found["points"]) * np.array(found["scale"])[:, None], np.ones(len(found["points"][0]))]
    )
    for matrix in found["matrices"]:
        points = np.array(matrix).reshape(4, 4).T @ points
    x, y = points[:2] / points[3]
    box = found["box"]
    return np.stack([box["x"] + (x + 1) / 2 * box["width"], box["y"] + (1 - y) / 2 * box["height"]], axis=1)


def apart(spots: np.ndarray) -> np.ndarray:
    """How far each dot is from all others."""
    return (np.linalg.norm(spots[:, None] - spots, axis=2) + 1e9 * np.eye(len(spots))).min(axis=1)


def test_three_dimensions_turn_show_and_pick(page):
    turn_solid(page)
    assert page.locator(MAP).get_attribute("aria-label") == "Map in 3-D of 300 pictures in 12 groups, 13 in no group"
    for name in ("Select with a lasso", "Select with a box", "Move the map"):
        assert not page.get_by_role("button", name=name).is_visible()
    page.get_by_text("Drag to turn").wait_for()

    spots = solid_places(page)
    index = int(apart(spots).argmax())
    page.mouse.move(*(spots[index] - 4))
    page.mouse.move(*spots[index])
    card_is_complete(page, index)
    box = page.locator(CARD).bounding_box()
    beside = [box["x"] - spots[index][0], spots[index][0] - box["x"] - box["width"]]
    assert 0 < max(beside) < 30
    page.mouse.down()
    page.mouse.up()
    until(page, lambda page: known(page)["picked"], index)
    until(page, lambda page: plot(page, "[...rings.z]"), [plot(page, f"dots.z[{index}]")])

    before = camera(page)
    x, y = spots[np.argsort(apart(spots))[-2]]  # the second loneliest
    page.mouse.move(x, y)
    page.mouse.down()
    way = iter(range(10, 10_000, 10))  # Plotly overlooks the first steps when it has just drawn something else
    until(page, lambda page: page.mouse.move(x + next(way) % 300, y) or camera(page) != before, True)
    page.mouse.up()
    assert known(page)["picked"] == index  # a turn is no click, also when it begins on a dot


def test_three_dimensions_keep_the_view(page, settled):
    turn_solid(page)
    home = camera(page)
    press(page, "Turn left", camera)
    turned = camera(page)
    np.testing.assert_allclose(np.hypot(*turned[:2]), np.hypot(*home[:2]))
    assert turned[0] < home[0] and turned[1] > home[1]
    press(page, "Zoom in", camera)
    near = camera(page)
    np.testing.assert_allclose(np.array(turned) / near, 1.25, atol=1e-6)

    kept = never_drawn_anew(page)
    set_groups(page, 6)
    settled(page)
    choose(page, "Value")
    until(page, lambda page: plot(page, "Math.max(...dots.marker.color)"), 99)
    settled(page)
    set_dots(page, 1)
    settled(page)
    assert kept()
    np.testing.assert_allclose(camera(page), near)
    press(page, "Turn right", camera)
    press(page, "Show the whole map", camera)
    np.testing.assert_allclose(camera(page), home)


def test_landmarks_in_three_dimensions(page):
    page.get_by_text("Landmarks").click()
    turn_solid(page)
    until(page, lambda page: len(landmarks(page)) > 3, True)
    assert_landmarks(page, solid_places(page))
    before = solid_places(page)
    press(page, "Turn left", camera)
    until(page, lambda page: np.abs(solid_places(page) - before).max() > 20, True)
    until(page, lambda page: landmarks(page).keys() == expected_landmarks(page, solid_places(page)).keys(), True)
    assert_landmarks(page, solid_places(page))


def test_a_selection_is_seen_in_three_dimensions_and_goes_back(page):
    inside = lasso(page)
    until(page, lambda page: set(known(page)["selected"]), inside)
    turn_solid(page)
    page.get_by_text(f"{len(inside)} selected").wait_for()
    colors = np.array(plot(page, "[...dots.marker.color]"))
    assert {index for index in range(300) if colors[index] < N_BLOBS} == inside
    page.get_by_role("button", name="Select some").click()
    page.get_by_text("36 selected").wait_for()
    assert (np.array(plot(page, "[...dots.marker.color]")) < N_BLOBS).sum() == 36
    choose(page, "2")
    until(page, lambda page: plot(page, "dots?.type"), "scattergl")
    until(page, chosen, list(range(N_BLOBS, 4 * N_BLOBS)))
    turn_solid(page)
    page.locator(MAP).focus()
    page.keyboard.press("Escape")
    until(page, lambda page: known(page)["selected"], [])
    assert max(plot(page, "[...dots.marker.color]")) == N_BLOBS - 1


def test_layouts_are_sent_once(app, open_page):
    received = []
    page = open_page(f"{app.url}?n=30000", prepare=listen(received))
    page.wait_for_selector(f"{MAP}.js-plotly-plot")
    turn_solid(page)
    for dimensions, kind in (("2", "scattergl"), ("3", "scatter3d")):
        received.clear()
        choose(page, dimensions)
        until(page, lambda page, kind=kind: plot(page, "dots?.type"), kind)
        assert max(received) < 30_000 * 2 + 80_000  # the coordinates alone would be 240,000


def test_the_keyboard_reaches_the_tools_of_each_kind(page):
    turn_solid(page)
    tools = page.get_by_role("toolbar", name="Map tools")
    assert tools.locator("button[tabindex='0']").get_attribute("aria-label") == "Turn left"
    tools.locator("button[tabindex='0']").focus()
    for name in ("Turn right", "Zoom in", "Zoom out", "Show the whole map", "Turn left"):
        page.keyboard.press("ArrowRight")
        assert page.evaluate("document.activeElement.getAttribute('aria-label')") == name
    choose(page, "2")
    until(page, lambda page: plot(page, "dots?.type"), "scattergl")
    assert tools.locator("button[tabindex='0']").get_attribute("aria-label") == "Select with a lasso"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_all_modes_are_accessible(app, open_page, dark):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    page = open_page(app.url, dark=dark)
    page.wait_for_selector(f"{MAP}.js-plotly-plot")
    page.get_by_text("Landmarks").click()
    page.locator(f"{LANDMARK}[src^=blob]:not([hidden])").first.wait_for()
    turn_solid(page)
    found = axe.Axe().run(page, context=[[".stBidiComponent"]])
    assert [(violation["id"], violation["nodes"]) for violation in found.response["violations"]] == []


def test_the_theme_is_followed_in_three_dimensions(page):
    turn_solid(page)
    before = plot(page, "[rings.marker.color, plot._fullLayout.scene.xaxis.linecolor]")
    page.emulate_media(color_scheme="dark")
    read = lambda page: plot(page, "[rings.marker.color, plot._fullLayout.scene.xaxis.linecolor]")  # noqa: E731
    until(page, lambda page: all(a != b for a, b in zip(read(page), before, strict=True)), True)


@pytest.mark.parametrize("dimensions", ["2", "3"])
def test_time_to_recolor_30_000(app, open_page, dimensions):
    """Print, not assert: from the key press on the slider to the drawn map, with landmarks."""
    page = open_page(f"{app.url}?n=30000")
    page.wait_for_selector(f"{MAP}.js-plotly-plot")
    page.get_by_text("Landmarks").click()
    if dimensions == "3":
        turn_solid(page)
    plot(page, "plot.on('plotly_afterplot', () => { plot.drawn = performance.now(); })")
    times = []
    for k in (11, 10, 9, 10, 11):
        page.evaluate(
            "() => document.addEventListener('keydown', () => { globalThis.pressed = performance.now(); },"
            " { once: true, capture: true })"
        )
        set_groups(page, k)
        page.wait_for_function(f"() => document.querySelector('{MAP}').drawn > globalThis.pressed")
        times.append(plot(page, "plot.drawn - globalThis.pressed"))
    print(f"\n30,000 dots, {dimensions}-D: {statistics.median(times):.0f} ms (median of {len(times)})")
