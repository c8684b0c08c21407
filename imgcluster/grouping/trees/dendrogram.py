"""The top of a tree as lines to draw: some forty bundles of images, and the merges above them."""

from dataclasses import dataclass

import numpy as np

from imgcluster.errors import ParameterError
from imgcluster.grouping.trees.hierarchy import Tree
from imgcluster.grouping.trees.merges import leaf_spans

__all__ = ["Dendrogram", "bundle_of_image", "dendrogram", "labels_of_drawn"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dendrogram:
    """Bundles side by side, and the links that join them; no two lines cross.

    Attributes
    ----------
    node : ndarray, shape (n_bundles,), intp
        The node of the tree that each bundle is, from left to right.
    n_images : ndarray, shape (n_bundles,), int64
        Images in each bundle.
    x : ndarray, shape (n_bundles,), float64
        0 to n_bundles - 1.
    height : ndarray, shape (n_bundles,), float64
        Of the bundle's own last merge, 0 for a leaf of the tree.
    link_node : ndarray, shape (n_bundles - 1,), intp
        The merges above the bundles, in rising order of height.
    link_x : ndarray, shape (n_bundles - 1, 2), float64
        Where the left and the right leg stand: on a bundle, or in the middle of a link below.
    link_bottom : ndarray, shape (n_bundles - 1, 2), float64
        Where the legs begin: the height of that bundle or link.
    link_top : ndarray, shape (n_bundles - 1,), float64
        The height of the merge, where the legs are joined.
    """

    node: np.ndarray
    n_images: np.ndarray
    x: np.ndarray
    height: np.ndarray
    link_node: np.ndarray
    link_x: np.ndarray
    link_bottom: np.ndarray
    link_top: np.ndarray

    def __post_init__(self) -> None:
        for name in self.__slots__:
            getattr(self, name).setflags(write=False)


def dendrogram(tree: Tree, *, max_bundles: int = 40) -> Dendrogram:
    """Lay out the top of a tree.

    At every link the side with more images stands to the left, so that large bundles gather there and small ones that
    join late trail to the right; of equal sides the tree's own order stays.

    Parameters
    ----------
    tree : Tree
    max_bundles : int, default 40
        The last ``max_bundles - 1`` merges are drawn; all of them where there are no more leaves than that.

    Returns
    -------
    Dendrogram

    Raises
    ------
    ParameterError
        When ``max_bundles`` is below 1.
    """
    if max_bundles < 1:
        raise ParameterError(f"max_bundles={max_bundles} should be at least 1.")
    n_bundles = min(max_bundles, tree.n_leaves)
    lowest_link = 2 * tree.n_leaves - n_bundles  # nodes from here on are links
    n_images, children = _images_of_nodes(tree), {}
    bundles, pending = [], [2 * tree.n_leaves - 2]
    while pending:
        node = pending.pop()
        if node < lowest_link:
            bundles.append(node)
            continue
        left, right = tree.linkage[node - tree.n_leaves, :2].astype(int).tolist()
        children[node] = (right, left) if n_images[right] > n_images[left] else (left, right)
        pending += children[node][::-1]

    heights = np.concatenate([np.zeros(tree.n_leaves), tree.linkage[:, 2]])
    links = np.arange(lowest_link, 2 * tree.n_leaves - 1)
    legs = np.array([children[link] for link in links.tolist()], dtype=np.intp).reshape(-1, 2)
    x = {node: float(place) for place, node in enumerate(bundles)}
    for link, (left, right) in zip(links.tolist(), legs.tolist(), strict=True):
        x[link] = (x[left] + x[right]) / 2
    return Dendrogram(
        node=np.array(bundles, dtype=np.intp),
        n_images=n_images[bundles],
        x=np.arange(n_bundles, dtype=np.float64),
        height=heights[bundles],
        link_node=links,
        link_x=np.array([[x[left], x[right]] for left, right in legs.tolist()]).reshape(-1, 2),
        link_bottom=heights[legs],
        link_top=heights[links],
    )


def bundle_of_image(tree: Tree, drawn: Dendrogram) -> np.ndarray:
    """Return in which of the bundles of its dendrogram each image of a tree lies, shape (n_images,), intp."""
    spans = leaf_spans(tree.linkage)
    bundle_of_leaf = np.empty(tree.n_leaves, dtype=np.intp)
    for bundle, node in enumerate(drawn.node):
        bundle_of_leaf[spans.order[spans.where(node)]] = bundle
    return bundle_of_leaf[tree.leaf_of]


def labels_of_drawn(tree: Tree, drawn: Dendrogram, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return to which cluster all images of each bundle, and all images below each link, belong.

    Parameters
    ----------
    tree : Tree
    drawn : Dendrogram
        Of this tree.
    labels : ndarray, shape (n_images,)

    Returns
    -------
    bundle_labels : ndarray, shape (n_bundles,), int32
    link_labels : ndarray, shape (n_bundles - 1,), int32
        -1 where the images belong to several clusters.
    """
    which, labels = bundle_of_image(tree, drawn), np.asarray(labels)
    lowest, highest = np.full(len(drawn.node), labels.max()), np.full(len(drawn.node), labels.min())
    np.minimum.at(lowest, which, labels)
    np.maximum.at(highest, which, labels)
    ranges = dict(zip(drawn.node.tolist(), zip(lowest.tolist(), highest.tolist(), strict=True), strict=True))
    for link in drawn.link_node.tolist():
        one, two = (ranges[node] for node in tree.linkage[link - tree.n_leaves, :2].astype(int).tolist())
        ranges[link] = min(one[0], two[0]), max(one[1], two[1])
    shared = {node: low if low == high else -1 for node, (low, high) in ranges.items()}
    bundles, links = ([shared[node] for node in nodes.tolist()] for nodes in (drawn.node, drawn.link_node))
    return np.array(bundles, dtype=np.int32), np.array(links, dtype=np.int32)


def _images_of_nodes(tree: Tree) -> np.ndarray:
    spans = leaf_spans(tree.linkage)
    before = np.concatenate([[0], np.cumsum(tree.sizes[spans.order])])
    return before[spans.first + spans.count] - before[spans.first]
