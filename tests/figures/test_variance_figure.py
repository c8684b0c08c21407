"""How much the dimensions keep: what the figure holds."""

import numpy as np
import pytest
from looking import answering, texts

from imgcluster.figures import explained_variance_figure


@pytest.mark.parametrize("n_dims", [1, 3, 20, 100])
def test_bars_and_their_sum(n_dims):
    ratios = 0.9 * np.random.default_rng(0).dirichlet(np.ones(n_dims))
    figure = explained_variance_figure(np.sort(ratios)[::-1])
    bars = answering(figure)
    (together,) = [trace for trace in figure.data if trace is not bars]
    assert list(bars.x) == list(bars.customdata) == list(together.x) == list(range(1, n_dims + 1))
    assert all(type(i) is int for i in bars.customdata)
    np.testing.assert_allclose(bars.y, np.sort(ratios)[::-1])
    np.testing.assert_allclose(together.y, np.cumsum(np.sort(ratios)[::-1]))
    assert texts(figure) == ["together 90 %"]


def test_the_pointer_is_answered_in_words():
    words = answering(explained_variance_figure([0.5, 0.0123])).hovertext
    assert list(words) == ["dimension 1: 50 %<br>together 50 %", "dimension 2: 1.2 %<br>together 51 %"]


def test_rounding_does_not_make_more_than_all():
    figure = explained_variance_figure(np.full(10, 0.1 + 1e-9))
    assert texts(figure) == ["together 100 %"] and figure.layout.yaxis.range[1] > 1


@pytest.mark.parametrize("ratios", [[], [np.nan], [0.5, np.nan]])
def test_nothing_to_show(ratios):
    figure = explained_variance_figure(ratios)
    assert texts(figure) == ["no values"] and not figure.data


@pytest.mark.parametrize("dark", [False, True])
def test_it_lies_on_what_is_behind_it(dark):
    figure = explained_variance_figure([0.5, 0.2], dark=dark)
    assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == "rgba(0,0,0,0)"
    assert answering(figure).marker.color == ("#6d93ff" if dark else "#2f5bd0")
