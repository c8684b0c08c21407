"""Groups of copies from given pairs: the slider, "not the same", the best and its reason."""

import itertools

import numpy as np
import pytest
from some_looks import files, given_pairs, plain_looks

from imgcluster.errors import ParameterError
from imgcluster.finding.copies.groups import group_copies
from imgcluster.finding.copies.pairs import EXACT, NEAR, PIXELS


def groups_of(links, n, **options):
    names = options.pop("names", [f"{place}.jpg" for place in range(n)])
    sizes = options.pop("sizes", None)
    looks = plain_looks(n, **{key: options.pop(key) for key in ("widths", "heights", "sharpness") if key in options})
    pairs = given_pairs(links, n, dated=options.pop("dated", ()))
    return group_copies(pairs, looks, images=files(*names, sizes=sizes), **options)


def test_the_slider_decides_which_pairs_count():
    links = [(0, 1, NEAR, 0.95), (2, 3, NEAR, 0.85), (4, 5, PIXELS, 1.0)]
    assert [sorted(group.images) for group in groups_of(links, 7)] == [[0, 1], [4, 5]]
    assert [sorted(group.images) for group in groups_of(links, 7, near=0.8)] == [[0, 1], [2, 3], [4, 5]]
    assert [sorted(group.images) for group in groups_of(links, 7, near=1)] == [[4, 5]]
    with pytest.raises(ParameterError, match=r"near=1\.1 should be from 0 to 1"):
        groups_of(links, 7, near=1.1)


@pytest.mark.parametrize("n", [0, 1, 2])
def test_where_there_are_no_pairs_there_are_no_groups(n):
    assert groups_of([], n, not_same=(), keep=range(n)) == ()


def test_a_chain_is_as_strong_as_its_weakest_link():
    links = [(0, 1, NEAR, 0.98), (0, 2, NEAR, 0.7), (1, 2, NEAR, 0.92), (2, 3, NEAR, 0.95)]
    (group,) = groups_of(links, 4)
    assert group.images == (0, 1, 2, 3) and group.similarity == pytest.approx(0.92)
    # The first and the third were compared, which says more; the first and the last were not.
    assert group.similarities == pytest.approx((1, 0.98, 0.7, 0.92)) and group.kinds == (EXACT, NEAR, NEAR, NEAR)
    assert [group.images for group in groups_of(links, 4, near=0.93)] == [(0, 1), (2, 3)]


def test_kinds_are_those_of_the_way_to_the_best():
    links = [(0, 1, EXACT, 1.0), (0, 2, PIXELS, 1.0), (2, 3, EXACT, 1.0), (0, 4, NEAR, 0.95)]
    (group,) = groups_of(links, 5, widths=[50, 50, 50, 50, 90])
    assert group.images == (4, 0, 1, 2, 3) and group.kinds == (EXACT, NEAR, NEAR, NEAR, NEAR)
    assert group.similarities == pytest.approx((1, 0.95, 0.95, 0.95, 0.95))
    (group,) = groups_of(links[:-1], 5)
    assert dict(zip(group.images, group.kinds, strict=True)) == {0: EXACT, 1: EXACT, 2: PIXELS, 3: PIXELS}


def test_what_is_not_the_same_is_kept_apart_also_where_others_link_it():
    links = [(0, 1, NEAR, 0.97), (1, 2, NEAR, 0.95), (0, 2, NEAR, 0.99), (2, 3, NEAR, 0.96)]
    assert [sorted(group.images) for group in groups_of(links, 4)] == [[0, 1, 2, 3]]
    # The link of 0 and 2 is gone, and of those that remain the one of 1 and 2 is the weakest.
    assert [sorted(group.images) for group in groups_of(links, 4, not_same=[(2, 0)])] == [[0, 1], [2, 3]]
    assert [sorted(group.images) for group in groups_of(links, 4, not_same=[(0, 2), (0, 1)])] == [[1, 2, 3]]


def test_what_is_said_of_a_file_holds_for_others_with_its_content():
    links = [(0, 1, EXACT, 1.0), (0, 2, NEAR, 0.97), (2, 3, EXACT, 1.0)]
    assert [sorted(group.images) for group in groups_of(links, 4, not_same=[(1, 3)])] == [[0, 1], [2, 3]]
    assert [sorted(group.images) for group in groups_of(links, 4, not_same=[(0, 1)])] == [[0, 1, 2, 3]]


def explicit_groups(links, n, near, not_same):
    """Join the strongest first, unless somebody in the one group must not meet somebody in the other."""
    group_of = {image: frozenset([image]) for image in range(n)}
    for first, second, kind, similarity in sorted(links, key=lambda link: (-np.float32(link[3]), link[2], link[:2])):
        one, other = group_of[first], group_of[second]
        apart = any({a, b} in map(set, not_same) for a, b in itertools.product(one, other))
        if (similarity >= near or kind < NEAR) and not apart:
            group_of |= dict.fromkeys(one | other, one | other)
    return sorted(sorted(group) for group in set(group_of.values()) if len(group) > 1)


@pytest.mark.parametrize("seed", range(30))
def test_groups_equal_those_joined_one_pair_after_the_other(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 25))
    every = list(itertools.combinations(range(n), 2))
    chosen = rng.choice(len(every), min(len(every), 2 * n), replace=False)
    links = [(*every[pair], NEAR, float(rng.integers(80, 100)) / 100) for pair in chosen]
    not_same = [every[pair] for pair in rng.choice(len(every), min(len(every), int(rng.integers(0, 9))), replace=False)]
    found = groups_of(links, n, near=0.85, not_same=not_same)
    assert [sorted(group.images) for group in found] == explicit_groups(links, n, 0.85, not_same)
    assert found == groups_of(links, n, near=0.85, not_same=[pair[::-1] for pair in reversed(not_same)])
    for group in found:
        assert group.similarity >= np.float32(0.85) and group.best == group.images[0] and group.kept == (group.best,)


PAIR = [(0, 1, NEAR, 0.95)]
SAME = [(0, 1, PIXELS, 1.0)]


@pytest.mark.parametrize(
    ("links", "options", "best", "reason"),
    [
        (
            PAIR,
            {"widths": [1024, 4000], "heights": [768, 3000]},
            1,
            "most pixels: 4,000 x 3,000 against 1,024 x 768",
        ),
        (PAIR, {"sizes": [900_000, 2_100_000]}, 1, "as many pixels, and compressed less: 2.1 MB against 900 KB"),
        (PAIR, {"sharpness": [0.4, 0.61]}, 1, "as many pixels, and sharper: 0.61 against 0.40"),
        (PAIR, {"dated": [1]}, 1, "as many pixels, and the file says when it was taken"),
        (PAIR, {"names": ["a (1).jpg", "a.jpg"]}, 1, 'as many pixels, and "a (1).jpg" is named like a copy'),
        (PAIR, {}, 0, "as many pixels and bytes; it is the first in the list"),
        # A PNG that was made of a JPEG is larger, and holds no more.
        (SAME, {"sizes": [5000, 900]}, 1, "the same pixels in a smaller file: 900 bytes against 5,000 bytes"),
        (SAME, {"sizes": [5000, 900], "dated": [0]}, 0, "the same pixels, and the file says when it was taken"),
        (PAIR, {"widths": [50, 99], "keep": [0]}, 0, "you chose it"),
    ],
)
def test_the_best_and_why(links, options, best, reason):
    (group,) = groups_of(links, 2, **options)
    assert (group.best, group.reason) == (best, reason)


def test_all_that_the_user_chose_are_kept():
    links = [(0, 1, NEAR, 0.95), (1, 2, NEAR, 0.95)]
    (group,) = groups_of(links, 4, widths=[10, 20, 30, 40], keep=[0, 1, 3])
    assert group.images == (1, 0, 2) and group.kept == (1, 0) and group.reason == "you chose it"


def test_many_files_with_one_content():
    n = 5000
    (group,) = groups_of([(0, place, EXACT, 1.0) for place in range(1, n)], n, keep=[7])
    assert group.best == 7 and sorted(group.images) == list(range(n)) and set(group.kinds) == {EXACT}
    assert group.similarity == 1
