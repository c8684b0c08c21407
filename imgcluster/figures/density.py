"""The distances from which the reach of a density-based clustering is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from imgcluster.figures._style import add_flag, add_ring, lay_out, plain_text, rounded, say_empty, style_of

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["k_distance_figure"]

_HEIGHT = 240  # px
_MAX_POINTS = 400


def k_distance_figure(
    curve: np.ndarray, eps: float, knee: float | None, *, auto: bool, dark: bool = False
) -> go.Figure:
    """Draw how far each image is from its k-th neighbour, sorted (Ester et al. 1996), and the reach in use.

    Parameters
    ----------
    curve : ndarray, shape (n_images,)
        Distances, ascending. Of many, some 400 are drawn, closer to each other where the curve is steep.
    eps : float
        The reach in use: a line.
    knee : float or None
        The distance at which the curve bends: a ring.
    auto : bool
        Whether the line is marked "auto", or "yours".
    dark : bool, default False
        Whether it will stand on a dark ground.

    Returns
    -------
    Figure
        ``customdata`` is the position in ``curve``: a click on a point can take its distance for the reach.
    """
    import plotly.graph_objects as go

    style = style_of(dark)
    figure = go.Figure()
    lay_out(figure, style, height=_HEIGHT)
    figure.update_xaxes(title_text="pictures, those in the densest places first")
    curve = curve[np.isfinite(curve)]
    n_images = len(curve)
    if n_images == 0:
        return say_empty(figure, style)
    shown = _positions(curve)
    figure.add_scatter(
        x=(shown + 1).tolist(),
        y=np.round(curve[shown], 6).tolist(),
        customdata=shown.tolist(),
        hovertext=[
            f"{position + 1:,} picture{'' if position == 0 else 's'} within {rounded(float(curve[position]))}"
            for position in shown
        ],
        hoverinfo="text",
        mode="lines+markers",
        line={"color": style.accent, "width": 2},
        marker={"color": style.accent, "size": 1},  # a line alone cannot be clicked
        unselected={"marker": {"opacity": 1}},
    )
    figure.update_xaxes(range=[1 - 0.01 * n_images, 1.01 * n_images], nticks=6, tickformat=",d")
    top = max(float(curve[-1]), eps, 1e-12)
    figure.update_yaxes(range=[-0.03 * top, 1.08 * top])
    figure.add_shape(  # what lies within reach
        type="rect",
        name="reach",
        layer="below",
        line_width=0,
        fillcolor=style.shade,
        xref="paper",
        x0=0,
        x1=1,
        y0=-0.03 * top,
        y1=eps,
    )
    figure.add_hline(eps, line={"color": style.ink, "width": 1, "dash": "dash"}, layer="below", name="eps")
    word = "auto" if auto else "yours"
    figure.add_annotation(
        x=0, xref="paper", xanchor="left", y=eps, yanchor="bottom", **plain_text(f"{rounded(eps)}, {word}", style)
    )
    if knee is not None:
        at = min(int(np.searchsorted(curve, knee)), n_images - 1) + 1
        add_ring(figure, at, knee, style)
        if not auto:
            add_flag(figure, at, f"auto {rounded(knee)}", style)
    return figure


def _positions(curve: np.ndarray) -> np.ndarray:
    """Return positions evenly spaced along the curve and, for where it is steep, up it as well."""
    along = np.linspace(0, len(curve) - 1, _MAX_POINTS // 2).round().astype(int)
    up = np.searchsorted(curve, np.linspace(curve[0], curve[-1], _MAX_POINTS // 2))
    return np.unique(np.minimum([*along, *up], len(curve) - 1))
