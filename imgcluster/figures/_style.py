"""What all charts share: colours for light and for dark, the bare layout, small words on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = [
    "MARGIN_BOTTOM",
    "MARGIN_TOP",
    "Style",
    "add_flag",
    "add_ring",
    "lay_out",
    "or_none",
    "plain_text",
    "rounded",
    "say_empty",
    "style_of",
]

MARGIN_TOP, MARGIN_BOTTOM = 24, 40  # px


@dataclass(frozen=True, slots=True)
class Style:
    accent: str
    ink: str
    muted: str
    grid: str
    ground: str
    shade: str


_LIGHT = Style("#2f5bd0", "#111827", "#5b6472", "rgba(17,24,39,0.09)", "#ffffff", "rgba(17,24,39,0.045)")
_DARK = Style("#6d93ff", "#e8ebf1", "#a3acbb", "rgba(232,235,241,0.11)", "#12151c", "rgba(232,235,241,0.06)")


def style_of(dark: bool) -> Style:
    return _DARK if dark else _LIGHT


def lay_out(figure: go.Figure, style: Style, *, height: int) -> None:
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
        margin={"l": 8, "r": 8, "t": MARGIN_TOP, "b": MARGIN_BOTTOM, "pad": 4},
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


def plain_text(text: str, style: Style) -> dict:
    return {"text": text, "showarrow": False, "font": {"size": 11, "color": style.muted}}


def say_empty(figure: go.Figure, style: Style) -> go.Figure:
    figure.add_annotation(x=0.5, y=0.5, xref="paper", yref="paper", **plain_text("no values", style))
    return figure.update_yaxes(showticklabels=False, showgrid=False)


def add_ring(figure: go.Figure, x: float, y: float, style: Style) -> None:
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


def add_flag(figure: go.Figure, x: float, text: str, style: Style) -> None:
    """Write above the plot, inside its width."""
    low, high = figure.layout.xaxis.range
    share = (x - low) / (high - low)
    anchor = "left" if share < 0.25 else "right" if share > 0.75 else "center"
    figure.add_annotation(x=x, y=1, yref="paper", xanchor=anchor, yanchor="bottom", **plain_text(text, style))


def or_none(values: np.ndarray) -> list[float | None]:
    return [value if np.isfinite(value) else None for value in values.tolist()]


def rounded(value: float) -> str:
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.2f}" if abs(value) >= 0.1 or value == 0 else f"{value:.2g}"
