"""The top of a tree of clusters, with the cut."""

from __future__ import annotations

import html
from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from imgcluster.figures._style import Style, lay_out, plain_text, rounded, style_of

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from imgcluster.grouping.trees.dendrogram import Dendrogram

__all__ = ["dendrogram_figure"]

# In px, which are the units of the vertical axis too: the height is known, and the pictures below the tree need a size.
_TREE, _HIGHEST, _GAP = 300, 280, 8
_PICTURE, _COUNT = 46, 18
_MARGIN = 10
_LOW, _MAX_TICKS = 1 / 6, 6
_BUNDLES_PER_ROW = 22  # whose pictures have room side by side on a screen
_CLEAR = "rgba(0,0,0,0)"
_Point = tuple[float | None, float | None]
_END: _Point = (None, None)


def dendrogram_figure(
    drawn: Dendrogram,
    *,
    cut: float,
    bundle_colors: Sequence[str],
    link_colors: Sequence[str],
    bundle_texts: Sequence[str],
    thumbnails: Sequence[str | None] | None = None,
    chosen: int | None = None,
    dark: bool = False,
) -> go.Figure:
    """Draw the top of a tree: bundles of images below, the merges above them, and the cut as a dashed line.

    Heights are drawn as they are, so that a wide gap between merges is seen; but where half of the merges would lie in
    the lowest sixth, they are drawn as that power that gives the lower half a sixth.

    Parameters
    ----------
    drawn : Dendrogram
    cut : float
        Height of the cut, from 0 up.
    bundle_colors : sequence of str, length n_bundles
        "#rrggbb" of each bundle: that of its cluster, grey where it has several.
    link_colors : sequence of str, length n_bundles - 1
        The same of each link. Of a leg that goes from one colour to another, the part below the cut has the lower one.
    bundle_texts : sequence of str, length n_bundles
        What the pointer is told of each bundle, such as "120 pictures, Group 3".
    thumbnails : sequence of (str or None), length n_bundles, optional
        A picture of each bundle as a "data:image/jpeg;base64,..." address, drawn below it; of many bundles in two or
        three rows, so that they have room.
    chosen : int or None
        A node of the tree: its branch is shaded.
    dark : bool, default False
        Whether it will stand on a dark ground.

    Returns
    -------
    Figure
        Merges and bundles answer the pointer, a bundle also where its picture is; ``customdata`` is the node.
    """
    import plotly.graph_objects as go

    style = style_of(dark)
    pictures = list(thumbnails) if thumbnails is not None else [None] * len(drawn.node)
    plan = _Plan(drawn, picture=_PICTURE if any(pictures) else 0)
    figure = go.Figure()
    lay_out(figure, style, height=_TREE - plan.bottom + 2 * _MARGIN)
    figure.update_layout(margin={"t": _MARGIN, "b": _MARGIN}, hovermode="closest", hoverdistance=14)
    side = 0.5 * plan.n_rows + 0.1
    figure.update_xaxes(range=[-side, len(drawn.node) - 1 + side], showticklabels=False)
    ticks = plan.ticks()
    figure.update_yaxes(
        range=[plan.bottom, _TREE],
        tickvals=plan.up(ticks).tolist(),
        ticktext=[f"{tick:.2g}" if tick < 100 else f"{tick:,.0f}" for tick in ticks.tolist()],
    )
    _shade(figure, drawn, plan, chosen, style)
    _draw_leaders(figure, plan, style)
    _draw_bundles(figure, drawn, plan, bundle_colors)
    _draw_links(figure, drawn, plan, [*bundle_colors, *link_colors], cut)
    figure.add_hline(float(plan.up(cut)), line={"color": style.ink, "width": 1, "dash": "dash"}, name="cut")
    _add_pictures(figure, drawn, plan, pictures, style)
    _add_nodes(figure, drawn, plan, link_colors, bundle_texts, chosen, style)
    return figure


class _Plan:
    """Where everything is, in px above the bundles: the tree above 0, rows of pictures and counts below."""

    def __init__(self, drawn: Dendrogram, *, picture: int) -> None:
        n_bundles = len(drawn.node)
        self.picture = picture
        self.n_rows = -(-n_bundles // _BUNDLES_PER_ROW)
        row_height = picture + _COUNT
        self.tops = -_GAP - row_height * (np.arange(n_bundles) % self.n_rows)
        self.bottom = -_GAP - row_height * self.n_rows
        self.spans = _spans(drawn)

        self._highest = max(float(drawn.link_top.max(initial=0)), float(drawn.height.max(initial=0))) or 1.0
        middle = float(np.median(drawn.link_top)) / self._highest if len(drawn.link_top) else 1.0
        self._power = 1.0 if middle >= _LOW else float(np.log(_LOW) / np.log(max(middle, 1e-4)))

    def up(self, height: float | np.ndarray) -> np.ndarray:
        """Return how far up a height of the tree is, the highest still in sight."""
        return np.minimum(_HIGHEST * np.divide(height, self._highest) ** self._power, _TREE - 4)

    def ticks(self) -> np.ndarray:
        """Return heights to name."""
        if self._power == 1:
            step = 10 ** np.floor(np.log10(self._highest))
            step *= next(part for part in (0.2, 0.5, 1, 2) if self._highest / (part * step) <= _MAX_TICKS)
            return np.arange(0, self._highest * (1 + 1e-9), step)
        evenly = self._highest * np.linspace(0, 1, _MAX_TICKS) ** (1 / self._power)
        return np.array([float(f"{tick:.2g}") for tick in evenly])


def _spans(drawn: Dendrogram) -> list[tuple[int, int]]:
    """Return the first and the last bundle below each link."""
    first, last = np.arange(len(drawn.node)), np.arange(len(drawn.node))
    spans = []
    for left, right in _feet(drawn):
        low, high = int(first[left]), int(last[right])
        spans.append((low, high))
        first[low : high + 1], last[low : high + 1] = low, high
    return spans


def _feet(drawn: Dendrogram) -> list[list[int]]:
    """Return a bundle below each leg of each link: legs stand in the middle of a branch, and no two branches cross."""
    return np.rint(drawn.link_x).astype(int).tolist()


def _draw_links(figure: go.Figure, drawn: Dendrogram, plan: _Plan, colors: Sequence[str], cut: float) -> None:
    """Draw the links, one trace a colour; ``colors`` are those of the bundles and then of the links."""
    branch = np.arange(len(drawn.node))  # the topmost so far above each bundle
    lines: dict[str, list[_Point]] = defaultdict(list)
    tops, bottoms, level = plan.up(drawn.link_top).tolist(), plan.up(drawn.link_bottom).tolist(), float(plan.up(cut))
    for i, (feet, (first, last)) in enumerate(zip(_feet(drawn), plan.spans, strict=True)):
        own = colors[len(drawn.node) + i]
        ends = []
        for foot, place, bottom in zip(feet, drawn.link_x[i].tolist(), bottoms[i], strict=True):
            below = colors[branch[foot]]
            turn = bottom if below == own else min(max(level, bottom), tops[i])
            if turn > bottom:
                lines[below] += [(place, turn), (place, bottom), _END]
            ends.append((place, turn))
        left, right = ends
        lines[own] += [left, (left[0], tops[i]), (right[0], tops[i]), right, _END]
        branch[first : last + 1] = len(drawn.node) + i
    for color, points in lines.items():
        _add_lines(figure, points, color, name="links", width=1.75)


def _draw_bundles(figure: go.Figure, drawn: Dendrogram, plan: _Plan, colors: Sequence[str]) -> None:
    """Draw each bundle as a wedge from its last merge down, broad where it holds many images; one trace a colour."""
    broadest = min(0.44, 0.04 * len(drawn.node))
    halves = np.maximum(broadest * np.sqrt(drawn.n_images / drawn.n_images.max()), 0.1 * broadest)
    wedges: dict[str, list[_Point]] = defaultdict(list)
    for x, half, y, color in zip(
        drawn.x.tolist(), halves.tolist(), plan.up(drawn.height).tolist(), colors, strict=True
    ):
        if y > 0:
            wedges[color] += [(x - half, 0), (x, y), (x + half, 0), (x - half, 0), _END]
    for color, points in wedges.items():
        _add_lines(figure, points, color, name="bundles", fill="toself", fillcolor=color)


def _draw_leaders(figure: go.Figure, plan: _Plan, style: Style) -> None:
    """Lead from each bundle to its picture, where that is not right below."""
    low = [(place, top) for place, top in enumerate(plan.tops.tolist()) if top < -_GAP]
    if low:
        points = [point for place, top in low for point in ((place, -1), (place, top), _END)]
        _add_lines(figure, points, style.grid, name="leaders")


def _add_lines(
    figure: go.Figure, points: Sequence[_Point], color: str, *, name: str, width: float = 1, **options: str
) -> None:
    x, y = zip(*points, strict=True)
    line = {"color": color, "width": width}
    figure.add_scatter(x=x, y=y, mode="lines", line=line, name=name, hoverinfo="skip", **options)


def _shade(figure: go.Figure, drawn: Dendrogram, plan: _Plan, chosen: int | None, style: Style) -> None:
    nodes = [*drawn.node.tolist(), *drawn.link_node.tolist()]
    if chosen not in nodes:  # none, or one inside a bundle
        return
    at = nodes.index(chosen)
    first, last = [*((i, i) for i in range(len(drawn.node))), *plan.spans][at]
    figure.add_shape(
        type="rect",
        name="chosen",
        x0=first - 0.5,
        x1=last + 0.5,
        y0=plan.bottom,
        y1=float(plan.up([*drawn.height, *drawn.link_top][at])) + 7,
        fillcolor=style.shade,
        line_width=0,
        layer="below",
    )


def _add_pictures(
    figure: go.Figure, drawn: Dendrogram, plan: _Plan, pictures: Sequence[str | None], style: Style
) -> None:
    """Add the pictures, and below each the number of images."""
    images = [
        {
            "source": picture,
            "x": place,
            "y": top,
            "sizex": 0.92 * plan.n_rows,
            "sizey": plan.picture,
            "xref": "x",
            "yref": "y",
            "xanchor": "center",
            "yanchor": "top",
        }
        for place, (picture, top) in enumerate(zip(pictures, plan.tops.tolist(), strict=True))
        if picture is not None
    ]
    middles = (plan.tops - plan.picture - _COUNT / 2).tolist()
    figure.update_layout(
        images=images,
        annotations=[  # a trace of texts would fade when a node is selected
            {**plain_text(f"{n:,}", style), "x": place, "y": y, "font_size": 10}
            for place, (n, y) in enumerate(zip(drawn.n_images.tolist(), middles, strict=True))
        ],
    )


def _add_nodes(
    figure: go.Figure,
    drawn: Dendrogram,
    plan: _Plan,
    link_colors: Sequence[str],
    bundle_texts: Sequence[str],
    chosen: int | None,
    style: Style,
) -> None:
    """Add the one trace that answers the pointer: a dot on each merge; unseen, a bundle's wedge and its picture."""
    n_links, n_bundles = len(drawn.link_node), len(drawn.node)
    merges = [
        f"{drawn.n_images[first : last + 1].sum():,} pictures, joined at {rounded(top)}"
        for (first, last), top in zip(plan.spans, drawn.link_top.tolist(), strict=True)
    ]
    texts = [html.escape(text, quote=False) for text in bundle_texts]
    bundles, wedges = drawn.node.tolist(), (plan.up(drawn.height) / 2).tolist()
    pictures = plan.tops - (plan.picture or _COUNT) / 2
    sizes = [12 if node == chosen else 7 for node in drawn.link_node.tolist()]
    figure.add_scatter(
        x=[*drawn.link_x.mean(axis=1).tolist(), *drawn.x.tolist(), *drawn.x.tolist()],
        y=[*plan.up(drawn.link_top).tolist(), *wedges, *pictures.tolist()],
        customdata=[*drawn.link_node.tolist(), *bundles, *bundles],
        hovertext=[*merges, *texts, *texts],
        hoverinfo="text",
        mode="markers",
        marker={
            "symbol": ["circle"] * n_links + ["square"] * 2 * n_bundles,
            "color": [*link_colors, *[_CLEAR] * 2 * n_bundles],
            "opacity": 1,
            "size": [*sizes, *[12] * n_bundles, *[plan.picture or _COUNT] * n_bundles],
            "line": {"color": style.ground, "width": [1.5] * n_links + [0] * 2 * n_bundles},
        },
        unselected={"marker": {"opacity": 1}},  # a click is no selection that the others would fade behind
        name="nodes",
    )
