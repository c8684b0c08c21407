"""A click on a point of a curve chooses its number of groups, whatever a browser sends."""

import pytest
import streamlit as st

from imgcluster.ui.how_many import curves

MOST = 12


@pytest.fixture
def session(monkeypatch):
    """A session's state without a session."""
    state = {"n_clusters": 8}
    monkeypatch.setattr(st, "session_state", state)
    return state


def clicked(k):
    return {"selection": {"points": [{"x": k, "y": 0.5, "customdata": k}], "point_indices": [3]}}


def test_a_click_on_a_point_chooses_its_number(session):
    for k in (5, 9, 5):
        session["chart"] = clicked(k)
        curves.follow_point("chart", MOST)
        assert session["n_clusters"] == k


def test_each_click_makes_a_new_chart_which_knows_of_no_click(session):
    numbers = []
    for _ in range(2):
        session["chart"] = clicked(5)
        curves.follow_point("chart", MOST)
        numbers.append(session["clicks_on_curves"])
    assert numbers == [1, 2]


@pytest.mark.parametrize(
    "sent",
    [None, {}, {"selection": None}, {"selection": {"points": []}}, {"selection": {"points": [7]}}]
    + [clicked(k) for k in (0, 13, -1, 10**9, 2.5, True, "5", None, [5, 6], "<b>")],
)
def test_a_browser_can_send_anything(session, sent):
    session["chart"] = sent
    curves.follow_point("chart", MOST)
    assert session == {"n_clusters": 8, "chart": sent}
