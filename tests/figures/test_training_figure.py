"""How a network learned: what the figure holds."""

import numpy as np
import pytest
from looking import answering, texts

from imgcluster.figures import loss_figure


@pytest.mark.parametrize("n_epochs", [1, 3, 30, 200])
def test_both_losses_are_drawn(n_epochs):
    history = np.random.default_rng(0).uniform(0.01, 0.09, (n_epochs, 2))
    figure = loss_figure(history)
    learned = answering(figure)
    (held,) = [trace for trace in figure.data if trace is not learned]
    assert list(learned.x) == list(learned.customdata) == list(held.x) == list(range(1, n_epochs + 1))
    assert all(type(epoch) is int for epoch in learned.customdata)
    np.testing.assert_array_equal(learned.y, history[:, 0])
    np.testing.assert_array_equal(held.y, history[:, 1])
    low, high = figure.layout.yaxis.range
    assert low < 0 and high > history.max()
    assert texts(figure) == ["pictures learned from", "pictures held back (dashed)"]


def test_the_pointer_is_answered_in_words():
    words = answering(loss_figure(np.array([[0.09, 0.081], [0.01234, np.nan]]))).hovertext
    assert list(words) == ["round 1<br>learned from 0.0900<br>held back 0.0810", "round 2<br>learned from 0.0123"]


@pytest.mark.parametrize("history", [np.empty((0, 2)), np.full((3, 2), np.nan)])
def test_nothing_to_show_before_the_first_epoch_ends(history):
    figure = loss_figure(history)
    assert texts(figure) == ["no values"] and not figure.data


def test_a_loss_of_zero_has_a_range():
    low, high = loss_figure(np.zeros((2, 2))).layout.yaxis.range
    assert low < 0 < high


@pytest.mark.parametrize("dark", [False, True])
def test_it_lies_on_what_is_behind_it(dark):
    figure = loss_figure(np.ones((2, 2)), dark=dark)
    assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == "rgba(0,0,0,0)"
    assert answering(figure).line.color == ("#6d93ff" if dark else "#2f5bd0")
