"""A tree as text for other programs: Newick, and nested JSON."""

import json
import re
from collections.abc import Callable, Sequence

import numpy as np

from imgcluster.errors import ParameterError
from imgcluster.grouping.trees.tree import Tree

__all__ = ["to_nested", "to_newick"]

# A name of these alone needs no quotes. "_" is not among them: without quotes it stands for a blank.
_PLAIN = re.compile(r"[A-Za-z0-9.+-]+")

# What the Newick format forbids, or UTF-8 cannot say.
_NOT_PRINTED = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def to_newick(tree: Tree, names: Sequence[str]) -> str:
    """Write a tree in the Newick format (Olsen 1990, "Interpretation of Newick's 8:45 tree format"), on one line.

    Parameters
    ----------
    tree : Tree
    names : sequence of str, length n_images
        Of the images, such as their paths. Names of other than plain letters and digits stand in single quotes, a quote
        within them twice; letters beyond ASCII stay as they are. Characters that cannot be printed become blanks.

    Returns
    -------
    str
        Lengths of branches are differences of heights, so that each image is as far below the root as that is high.
        Several images of one leaf hang from it side by side, at length 0.

    Raises
    ------
    ParameterError
        When there are not as many names as images.
    """
    heights = np.concatenate([np.zeros(tree.n_leaves), tree.linkage[:, 2]])
    above = np.full(len(heights), heights[-1])
    above[tree.linkage[:, :2].astype(np.intp)] = tree.linkage[:, 2:3]
    lengths = (above - heights).tolist()
    groups = _names_of_leaves(tree, [_quoted(name) for name in names])

    def leaf(node: int) -> str:
        images = groups[node]
        inside = images[0] if len(images) == 1 else f"({','.join(f'{image}:0.0' for image in images)})"
        return f"{inside}:{lengths[node]}"

    return _written(tree, lambda _: "(", leaf, lambda node: f"):{lengths[node]}") + ";"


def to_nested(tree: Tree, names: Sequence[str]) -> str:
    """Write a tree as JSON, each node within the one above it.

    Parameters
    ----------
    tree : Tree
    names : sequence of str, length n_images

    Returns
    -------
    str
        ``{"height": ..., "children": [..., ...]}`` for each merge, ``{"name": ...}`` for each image; several images of
        one leaf are the children of an object of height 0. The tree of single linkage can be nested nearly as deep as
        there are images, which some programs refuse to read.

    Raises
    ------
    ParameterError
        When there are not as many names as images.
    """
    heights = tree.linkage[:, 2].tolist()
    groups = _names_of_leaves(tree, [f'{{"name": {json.dumps(name)}}}' for name in names])

    def leaf(node: int) -> str:
        images = groups[node]
        return images[0] if len(images) == 1 else f'{{"height": 0.0, "children": [{",".join(images)}]}}'

    def opening(node: int) -> str:
        return f'{{"height": {heights[node - tree.n_leaves]}, "children": ['

    return _written(tree, opening, leaf, lambda _: "]}")


def _written(
    tree: Tree, opening: Callable[[int], str], leaf: Callable[[int], str], closing: Callable[[int], str]
) -> str:
    """Write the nodes within one another; a loop, for a tree can be deeper than Python's stack."""
    parts: list[str] = []
    pending: list[int | str] = [2 * tree.n_leaves - 2]  # nodes to write, and text that comes after them
    children = tree.linkage[:, :2].astype(int).tolist()
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            parts.append(item)
        elif item < tree.n_leaves:
            parts.append(leaf(item))
        else:
            parts.append(opening(item))
            left, right = children[item - tree.n_leaves]
            pending += [closing(item), right, ",", left]
    return "".join(parts)


def _names_of_leaves(tree: Tree, names: list[str]) -> list[list[str]]:
    if len(names) != tree.n_images:
        raise ParameterError(f"There are {len(names)} names for {tree.n_images} pictures.")
    groups: list[list[str]] = [[] for _ in range(tree.n_leaves)]
    for name, node in zip(names, tree.leaf_of.tolist(), strict=True):
        groups[node].append(name)
    return groups


def _quoted(name: str) -> str:
    name = _NOT_PRINTED.sub(" ", name)
    return name if _PLAIN.fullmatch(name) else "'" + name.replace("'", "''") + "'"
