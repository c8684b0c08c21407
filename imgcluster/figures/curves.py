"""The curves of the scores over the number of clusters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from imgcluster.figures._style import (
    Style,
    add_flag,
    add_ring,
    lay_out,
    or_none,
    plain_text,
    rounded,
    say_empty,
    style_of,
)

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from imgcluster.choosing.scan import KScan

__all__ = ["elbow_figure", "gap_figure", "score_figure", "silhouette_figure"]

_HEIGHT = 210  # px
_MAX_TICKS = 7


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
        style = style_of(dark)
        figure.add_scatter(
            x=scan.ks.tolist(),
            y=or_none(reference),
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

    style = style_of(dark)
    ks, values = scan.ks.tolist(), or_none(scan.curve(name))
    spreads = or_none(scan.curve(errors)) if errors else [None] * len(ks)
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
    lay_out(figure, style, height=_HEIGHT)
    first, last = min(ks[0], chosen), max(ks[-1], chosen)
    pad = max(0.5, 0.04 * (last - first))
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000) if (last - first) / step < _MAX_TICKS)
    ticks = [k for k in range(first, last + 1) if k % step == 0 or (k == 1 and step > 2)]
    figure.update_xaxes(range=[first - pad, last + pad], tickvals=ticks, title_text="number of groups")
    figure.add_vline(chosen, line={"color": style.accent, "width": 1.5}, opacity=0.55, layer="below", name="chosen")
    if not any(value is not None for value in values):
        return say_empty(figure, style)
    if max(value for value in values if value is not None) >= 1000:
        figure.update_yaxes(tickformat="~s")
    if marked in ks:
        if marked != chosen:
            line = {"color": style.muted, "width": 1, "dash": "dot"}
            figure.add_vline(marked, line=line, layer="below", name=word)
        value = values[ks.index(marked)]
        if value is not None:
            add_ring(figure, marked, value, style)
        add_flag(figure, marked, f"{word} {marked}", style)
    return figure


def _name_line(figure: go.Figure, ks: np.ndarray, line: np.ndarray, other: np.ndarray, style: Style) -> None:
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
        **plain_text("without groups", style),
    )


def _thirds(positions: np.ndarray) -> list[np.ndarray]:
    length = -(-len(positions) // 3)
    middle = (len(positions) - length) // 2
    return [positions[:length], positions[middle : middle + length], positions[-length:]]


def _words_on_score(k: int, value: float | None, spread: float | None) -> str:
    text = f"{k} group{'' if k == 1 else 's'}: " + ("no value" if value is None else rounded(value))
    return text if spread is None else f"{text} ± {rounded(spread)}"
