"""Curves of scores: what they hold, not how they look."""

import functools
import json
import re
from dataclasses import replace

import numpy as np
import pytest
from looking import answering, shape, texts

from imgcluster.choosing.scan import KScan, scan_k
from imgcluster.figures import elbow_figure, gap_figure, score_figure, silhouette_figure

SCORES = {
    "inertia": 900.0,
    "silhouette": 0.4,
    "silhouette_reference": 0.2,
    "silhouette_reference_std": 0.01,
    "gap": 0.5,
    "gap_error": 0.03,
    "davies_bouldin": 1.2,
    "calinski_harabasz": 300.0,
    "stability": 0.8,
    "stability_std": 0.1,
}
CURVES = {
    "inertia": lambda scan, **options: elbow_figure(scan, knee=None, **options),
    "silhouette": lambda scan, **options: silhouette_figure(scan, recommended=None, **options),
    "gap": lambda scan, **options: gap_figure(scan, suggested=None, **options),
    "davies_bouldin": lambda scan, **options: score_figure(scan, "davies_bouldin", **options),
    "calinski_harabasz": lambda scan, **options: score_figure(scan, "calinski_harabasz", **options),
    "stability": lambda scan, **options: score_figure(scan, "stability", **options),
}
MARKED = {
    "knee": lambda scan, k, chosen: elbow_figure(scan, chosen=chosen, knee=k),
    "recommended": lambda scan, k, chosen: silhouette_figure(scan, chosen=chosen, recommended=k),
    "suggested": lambda scan, k, chosen: gap_figure(scan, chosen=chosen, suggested=k),
}


@functools.cache
def smallest_scan() -> KScan:
    return scan_k(np.arange(8.0).reshape(4, 2), [1], n_references=1)


def made(ks: list[int], **curves: list[float]) -> KScan:
    """Return a scan with these curves, and the same everywhere in the others."""
    real = smallest_scan()
    scores = [
        replace(real.scores[0], k=k, **(SCORES | {name: values[i] for name, values in curves.items()}))
        for i, k in enumerate(ks)
    ]
    return replace(real, scores=tuple(scores), labels=np.zeros((len(ks), 4), np.int16))


@pytest.fixture(scope="module")
def scan() -> KScan:
    generator = np.random.default_rng(0)
    middles = 12 * generator.normal(size=(5, 3))
    return scan_k(middles[np.arange(100) % 5] + generator.normal(size=(100, 3)), range(1, 13), n_references=3)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("name", CURVES)
def test_every_curve(scan, name, dark):
    figure = CURVES[name](scan, chosen=5, dark=dark)
    curve = answering(figure)
    assert list(curve.x) == list(curve.customdata) == list(range(1, 13))
    assert all(type(k) is int for k in curve.customdata)
    np.testing.assert_array_equal(np.array(curve.y, dtype=float), scan.curve(name))
    assert (shape(figure, "chosen").x0, shape(figure, "chosen").x1) == (5, 5)
    sizes = list(curve.marker.size)
    assert sizes[4] == max(sizes) and sizes.count(max(sizes)) == 1
    assert shape(figure, "ring") is None
    assert curve.line.color == ("#6d93ff" if dark else "#2f5bd0")


@pytest.mark.parametrize("name", CURVES)
def test_curves_lie_on_what_is_behind_them_and_keep_still(scan, name):
    layout = CURVES[name](scan, chosen=3).layout
    assert layout.paper_bgcolor == layout.plot_bgcolor == "rgba(0,0,0,0)"
    assert layout.height == 210 and not layout.showlegend and layout.title.text is None
    assert layout.xaxis.fixedrange and layout.yaxis.fixedrange
    assert CURVES[name](scan, chosen=3).data[0].unselected.marker.opacity == 1


def test_errors_are_those_of_the_scores(scan):
    gap = answering(gap_figure(scan, chosen=2, suggested=None))
    assert list(gap.error_y.array) == scan.curve("gap_error").tolist()
    stability = answering(score_figure(scan, "stability", chosen=2))
    assert stability.error_y.array[0] is None
    assert list(stability.error_y.array[1:]) == scan.curve("stability_std")[1:].tolist()
    for name in ("inertia", "silhouette", "davies_bouldin", "calinski_harabasz"):
        assert answering(CURVES[name](scan, chosen=2)).error_y.array is None


def test_silhouettes_stand_beside_those_without_groups(scan):
    figure = silhouette_figure(scan, chosen=4, recommended=5)
    (reference,) = [trace for trace in figure.data if trace.name == "without groups"]
    np.testing.assert_array_equal(np.array(reference.y, dtype=float), scan.curve("silhouette_reference"))
    assert reference.mode == "lines" and reference.line.dash == "dash"
    assert "without groups" in texts(figure)


@pytest.mark.parametrize("above", [True, False])
def test_the_name_of_a_line_stands_on_its_free_side(above):
    reference = [np.nan, 0.2, 0.2, 0.2]
    curve = [np.nan, 0.5, 0.6, 0.3] if above else [np.nan, 0.1, 0.0, 0.1]
    figure = silhouette_figure(
        made([1, 2, 3, 4], silhouette=curve, silhouette_reference=reference), chosen=2, recommended=None
    )
    (label,) = [annotation for annotation in figure.layout.annotations if annotation.text == "without groups"]
    assert label.yanchor == ("top" if above else "bottom") and label.y == 0.2
    assert figure.layout.xaxis.range[0] < label.x < figure.layout.xaxis.range[1]


@pytest.mark.parametrize("word", MARKED)
def test_a_marked_k_has_a_ring_and_a_word(scan, word):
    figure = MARKED[word](scan, 6, chosen=4)
    curve = answering(figure)
    assert (shape(figure, "ring").xanchor, shape(figure, "ring").yanchor) == (6, curve.y[5])
    assert shape(figure, word).x0 == 6 and shape(figure, word).line.dash == "dot"
    assert f"{word} 6" in texts(figure)
    assert not [text for text in texts(MARKED[word](scan, None, chosen=4)) if word in text]


@pytest.mark.parametrize("word", MARKED)
def test_a_marked_k_that_is_also_chosen_has_one_line(scan, word):
    figure = MARKED[word](scan, 5, chosen=5)
    assert shape(figure, word) is None and shape(figure, "ring").xanchor == 5 and shape(figure, "chosen").x0 == 5


@pytest.mark.parametrize("word", MARKED)
def test_a_marked_k_that_was_not_scanned_is_left_out(scan, word):
    figure = MARKED[word](scan, 40, chosen=5)
    assert shape(figure, "ring") is None and not [text for text in texts(figure) if word in text]


def test_the_pointer_is_answered_in_words():
    scan = made(
        [1, 2, 12], silhouette=[np.nan, 0.544, 0.0321], inertia=[15302.7, 99.96, 3e-5], gap_error=[0.1, 0.2, np.nan]
    )
    words = {name: list(answering(CURVES[name](scan, chosen=2)).hovertext) for name in ("inertia", "silhouette", "gap")}
    assert words["silhouette"] == ["1 group: no value", "2 groups: 0.54", "12 groups: 0.032"]
    assert words["inertia"] == ["1 group: 15,303", "2 groups: 99.96", "12 groups: 3e-05"]
    assert words["gap"] == ["1 group: 0.50 ± 0.10", "2 groups: 0.50 ± 0.20", "12 groups: 0.50"]


@pytest.mark.parametrize("name", CURVES)
def test_values_that_are_not_defined_are_gaps(name):
    figure = CURVES[name](made([1, 2, 3], **{name: [0.1, np.nan, 0.3]}), chosen=2)
    assert list(answering(figure).y) == [0.1, None, 0.3]
    assert not answering(figure).connectgaps
    assert "NaN" not in figure.to_json()


@pytest.mark.parametrize("name", CURVES)
def test_no_value_at_all(name):
    marked = "knee" if name == "inertia" else "recommended" if name == "silhouette" else "suggested"
    scan = made([1, 2, 3], **{name: [np.nan] * 3})
    figure = MARKED[marked](scan, 2, 3) if name in ("inertia", "silhouette", "gap") else CURVES[name](scan, chosen=3)
    assert texts(figure) == ["no values"]
    assert list(answering(figure).customdata) == [1, 2, 3] and shape(figure, "chosen").x0 == 3


@pytest.mark.parametrize("n_scores", [1, 2, 3])
@pytest.mark.parametrize("name", CURVES)
def test_a_scan_that_is_still_running(scan, name, n_scores):
    partial = replace(scan, scores=scan.scores[:n_scores], labels=scan.labels[:n_scores])
    figure = CURVES[name](partial, chosen=8)
    assert list(answering(figure).customdata) == list(range(1, n_scores + 1))
    assert set(answering(figure).marker.size) == {5}, "the chosen k has no value yet"
    low, high = figure.layout.xaxis.range
    assert low < 1 and high > 8, "and is in sight before its turn"


@pytest.mark.parametrize(
    "points", [np.zeros((1, 2)), np.ones((6, 3)), np.array([[0.0], [1.0]])], ids=["one", "same", "two"]
)
def test_scans_of_next_to_nothing(points):
    scan = scan_k(points, range(1, len(points) + 1), n_references=1)
    for draw in CURVES.values():
        assert len(json.loads(draw(scan, chosen=1).to_json())["data"][0]["x"]) == len(points)


@pytest.mark.parametrize(("last", "expected"), [(1, [1]), (6, [1, 2, 3, 4, 5, 6]), (30, [1, 5, 10, 15, 20, 25, 30])])
def test_ticks_are_whole_numbers(last, expected):
    axis = elbow_figure(made(list(range(1, last + 1))), chosen=1, knee=None).layout.xaxis
    assert list(axis.tickvals) == expected


@pytest.mark.parametrize("last", [2, 9, 14, 50, 120, 999, 12_000])
def test_ticks_are_few_and_inside(last):
    figure = elbow_figure(made([1, last]), chosen=last, knee=None)
    ticks = figure.layout.xaxis.tickvals
    assert 2 <= len(ticks) <= 8 and all(type(tick) is int and 1 <= tick <= last for tick in ticks)


def test_curves_hold_nothing_but_numbers_and_known_words(scan):
    """Neither names of files nor other text of the user comes into a curve."""
    known = r"without groups|\d+ groups?: .*|number of groups"
    for draw in CURVES.values():
        figure = draw(scan, chosen=5)
        said = [*texts(figure), figure.layout.xaxis.title.text]
        said += [text for trace in figure.data for text in trace.hovertext or ()]
        assert all(re.fullmatch(known, text) for text in said)
        assert all(trace.text is None for trace in figure.data)
        assert len(json.dumps(figure.to_plotly_json()["data"])) < 20_000
