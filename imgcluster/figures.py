"""Charts of the scores as plotly figures: small and bare, on a transparent ground, for light and for dark.

In each figure one trace alone answers the pointer; its ``customdata`` is the number of clusters, or the label.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from imgcluster.choosing.scan import KScan

__all__ = ["elbow_figure", "gap_figure", "score_figure", "silhouette_figure", "silhouette_plot"]

_CURVE_HEIGHT, _MARGIN_TOP, _MARGIN_BOTTOM = 210, 24, 40  # px
_MAX_TICKS = 7
_TICK_HEIGHT = 13  # px that the number of a group takes


@dataclass(frozen=True, slots=True)
class _Style:
    accent: str
    ink: str
    muted: str
    grid: str
    ground: str
    shade: str


_LIGHT = _Style("#2f5bd0", "#111827", "#5b6472", "rgba(17,24,39,0.09)", "#ffffff", "rgba(17,24,39,0.045)")
_DARK = _Style("#6d93ff", "#e8ebf1", "#a3acbb", "rgba(232,235,241,0.11)", "#12151c", "rgba(232,235,241,0.06)")


def elbow_figure(scan: KScan, *, chosen: int, knee: int | None, dark: bool = False) -> go.Figure:
    """Draw the inertia over k.

    Parameters
    ----------
    scan : KScan
        Also one that is not finished.
    chosen : int
        The k in use: a line and a large dot.
    knee : int or None
        Where the curve bends: a ring and a label.
    dark : bool, default False
        Whether it will stand on a dark ground.
    """
    figure = _curve(scan, "inertia", chosen=chosen, marked=knee, word="knee", dark=dark)
    top = np.nanmax(scan.curve("inertia"), initial=0) or 1
    return figure.update_yaxes(range=[-0.06 * top, 1.08 * top])  # to zero, with room for the dots


def silhouette_figure(scan: KScan, *, chosen: int, recommended: int | None, dark: bool = False) -> go.Figure:
    """Draw the mean silhouette over k, above that of references without clusters; see `elbow_figure`."""
    figure = _curve(scan, "silhouette", chosen=chosen, marked=recommended, word="recommended", dark=dark)
    silhouette, reference = scan.curve("silhouette"), scan.curve("silhouette_reference")
    if np.isfinite(silhouette + reference).any():
        style = _style(dark)
        figure.add_scatter(
            x=scan.ks.tolist(),
            y=_or_none(reference),
            name="without groups",
            mode="lines",
            line={"color": style.muted, "width": 1.5, "dash": "dash"},
            hoverinfo="skip",
        )
        _name_line(figure, scan.ks, reference, silhouette, style)
    return figure


def gap_figure(scan: KScan, *, chosen: int, suggested: int | None, dark: bool = False) -> go.Figure:
    """Draw the gap statistic over k, with its standard errors s_k; see `elbow_figure`."""
    return _curve(scan, "gap", errors="gap_error", chosen=chosen, marked=suggested, word="suggested", dark=dark)


def score_figure(scan: KScan, name: str, *, chosen: int, dark: bool = False) -> go.Figure:
    """Draw another score over k: "davies_bouldin", "calinski_harabasz", or "stability" with its standard deviation."""
    return _curve(scan, name, errors="stability_std" if name == "stability" else None, chosen=chosen, dark=dark)


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

    style = _style(dark)
    samples, labels = np.asarray(samples, dtype=np.float64), np.asarray(labels)
    there = (labels >= 0) & np.isfinite(samples)
    samples, labels = samples[there], labels[there]
    clusters, sizes = np.unique(labels, return_counts=True)
    figure = go.Figure()
    height = int(np.clip(80 + 24 * len(clusters), 240, 560))
    _lay_out(figure, style, height=height)
    leftmost = min(-0.08, float(samples.min(initial=0)) - 0.05)
    figure.update_xaxes(range=[leftmost, 1], dtick=0.5, tick0=0, title_text="silhouette")
    if len(clusters) < 2:  # one alone has no silhouette
        return _say_empty(figure, style)

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
    shown = _with_room(starts + sizes / 2, end * _TICK_HEIGHT / (height - _MARGIN_TOP - _MARGIN_BOTTOM))
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
    _add_flag(figure, mean, f"mean {mean:.2f}", style)
    return figure


def _curve(
    scan: KScan,
    name: str,
    *,
    chosen: int,
    marked: int | None = None,
    word: str = "",
    errors: str | None = None,
    dark: bool = False,
) -> go.Figure:
    """Draw one score over k, with the chosen k and a marked one."""
    import plotly.graph_objects as go

    style = _style(dark)
    ks, values = scan.ks.tolist(), _or_none(scan.curve(name))
    spreads = _or_none(scan.curve(errors)) if errors else [None] * len(ks)
    is_chosen = [k == chosen for k in ks]
    figure = go.Figure()
    figure.add_scatter(
        x=ks,
        y=values,
        customdata=ks,
        hovertext=[_words_on_score(*point) for point in zip(ks, values, spreads, strict=True)],
        hoverinfo="text",
        mode="lines+markers",
        line={"color": style.accent, "width": 2},
        marker={
            "color": style.accent,
            "opacity": 1,
            "size": [12 if it else 5 for it in is_chosen],
            "line": {"color": style.ground, "width": [2 if it else 0 for it in is_chosen]},
        },
        error_y={"array": spreads, "color": style.accent, "thickness": 1, "width": 2} if errors else None,
        unselected={"marker": {"opacity": 1}},  # a click is no selection that the others would fade behind
    )
    _lay_out(figure, style, height=_CURVE_HEIGHT)
    first, last = min(ks[0], chosen), max(ks[-1], chosen)
    pad = max(0.5, 0.04 * (last - first))
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000) if (last - first) / step < _MAX_TICKS)
    ticks = [k for k in range(first, last + 1) if k % step == 0 or (k == 1 and step > 2)]
    figure.update_xaxes(range=[first - pad, last + pad], tickvals=ticks, title_text="number of groups")
    figure.add_vline(chosen, line={"color": style.accent, "width": 1.5}, opacity=0.55, layer="below", name="chosen")
    if not any(value is not None for value in values):
        return _say_empty(figure, style)
    if max(value for value in values if value is not None) >= 1000:
        figure.update_yaxes(tickformat="~s")
    if marked in ks:
        if marked != chosen:
            line = {"color": style.muted, "width": 1, "dash": "dot"}
            figure.add_vline(marked, line=line, layer="below", name=word)
        value = values[ks.index(marked)]
        if value is not None:
            _add_ring(figure, marked, value, style)
        _add_flag(figure, marked, f"{word} {marked}", style)
    return figure


def _style(dark: bool) -> _Style:
    return _DARK if dark else _LIGHT


def _lay_out(figure: go.Figure, style: _Style, *, height: int) -> None:
    axis = {
        "fixedrange": True,  # a chart that one scrolls past should not zoom
        "gridcolor": style.grid,
        "gridwidth": 1,
        "zeroline": False,
        "showline": False,
        "ticks": "",
        "tickfont": {"size": 11, "color": style.muted},
    }
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": _MARGIN_TOP, "b": _MARGIN_BOTTOM, "pad": 4},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        showlegend=False,
        hovermode="x",  # the nearest k answers, however far above or below its point
        hoverdistance=-1,
        hoverlabel={
            "bgcolor": style.ground,
            "bordercolor": style.muted,
            "font": {"size": 12, "color": style.ink},
            "align": "left",
        },
        dragmode=False,
        xaxis={**axis, "showgrid": False, "title": {"font": {"size": 11, "color": style.muted}, "standoff": 6}},
        yaxis={**axis, "automargin": True, "nticks": 5},
    )


def _text(text: str, style: _Style) -> dict:
    return {"text": text, "showarrow": False, "font": {"size": 11, "color": style.muted}}


def _say_empty(figure: go.Figure, style: _Style) -> go.Figure:
    figure.add_annotation(x=0.5, y=0.5, xref="paper", yref="paper", **_text("no values", style))
    return figure.update_yaxes(showticklabels=False, showgrid=False)


def _name_line(figure: go.Figure, ks: np.ndarray, line: np.ndarray, other: np.ndarray, style: _Style) -> None:
    """Write beside a line, in the third of it and on the side where another line is farthest."""
    defined = np.flatnonzero(np.isfinite(line) & np.isfinite(other))
    distance = np.abs(line - other)
    third = max(_thirds(defined), key=lambda positions: distance[positions].min())
    below = (line <= other)[third].all()
    low, high = figure.layout.xaxis.range
    inside = 0.22 * (high - low)  # half of the text, in a narrow chart
    figure.add_annotation(
        x=float(np.clip(ks[third].mean(), low + inside, high - inside)),
        y=float(line[third].min() if below else line[third].max()),
        yanchor="top" if below else "bottom",
        **_text("without groups", style),
    )


def _thirds(positions: np.ndarray) -> list[np.ndarray]:
    length = -(-len(positions) // 3)
    middle = (len(positions) - length) // 2
    return [positions[:length], positions[middle : middle + length], positions[-length:]]


def _add_ring(figure: go.Figure, x: float, y: float, style: _Style) -> None:
    """Draw a ring around a point; a shape, since a trace could be selected."""
    figure.add_shape(
        type="circle",
        name="ring",
        xsizemode="pixel",
        ysizemode="pixel",
        xanchor=x,
        yanchor=y,
        x0=-8.5,
        x1=8.5,
        y0=-8.5,
        y1=8.5,
        line={"color": style.ink, "width": 1.25},
    )


def _add_flag(figure: go.Figure, x: float, text: str, style: _Style) -> None:
    """Write above the plot, inside its width."""
    low, high = figure.layout.xaxis.range
    share = (x - low) / (high - low)
    anchor = "left" if share < 0.25 else "right" if share > 0.75 else "center"
    figure.add_annotation(x=x, y=1, yref="paper", xanchor=anchor, yanchor="bottom", **_text(text, style))


def _or_none(values: np.ndarray) -> list[float | None]:
    return [value if np.isfinite(value) else None for value in values.tolist()]


def _words_on_score(k: int, value: float | None, spread: float | None) -> str:
    text = f"{k} group{'' if k == 1 else 's'}: " + ("no value" if value is None else _rounded(value))
    return text if spread is None else f"{text} ± {_rounded(spread)}"


def _rounded(value: float) -> str:
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.2f}" if abs(value) >= 0.1 or value == 0 else f"{value:.2g}"


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
