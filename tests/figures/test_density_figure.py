"""The sorted distances to the k-th neighbour: what the figure holds."""

import numpy as np
import pytest
from looking import answering, shape, texts

from imgcluster.figures import k_distance_figure


def bent(n_images: int = 1000) -> np.ndarray:
    return np.sort(np.random.default_rng(0).pareto(3, n_images))


def test_few_distances_are_all_there():
    curve = bent(50)
    figure = k_distance_figure(curve, 0.5, None, auto=False)
    points = answering(figure)
    assert list(points.customdata) == list(range(50)) and all(type(i) is int for i in points.customdata)
    assert list(points.x) == list(range(1, 51))
    np.testing.assert_allclose(points.y, curve, atol=1e-6)
    assert points.hovertext[0].startswith("1 picture within ") and points.hovertext[9].startswith("10 pictures within ")


def test_many_distances_keep_their_shape():
    curve = bent(30_000)
    figure = k_distance_figure(curve, 0.5, None, auto=False)
    points = answering(figure)
    shown = np.array(points.customdata)
    assert len(shown) <= 400 and shown[0] == 0 and shown[-1] == 29_999
    np.testing.assert_allclose(points.y, curve[shown], atol=1e-6)
    assert np.diff(points.y).max() <= curve[-1] / 100 + np.diff(curve).max(), "no gap where it is steep"
    assert np.diff(shown).max() <= 30_000 / 100
    assert len(figure.to_json()) < 60_000


@pytest.mark.parametrize("auto", [True, False])
def test_the_reach_in_use_says_whose_it_is(auto):
    figure = k_distance_figure(bent(), 0.5, 0.8, auto=auto)
    assert shape(figure, "eps").y0 == shape(figure, "eps").y1 == shape(figure, "reach").y1 == 0.5
    assert shape(figure, "ring").yanchor == 0.8
    assert texts(figure) == (["0.50, auto"] if auto else ["0.50, yours", "auto 0.80"])


def test_the_ring_is_on_the_curve():
    curve = bent()
    figure = k_distance_figure(curve, 0.5, float(curve[700]), auto=True)
    assert shape(figure, "ring").xanchor == 701


def test_without_a_knee_there_is_no_ring():
    assert shape(k_distance_figure(bent(), 0.5, None, auto=True), "ring") is None


@pytest.mark.parametrize("curve", [[0.0], [0.0, 0.0, 0.0], [1.0], [1.0, 1.0], [np.inf, 2.0]])
@pytest.mark.parametrize("eps", [1e-9, 1.0, 50.0])
def test_next_to_nothing(curve, eps):
    figure = k_distance_figure(np.array(curve), eps, None, auto=True)
    low, high = figure.layout.yaxis.range
    assert low < eps < high and len(answering(figure).x) >= 1
    assert "NaN" not in figure.to_json() and "Infinity" not in figure.to_json()


def test_no_distance_at_all():
    figure = k_distance_figure(np.array([np.inf]), 1.0, None, auto=True)
    assert texts(figure) == ["no values"] and not figure.data
