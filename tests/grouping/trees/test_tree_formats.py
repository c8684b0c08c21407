"""Trees as text: read back by a small reader of each format, with names of every kind and trees of every depth."""

import json
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from some_trees import blobs, chain, leaves_below, tree_of

from imgcluster.errors import ParameterError
from imgcluster.grouping.trees.hierarchy import fit_tree
from imgcluster.grouping.trees.tree_formats import to_nested, to_newick

TOKENS = re.compile(r"'(?:[^']|'')*'|[(),;]|[^(),;:']+|:[^(),;]+")


def read_newick(text):
    """Return the depth of each name below the root, and the names below each pair of brackets, without recursion."""
    stack, groups, depths = [[]], [], {}
    for token in TOKENS.findall(text):
        if token == "(":
            stack.append([])
        elif token == ")":
            names = [name for part in stack.pop() for name in part]
            groups.append(frozenset(names))
            stack[-1].append(names)
        elif token.startswith(":"):
            for name in stack[-1][-1]:
                depths[name] += float(token[1:])
        elif token not in ",;":
            name = token[1:-1].replace("''", "'") if token.startswith("'") else token.replace("_", " ")
            assert name not in depths
            depths[name] = 0.0
            stack[-1].append([name])
    assert len(stack) == 1
    return depths, groups


def read_nested(node, groups):
    """Return the names below a node of parsed JSON, and collect them with the heights of all merges."""
    if "name" in node:
        assert set(node) == {"name"}
        return frozenset([node["name"]])
    below = frozenset().union(*(read_nested(child, groups) for child in node["children"]))
    groups.append((node["height"], below))
    return below


@pytest.mark.parametrize("kind", ["ward", "average", "single"])
@pytest.mark.parametrize("n", [1, 2, 3, 50])
def test_the_tree_is_read_back(kind, n):
    tree = fit_tree(blobs(n), linkage=kind)
    names = [f"image{i}" for i in range(n)]
    below = {frozenset(names[leaf] for leaf in leaves) for leaves in leaves_below(tree) if len(leaves) > 1}
    depths, groups = read_newick(to_newick(tree, names))
    assert set(groups) == below
    assert len(groups) == n - 1
    top = tree.linkage[-1, 2] if n > 1 else 0.0
    assert depths.keys() == set(names)
    np.testing.assert_allclose(list(depths.values()), top, rtol=1e-9)
    found = []
    assert read_nested(json.loads(to_nested(tree, names)), found) == set(names)
    assert {each for _, each in found} == below
    assert sorted(height for height, _ in found) == tree.linkage[:, 2].tolist()


def test_two_trees_as_they_are_written():
    tree = tree_of([[0, 2, 0.5, 2], [1, 3, 2, 3]])
    assert to_newick(tree, ["a", "b.jpg", "c d"]) == "(b.jpg:2.0,(a:0.5,'c d':0.5):1.5):0.0;"
    assert to_nested(tree, ["a", "b", "c"]) == (
        '{"height": 2.0, "children": [{"name": "b"},{"height": 0.5, "children": [{"name": "a"},{"name": "c"}]}]}'
    )
    assert to_newick(fit_tree(np.eye(1)), ["one"]) == "one:0.0;"


def test_leaves_of_several_images_list_them():
    tree = tree_of([[0, 1, 3, 2]], leaf_of=[1, 0, 1, 1])
    assert to_newick(tree, list("abcd")) == "(b:3.0,(a:0.0,c:0.0,d:0.0):3.0):0.0;"
    found = []
    read_nested(json.loads(to_nested(tree, list("abcd"))), found)
    assert found == [(0.0, frozenset("acd")), (3.0, frozenset("abcd"))]


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("a-1.jpg", "a-1.jpg"),
        ("my cat", "'my cat'"),
        ("my_cat", "'my_cat'"),
        ("it's", "'it''s'"),
        ("''", "''''''"),
        ("a(1):2,[3];", "'a(1):2,[3];'"),
        ("Käse 猫", "'Käse 猫'"),
        ("", "''"),
        ("two\nlines\tand\x00more", "'two lines and more'"),
        ("not \udc80 utf", "'not   utf'"),
    ],
)
def test_names_in_newick(name, written):
    text = to_newick(tree_of([[0, 1, 1, 2]]), [name, "other"])
    assert text == f"({written}:1.0,other:1.0):0.0;"
    text.encode("utf-8")


@settings(deadline=None)
@given(st.lists(st.text(min_size=1), min_size=3, max_size=3, unique=True))
def test_any_names_are_read_back(names):
    tree = tree_of([[0, 2, 0.5, 2], [1, 3, 2, 3]])
    found = []
    assert read_nested(json.loads(to_nested(tree, names)), found) == set(names)
    printed = [re.sub(r"[^ -~\u00a0-\u2027\u202a-\U0010ffff]", " ", name) for name in names]
    if len(set(printed)) == 3:
        assert read_newick(to_newick(tree, names))[0] == dict.fromkeys(printed, 2.0)


def test_the_deepest_of_trees():
    tree, names = chain(30_000), [str(i) for i in range(30_000)]
    text = to_newick(tree, names)
    assert text.startswith("(" * 29_999 + "0:1.0,1:1.0):1.0,2:2.0):1.0")
    assert text.endswith(",29999:29999.0):0.0;")
    nested = to_nested(tree, names)
    assert nested.count("{") == nested.count("}") == 59_999
    assert nested.endswith('{"name": "29998"}]},{"name": "29999"}]}')


@pytest.mark.parametrize("write", [to_newick, to_nested])
@pytest.mark.parametrize("n", [0, 2, 4])
def test_another_number_of_names_is_refused(write, n):
    with pytest.raises(ParameterError, match=f"{n} names for 3 pictures"):
        write(tree_of([[0, 1, 1, 2], [2, 3, 2, 3]]), ["x"] * n)
