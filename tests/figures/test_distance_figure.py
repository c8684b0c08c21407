"""The histogram of distances: what the figure holds."""

import numpy as np
import pytest
from looking import answering, shape, texts

from imgcluster.figures import distance_figure
from imgcluster.finding.significance import fit_distances


@pytest.fixture
def distances():
    return np.random.default_rng(0).normal(1, 0.1, 2000)


def test_every_distance_is_in_a_bar(distances):
    bars = answering(distance_figure(distances, None, threshold=None))
    assert sum(bars.y) == 2000
    assert list(bars.customdata) == list(range(len(bars.x))) and all(type(i) is int for i in bars.customdata)
    for middle, count in zip(bars.x, bars.y, strict=True):
        inside = np.abs(distances - middle) < bars.width / 2
        assert abs(inside.sum() - count) <= 1
    assert sum("1 picture between" in text for text in bars.hovertext) == sum(count == 1 for count in bars.y)


def test_the_curve_holds_as_many_pictures_as_the_bars(distances):
    figure = distance_figure(distances, fit_distances(distances), threshold=None)
    curve, bars = next(trace for trace in figure.data if trace.name == "fit"), answering(figure)
    area = np.trapezoid(curve.y, curve.x) / bars.width
    assert area == pytest.approx(2000, rel=0.01)
    assert figure.layout.yaxis.range[1] > max(*curve.y, *bars.y)


def test_the_threshold_is_a_line_with_its_number(distances):
    figure = distance_figure(distances, None, threshold=0.75, shown_limit=0.9)
    line = shape(figure, "threshold")
    assert line.x0 == line.x1 == 0.75 and shape(figure, "shown").xanchor == 0.9
    assert texts(figure) == ["significant up to 0.75"]


def test_without_anything_significant_there_is_no_line(distances):
    figure = distance_figure(distances, None, threshold=None)
    assert shape(figure, "threshold") is None and shape(figure, "shown") is None and texts(figure) == []


def test_the_axis_begins_at_the_same_picture_when_some_are_near(distances):
    near = np.concatenate([[0.01], distances])
    assert distance_figure(near, None, threshold=None).layout.xaxis.range[0] <= 0
    assert distance_figure(distances + 9, None, threshold=None).layout.xaxis.range[0] > 9


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize(
    "some", [[0.0], [1.0], [0.0, 0.0], [1.0] * 50, [1e-12, 2e-12], [np.inf, 2.0], [0.0] * 99 + [1]]
)
def test_next_to_nothing(some, dark):
    some = np.array(some)
    figure = distance_figure(some, fit_distances(some), threshold=float(some[0]), shown_limit=0.5, dark=dark)
    assert sum(answering(figure).y) == np.isfinite(some).sum()
    low, high = figure.layout.xaxis.range
    assert low < high and figure.layout.yaxis.range[1] > 0
    assert "NaN" not in figure.to_json()


def test_no_distance_at_all():
    figure = distance_figure(np.empty(0), None, threshold=None)
    assert texts(figure) == ["no values"] and not figure.data


def test_light_and_dark_differ_in_colour(distances):
    light, dark = (answering(distance_figure(distances, None, threshold=None, dark=it)) for it in (False, True))
    assert light.marker.color != dark.marker.color
