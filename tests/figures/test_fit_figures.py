"""The silhouettes of all images: what the figure holds, not how it looks."""

import json
import re
from itertools import pairwise

import numpy as np
import pytest
from looking import answering, shape, texts

from imgcluster.figures import silhouette_plot
from imgcluster.palette import CLUSTER_COLORS


def areas(figure) -> list:
    return [trace for trace in figure.data if trace.type == "scatter" and trace.fill == "tozerox"]


def test_silhouettes_are_sorted_inside_their_groups():
    generator = np.random.default_rng(1)
    samples, labels = generator.uniform(-1, 1, 300), generator.integers(0, 6, 300)
    figure = silhouette_plot(samples, labels, colors=CLUSTER_COLORS)
    tops = [area.y[0] for area in areas(figure)]
    assert tops == sorted(tops) and figure.layout.yaxis.range[0] > figure.layout.yaxis.range[1] == 0
    for label, area in enumerate(areas(figure)):
        expected = np.sort(samples[labels == label])[::-1]
        np.testing.assert_allclose(area.x, [*expected, expected[-1]], atol=5e-4)
        np.testing.assert_allclose(np.diff(area.y), 1, atol=0.011)
        assert area.line.shape == "vh", "a bar for each image"
        assert area.fillcolor == CLUSTER_COLORS[label]
    assert shape(figure, "mean").x0 == pytest.approx(samples.mean())
    low, high = figure.layout.xaxis.range
    assert low < samples.min() and high == 1


def test_the_whole_width_of_a_group_answers_with_its_label():
    samples = np.array([0.5, -0.2, 0.7, 0.25, 0.75])
    labels = np.array([3, 3, 0, 5, 5])
    figure = silhouette_plot(samples, labels, colors=CLUSTER_COLORS)
    bars = answering(figure)
    assert bars.customdata == (0, 3, 5) and all(type(label) is int for label in bars.customdata)
    assert list(bars.hovertext) == [
        "group 1: 1 picture, mean 0.70",
        "group 4: 2 pictures, mean 0.15<br>1 below 0",
        "group 6: 2 pictures, mean 0.50",
    ]
    assert figure.layout.hoverdistance >= 0, "without a limit plotly finds the last bar everywhere"
    low, high = figure.layout.xaxis.range
    assert bars.base == low and all(bars.base + x == pytest.approx(high) for x in bars.x)
    for area, middle, width in zip(areas(figure), bars.y, bars.width, strict=True):
        assert middle - width / 2 <= area.y[0] + 0.01 and area.y[-1] - 0.01 <= middle + width / 2
    edges = [(y - width / 2, y + width / 2) for y, width in zip(bars.y, bars.width, strict=True)]
    assert all(above[1] <= below[0] + 1e-9 for above, below in pairwise(edges))
    assert list(figure.layout.yaxis.ticktext) == ["1", "4", "6"]


def test_many_silhouettes_keep_their_shape_and_are_small():
    generator = np.random.default_rng(2)
    labels = (30 * generator.random(32_000) ** 2).astype(np.int16)
    samples = np.clip(generator.normal(0.3, 0.3, 32_000), -1, 1).astype(np.float32)
    figure = silhouette_plot(samples, labels, colors=CLUSTER_COLORS)
    assert len(figure.to_json()) < 200_000
    assert sum(len(area.x) - 1 for area in areas(figure)) <= 4000
    for label, area in enumerate(areas(figure)):
        own = np.sort(samples[labels == label])[::-1]
        assert area.y[-1] - area.y[0] == pytest.approx(len(own), abs=0.02), "heights are those of all images"
        assert (np.diff(area.x) <= 0).all()
        assert area.x[0] == pytest.approx(own[0], abs=5e-4) and area.x[-1] == pytest.approx(own[-1], abs=5e-4)
        quantiles = np.interp(np.linspace(0, len(own) - 1, len(area.x) - 1), np.arange(len(own)), own)
        np.testing.assert_allclose(area.x[:-1], quantiles, atol=0.05)


def test_small_groups_stay_beside_large_ones():
    labels = np.array([0] * 10_000 + [1] + [2] * 2)
    figure = silhouette_plot(np.full(len(labels), 0.5), labels, colors=CLUSTER_COLORS, max_points=100)
    assert [len(area.x) - 1 for area in areas(figure)] == [99, 1, 2]
    assert answering(figure).customdata == (0, 1, 2)
    assert len(figure.layout.yaxis.ticktext) <= 3


def test_group_numbers_have_room():
    labels = np.arange(2000) % 50
    figure = silhouette_plot(np.full(2000, 0.5), labels, colors=CLUSTER_COLORS * 2)
    axis = figure.layout.yaxis
    height = figure.layout.height - figure.layout.margin.t - figure.layout.margin.b
    distance = np.diff(axis.tickvals).min() / axis.range[0] * height
    assert distance >= 13 and 20 <= len(axis.ticktext) < 50


def test_noise_and_what_is_not_defined_are_left_out():
    samples = np.array([0.1, np.nan, 0.3, 0.9, 0.2])
    labels = np.array([0, 0, 1, -1, 1])
    figure = silhouette_plot(samples, labels, colors=CLUSTER_COLORS)
    assert [list(area.x[:-1]) for area in areas(figure)] == [[0.1], [0.3, 0.2]]
    assert shape(figure, "mean").x0 == pytest.approx(0.2)


@pytest.mark.parametrize("labels", [[], [0, 0, 0], [-1, -1]])
def test_less_than_two_groups_have_no_silhouettes(labels):
    figure = silhouette_plot(np.zeros(len(labels)), np.array(labels, dtype=int), colors=CLUSTER_COLORS)
    assert texts(figure) == ["no values"] and not figure.data


def test_silhouettes_hold_nothing_but_numbers_and_known_words():
    """Neither names of files nor other text of the user comes into the figure."""
    generator = np.random.default_rng(3)
    figure = silhouette_plot(generator.uniform(-1, 1, 100), np.arange(100) % 5, colors=CLUSTER_COLORS)
    said = [*texts(figure), figure.layout.xaxis.title.text, *figure.layout.yaxis.ticktext]
    said += [text for trace in figure.data for text in trace.hovertext or ()]
    assert all(re.fullmatch(r"mean [-\d.]+|group \d+: .*|silhouette|\d+", text) for text in said)
    assert all(trace.text is None for trace in figure.data)
    assert len(json.dumps(figure.to_plotly_json()["data"])) < 20_000
