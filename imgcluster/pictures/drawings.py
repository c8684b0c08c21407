"""Generated black-on-white drawings in families: alike in kind, different in size, place, turn and thickness."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from PIL import Image, ImageDraw

__all__ = ["FAMILIES", "draw"]

_SIZE = 200  # pixels
_FINE = 4  # drawn larger by this factor and reduced, for smooth edges before they become black or white

Points = np.ndarray  # (n, 2) float64, in units of the picture's width, y downwards
Pen = ImageDraw.ImageDraw


def draw(family: str, rng: np.random.Generator) -> Image.Image:
    """Draw one picture.

    Parameters
    ----------
    family : str
        A key of `FAMILIES`.
    rng : numpy.random.Generator
        Decides size, place, turn, thickness and number.

    Returns
    -------
    PIL.Image.Image
        200 x 200 pixels, mode "1", black on white.
    """
    large = Image.new("L", (_SIZE * _FINE, _SIZE * _FINE), 255)
    FAMILIES[family](ImageDraw.Draw(large), rng)
    # The threshold is chosen here: Pillow's own conversion to 1 bit would scatter dots.
    return large.reduce(_FINE).point(lambda grey: 255 * (grey >= 128), mode="1")


def _disc(pen: Pen, centre: Points, radius: float) -> None:
    x, y = np.asarray(centre) * _SIZE * _FINE
    r = radius * _SIZE * _FINE
    pen.ellipse((x - r, y - r, x + r, y + r), fill=0)


def _stroke(pen: Pen, points: Points, thickness: float) -> None:
    """Draw a line through points, with round ends and corners."""
    pen.line(
        [tuple(point) for point in np.asarray(points) * _SIZE * _FINE],
        fill=0,
        width=max(1, round(thickness * _SIZE * _FINE)),
        joint="curve",
    )
    for end in (points[0], points[-1]):
        _disc(pen, end, thickness / 2)


def _place(rng: np.random.Generator, points: Points, *, size: tuple[float, float] = (0.2, 0.38)) -> Points:
    """Turn points given around the origin at will, scale them to a radius within `size`, move them where they fit."""
    angle, radius = rng.uniform(0, 2 * np.pi), rng.uniform(*size)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    room = max(0.0, 0.46 - radius)
    return points @ turn * radius + 0.5 + rng.uniform(-room, room, 2)


def _circle(n: int, *, start: float = 0.0, turns: float = 1.0) -> Points:
    angles = start + np.linspace(0, 2 * np.pi * turns, n)
    return np.column_stack([np.cos(angles), np.sin(angles)])


def _thickness(rng: np.random.Generator) -> float:
    return rng.uniform(0.015, 0.045)


def _rings(pen: Pen, rng: np.random.Generator) -> None:
    thickness, n_rings = _thickness(rng), rng.integers(2, 5)
    outline = _place(rng, _circle(120))
    centre = outline[:-1].mean(axis=0)
    for share in np.linspace(1, 0, n_rings, endpoint=False):
        _stroke(pen, centre + (outline - centre) * share, thickness)


def _grid_of_dots(pen: Pen, rng: np.random.Generator) -> None:
    n = rng.integers(4, 8)
    steps = np.linspace(-0.7, 0.7, n)
    grid = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
    points = _place(rng, grid, size=(0.36, 0.46))
    spacing = np.linalg.norm(points[1] - points[0])
    radius = spacing * rng.uniform(0.2, 0.36)
    for point in points:
        _disc(pen, point, radius)


def _scattered_dots(pen: Pen, rng: np.random.Generator) -> None:
    for _ in range(rng.integers(15, 60)):
        _disc(pen, rng.uniform(0.06, 0.94, 2), rng.uniform(0.008, 0.035))


def _one_dot(pen: Pen, rng: np.random.Generator) -> None:
    radius = rng.uniform(0.06, 0.32)
    _disc(pen, rng.uniform(radius + 0.02, 0.98 - radius, 2), radius)


def _stripes(pen: Pen, rng: np.random.Generator) -> None:
    n = rng.integers(4, 11)
    along = np.linspace(-0.7, 0.7, n)
    ends = np.stack([np.column_stack([along, np.full(n, -0.7)]), np.column_stack([along, np.full(n, 0.7)])], axis=1)
    placed = _place(rng, ends.reshape(-1, 2), size=(0.36, 0.5)).reshape(n, 2, 2)
    thickness = np.linalg.norm(placed[1, 0] - placed[0, 0]) * rng.uniform(0.25, 0.5)
    for line in placed:
        _stroke(pen, line, thickness)


def _waves(pen: Pen, rng: np.random.Generator) -> None:
    n, periods, thickness = rng.integers(3, 6), rng.uniform(2, 4), _thickness(rng)
    x = np.linspace(-0.8, 0.8, 150)
    y = 0.1 * np.sin(x / 0.8 * np.pi * periods)
    lines = np.concatenate([np.column_stack([x, y + shift]) for shift in np.linspace(-0.55, 0.55, n)])
    for line in np.split(_place(rng, lines, size=(0.34, 0.48)), n):
        _stroke(pen, line, thickness)


def _triangles(pen: Pen, rng: np.random.Generator) -> None:
    _polygon(pen, rng, _circle(4))


def _squares(pen: Pen, rng: np.random.Generator) -> None:
    _polygon(pen, rng, _circle(5))


def _polygon(pen: Pen, rng: np.random.Generator, corners: Points) -> None:
    placed = _place(rng, corners)
    _stroke(pen, np.concatenate([placed, placed[1:2]]), _thickness(rng))


def _crosses(pen: Pen, rng: np.random.Generator) -> None:
    arms = _place(rng, _circle(5)[:4])
    thickness = rng.uniform(0.05, 0.12)
    _stroke(pen, arms[[0, 2]], thickness)
    _stroke(pen, arms[[1, 3]], thickness)


def _stars(pen: Pen, rng: np.random.Generator) -> None:
    n = rng.integers(5, 9)
    corners = _circle(2 * n + 1)[:-1]
    corners[1::2] *= rng.uniform(0.35, 0.5)
    pen.polygon([tuple(point) for point in _place(rng, corners) * _SIZE * _FINE], fill=0)


def _spirals(pen: Pen, rng: np.random.Generator) -> None:
    turns = rng.uniform(2.5, 4.5)
    winding = np.linspace(0.02, 1, 300)[:, None] * _circle(300, turns=turns)
    if rng.random() < 0.5:
        winding[:, 0] *= -1
    _stroke(pen, _place(rng, winding, size=(0.28, 0.44)), rng.uniform(0.012, 0.025))


def _trees(pen: Pen, rng: np.random.Generator) -> None:
    lines: list[Points] = []
    spread, shrink = rng.uniform(0.35, 0.6), rng.uniform(0.65, 0.75)

    def grow(base: Points, angle: float, length: float, depth: int) -> None:
        tip = base + length * np.array([np.cos(angle), np.sin(angle)])
        lines.append(np.stack([base, tip]))
        if depth:
            for side in (-spread, spread):
                grow(tip, angle + side * rng.uniform(0.8, 1.2), length * shrink, depth - 1)

    grow(np.array([-0.9, 0.0]), 0.0, 0.65, 4)
    placed = _place(rng, np.concatenate(lines), size=(0.36, 0.46)).reshape(-1, 2, 2)
    thickness = rng.uniform(0.01, 0.02)
    for line in placed:
        _stroke(pen, line, thickness)


FAMILIES: Mapping[str, Callable[[Pen, np.random.Generator], None]] = MappingProxyType(
    {
        "crosses": _crosses,
        "dot-grids": _grid_of_dots,
        "dots": _scattered_dots,
        "discs": _one_dot,
        "rings": _rings,
        "spirals": _spirals,
        "squares": _squares,
        "stars": _stars,
        "stripes": _stripes,
        "trees": _trees,
        "triangles": _triangles,
        "waves": _waves,
    }
)
"""Name of a family -> what draws one of it."""
