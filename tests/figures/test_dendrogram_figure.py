"""The drawing of a tree: what it holds, not how it looks."""

import json
from itertools import pairwise

import numpy as np
import pytest
from looking import answering, shape, texts

from imgcluster.figures import dendrogram_figure
from imgcluster.grouping.trees.dendrogram import Dendrogram, dendrogram, labels_of_drawn
from imgcluster.grouping.trees.hierarchy import Tree, cut_by_number, fit_tree, heights_for_number
from imgcluster.palette import CLUSTER_COLORS, NOISE_COLOR

PICTURE = "data:image/jpeg;base64,/9j/"


def grown(n_images: int = 120, *, far: float = 0.0) -> Tree:
    generator = np.random.default_rng(0)
    points = generator.normal(size=(n_images, 3)) + 2 * generator.normal(size=(6, 3))[np.arange(n_images) % 6]
    points[: n_images // 2] += far
    return fit_tree(points)


def figure_of(tree: Tree, *, n_clusters: int = 4, max_bundles: int = 12, cut: float | None = None, **options):
    drawn = dendrogram(tree, max_bundles=max_bundles)
    bundles, links = labels_of_drawn(tree, drawn, cut_by_number(tree, n_clusters))
    low, high = heights_for_number(tree, n_clusters)
    figure = dendrogram_figure(
        drawn,
        cut=(low + min(high, 2 * low)) / 2 if cut is None else cut,
        bundle_colors=[CLUSTER_COLORS[label] if label >= 0 else NOISE_COLOR for label in bundles],
        link_colors=[CLUSTER_COLORS[label] if label >= 0 else NOISE_COLOR for label in links],
        bundle_texts=[f"bundle {i}" for i in range(len(drawn.node))],
        **options,
    )
    return drawn, figure


def lines(figure, name: str) -> list[tuple[str, list[tuple[float, float]]]]:
    """Return every stroke of a kind, with its colour."""
    strokes = []
    for trace in figure.data:
        if trace.name != name:
            continue
        stroke = []
        for x, y in zip(trace.x, trace.y, strict=True):
            if x is None:
                strokes.append((trace.line.color, stroke))
                stroke = []
            else:
                stroke.append((x, y))
    return strokes


def images_below(drawn: Dendrogram, tree: Tree, node: int) -> int:
    """Count the images of a node by going down the tree."""
    if node < tree.n_leaves:
        return int(tree.sizes[node])
    return sum(images_below(drawn, tree, int(child)) for child in tree.linkage[node - tree.n_leaves, :2])


def test_every_merge_and_every_bundle_answers_with_its_node():
    drawn, figure = figure_of(grown())
    nodes = answering(figure)
    merges, bundles = drawn.link_node.tolist(), drawn.node.tolist()
    assert list(nodes.customdata) == [*merges, *bundles, *bundles]
    assert all(type(node) is int for node in nodes.customdata)
    np.testing.assert_allclose(nodes.x[: len(merges)], drawn.link_x.mean(axis=1))
    assert list(nodes.x[len(merges) :]) == 2 * list(range(12))
    assert all(color == "rgba(0,0,0,0)" for color in nodes.marker.color[len(merges) :]), "of bundles, nothing is drawn"
    assert nodes.unselected.marker.opacity == 1


def test_the_pointer_is_told_how_many_pictures_there_are():
    tree = grown()
    drawn, figure = figure_of(tree)
    told = answering(figure).hovertext[: len(drawn.link_node)]
    for node, text in zip(drawn.link_node.tolist(), told, strict=True):
        assert text.startswith(f"{images_below(drawn, tree, node):,} pictures, joined at ")
    assert list(answering(figure).hovertext[-12:]) == [f"bundle {i}" for i in range(12)]
    assert texts(figure) == [f"{n:,}" for n in drawn.n_images.tolist()]


def test_texts_are_texts():
    drawn = dendrogram(grown(3))
    figure = dendrogram_figure(
        drawn, cut=1, bundle_colors=["#000"] * 3, link_colors=["#000"] * 2, bundle_texts=["<b>a", "b & c", "d"]
    )
    assert list(answering(figure).hovertext[-3:]) == ["&lt;b&gt;a", "b &amp; c", "d"]


def test_links_join_what_they_join():
    drawn, figure = figure_of(grown(), n_clusters=1)  # one colour: no leg is drawn in two parts
    strokes = [stroke for _, stroke in lines(figure, "links")]
    top = max(drawn.link_top)
    up = lambda height: 280 * height / top  # noqa: E731
    expected = [
        [(left, up(bottoms[0])), (left, up(high)), (right, up(high)), (right, up(bottoms[1]))]
        for (left, right), bottoms, high in zip(drawn.link_x, drawn.link_bottom, drawn.link_top, strict=True)
    ]
    np.testing.assert_allclose(strokes, expected)


@pytest.mark.parametrize("n_clusters", [2, 4, 9])
def test_colors_are_those_of_the_groups_below_the_cut_and_grey_above(n_clusters):
    tree = grown()
    _, figure = figure_of(tree, n_clusters=n_clusters)
    level = shape(figure, "cut").y0
    assert shape(figure, "cut").y1 == level and shape(figure, "cut").line.dash == "dash"
    for color, stroke in lines(figure, "links"):
        for (_, y), (_, other_y) in pairwise(stroke):
            above = min(y, other_y) >= level - 1e-9
            below = max(y, other_y) <= level + 1e-9
            assert above or below, "no part of a leg crosses the cut"
            assert (color == NOISE_COLOR) == above
    assert len({color for color, _ in lines(figure, "links")}) == n_clusters + 1


def test_one_branch_that_is_divided_further_keeps_its_colors_below_the_cut():
    drawn = Dendrogram(
        node=np.array([0, 1, 2]),
        n_images=np.array([1, 1, 1]),
        x=np.arange(3.0),
        height=np.zeros(3),
        link_node=np.array([3, 4]),
        link_x=np.array([[0.0, 1.0], [0.5, 2.0]]),
        link_bottom=np.array([[0.0, 0.0], [1.0, 0.0]]),
        link_top=np.array([1.0, 2.0]),
    )
    figure = dendrogram_figure(
        drawn,
        cut=1.5,
        bundle_colors=["#aaaaaa", "#bbbbbb", "#cccccc"],
        link_colors=["#dddddd", "#dddddd"],
        bundle_texts=["", "", ""],
    )
    found = {(color, tuple(stroke)) for color, stroke in lines(figure, "links")}
    assert ("#aaaaaa", ((0.0, 140.0), (0.0, 0.0))) in found, "the leg below the cut, from the merge down"
    assert ("#cccccc", ((2.0, 210.0), (2.0, 0.0))) in found, "the leg through the cut, from the cut down"
    assert ("#dddddd", ((0.5, 140.0), (0.5, 280.0), (2.0, 280.0), (2.0, 210.0))) in found


def test_bundles_are_as_broad_as_they_are_large_and_as_high_as_they_are_wide():
    drawn, figure = figure_of(grown())
    wedges = {round((stroke[0][0] + stroke[2][0]) / 2): stroke for _, stroke in lines(figure, "bundles")}
    assert sorted(wedges) == np.flatnonzero(drawn.height > 0).tolist()
    for i, stroke in wedges.items():
        assert stroke[1] == (i, pytest.approx(280 * drawn.height[i] / drawn.link_top.max()))
        width = stroke[2][0] - stroke[0][0]
        assert 0 < width < 1
        widest = wedges[int(drawn.n_images.argmax())]
        share = width / (widest[2][0] - widest[0][0])
        assert share == pytest.approx(max(0.1, np.sqrt(drawn.n_images[i] / drawn.n_images.max())))


@pytest.mark.parametrize(("n_bundles", "n_rows"), [(12, 1), (22, 1), (40, 2), (60, 3)])
def test_pictures_have_room(n_bundles, n_rows):
    pictures = [PICTURE] * n_bundles
    pictures[1] = None
    _, figure = figure_of(grown(), max_bundles=n_bundles, thumbnails=pictures)
    images = figure.layout.images
    assert [image.x for image in images] == [i for i in range(n_bundles) if i != 1]
    assert {image.source for image in images} == {PICTURE}
    assert len({image.y for image in images}) == n_rows
    for row in {image.y for image in images}:
        places = [image.x for image in images if image.y == row]
        assert np.diff(sorted(places)).min() >= images[0].sizex
    low, high = figure.layout.yaxis.range
    margin = figure.layout.margin
    assert figure.layout.height - margin.t - margin.b == high - low, "a unit of the axis is a px"
    assert low <= min(image.y - image.sizey for image in images) and all(image.y < 0 for image in images)
    answers = {(x, y) for x, y in zip(answering(figure).x, answering(figure).y, strict=True) if y < 0}
    assert {(image.x, image.y - image.sizey / 2) for image in images} <= answers, "pictures answer the pointer"
    assert len(figure_of(grown(), max_bundles=n_bundles)[1].layout.images) == 0


def test_a_chosen_branch_is_shaded():
    tree = grown()
    drawn, figure = figure_of(tree)
    assert shape(figure, "chosen") is None
    top = int(drawn.link_node[-1])
    shaded = shape(figure_of(tree, chosen=top)[1], "chosen")
    assert (shaded.x0, shaded.x1) == (-0.5, 11.5)
    shaded = shape(figure_of(tree, chosen=int(drawn.node[3]))[1], "chosen")
    assert (shaded.x0, shaded.x1) == (2.5, 3.5)
    nodes = answering(figure_of(tree, chosen=top)[1])
    sizes = nodes.marker.size[: len(drawn.link_node)]
    assert sizes[-1] > max(sizes[:-1])
    assert shape(figure_of(tree, chosen=0)[1], "chosen") is None, "it lies inside a bundle"
    first, last = drawn.link_x[0].astype(int)
    shaded = shape(figure_of(tree, chosen=int(drawn.link_node[0]))[1], "chosen")
    assert (shaded.x0, shaded.x1) == (first - 0.5, last + 0.5)


def test_one_merge_far_above_all_others_does_not_flatten_them():
    drawn, figure = figure_of(grown(far=1000.0), n_clusters=2)
    heights = np.array(answering(figure).y[: len(drawn.link_node)])
    assert (np.diff(heights) >= 0).all() and heights.max() == pytest.approx(280)
    assert np.median(heights) == pytest.approx(280 / 6)
    ticks = np.array(figure.layout.yaxis.tickvals)
    assert (np.diff(ticks) > 20).all() and ticks[0] == 0


@pytest.mark.parametrize("highest", [0.00213, 0.5, 1.0, 1.9, 47.0, 1000.0, 98_765.0])
def test_heights_that_are_named_are_round(highest):
    drawn = dendrogram(grown(2))
    drawn = Dendrogram(
        **{name: getattr(drawn, name) for name in Dendrogram.__slots__} | {"link_top": np.array([highest])}
    )
    axis = dendrogram_figure(
        drawn, cut=0, bundle_colors=["#aaaaaa", "#bbbbbb"], link_colors=["#cccccc"], bundle_texts=["", ""]
    ).layout.yaxis
    named = [float(word.replace(",", "")) for word in axis.ticktext]
    assert 3 <= len(named) <= 7 and len(set(named)) == len(named)
    np.testing.assert_allclose(np.array(axis.tickvals) / 280, np.array(named) / highest)


@pytest.mark.parametrize("cut", [0.0, 1e9, np.inf])
def test_a_cut_anywhere_is_in_sight(cut):
    _, figure = figure_of(grown(), cut=cut)
    low, high = figure.layout.yaxis.range
    assert low < shape(figure, "cut").y0 <= high


@pytest.mark.parametrize(
    "points", [np.zeros((1, 2)), np.zeros((2, 2)), np.arange(3.0)[:, None], np.ones((30, 2))], ids=len
)
def test_trees_of_next_to_nothing(points):
    drawn, figure = figure_of(fit_tree(points), n_clusters=1, thumbnails=[PICTURE] * min(12, len(points)))
    assert len(answering(figure).customdata) == 3 * len(drawn.node) - 1
    assert "NaN" not in figure.to_json()


@pytest.mark.parametrize("dark", [False, True])
def test_it_lies_on_what_is_behind_it_and_keeps_still(dark):
    layout = figure_of(grown(), dark=dark)[1].layout
    assert layout.paper_bgcolor == layout.plot_bgcolor == "rgba(0,0,0,0)"
    assert layout.xaxis.fixedrange and layout.yaxis.fixedrange and not layout.showlegend


def test_it_is_small():
    figure = figure_of(grown(), max_bundles=60)[1]
    assert len(json.dumps(figure.to_plotly_json()["data"])) < 40_000
