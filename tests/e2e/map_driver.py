"""What a person does with the map in a browser, and what they see of it."""

import time

MAP = ".imgcluster-map-canvas"


def plot(page, expression: str):
    """Evaluate an expression over `plot`, the element that Plotly drew into, and its traces."""
    names = "['dots', 'rings', 'beneath']"
    traces = f"[dots, rings, beneath] = {names}.map((name) => plot.data?.find((trace) => trace.name === name))"
    return page.evaluate(f"() => {{ const plot = document.querySelector('{MAP}'), {traces}; return {expression}; }}")


def view(page):
    return plot(page, "[...plot._fullLayout.xaxis.range, ...plot._fullLayout.yaxis.range]")


def press(page, name: str, look=view) -> None:
    """Press a button of the map that changes how it is looked at, and wait until Plotly has done so."""
    before = look(page)
    page.get_by_role("button", name=name).click()
    until(page, lambda page: look(page) != before, True)


def chosen(page):
    return plot(page, "[...(dots.selectedpoints ?? [])]")


def places(page) -> list[tuple[float, float]]:
    """Where the dots are in the window."""
    return plot(
        page,
        "(() => { const box = plot.getBoundingClientRect(), {xaxis, yaxis} = plot._fullLayout, {x, y} = dots;"
        " return [...x].map((_, dot) => [box.left + xaxis.d2p(x[dot]), box.top + yaxis.d2p(y[dot])]); })()",
    )


def place(page, index: int) -> tuple[float, float]:
    """Where one dot is in the window."""
    return places(page)[index]


def until(page, read, expected):
    """Poll: what the app shows follows from what it did, so there is nothing else to wait on."""
    end = time.monotonic() + 60
    while (value := read(page)) != expected and time.monotonic() < end:
        page.wait_for_timeout(30)
    assert value == expected


def listen(received: list[int]):
    """Give the function that notes the size of each message from the server."""
    note = lambda socket: socket.on("framereceived", lambda data: received.append(len(data)))  # noqa: E731
    return lambda page: page.on("websocket", note)


def colors(page) -> int:
    """The number of groups that the map is coloured for."""
    return plot(page, "dots.marker.colorscale.length / 2 - 1")


def set_groups(page, k: int) -> None:
    slider = page.get_by_role("slider", name="groups")
    slider.focus()
    while (now := int(slider.get_attribute("aria-valuenow") or slider.input_value())) != k:
        slider.press("ArrowRight" if now < k else "ArrowLeft")
    until(page, colors, k)


def drag(page, points) -> None:
    """Move the pressed mouse through points of the window."""
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point, steps=4)
    page.mouse.up()


def inner_dot(page) -> int:
    """A dot that can be drawn around: as far from the edges of the map as `lasso` goes."""
    box = page.locator(MAP).bounding_box()
    return next(
        index
        for index, (x, y) in enumerate(places(page))
        if 80 < x - box["x"] < box["width"] - 80 and 80 < y - box["y"] < box["height"] - 80
    )


def lasso(page, *, around: int = 1) -> set[int]:
    """Draw around the dots nearest to one of them; return which are inside."""
    x, y = place(page, around)
    box = [(-70, -70), (70, -70), (70, 70), (-70, 70), (-70, -60)]
    drag(page, [(x + dx, y + dy) for dx, dy in box])
    return {index for index, (px, py) in enumerate(places(page)) if abs(px - x) < 70 and abs(py - y) < 70}


def point_at(page, index: int) -> None:
    x, y = place(page, index)
    page.mouse.move(x - 3, y - 3)
    page.mouse.move(x, y)


def card_is_complete(page, index: int, kind: str = "blob:") -> None:
    page.wait_for_function(
        "([index, kind]) => { const card = document.querySelector('.imgcluster-card:popover-open');"
        " return card?.dataset.index == index && card.querySelector('img').src.startsWith(kind); }",
        arg=[index, kind],
    )
