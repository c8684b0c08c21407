"""How much of the variance the dimensions of a space keep."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from imgcluster.figures._style import lay_out, plain_text, say_empty, style_of

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["explained_variance_figure"]

_HEIGHT, _MAX_DOTS = 240, 60  # px, and dots on the line


def explained_variance_figure(ratios: Sequence[float], *, dark: bool = False) -> go.Figure:
    """Draw the share of the variance that each dimension keeps as bars, and that of all up to it as a line.

    Parameters
    ----------
    ratios : sequence of float, length n_dims
        Shares from 0 to 1, the largest first; together 1 at most.
    dark : bool, default False
        Whether it will stand on a dark ground.

    Returns
    -------
    Figure
        ``customdata`` is the number of the dimension, from 1 on.
    """
    import plotly.graph_objects as go

    style = style_of(dark)
    figure = go.Figure()
    lay_out(figure, style, height=_HEIGHT)
    figure.update_xaxes(title_text="dimension")
    shares = np.asarray(ratios, dtype=np.float64)
    if len(shares) == 0 or not np.isfinite(shares).all():
        return say_empty(figure, style)
    together = np.minimum(shares.cumsum(), 1)
    dimensions = list(range(1, len(shares) + 1))
    figure.add_scatter(
        x=dimensions,
        y=together.tolist(),
        mode="lines+markers" if len(shares) <= _MAX_DOTS else "lines",
        line={"color": style.muted, "width": 1.5},
        marker={"color": style.muted, "size": 4},
        hoverinfo="skip",
    )
    figure.add_bar(
        x=dimensions,
        y=shares.tolist(),
        customdata=dimensions,
        hovertext=[
            f"dimension {i}: {_percent(share)}<br>together {_percent(sum_)}"
            for i, share, sum_ in zip(dimensions, shares, together, strict=True)
        ],
        hoverinfo="text",
        textposition="none",
        marker={"color": style.accent, "line_width": 0},
        unselected={"marker": {"opacity": 1}},
    )
    figure.update_layout(bargap=0.3, barcornerradius=2)
    figure.update_xaxes(range=[0.4, len(shares) + 0.6], nticks=8, tickformat="d", dtick=1 if len(shares) <= 8 else None)
    figure.update_yaxes(range=[0, 1.06], tickformat=".0%", tickvals=[0, 0.25, 0.5, 0.75, 1])
    last = float(together[-1])
    figure.add_annotation(
        x=len(shares),
        y=last,
        xanchor="right",
        yanchor="bottom" if last < 0.9 else "top",
        yshift=4 if last < 0.9 else -6,
        **plain_text(f"together {_percent(last)}", style),
    )
    return figure


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.095 else f"{100 * share:.1f} %"
