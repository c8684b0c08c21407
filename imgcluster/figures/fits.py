"""How well every image fits its cluster."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from imgcluster.figures._style import MARGIN_BOTTOM, MARGIN_TOP, add_flag, lay_out, say_empty, style_of

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["silhouette_plot"]

_TICK_HEIGHT = 13  # px that the number of a cluster takes


def silhouette_plot(
    samples: np.ndarray, labels: np.ndarray, *, colors: Sequence[str], max_points: int = 4000, dark: bool = False
) -> go.Figure:
    """Draw the silhouette of every image, sorted inside each cluster (Rousseeuw 1987).

    Parameters
    ----------
    samples : ndarray, shape (n_images,)
        Silhouettes, in [-1, 1].
    labels : ndarray of int, shape (n_images,)
        Noise, -1, has no silhouette, and is left out.
    colors : sequence of str
        "#rrggbb" of each label.
    max_points : int, default 4000
        Of more images than these, every cluster's share is drawn, evenly spaced in its order.
    dark : bool, default False
        Whether it will stand on a dark ground.
    """
    import plotly.graph_objects as go

    style = style_of(dark)
    samples, labels = np.asarray(samples, dtype=np.float64), np.asarray(labels)
    there = (labels >= 0) & np.isfinite(samples)
    samples, labels = samples[there], labels[there]
    clusters, sizes = np.unique(labels, return_counts=True)
    figure = go.Figure()
    height = int(np.clip(80 + 24 * len(clusters), 240, 560))
    lay_out(figure, style, height=height)
    leftmost = min(-0.08, float(samples.min(initial=0)) - 0.05)
    figure.update_xaxes(range=[leftmost, 1], dtick=0.5, tick0=0, title_text="silhouette")
    if len(clusters) < 2:  # one alone has no silhouette
        return say_empty(figure, style)

    gap = len(samples) * min(0.12, 0.02 * (len(clusters) - 1)) / (len(clusters) - 1)
    starts = np.cumsum(sizes) - sizes + gap * np.arange(len(clusters))
    end = float(starts[-1] + sizes[-1])
    hover = []
    for cluster, start, size in zip(clusters, starts, sizes, strict=True):
        values = np.sort(samples[labels == cluster])[::-1]
        hover.append(_words_on_cluster(cluster, values))
        kept = values[_evenly(size, max_points * size // len(samples))]
        edges = start + np.linspace(0, size, len(kept) + 1)
        figure.add_scatter(
            x=np.round([*kept, kept[-1]], 3).tolist(),
            y=np.round(edges, 2).tolist(),
            mode="lines",
            line={"width": 0, "shape": "vh"},  # steps: one bar for each image
            fill="tozerox",
            fillcolor=colors[cluster],
            hoverinfo="skip",
        )
    figure.add_bar(  # invisible: the whole width of a cluster answers the pointer
        x=np.full(len(clusters), 1 - leftmost).tolist(),
        y=(starts + sizes / 2).tolist(),
        width=(sizes + gap).tolist(),
        base=leftmost,
        orientation="h",
        marker={"color": "rgba(0,0,0,0)", "line_width": 0},
        customdata=clusters.tolist(),
        hovertext=hover,
        hoverinfo="text",
        textposition="none",
    )
    shown = _with_room(starts + sizes / 2, end * _TICK_HEIGHT / (height - MARGIN_TOP - MARGIN_BOTTOM))
    figure.update_yaxes(
        range=[end, 0],
        showgrid=False,
        tickvals=(starts + sizes / 2)[shown].tolist(),
        ticktext=[str(cluster + 1) for cluster in clusters[shown]],
    )
    figure.update_layout(hovermode="closest", hoverdistance=1)  # without a limit, the last bar answers
    figure.add_vrect(leftmost, 0, fillcolor=style.shade, line_width=0, layer="below", name="negative")
    figure.add_vline(0, line={"color": style.muted, "width": 1})
    mean = float(samples.mean())
    figure.add_vline(mean, line={"color": style.ink, "width": 1, "dash": "dot"}, name="mean")
    add_flag(figure, mean, f"mean {mean:.2f}", style)
    return figure


def _words_on_cluster(label: int, values: np.ndarray) -> str:
    n_negative = int((values < 0).sum())
    text = f"group {label + 1}: {len(values):,} picture{'' if len(values) == 1 else 's'}, mean {values.mean():.2f}"
    return f"{text}<br>{n_negative:,} below 0" if n_negative else text


def _evenly(size: int, wanted: int) -> np.ndarray:
    """Return positions from 0 to size - 1, both ends among them."""
    n_kept = min(size, max(2, wanted))
    return np.linspace(0, size - 1, n_kept).round().astype(int)


def _with_room(positions: np.ndarray, distance: float) -> np.ndarray:
    """Return the indices of ascending positions that are so far from the one before."""
    kept: list[int] = []
    for index, position in enumerate(positions):
        if not kept or position - positions[kept[-1]] >= distance:
            kept.append(index)
    return np.array(kept)
