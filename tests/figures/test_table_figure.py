"""Two clusterings as a table: what the figure holds."""

import numpy as np
import pytest
from looking import answering

from imgcluster.choosing.comparing import compare
from imgcluster.figures import contingency_figure


def two_clusterings(n_images=400, k=5, other_k=7, *, noise=0.0, seed=0):
    generator = np.random.default_rng(seed)
    first = generator.integers(0, k, n_images)
    second = np.where(generator.random(n_images) < 0.7, generator.permutation(max(k, other_k))[first] % other_k, 0)
    second = np.where(generator.random(n_images) < 0.8, second, generator.integers(0, other_k, n_images))
    for labels in (first, second):
        labels[generator.random(n_images) < noise] = -1
    return first, second


def cells(figure) -> dict[tuple[int, int], tuple[str, str]]:
    """Return the number that is seen and the words that are told, by row and column on the screen."""
    trace = answering(figure)
    told = {(y, x): words for x, y, words in zip(trace.x, trace.y, trace.hovertext, strict=True)}
    seen = {}
    for heatmap in (each for each in figure.data if each.type == "heatmap"):
        for (i, j), z in np.ndenumerate(np.array(heatmap.z, dtype=object)):
            if z is not None:
                assert (i, j) not in seen
                seen[i, j] = heatmap.text[i][j]
    return {place: (seen[place], told[place]) for place in told}


@pytest.mark.parametrize("noise", [0.0, 0.1])
@pytest.mark.parametrize(("k", "other_k"), [(5, 7), (7, 5), (1, 4), (4, 1), (6, 6)])
def test_every_cell_has_its_count_and_its_code(k, other_k, noise):
    comparison = compare(*two_clusterings(k=k, other_k=other_k, noise=noise))
    figure = contingency_figure(comparison)
    trace, seen = answering(figure), cells(figure)
    assert sorted(trace.customdata) == list(range(comparison.table.size))
    assert all(type(code) is int for code in trace.customdata)
    for x, y, code in zip(trace.x, trace.y, trace.customdata, strict=True):
        row, column = divmod(code, comparison.table.shape[1])
        count = comparison.table[row, column]
        assert seen[y, x][0] == (str(count) if count else "")
        for label, ticks, place in (
            (comparison.row_labels[row], figure.layout.yaxis.ticktext, y),
            (comparison.column_labels[column], figure.layout.xaxis.ticktext, x),
        ):
            assert ticks[place] == (str(label + 1) if label >= 0 else "none")


@pytest.mark.parametrize("seed", range(6))
def test_counterparts_go_down_to_the_right(seed):
    generator = np.random.default_rng(seed)
    comparison = compare(*two_clusterings(k=generator.integers(1, 9), other_k=generator.integers(1, 9), noise=0.05))
    trace = answering(contingency_figure(comparison))
    place = dict(zip(trace.customdata, zip(trace.y, trace.x, strict=True), strict=True))
    pairs = [(i, j) for i, j in enumerate(comparison.matching.tolist()) if j >= 0]
    places = [place[i * comparison.table.shape[1] + j] for i, j in pairs]
    assert np.array(places)[0].tolist() == [0, 0]
    assert (np.diff(places, axis=0) > 0).all()


def test_what_has_no_counterpart_stands_beside_its_main_part():
    first = np.repeat([0, 1, 2], 20)
    second = np.repeat([0, 3, 1, 4, 2, 5], 10)
    axis = contingency_figure(compare(first, second)).layout.xaxis
    assert list(axis.ticktext) == ["1", "4", "2", "5", "3", "6"]
    axis = contingency_figure(compare(second, first)).layout.yaxis
    assert list(axis.ticktext) == ["1", "4", "2", "5", "3", "6"]


def test_colors_are_shares_of_the_row():
    first, second = np.repeat([0, 1], [100, 10]), np.repeat([0, 1, 1], [90, 10, 10])
    figure = contingency_figure(compare(first, second))
    shares = np.full((2, 2), np.nan)
    for heatmap in (each for each in figure.data if each.type == "heatmap"):
        assert (heatmap.zmin, heatmap.zmax) == (0, 1)
        z = np.array(heatmap.z, dtype=float)
        shares[np.isfinite(z)] = z[np.isfinite(z)]
    np.testing.assert_allclose(shares, [[0.9, 0.1], [0, 1]])


def test_the_pointer_is_answered_in_words():
    first, second = np.repeat([0, 1], [100, 10]), np.repeat([0, 1, 1, -1], [89, 11, 9, 1])
    words = {place: told for place, (_, told) in cells(contingency_figure(compare(first, second))).items()}
    assert words[0, 0] == "Group 1 | Group 1<br>89 pictures: 89 % of Group 1 (first), 100 % of Group 1 (second)"
    assert words[1, 0] == "Group 2 | Group 1<br>no pictures"
    assert words[1, 2] == "Group 2 | No group<br>1 picture: 10 % of Group 2 (first), 100 % of No group (second)"


def test_names_are_texts_and_not_too_long():
    names = ["<b>cats</b>", "a folder with a name that is rather long"]
    figure = contingency_figure(compare(np.array([0, 1]), np.array([0, 1])), row_names=names, column_names=names)
    for ticks in (figure.layout.xaxis.ticktext, figure.layout.yaxis.ticktext):
        assert list(ticks) == ["&lt;b&gt;cats&lt;/b&gt;", "a folder with a n…"]
    told = cells(figure)[1, 1][1]
    assert names[1] in told and "<b>" not in cells(figure)[0, 0][1]
    assert figure.layout.xaxis.tickangle == -40


@pytest.mark.parametrize("noise", [0.0, 0.1])
def test_of_many_groups_the_largest_are_shown(noise):
    first, second = two_clusterings(3000, k=60, other_k=50, noise=noise)
    comparison = compare(first, second)
    figure = contingency_figure(comparison)
    rows, columns = figure.layout.yaxis.ticktext, figure.layout.xaxis.ticktext
    last = ["rest", "none"] if noise else ["rest"]
    assert len(rows) == len(columns) == 40
    assert list(rows[-len(last) :]) == list(columns[-len(last) :]) == last
    shown = [int(row) - 1 for row in rows[: -len(last)]]
    sizes = np.bincount(first[first >= 0])
    assert sizes[shown].min() >= np.delete(sizes, shown).max()
    seen = cells(figure)
    total = sum(int(count.replace(",", "")) for count, _ in seen.values() if count)
    assert total == 3000, "what is not shown by itself is in a sum"
    trace = answering(figure)
    for x, y, code in zip(trace.x, trace.y, trace.customdata, strict=True):
        assert (code == -1) == ("rest" in (rows[y], columns[x]))
    assert "All others" in seen[len(rows) - len(last), 0][1]


def test_a_table_of_forty_is_still_small():
    figure = contingency_figure(compare(*two_clusterings(30_000, k=100, other_k=100)))
    assert len(figure.to_json()) < 400_000 and figure.layout.height < 1000


@pytest.mark.parametrize("labels", [[0], [-1], [0, 0], [0, -1], [5, 5]])
@pytest.mark.parametrize("dark", [False, True])
def test_next_to_nothing(labels, dark):
    figure = contingency_figure(compare(np.array(labels), np.zeros(len(labels), int)), dark=dark)
    assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == "rgba(0,0,0,0)"
    assert len(answering(figure).x) == len(set(labels)) and "NaN" not in figure.to_json()
