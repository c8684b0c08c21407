"""Lines on two logarithmic axes as SVG, legible on light and on dark pages, without a library."""

import math
import re
from collections.abc import Mapping, Sequence
from html import escape

from imgcluster.palette import cluster_color

__all__ = ["growth_svg", "log_log_svg", "series_of"]

_WIDTH, _HEIGHT = 860, 460
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 250, 24, 52  # margins; the names stand to the right
_LINE = 17  # pixels from one name to the next, at least
_STYLE = """
text { font: 13px system-ui, sans-serif; fill: #24292f }
.page { fill: #ffffff } .grid { stroke: #d0d7de } .line { fill: none; stroke-width: 2 }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .page { fill: #0d1117 } .grid { stroke: #3d444d } }
"""
Series = Mapping[str, Sequence[tuple[float, float]]]


def growth_svg(markdown: str) -> str:
    """Return the plot of a table as `series_of` reads it."""
    return log_log_svg(series_of(markdown), across="rows", up="seconds", title="Seconds of each stage by rows")


def series_of(markdown: str) -> dict[str, list[tuple[float, float]]]:
    """Read the lines of a plot from a Markdown table.

    Parameters
    ----------
    markdown : str
        Has a table whose first line is "rows" and numbers of rows; every other line is a name and a positive number for
        each, or "-". Lines whose name does not end in ", s" are no seconds, and left out.

    Returns
    -------
    dict of str to list of (float, float)
        Name -> rows and seconds.
    """
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in re.findall(r"^\|.*\|$", markdown, re.M)]
    start = next((number for number, line in enumerate(lines) if line[0] == "rows"), len(lines))
    found = {}
    for name, *cells in lines[start + 2 :]:
        points = [(_number(x), _number(y)) for x, y in zip(lines[start][1:], cells, strict=True) if y != "-"]
        if name.endswith(", s"):
            found[name.removesuffix(", s")] = [(x, y) for x, y in points if y > 0]
    return found


def log_log_svg(series: Series, *, across: str, up: str, title: str) -> str:
    """Draw lines on logarithmic axes.

    Parameters
    ----------
    series : mapping of str to sequence of (float, float)
        Name -> points, both numbers positive.
    across, up, title : str
        What the axes show, and the text for those who do not see the drawing.

    Returns
    -------
    str
        An SVG document.

    Raises
    ------
    ValueError
        There is no point at all.
    """
    points = [point for line in series.values() for point in line]
    if not points:
        raise ValueError("There is nothing to draw: no line has a point.")
    # Pixels of a value on either axis: from the least to the largest, to whole powers of ten upwards.
    x_ticks = sorted({x for x, _ in points})
    exponents = [math.log10(y) for _, y in points]
    y_ticks = [10.0**power for power in range(math.floor(min(exponents)), math.ceil(max(exponents)) + 1)]
    place_x = _axis(x_ticks[0], x_ticks[-1], _LEFT, _WIDTH - _RIGHT)
    place_y = _axis(y_ticks[0], y_ticks[-1], _HEIGHT - _BOTTOM, _TOP)
    middle_x, middle_y = (_LEFT + _WIDTH - _RIGHT) / 2, (_TOP + _HEIGHT - _BOTTOM) / 2
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img">',
        f"<title>{escape(title)}</title><style>{_STYLE}</style>",
        f'<rect class="page" width="{_WIDTH}" height="{_HEIGHT}"/>',
        *(_grid(place_x(x), None, f"{x:,.0f}") for x in x_ticks),
        *(_grid(None, place_y(y), f"{y:g}") for y in y_ticks),
        f'<text x="{middle_x:.0f}" y="{_HEIGHT - 10}" text-anchor="middle">{escape(across)}</text>',
        f'<text transform="translate(16 {middle_y:.0f}) rotate(-90)" text-anchor="middle">{escape(up)}</text>',
    ]
    drawn = {name: [(place_x(x), place_y(y)) for x, y in sorted(line)] for name, line in series.items() if line}
    heights = _apart({name: line[-1][1] for name, line in drawn.items()})
    for number, (name, line) in enumerate(drawn.items()):
        color, (end_x, end_y) = cluster_color(number), line[-1]
        path, name_x, name_y = " ".join(f"{x:.1f},{y:.1f}" for x, y in line), _WIDTH - _RIGHT + 26, heights[name]
        parts.append(f'<polyline class="line" stroke="{color}" points="{path}"/>')
        parts.extend(f'<circle r="3" cx="{x:.1f}" cy="{y:.1f}" fill="{color}"/>' for x, y in line)
        leader = f"M{end_x + 5:.1f} {end_y:.1f} L{name_x - 4} {name_y:.1f}"
        parts.append(f'<path d="{leader}" stroke="{color}" stroke-dasharray="2 3"/>')
        parts.append(f'<text x="{name_x}" y="{name_y + 4:.1f}">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _axis(low: float, high: float, start: float, end: float):
    span = math.log(high / low) or 1.0
    return lambda value: start + (end - start) * math.log(value / low) / span


def _grid(x: float | None, y: float | None, text: str) -> str:
    if y is None:
        line = f"M{x:.1f} {_TOP} V{_HEIGHT - _BOTTOM}"
        label = f'x="{x:.1f}" y="{_HEIGHT - _BOTTOM + 18}" text-anchor="middle"'
    else:
        line = f"M{_LEFT} {y:.1f} H{_WIDTH - _RIGHT}"
        label = f'x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end"'
    return f'<path class="grid" d="{line}"/><text {label}>{text}</text>'


def _apart(wished: Mapping[str, float]) -> dict[str, float]:
    """Move the names down where they would overlap, and all of them up where the last one would leave the drawing."""
    places: dict[str, float] = {}
    lowest = -math.inf
    for name, height in sorted(wished.items(), key=lambda item: item[1]):
        places[name] = lowest = max(height, lowest + _LINE)
    limit = _HEIGHT - _BOTTOM
    for name in reversed(places):
        places[name] = limit = min(places[name], limit)
        limit -= _LINE
    return places


def _number(text: str) -> float:
    return float(text.replace(",", ""))
