"""The screen Tree: the cut, branches, what is divided beyond the cut, and very few pictures."""

import pytest
from fake_extractor import write_images

from imgcluster.grouping.trees.hierarchy import images_below
from imgcluster.ui.register import jobs
from imgcluster.ui.tree.branch import DIVIDED
from imgcluster.ui.tree.drawing import BRANCH
from imgcluster.ui.tree.steering import faithfulness

pytestmark = pytest.mark.usefixtures("few_clusters")


@pytest.fixture
def tree(visit, photos):
    return visit().group(photos).go("tree").settle()


def state(page, name):
    return page.app.session_state.get(name, None)


def grown():
    return next(job.result for key, job in jobs()._jobs.items() if "/tree/" in key)


def test_without_pictures_it_says_what_to_do(visit):
    assert visit().go("tree").app.info[0].proto.title == "No pictures yet"


def test_first_sight(tree):
    assert not tree.app.error
    assert len(tree.app.get("plotly_chart")) == 1
    assert "faithful" in tree.text
    assert tree.app.slider("n_clusters").value == 8


def test_the_number_is_that_of_the_other_screens(tree):
    tree.app.slider("n_clusters").set_value(5)
    tree.run()
    assert tree.address["k"] == "5"
    assert tree.go("groups").settle().app.slider("n_clusters").value == 5


def test_the_cut_can_be_moved_by_its_height(tree):
    tree.app.segmented_control("cut_by").set_value("height")
    tree.run()
    slider = next(slider for slider in tree.app.slider if slider.label == "Height of the cut")
    slider.set_value(slider.max)
    tree.run()
    assert tree.address["k"] == "1"
    slider = next(slider for slider in tree.app.slider if slider.label == "Height of the cut")
    slider.set_value(slider.min)
    tree.run()
    assert tree.address["k"] == "12"


def test_a_branch_is_opened_and_divided_and_taken_back(tree):
    tree.app.slider("n_clusters").set_value(2)
    tree.run()
    node = 2 * grown().n_leaves - 3  # one of the two branches below the root
    tree.app.session_state[BRANCH] = node
    tree.run()
    assert f"{len(images_below(grown(), node))} pictures" in tree.text
    tree.click("Divide only here")
    assert state(tree, DIVIDED) == (node,)
    tree.click("Take back")
    assert state(tree, DIVIDED) == ()


def test_a_branch_above_the_cut_cannot_be_divided(tree):
    tree.app.session_state[BRANCH] = 2 * grown().n_leaves - 2
    tree.run()
    assert next(button for button in tree.app.button if button.label == "Divide only here").disabled


@pytest.mark.parametrize("sent", [None, {}, {"selection": {"points": [{"customdata": "x"}]}}, {"selection": 3}])
def test_a_browser_can_send_anything(tree, sent, monkeypatch):
    import streamlit as st

    from imgcluster.ui.tree import drawing

    session = {"dendrogram": sent}
    monkeypatch.setattr(st, "session_state", session)
    drawing._follow()
    assert BRANCH not in session


@pytest.mark.parametrize("n_images", [1, 2, 3])
def test_very_few_pictures(visit, tmp_path, n_images):
    write_images(tmp_path / "few", n_images)
    page = visit().group(tmp_path / "few").go("tree").settle()
    assert not page.app.error


def test_words_on_faithfulness():
    assert faithfulness(float("nan")) == ""
    assert "very faithful (0.93)" in faithfulness(0.93)
    assert "only roughly" in faithfulness(0.3)
