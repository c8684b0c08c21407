"""What changes from one labeling to another, against counting by hand and in loops."""

import numpy as np
import pytest

from imgcluster.choosing.changes import Change, changes_between, describe


def labeling(**sizes: int) -> tuple[np.ndarray, np.ndarray]:
    """Return before and after of images that are given as ``from_0_to_1=5``; "none" stands for noise."""
    before, after = [], []
    for way, size in sizes.items():
        old, new = (-1 if end == "none" else int(end) for end in way.removeprefix("from_").split("_to_"))
        before += [old] * size
        after += [new] * size
    order = np.random.default_rng(0).permutation(len(before))
    return np.array(before)[order], np.array(after)[order]


def change(kind: str, before: tuple[int, ...], after: tuple[int, ...], n_images: int) -> Change:
    return Change(kind=kind, before=before, after=after, n_images=n_images)


def said(**sizes: int) -> str:
    return describe(changes_between(*labeling(**sizes)))


@pytest.mark.parametrize("dtype", [np.int16, np.int64])
def test_nothing_changes(dtype):
    labels = np.array([0, 0, 1, 2, -1, 2], dtype=dtype)
    assert changes_between(labels, labels.copy()) == ()
    assert describe(()) == "Nothing changes."


def test_no_images():
    assert changes_between(np.array([]), np.array([])) == ()


def test_a_cluster_splits():
    labels = labeling(from_0_to_0=30, from_3_to_3=25, from_3_to_12=15)
    assert changes_between(*labels) == (change("split", (3,), (3, 12), 40),)
    assert describe(changes_between(*labels)) == "Group 4 splits into 4 and 13."


def test_one_becomes_two():
    assert said(from_0_to_0=6, from_0_to_1=4) == "Group 1 splits into 1 and 2."


def test_two_become_one():
    labels = labeling(from_1_to_1=20, from_6_to_1=10, from_0_to_0=5)
    assert changes_between(*labels) == (change("merge", (1, 6), (1,), 30),)
    assert describe(changes_between(*labels)) == "Groups 2 and 7 become group 2."


def test_a_split_needs_most_of_both_sides():
    # Half of cluster 1 stays with what is mostly of cluster 0: cluster 1 lies mostly nowhere of its own.
    labels = labeling(from_0_to_0=50, from_1_to_0=10, from_1_to_1=10)
    assert changes_between(*labels) == (change("move", (1,), (0,), 10),)
    # A new cluster of two halves is of neither.
    labels = labeling(from_0_to_0=50, from_1_to_1=50, from_0_to_2=10, from_1_to_2=10)
    assert changes_between(*labels) == (change("move", (0,), (2,), 10), change("move", (1,), (2,), 10))


def test_half_is_not_most():
    parts = {"from_0_to_5": 5, "from_0_to_6": 5, "from_1_to_1": 90}
    assert [one.kind for one in changes_between(*labeling(**parts, from_0_to_1=9))] == ["split", "move"]
    assert [one.kind for one in changes_between(*labeling(**parts, from_0_to_1=10))] == ["move"] * 3


def test_stray_images_do_not_hide_a_split():
    labels = labeling(from_0_to_0=60, from_0_to_2=40, from_1_to_2=3, from_1_to_1=100, from_0_to_1=5)
    assert changes_between(*labels) == (
        change("split", (0,), (0, 2), 100),
        change("move", (0,), (1,), 5),
        change("move", (1,), (2,), 3),
    )


def test_several_at_once_with_the_largest_first():
    labels = labeling(
        from_0_to_0=20, from_0_to_5=20, from_1_to_1=50, from_2_to_1=30, from_3_to_3=100, from_3_to_4=11, from_4_to_4=90
    )
    assert changes_between(*labels) == (
        change("merge", (1, 2), (1,), 80),
        change("split", (0,), (0, 5), 40),
        change("move", (3,), (4,), 11),
    )
    assert describe(changes_between(*labels)) == (
        "Groups 2 and 3 become group 2. Group 1 splits into 1 and 6. 11 pictures go from group 4 to group 5."
    )


@pytest.mark.parametrize(
    ("n_moved", "n_stay", "told"),
    [(1, 10, False), (2, 10, True), (2, 98, True), (2, 99, False), (5, 245, True), (5, 246, False)],
)
def test_moves_that_are_worth_a_word(n_moved, n_stay, told):
    labels = labeling(from_0_to_0=n_stay, from_0_to_1=n_moved, from_1_to_1=10 * n_stay)
    assert changes_between(*labels) == ((change("move", (0,), (1,), n_moved),) if told else ())


def test_noise_is_never_a_part():
    assert changes_between(*labeling(from_0_to_0=20, from_0_to_none=20)) == (change("move", (0,), (-1,), 20),)
    assert changes_between(*labeling(from_none_to_0=20, from_none_to_1=20)) == (
        change("move", (-1,), (0,), 20),
        change("move", (-1,), (1,), 20),
    )
    assert changes_between(*labeling(from_0_to_0=20, from_none_to_0=15)) == (change("move", (-1,), (0,), 15),)


def test_noise_in_words():
    assert said(from_0_to_0=20, from_0_to_none=12) == "12 pictures go from group 1 to no group."
    assert said(from_none_to_0=1200, from_0_to_0=5) == "1,200 pictures go from no group to group 1."


def test_four_changes_are_three_sentences():
    text = said(**{f"from_{i}_to_{i}": 40 for i in range(5)}, **{f"from_{i}_to_{i + 1}": 10 + i for i in range(4)})
    assert text == (
        "13 pictures go from group 4 to group 5. 12 pictures go from group 3 to group 4. "
        "11 pictures go from group 2 to group 3, and smaller changes."
    )


def test_names_that_somebody_gave():
    names = {0: "red cars", 1: "group photos", 2: "group 3", 3: "Group 4"}
    split = change("split", (0,), (0, 2), 9)
    assert describe((split,), name=names.get) == "Red cars splits into red cars and group 3."
    assert describe((change("merge", (0, 1, 2), (1,), 9),), name=names.get) == (
        "Red cars, group photos and group 3 become group photos."
    )
    assert describe((change("merge", (2, 3), (2,), 9),), name=names.get) == "Groups 3 and 4 become group 3."


def test_long_lists_are_counted():
    assert describe((change("split", (0,), tuple(range(6)), 9),)) == "Group 1 splits into 1, 2, 3, 4, 5 and 6."
    assert describe((change("split", (0,), tuple(range(29)), 9),)) == "Group 1 splits into 29 groups."
    assert describe((change("merge", tuple(range(29)), (0,), 9),)) == "29 groups become group 1."


def in_loops(before: np.ndarray, after: np.ndarray) -> set[Change]:
    """Do the same slowly, word by word from the definition."""
    before, after = before.tolist(), after.tolist()

    def count(old: int, new: int) -> int:
        return sum(pair == (old, new) for pair in zip(before, after, strict=True))

    found, explained = set(), set()
    for old in set(before) - {-1}:
        parts = [new for new in set(after) - {-1} if count(old, new) > after.count(new) / 2]
        inside = sum(count(old, new) for new in parts)
        if len(parts) >= 2 and inside > before.count(old) / 2:
            found.add(change("split", (old,), tuple(sorted(parts)), inside))
            explained |= {(old, new) for new in parts}
    for new in set(after) - {-1}:
        parts = [old for old in set(before) - {-1} if count(old, new) > before.count(old) / 2]
        inside = sum(count(old, new) for old in parts)
        if len(parts) >= 2 and inside > after.count(new) / 2:
            found.add(change("merge", tuple(sorted(parts)), (new,), inside))
            explained |= {(old, new) for old in parts}
    for old, new in set(zip(before, after, strict=True)) - explained:
        least = max(2, 0.02 * min(before.count(old), after.count(new)))
        if old != new and count(old, new) >= least:
            found.add(change("move", (old,), (new,), count(old, new)))
    return found


def random_labelings(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Send each cluster to two others, in uneven parts, and some images anywhere."""
    generator = np.random.default_rng(seed)
    n_images = int(generator.integers(1, 300))
    before = generator.integers(-1, generator.integers(1, 7), n_images)
    ways = generator.integers(-1, 8, size=(8, 2))
    after = ways[before, (generator.random(n_images) < generator.random()).astype(int)]
    stray = generator.random(n_images) < 0.1
    after[stray] = generator.integers(-1, 8, stray.sum())
    return before, after


@pytest.mark.parametrize("seed", range(60))
def test_random_labelings(seed):
    before, after = random_labelings(seed)
    found = changes_between(before, after)
    assert set(found) == in_loops(before, after) and len(set(found)) == len(found)
    sizes = [one.n_images for one in found]
    assert sizes == sorted(sizes, reverse=True)

    turned = {"split": "merge", "merge": "split", "move": "move"}
    back = {change(turned[one.kind], one.after, one.before, one.n_images) for one in found}
    assert set(changes_between(after, before)) == back


def test_the_random_labelings_show_every_kind():
    """Otherwise the comparison above would say little."""
    found = [one.kind for seed in range(60) for one in in_loops(*random_labelings(seed))]
    assert min(found.count(kind) for kind in ("split", "merge", "move")) >= 10
