"""The pictures side by side in a browser: one zoom for all, keys, and what Python hears of it."""

import json

import pytest


@pytest.fixture(scope="module")
def app(run_app):
    return run_app("tests/e2e/side_by_side_app.py")


@pytest.fixture
def pair(open_page, app):
    page = open_page(app.url)
    shown(page, 1)
    return page


def shown(page, group):
    """Wait until the pictures of a group are there."""
    page.get_by_text(f"Group {group} of 6").wait_for()
    page.wait_for_function("() => document.querySelector('[data-testid=stCode]')")


def stages(page):
    return page.locator(".imgcluster-sides .stage")


def places(page):
    """Where each picture is drawn: left and top edge and width, as shares of its stage."""
    return stages(page).evaluate_all(
        """all => all.map(stage => {
          const outer = stage.getBoundingClientRect(), inner = stage.querySelector("img").getBoundingClientRect();
          return [(inner.left - outer.left) / outer.width, (inner.top - outer.top) / outer.height,
                  inner.width / outer.width].map(value => Math.round(value * 1000) / 1000);
        })"""
    )


def focused(page):
    """Which picture has the focus, None where none has."""
    return page.evaluate(
        """() => {
          let at = document.activeElement;
          while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
          return at?.classList.contains("stage") ? Number(at.parentElement.dataset.index) : null;
        }"""
    )


def known(page):
    return json.loads(page.locator("[data-testid=stCode]").inner_text())


def until(page, condition):
    for _ in range(100):
        if condition():
            return
        page.wait_for_timeout(50)
    raise AssertionError(known(page))


def test_all_pictures_are_zoomed_and_moved_together(pair):
    whole = places(pair)
    assert whole[0] == whole[1]  # of another size, and shown alike
    box = stages(pair).nth(1).bounding_box()
    x, y = box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.4
    pair.mouse.move(x, y)
    pair.mouse.wheel(0, -240)
    until(pair, lambda: places(pair) != whole)
    zoomed = places(pair)
    assert zoomed[0] == zoomed[1] and zoomed[0][2] > 2 * whole[0][2]
    pair.mouse.down()
    pair.mouse.move(x - box["width"] * 0.1, y, steps=3)
    pair.mouse.up()
    moved = places(pair)
    assert moved[0] == moved[1] and moved[0][0] == pytest.approx(zoomed[0][0] - 0.1, abs=0.003)
    pair.mouse.dblclick(x, y)
    assert places(pair) == whole


def test_what_is_under_the_pointer_stays_there(pair):
    box = stages(pair).nth(0).bounding_box()
    at = 0.55
    pair.mouse.dblclick(box["x"] + box["width"] * at, box["y"] + box["height"] / 2)
    left, _, width = places(pair)[0]
    pair.keyboard.press("0")
    pair.mouse.move(0, 0)
    stages(pair).nth(0).focus()
    pair.keyboard.press("0")
    left_before, _, width_before = places(pair)[0]
    assert (at - left) / width == pytest.approx((at - left_before) / width_before, abs=0.003)


def test_keys_zoom_move_and_go_on(pair):
    whole = places(pair)
    stages(pair).nth(0).focus()
    pair.keyboard.press("+")
    pair.keyboard.press("+")
    zoomed = places(pair)
    assert zoomed[0] == zoomed[1] and zoomed[0][2] == pytest.approx(2.25 * whole[0][2], abs=0.01)
    pair.keyboard.press("Shift+ArrowRight")
    assert places(pair)[1][0] < zoomed[1][0]
    pair.keyboard.press("0")
    assert places(pair) == whole
    pair.keyboard.press("ArrowRight")
    assert focused(pair) == 1 and known(pair)["said"] == []
    pair.keyboard.press("ArrowRight")
    shown(pair, 2)
    until(pair, lambda: focused(pair) == 2)
    pair.keyboard.press("ArrowLeft")
    shown(pair, 1)
    until(pair, lambda: focused(pair) == 1)
    pair.keyboard.press("Space")
    until(pair, lambda: known(pair)["said"][-1] == ["keep", 1])
    pair.keyboard.press("n")
    until(pair, lambda: known(pair)["said"][-1] == ["not_same", 1])
    assert focused(pair) == 1


def test_all_that_is_said_quickly_is_heard(pair):
    stages(pair).nth(0).focus()
    for _ in range(4):
        pair.keyboard.press("ArrowDown")
    shown(pair, 5)
    assert known(pair)["said"] == [["next", None]] * 4


def test_buttons_do_the_same(pair):
    pair.get_by_role("button", name="Next ›").click()
    shown(pair, 2)
    pair.get_by_role("button", name="Not the same").nth(1).click()
    until(pair, lambda: known(pair)["said"] == [["next", None], ["not_same", 3]])
    assert pair.locator(".imgcluster-sides strong").all_inner_texts() == ["<i>2</i>.jpg", "<i>3</i>.jpg"]


def test_a_large_picture_is_sent_once_and_again_when_it_was_lost(pair):
    for group in (2, 3):
        pair.get_by_role("button", name="Next ›").click()
        shown(pair, group)
    pair.evaluate("() => globalThis.imgcluster.large.delete('c0')")
    for group in (2, 1):
        pair.get_by_role("button", name="‹ Previous").click()
        shown(pair, group)
    until(pair, lambda: known(pair)["loaded"] == [0, 1, 2, 3, 4, 5, 0])
    until(pair, lambda: places(pair)[0] == places(pair)[1])


def test_a_picture_that_cannot_be_shown_says_so(pair):
    for group in range(2, 7):
        pair.get_by_role("button", name="Next ›").click()
        shown(pair, group)
    assert pair.get_by_text("This picture cannot be shown.").count() == 2
    assert pair.get_by_role("button", name="Next ›").is_disabled()


def test_narrow_the_pictures_lie_below_each_other(open_page, app):
    page = open_page(app.url, width=400)
    shown(page, 1)
    first, second = (stages(page).nth(at).bounding_box() for at in (0, 1))
    assert first["x"] == second["x"] and first["y"] + first["height"] <= second["y"]
    stages(page).nth(0).focus()
    page.keyboard.press("ArrowDown")
    assert focused(page) == 1
