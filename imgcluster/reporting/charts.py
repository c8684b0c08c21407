"""Small charts as SVG, drawn once: they follow the colours of the page, and print as sharp as text."""

import math
from collections.abc import Sequence

import numpy as np

from imgcluster.choosing.recommendation import recommend
from imgcluster.choosing.scan import KScan
from imgcluster.reporting.markup import color_class, safe

__all__ = ["MOST_BARS", "curve_charts", "sizes_chart"]

MOST_BARS = 60

_WIDTH, _HEIGHT = 320, 200
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 314, 26, 160
_MOST_NUMBERED = 24  # bars that have room for a number beneath


def curve_charts(scan: KScan, *, chosen: int | None) -> tuple[str, ...]:
    """Draw the silhouette, the gap statistic and the inertia of a scan, each over the number of clusters.

    Parameters
    ----------
    scan : KScan
    chosen : int or None
        The number that was asked for: a large dot.

    Returns
    -------
    tuple of str
        Figure elements.
    """
    recommendation = recommend(scan)
    said = {reason.score: reason.k for reason in recommendation.reasons}
    silhouette = _curve(
        scan, "silhouette", "Silhouette", chosen, recommendation.k, "recommended", beside="silhouette_reference"
    )
    gap = _curve(scan, "gap", "Gap statistic", chosen, said.get("gap"), "suggested", errors="gap_error")
    elbow = _curve(scan, "inertia", "Inertia (elbow)", chosen, said.get("elbow"), "knee", from_zero=True)
    return silhouette, gap, elbow


def sizes_chart(sizes: Sequence[int], numbers: Sequence[int], titles: Sequence[str]) -> str:
    """Draw how many images are in each cluster, the largest 60 of them.

    Parameters
    ----------
    sizes : sequence of int
        Descending.
    numbers : sequence of int
        By which the clusters are known, from 0 on.
    titles : sequence of str
    """
    shown = sizes[:MOST_BARS]
    top = max(shown, default=1)
    width = (_RIGHT - _LEFT) / max(8, len(shown))
    parts = [_level(tick, 0, top, f"{tick:,.0f}") for tick in _ticks(0, top, whole=True)]
    for position, (size, number, title) in enumerate(zip(shown, numbers, titles, strict=False)):
        x, height = _LEFT + width * position, (_BOTTOM - _TOP) * size / top
        parts.append(
            f'<rect class="bar {color_class(number)}" x="{x + 0.1 * width:.1f}" y="{_BOTTOM - height:.1f}" '
            f'width="{0.8 * width:.1f}" height="{height:.1f}"><title>{safe(title)}: {size:,}</title></rect>'
        )
        if len(shown) <= _MOST_NUMBERED:
            parts.append(_text(x + width / 2, _BOTTOM + 15, str(number + 1), anchor="middle"))
    parts.append(_text((_LEFT + _RIGHT) / 2, _HEIGHT - 6, "group", anchor="middle"))
    more = f", the {MOST_BARS} largest of {len(sizes):,}" if len(sizes) > MOST_BARS else ""
    words = f"Pictures in each group{more}: {', '.join(f'{size:,}' for size in shown)}."
    return _figure(f"Pictures in each group{more}", words, parts)


def _curve(
    scan: KScan,
    name: str,
    title: str,
    chosen: int | None,
    marked: int | None,
    word: str,
    *,
    beside: str = "",
    errors: str = "",
    from_zero: bool = False,
) -> str:
    ks, values = scan.ks, scan.curve(name)
    spreads = np.nan_to_num(scan.curve(errors)) if errors else np.zeros(len(ks))
    other = scan.curve(beside) if beside else np.full(len(ks), np.nan)
    there = np.isfinite(values)
    if not there.any():
        return _figure(title, f"{title}: no values.", [_text(_WIDTH / 2, _HEIGHT / 2, "no values", anchor="middle")])
    drawn = np.concatenate([(values - spreads)[there], (values + spreads)[there], other[np.isfinite(other)]])
    low, high = (0.0 if from_zero else float(drawn.min())), float(drawn.max())
    room = 0.06 * (high - low) or 0.5
    low, high = low - room, high + room

    def x_of(k: float) -> float:
        return _LEFT + 8 + (_RIGHT - _LEFT - 16) * (k - ks[0]) / max(1, ks[-1] - ks[0])

    def y_of(value: float) -> float:
        return _BOTTOM - (_BOTTOM - _TOP) * (value - low) / (high - low)

    parts = [_level(tick, low, high, _short(tick)) for tick in _ticks(low, high)]
    parts += [_text(x_of(k), _BOTTOM + 15, f"{k:,.0f}", anchor="middle") for k in _ticks(ks[0], ks[-1], whole=True)]
    parts.append(_text((_LEFT + _RIGHT) / 2, _HEIGHT - 6, "number of groups", anchor="middle"))
    if np.isfinite(other).any():
        parts.append(_line("beside", [(x_of(k), y_of(v)) for k, v in zip(ks, other, strict=True) if np.isfinite(v)]))
        parts.append(_text(_RIGHT, _TOP - 10, "dashed: without groups", anchor="end"))
    points = [(int(k), x_of(k), y_of(v)) for k, v in zip(ks[there], values[there], strict=True)]
    parts.append(_line("curve", [(x, y) for _, x, y in points]))
    for (_, x, y), spread in zip(points, spreads[there], strict=True):
        if spread > 0:
            half = (_BOTTOM - _TOP) * spread / (high - low)
            parts.append(f'<path class="error" d="M{x:.1f} {y - half:.1f}V{y + half:.1f}"/>')
    for k, x, y in points:
        parts.append(f'<circle class="point" cx="{x:.1f}" cy="{y:.1f}" r="{5 if k == chosen else 2.2}"/>')
        if k == marked:
            parts.append(f'<circle class="ring" cx="{x:.1f}" cy="{y:.1f}" r="8"/>')
    words = f"{title} at {ks[there][0]} to {ks[there][-1]} groups; the values are in the table below."
    if marked is not None:
        caption, words = f"{title}: {word} {marked}", f"{words} {word.capitalize()}: {marked}."
    else:
        caption = title
    return _figure(caption, words, parts)


def _figure(caption: str, words: str, parts: Sequence[str]) -> str:
    return (
        f'<figure class="chart"><figcaption>{safe(caption)}</figcaption>'
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{safe(words)}">{"".join(parts)}</svg></figure>\n'
    )


def _text(x: float, y: float, text: str, *, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{safe(text)}</text>'


def _level(value: float, low: float, high: float, text: str) -> str:
    y = _BOTTOM - (_BOTTOM - _TOP) * (value - low) / (high - low)
    return f'<path class="grid" d="M{_LEFT} {y:.1f}H{_RIGHT}"/>' + _text(_LEFT - 6, y + 4, text, anchor="end")


def _line(name: str, points: Sequence[tuple[float, float]]) -> str:
    return f'<polyline class="{name}" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in points)}"/>'


def _ticks(low: float, high: float, *, whole: bool = False) -> list[float]:
    """Return up to six round values between two numbers."""
    rough = max((high - low) / 5, 1 if whole else 1e-12)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(step for factor in (1, 2, 5, 10) if (step := factor * power) >= rough * (1 - 1e-9))
    return [step * number for number in range(math.ceil(low / step), math.floor(high / step + 1e-9) + 1)]


def _short(value: float) -> str:
    if abs(value) >= 1000:
        return f"{value / 1000:,.4g}k"
    return f"{value:.3g}" if abs(value) > 1e-9 else "0"
