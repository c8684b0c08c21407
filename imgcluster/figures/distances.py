"""How far all pictures are from one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from imgcluster.figures._style import add_flag, lay_out, rounded, say_empty, style_of

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from imgcluster.finding.significance import DistanceFit

__all__ = ["distance_figure"]

_HEIGHT = 230  # px
_FEWEST_BARS, _MOST_BARS = 10, 60
_CURVE_POINTS = 200


def distance_figure(
    all_distances: np.ndarray,
    fit: DistanceFit | None,
    *,
    threshold: float | None,
    shown_limit: float | None = None,
    dark: bool = False,
) -> go.Figure:
    """Draw a histogram of the distances, the distribution fitted to them, and up to where they are significant.

    Parameters
    ----------
    all_distances : ndarray, shape (n,)
        Of all pictures from the one; those that are not finite are left out.
    fit : DistanceFit or None
        A curve, as high as the bars of the pictures that it was fitted to; none when it is missing.
    threshold : float or None
        The largest significant distance: a line.
    shown_limit : float, optional
        The distance of the last of the nearest that are shown: a small mark on the axis.
    dark : bool, default False
        Whether it will stand on a dark ground.

    Returns
    -------
    Figure
        ``customdata`` is the number of the bar.
    """
    import plotly.graph_objects as go

    style = style_of(dark)
    figure = go.Figure()
    lay_out(figure, style, height=_HEIGHT)
    figure.update_layout(bargap=0.06)
    figure.update_xaxes(title_text="distance (0 is the same)")
    figure.update_yaxes(title={"text": "pictures", "font": {"size": 11, "color": style.muted}})
    distances = np.asarray(all_distances, dtype=np.float64)
    distances = distances[np.isfinite(distances)]
    if len(distances) == 0:
        return say_empty(figure, style)
    counts, edges = _histogram(distances)
    width = float(edges[1] - edges[0])
    figure.add_bar(
        x=((edges[:-1] + edges[1:]) / 2).tolist(),
        y=counts.tolist(),
        width=width,
        customdata=list(range(len(counts))),
        hovertext=[
            f"{count:,} picture{'' if count == 1 else 's'} between {rounded(low)} and {rounded(high)}"
            for count, low, high in zip(counts.tolist(), edges[:-1].tolist(), edges[1:].tolist(), strict=True)
        ],
        hoverinfo="text",
        marker={"color": style.accent, "opacity": 0.45, "line": {"width": 0}},
        unselected={"marker": {"opacity": 0.45}},
    )
    low, high = float(edges[0]), float(edges[-1])
    figure.update_xaxes(range=[low - 0.02 * (high - low), high + 0.02 * (high - low)])
    top = float(counts.max())
    if fit is not None:
        x = np.linspace(low, high, _CURVE_POINTS)
        with np.errstate(all="ignore"):
            y = np.nan_to_num(fit.density(x) * width * fit.n_distances, posinf=0.0)
        y = np.minimum(y, 1.5 * top)  # where all but a few are equal, a density has no end
        top = max(top, float(y.max()))
        figure.add_scatter(
            x=x.tolist(),
            y=y.tolist(),
            name="fit",
            mode="lines",
            line={"color": style.ink, "width": 1.5},
            hoverinfo="skip",
        )
    figure.update_yaxes(range=[0, 1.1 * top], rangemode="tozero", tickformat=",d")
    if threshold is not None:
        figure.add_vline(threshold, line={"color": style.ink, "width": 1, "dash": "dash"}, name="threshold")
        add_flag(figure, threshold, f"significant up to {rounded(threshold)}", style)
    if shown_limit is not None:
        figure.add_shape(
            type="path",
            name="shown",
            xref="x",
            yref="paper",
            xsizemode="pixel",
            xanchor=shown_limit,
            ysizemode="pixel",
            yanchor=0,
            path="M -5 9 L 5 9 L 0 0 Z",
            fillcolor=style.ink,
            line={"width": 0},
        )
    return figure


def _histogram(distances: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Count in bars from 0 on, or from the smallest distance where 0 is far away."""
    low, high = float(distances.min()), float(distances.max())
    low = 0.0 if low < high - low or high - low < 1e-9 * high else low
    n_bars = int(np.clip(2 * len(distances) ** 0.5, _FEWEST_BARS, _MOST_BARS))
    return np.histogram(distances, bins=n_bars, range=(low, high if high > low else low + 1.0))
