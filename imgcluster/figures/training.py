"""How a network learned."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from imgcluster.figures._style import Style, lay_out, or_none, plain_text, say_empty, style_of

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["loss_figure"]

_HEIGHT = 210  # px
_MAX_DOTS = 60  # on the line


def loss_figure(history: np.ndarray, *, dark: bool = False) -> go.Figure:
    """Draw the loss over the epochs: of the images learned from, and of those held back.

    Where the two part, the network learns the single images by heart; where both are flat, more epochs are of no use.

    Parameters
    ----------
    history : ndarray of shape (n_epochs, 2)
        Loss of the images learned from and of those held back; also of a training that is not finished.
    dark : bool, default False
        Whether it will stand on a dark ground.

    Returns
    -------
    Figure
        ``customdata`` is the number of the epoch, from 1 on.
    """
    import plotly.graph_objects as go

    style = style_of(dark)
    figure = go.Figure()
    lay_out(figure, style, height=_HEIGHT)
    figure.update_xaxes(title_text="rounds of learning (epochs)")
    history = np.asarray(history, dtype=np.float64).reshape(-1, 2)
    if not np.isfinite(history).any():
        return say_empty(figure, style)
    learned, held = or_none(history[:, 0]), or_none(history[:, 1])
    epochs = list(range(1, len(history) + 1))
    mode = "lines+markers" if len(history) <= _MAX_DOTS else "lines"
    figure.add_scatter(
        x=epochs,
        y=held,
        name="held back",
        mode=mode,
        line={"color": style.muted, "width": 1.5, "dash": "dash"},
        marker={"color": style.muted, "size": 4},
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=epochs,
        y=learned,
        customdata=epochs,
        hovertext=[_words(*epoch) for epoch in zip(epochs, learned, held, strict=True)],
        hoverinfo="text",
        name="learned from",
        mode=mode,
        line={"color": style.accent, "width": 2},
        marker={"color": style.accent, "size": 5},
        unselected={"marker": {"opacity": 1}},
    )
    pad = max(0.5, 0.03 * len(epochs))
    figure.update_xaxes(
        range=[1 - pad, len(epochs) + pad], nticks=8, tickformat="d", dtick=1 if len(epochs) <= 8 else None
    )
    top = float(history[np.isfinite(history)].max()) or 1.0
    font = {"size": 11, "color": style.muted}
    figure.update_yaxes(range=[-0.04 * top, 1.08 * top], title={"text": "error", "font": font})
    _name_lines(figure, style)
    return figure


def _name_lines(figure: go.Figure, style: Style) -> None:
    """Say above the plot which line is which; the lines themselves may lie on one another."""
    for x, anchor, text, colour in (
        (0, "left", "pictures learned from", style.accent),
        (1, "right", "pictures held back (dashed)", style.muted),
    ):
        words = plain_text(text, style)
        words["font"] = {**words["font"], "color": colour}
        figure.add_annotation(x=x, y=1, xref="paper", yref="paper", xanchor=anchor, yanchor="bottom", **words)


def _words(epoch: int, learned: float | None, held: float | None) -> str:
    parts = [f"round {epoch}"]
    parts += [
        f"{what} {loss:.4f}" for what, loss in (("learned from", learned), ("held back", held)) if loss is not None
    ]
    return "<br>".join(parts)
