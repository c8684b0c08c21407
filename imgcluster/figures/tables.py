"""How the clusters of one clustering fall into those of another."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from imgcluster.figures._style import lay_out, style_of

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from imgcluster.choosing.comparing import Comparison

__all__ = ["contingency_figure"]

_CELL, _HIGHEST_TABLE, _NAMES = 30, 860, 110  # px
_LONGEST_NAME, _LONGEST_LEVEL = 18, 4  # characters; names above the columns that are longer are turned
_STRONG = 0.75  # share from which on the ground's colour can be read better on a cell than the ink's
_MANY = 24  # columns, from which on the numbers are small
_NOISE, _OTHERS = "No group", "All others"
_SHORT = {_NOISE: "none", _OTHERS: "rest"}
_EMPTY = ("#f1f3f7", "#1c212b")  # a cell without images, in light and in dark


def contingency_figure(
    comparison: Comparison,
    *,
    row_names: Sequence[str] | None = None,
    column_names: Sequence[str] | None = None,
    max_shown: int = 40,
    dark: bool = False,
) -> go.Figure:
    """Draw a comparison as a table: each row is a cluster of the first, stronger in colour where more of it lies.

    Counterparts stand on the diagonal, from the first row on, and beside them what else lies mostly with them.

    Parameters
    ----------
    comparison : Comparison
    row_names, column_names : sequence of str, optional
        What the clusters of the first and of the second are called, by label; "Group 1" and so on by default.
    max_shown : int, default 40
        Rows and columns at most, from 3 up. Of more, the largest are shown, and the sum of the others as one. Noise is
        always shown, and last.
    dark : bool, default False
        Whether it will stand on a dark ground.

    Returns
    -------
    Figure
        ``customdata`` of a cell is the row in ``comparison.table`` times the number of columns there, plus the column;
        -1 where the cell is a sum of others.
    """
    import plotly.graph_objects as go

    style, table = style_of(dark), comparison.table
    rows, columns = _order(comparison, max_shown)
    counts = np.array([[table[np.ix_(row, column)].sum() for column in columns] for row in rows])
    row_words = [_name(row, comparison.row_labels, row_names) for row in rows]
    column_words = [_name(column, comparison.column_labels, column_names) for column in columns]
    shares = counts / counts.sum(axis=1, keepdims=True)

    figure = go.Figure()
    for shown, ink in ((shares <= _STRONG, style.ink), (shares > _STRONG, style.ground)):
        figure.add_heatmap(  # its text does not fade when a point is selected
            z=np.where(shown, np.round(shares, 4), None).tolist(),
            text=[[f"{n:,}" if n else "" for n in line] for line in (counts * shown).tolist()],
            texttemplate="%{text}",
            textfont={"size": 11 if len(columns) < _MANY else 9, "color": ink},
            zmin=0,
            zmax=1,
            colorscale=[[0, _EMPTY[dark]], [1, style.accent]],
            showscale=False,
            xgap=2,
            ygap=2,
            hoverinfo="skip",
        )
    places = [(i, j) for i in range(len(rows)) for j in range(len(columns))]
    figure.add_scatter(  # unseen: a heat map cannot be clicked
        x=[j for _, j in places],
        y=[i for i, _ in places],
        customdata=[_code(rows[i], columns[j], table.shape[1]) for i, j in places],
        hovertext=[_words(int(counts[i, j]), counts, i, j, row_words, column_words) for i, j in places],
        hoverinfo="text",
        mode="markers",
        marker={"color": "rgba(0,0,0,0)", "size": 12, "line": {"width": 0}},
        unselected={"marker": {"opacity": 1}},
    )
    lay_out(figure, style, height=min(_CELL * len(rows), _HIGHEST_TABLE) + _NAMES)
    figure.update_layout(margin={"b": 8, "t": 8}, hovermode="closest")
    row_ticks, column_ticks = ([_short(word) for word in words] for words in (row_words, column_words))
    figure.update_xaxes(
        range=[-0.5, len(columns) - 0.5],
        side="top",
        tickvals=list(range(len(columns))),
        ticktext=column_ticks,
        tickangle=0 if max(map(len, column_ticks)) <= _LONGEST_LEVEL else -40,
        automargin=True,
        title_text="second",
    )
    figure.update_yaxes(
        range=[len(rows) - 0.5, -0.5],
        showgrid=False,
        tickvals=list(range(len(rows))),
        ticktext=row_ticks,
        title={"text": "first", "font": {"size": 11, "color": style.muted}, "standoff": 8},
    )
    return figure


def _order(comparison: Comparison, max_shown: int) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return which rows of the table are summed in each row shown, and the same of columns."""
    table, matching = comparison.table, comparison.matching
    rows, other_rows = _largest(table.sum(axis=1), comparison.row_labels, max_shown)
    columns, other_columns = _largest(table.sum(axis=0), comparison.column_labels, max_shown)
    blocks = [([row], [int(matching[row])]) for row in rows if matching[row] in columns]
    heads = [(block_rows[0], block_columns[0]) for block_rows, block_columns in blocks]
    blocks.append(([], []))  # what lies with none of them
    for row in rows:
        if row not in [head for head, _ in heads]:
            blocks[_main([table[row, column] for _, column in heads])][0].append(row)
    for column in columns:
        if column not in [head for _, head in heads]:
            blocks[_main([table[row, column] for row, _ in heads])][1].append(column)
    return tuple(
        [np.array([index]) for block in blocks for index in block[side]] + rest
        for side, rest in enumerate((other_rows, other_columns))
    )


def _largest(sizes: np.ndarray, labels: np.ndarray, max_shown: int) -> tuple[list[int], list[np.ndarray]]:
    """Return the clusters that are shown by themselves, ascending; and below them the sum of the others, and noise."""
    clusters = np.flatnonzero(labels >= 0)
    noise = [np.flatnonzero(labels < 0)] if (labels < 0).any() else []
    room = max_shown - len(noise)
    if len(clusters) <= room:
        return clusters.tolist(), noise
    ranked = clusters[np.argsort(-sizes[clusters], kind="stable")]
    return np.sort(ranked[: room - 1]).tolist(), [np.sort(ranked[room - 1 :]), *noise]


def _main(counts: list[int]) -> int:
    """Return the position of the largest; -1, the last block, where there is nothing."""
    return int(np.argmax(counts)) if any(counts) else -1


def _code(row: np.ndarray, column: np.ndarray, n_columns: int) -> int:
    return int(row[0]) * n_columns + int(column[0]) if len(row) == len(column) == 1 else -1


def _name(part: np.ndarray, labels: np.ndarray, names: Sequence[str] | None) -> str:
    label = int(labels[part[0]])
    if label < 0:
        return _NOISE
    if len(part) > 1:
        return _OTHERS
    return f"Group {label + 1}" if names is None else names[label]


def _short(name: str) -> str:
    if name in _SHORT:
        return _SHORT[name]
    number = re.fullmatch(r"Group (\d+)", name)
    text = number[1] if number else name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
    return html.escape(text, quote=False)


def _words(n: int, counts: np.ndarray, i: int, j: int, row_words: Sequence[str], column_words: Sequence[str]) -> str:
    row, column = (html.escape(word, quote=False) for word in (row_words[i], column_words[j]))
    if not n:
        return f"{row} | {column}<br>no pictures"
    shares = 100 * n / counts[i].sum(), 100 * n / counts[:, j].sum()
    return (
        f"{row} | {column}<br>{n:,} picture{'' if n == 1 else 's'}: "
        f"{shares[0]:.0f} % of {row} (first), {shares[1]:.0f} % of {column} (second)"
    )
