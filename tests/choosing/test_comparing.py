"""Two clusterings side by side, against scikit-learn, against loops, and against trying every matching."""

from itertools import combinations, permutations

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

from imgcluster.choosing.changes import Change
from imgcluster.choosing.comparing import compare, folder_labels, in_words
from imgcluster.errors import ParameterError


def labelings(**sizes: int) -> tuple[np.ndarray, np.ndarray]:
    """Return two labelings of images that are given as ``in_0_and_1=5``; "none" stands for noise."""
    first, second = [], []
    for way, size in sizes.items():
        one, other = (-1 if end == "none" else int(end) for end in way.removeprefix("in_").split("_and_"))
        first += [one] * size
        second += [other] * size
    order = np.random.default_rng(0).permutation(len(first))
    return np.array(first)[order], np.array(second)[order]


def said(*, first_names=None, second_names=None, **sizes: int) -> str:
    return in_words(compare(*labelings(**sizes)), first_names=first_names, second_names=second_names)


def related(seed: int, *, n_images: int = 200) -> tuple[np.ndarray, np.ndarray]:
    """Return two labelings with numbers of their own, some noise, and a part in which they agree."""
    generator = np.random.default_rng(seed)
    k, other_k = generator.integers(1, 6, 2)
    first = generator.integers(-1, k, n_images)
    second = generator.permutation(8)[first]
    strange = generator.random(n_images) < generator.random()
    second[strange] = generator.integers(-1, other_k, strange.sum())
    return first, second


def noise_apart(labels: np.ndarray) -> list[object]:
    return [("alone", i) if label == -1 else label for i, label in enumerate(labels.tolist())]


@pytest.mark.parametrize("seed", range(20))
def test_the_table_and_what_changed_are_those_of_loops(seed):
    first, second = related(seed)
    comparison = compare(first, second)
    rows, columns = comparison.row_labels.tolist(), comparison.column_labels.tolist()
    assert set(rows) == set(first.tolist()) and set(columns) == set(second.tolist())
    for labels in (rows, columns):
        assert labels == sorted(labels, key=lambda label: (label < 0, label)), "noise is last"
    for i, row in enumerate(rows):
        for j, column in enumerate(columns):
            expected = sum(pair == (row, column) for pair in zip(first.tolist(), second.tolist(), strict=True))
            assert comparison.table[i, j] == expected
    counterpart = {row: columns[j] if j >= 0 else None for row, j in zip(rows, comparison.matching, strict=True)}
    changed = [i for i in range(len(first)) if counterpart[first[i]] != second[i]]
    assert comparison.changed.tolist() == changed
    assert comparison.agreement == pytest.approx(1 - len(changed) / len(first))
    assert comparison.n_images == len(first)


@pytest.mark.parametrize("seed", range(20))
def test_no_matching_keeps_more_images(seed):
    comparison = compare(*related(seed))
    clusters = comparison.table[np.ix_(comparison.row_labels >= 0, comparison.column_labels >= 0)]
    if clusters.shape[0] > clusters.shape[1]:
        clusters = clusters.T
    best = max(
        sum(clusters[i, j] for i, j in enumerate(columns))
        for columns in permutations(range(clusters.shape[1]), clusters.shape[0])
    )
    pairs = [(i, j) for i, j in enumerate(comparison.matching) if j >= 0]
    assert len({j for _, j in pairs}) == len(pairs)
    kept = [(i, j) for i, j in pairs if comparison.row_labels[i] >= 0]
    assert sum(comparison.table[i, j] for i, j in kept) == best
    assert all(comparison.table[i, j] for i, j in pairs), "nothing in common is no counterpart"
    for i, j in pairs:
        assert (comparison.row_labels[i] < 0) == (comparison.column_labels[j] < 0), "noise goes with noise alone"


@pytest.mark.parametrize("seed", range(10))
def test_without_noise_the_measures_are_those_of_scikit_learn(seed):
    first, second = (np.abs(labels) for labels in related(seed))
    comparison = compare(first, second)
    assert comparison.ari == pytest.approx(adjusted_rand_score(first, second))
    assert comparison.nmi == pytest.approx(normalized_mutual_info_score(first, second))


def ari_in_loops(first: list[object], second: list[object]) -> float:
    """Return the adjusted Rand index by counting all pairs of images."""
    pairs = list(combinations(range(len(first)), 2))
    both = sum(first[i] == first[j] and second[i] == second[j] for i, j in pairs)
    one, other = (sum(labels[i] == labels[j] for i, j in pairs) for labels in (first, second))
    expected = one * other / len(pairs)
    return (both - expected) / ((one + other) / 2 - expected)


@pytest.mark.parametrize("seed", [1, 3, 5])
def test_each_image_of_the_noise_stands_alone(seed):
    first, second = related(seed, n_images=60)
    assert (first == -1).any() and (second == -1).any()
    assert compare(first, second).ari == pytest.approx(ari_in_loops(noise_apart(first), noise_apart(second)))


def test_two_that_lack_each_others_groups_as_noise_do_not_agree():
    comparison = compare(*labelings(in_0_and_0=50, in_1_and_none=50))
    assert comparison.agreement == 0.5 and comparison.ari < 0.9, "as one group, the noise would make them the same"


@pytest.mark.parametrize("seed", range(10))
def test_the_other_way_round(seed):
    first, second = related(seed)
    there, back = compare(first, second), compare(second, first)
    np.testing.assert_array_equal(there.table, back.table.T)
    assert there.ari == pytest.approx(back.ari) and there.nmi == pytest.approx(back.nmi)
    assert there.agreement == pytest.approx(back.agreement)


@pytest.mark.parametrize("seed", range(10))
def test_numbers_mean_nothing(seed):
    first, second = related(seed)
    renumbered = np.where(second < 0, -1, 50 - 3 * second)
    before, after = compare(first, second), compare(first, renumbered)
    assert after.ari == pytest.approx(before.ari) and after.agreement == before.agreement
    kinds = [(change.kind, change.before, change.n_images) for change in before.changes]
    assert sorted(kinds) == sorted((change.kind, change.before, change.n_images) for change in after.changes)


def test_changes_are_named_as_each_side_names_them():
    comparison = compare(*labelings(in_0_and_4=30, in_1_and_2=20, in_1_and_0=15, in_2_and_1=40, in_0_and_1=6))
    assert comparison.changes == (
        Change(kind="split", before=(1,), after=(0, 2), n_images=35),
        Change(kind="move", before=(0,), after=(1,), n_images=6),
    )


def test_the_result_is_read_only_and_always_the_same():
    first, second = related(4)
    comparison, again = compare(first, second), compare(first, second)
    for name in ("table", "row_labels", "column_labels", "matching", "changed"):
        array = getattr(comparison, name)
        np.testing.assert_array_equal(array, getattr(again, name))
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


@pytest.mark.parametrize("labels", [[0], [-1], [0, 0], [0, 1], [2, 2, 2], [0, 1, 2], [-1, 0, -1], list(range(50))])
def test_the_same_twice(labels):
    comparison = compare(np.array(labels), np.array(labels))
    assert (comparison.ari, comparison.nmi, comparison.agreement) == (1, 1, 1)
    assert len(comparison.changed) == 0 and comparison.changes == ()


def test_next_to_nothing():
    assert compare(np.array([0]), np.array([7])).agreement == 1
    lonely = compare(np.array([0]), np.array([-1]))
    assert lonely.agreement == 0 and lonely.matching.tolist() == [-1]
    nobody = compare(np.array([0, 0]), np.array([0, 1]))
    assert nobody.agreement == 0.5 and nobody.matching.tolist() == [0]


@pytest.mark.parametrize(
    ("first", "second", "error"),
    [
        (np.array([], int), np.array([], int), "0 pictures"),
        (np.zeros(3, int), np.zeros(4, int), "3 and 4 pictures"),
        (np.array([0.0, np.nan]), np.zeros(2, int), "whole numbers"),
        (np.arange(2001), np.arange(2001), "2,001 groups and 2,001 groups"),
    ],
)
def test_what_cannot_be_compared(first, second, error):
    with pytest.raises(ParameterError, match=error) as caught:
        compare(first, second)
    assert caught.value.hint


def test_two_thousand_groups_can_be_compared():
    assert compare(np.arange(2000), np.arange(2000)[::-1]).agreement == 1


def test_the_same_groups_in_words():
    assert said(in_0_and_3=5, in_1_and_0=7, in_none_and_none=2) == "Both have the same groups."
    assert said(in_0_and_3=5) == "Both put all pictures into one group."
    assert said(in_none_and_none=5) == "Both leave every picture without a group."


def test_one_group_against_several_in_words():
    assert said(in_0_and_0=5, in_0_and_1=5) == "The first puts all pictures into one group, the second has 2 groups."
    assert said(in_0_and_none=5, in_1_and_none=5) == (
        "The first has 2 groups, the second leaves every picture without a group."
    )
    assert said(in_0_and_0=5, in_0_and_none=5) == "The first puts all pictures into one group, the second has 1 group."


def test_close_agreement_in_words():
    assert said(in_0_and_1=485, in_1_and_0=493, in_0_and_0=12, in_1_and_1=10) == (
        "The two agree closely: on 98 % of the pictures. "
        "12 pictures of group 1 of the first are in group 1 of the second. "
        "10 pictures of group 2 of the first are in group 2 of the second."
    )
    assert said(in_0_and_1=490, in_1_and_0=500, in_0_and_0=9) == "The two agree closely: on 99 % of the pictures."


def test_a_division_in_words():
    text = said(in_0_and_0=100, in_1_and_1=100, in_2_and_2=60, in_2_and_6=40)
    assert text == (
        "The two agree for the most part: on 87 % of the pictures. "
        "Group 3 of the first is divided into groups 3 and 7 of the second."
    )
    text = said(in_0_and_0=100, in_1_and_1=100, in_2_and_2=60, in_6_and_2=40)
    assert text.endswith("Groups 3 and 7 of the first are together in group 3 of the second.")


def test_a_finer_clustering_in_words():
    parts = {f"in_{i // 3}_and_{i}": 20 for i in range(12)}
    assert said(**parts).startswith("The second divides the groups of the first further: they agree on 33 % of")
    turned = {f"in_{i}_and_{i // 3}": 20 for i in range(12)}
    assert said(**turned).startswith("The first divides the groups of the second further: they agree on 33 % of")
    everywhere = {f"in_{i}_and_{j}": 20 for i in range(2) for j in range(8)}
    assert said(**everywhere) == "The two agree on 12 % of the pictures, hardly more than by chance."


def test_partial_agreement_in_words():
    text = said(in_0_and_0=70, in_0_and_1=30, in_1_and_1=75, in_1_and_0=25)
    assert text.startswith("The two agree in part: on 72 % of the pictures. 30 pictures of group 1 of the first are in")


def test_noise_in_words():
    assert said(in_0_and_0=99, in_0_and_none=1, in_1_and_1=98, in_none_and_1=2) == (
        "The two agree closely: on 98 % of the pictures. 1 picture has a group in the first and none in the second. "
        "2 pictures have a group in the second and none in the first."
    )


def test_names_in_words():
    ways = {"in_0_and_0": 100, "in_1_and_1": 100, "in_2_and_2": 60, "in_2_and_6": 40}
    assert said(first_names=["cats", "dogs", "red cars"], **ways).endswith(
        "“red cars” is divided into groups 3 and 7 of the second."
    )
    assert said(second_names=list("abcdefg"), **ways).endswith("Group 3 of the first is divided into “c” and “g”.")
    numbered = [f"Group {i + 1}" for i in range(7)]
    assert said(first_names=numbered, second_names=numbered, **ways) == said(**ways)
    numbered[2] = "red cars"
    assert said(second_names=numbered, **ways).endswith("is divided into “red cars” and “Group 7” of the second.")


def test_long_lists_are_counted():
    ways = {f"in_0_and_{i}": 10 for i in range(9)} | {"in_1_and_9": 200}
    assert said(**ways).endswith("Group 1 of the first is divided into 9 groups of the second.")


def test_shares_are_neither_all_nor_nothing_before_they_are():
    assert " 99 % of" in said(in_0_and_0=9999, in_1_and_1=9999, in_0_and_1=1)
    assert compare(*labelings(in_0_and_0=9999, in_0_and_1=1)).percent == 99
    assert compare(*labelings(in_0_and_0=9999)).percent == 100
    noise_against_groups = said(in_0_and_none=300, in_1_and_none=299, in_none_and_0=400, in_1_and_1=1)
    assert noise_against_groups.startswith("The two agree on 1 % of the pictures, hardly more than by chance.")


FOLDERS = [
    (["cats/1.jpg", "cats/2.jpg", "dogs/1.jpg"], [0, 0, 1], ("cats", "dogs")),
    (["all/pets/cats/1.jpg", "all/pets/dogs/1.jpg"], [0, 1], ("cats", "dogs")),
    (["a/x/1.jpg", "b/y/2.jpg", "b/z/3.jpg"], [0, 1, 1], ("a", "b")),
    (["1.jpg", "b/2.jpg", "a/3.jpg", "b/c/4.jpg"], [-1, 0, 1, 0], ("b", "a")),
    (["1.jpg", "a/2.jpg", "a/x/3.jpg", "a/y/4.jpg"], [-1, -1, 0, 1], ("x", "y")),
    (["a/x/1.jpg", "b/x/2.jpg"], [0, 1], ("a", "b")),
]


@pytest.mark.parametrize(("paths", "labels", "names"), FOLDERS)
def test_folders_as_groups(paths, labels, names):
    found, found_names = folder_labels(paths)
    assert found.tolist() == labels and found.dtype == np.int32 and found_names == names


@pytest.mark.parametrize("paths", [[], ["1.jpg"], ["1.jpg", "2.jpg"], ["a/1.jpg", "a/b/2.jpg"], ["1.jpg", "a/2.jpg"]])
def test_one_folder_is_nothing_to_compare_with(paths):
    assert folder_labels(paths) is None
