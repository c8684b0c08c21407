"""What the tests of the map's modes share, on top of `map_driver`."""

import json

import numpy as np
from map_driver import MAP, plot, until
from placed_landmarks import place_landmarks

N_BLOBS = 12
LANDMARK = ".imgcluster-landmarks img"


def known(page) -> dict:
    """What Python knows."""
    return json.loads(page.locator("code").first.inner_text())


def choose(page, name: str) -> None:
    page.get_by_role("radio", name=name, exact=True).click()


def set_dots(page, presses: int) -> None:
    slider = page.get_by_role("slider", name="Dots")
    slider.focus()
    for _ in range(presses):
        slider.press("ArrowRight")


def turn_solid(page) -> None:
    choose(page, "3")
    until(page, lambda page: plot(page, "dots?.type"), "scatter3d")
    page.wait_for_function(f"() => document.querySelector('{MAP}')._fullLayout.scene?._scene?.glplot?.canvas")


def never_drawn_anew(page):
    """Return the question whether the plot is still the one that there is now."""
    plot(page, "plot.data.kept = true")
    return lambda: plot(page, "plot.data.kept") is True


def landmarks(page) -> dict[int, tuple[float, float]]:
    """The landmarks that are seen, and the middle of each in the window."""
    return {
        int(index): (x, y)
        for index, x, y in page.evaluate(
            """selector => [...document.querySelectorAll(selector)].filter((image) => !image.hidden).map((image) => {
                const { x, y, width, height } = image.getBoundingClientRect();
                return [image.dataset.index, x + width / 2, y + height / 2];
            })""",
            LANDMARK,
        )
    }


def expected_landmarks(page, spots, size: float = 46) -> dict[int, tuple[float, float]]:
    """What `place_landmarks` says of the dots as they lie."""
    box = page.locator(MAP).bounding_box()
    origin = np.array([box["x"], box["y"]])
    candidates = np.arange(2 * N_BLOBS, 4 * N_BLOBS)
    area = (box["width"], box["height"])
    placed = place_landmarks(np.array(spots)[candidates] - origin, size=size, area=area, gap=4)
    middles = placed.corners + size / 2 + origin
    return dict(zip(candidates[placed.chosen].tolist(), map(tuple, middles), strict=True))


def assert_landmarks(page, spots, **options) -> None:
    expected = expected_landmarks(page, spots, **options)
    until(page, lambda page: landmarks(page).keys(), expected.keys())  # they are put in place with the next frame
    until(page, lambda page: far_off(landmarks(page), expected), {})


def far_off(seen: dict, expected: dict) -> dict[int, tuple]:
    """Those landmarks that are not where they should be, to a pixel and a half."""
    nowhere = (np.inf, np.inf)
    return {
        index: (seen.get(index), middle)
        for index, middle in expected.items()
        if not np.allclose(seen.get(index, nowhere), middle, rtol=0, atol=1.5)
    }
