import numpy as np
import pytest

from imgcluster.errors import ParameterError
from imgcluster.finding import hash_duplicates
from imgcluster.finding.hash_duplicates import hamming_distances, near_duplicates


def clumps(n, n_bits=64, *, seed=0, flips=3):
    """Random hashes, most of them a few bits away from one of n / 4 others."""
    rng = np.random.default_rng(seed)
    bits = rng.integers(0, 2, (max(1, n // 4), n_bits))[rng.integers(0, max(1, n // 4), n)]
    for row in bits:
        places = rng.integers(0, n_bits, rng.integers(0, flips + 1))
        row[places] = 1 - row[places]
    return bits.reshape(n, n_bits).astype(np.float32)


def brute_force(bits, max_distance, owners=None):
    """Every pair in turn, and then whoever can be reached."""
    owners = range(len(bits)) if owners is None else [int(owner) for owner in owners]
    linked = {owner: {owner} for owner in owners}
    numbers = [int("".join(f"{bit:.0f}" for bit in row), base=2) for row in bits]
    for i, first in enumerate(numbers):
        for j, second in enumerate(numbers):
            if (first ^ second).bit_count() <= max_distance:
                linked[owners[i]].add(owners[j])
    groups, seen = [], set()
    for owner in sorted(linked):
        reached, waiting = set(), [owner]
        while waiting:
            here = waiting.pop()
            if here not in reached:
                reached.add(here)
                waiting.extend(linked[here])
        if owner not in seen and len(reached) > 1:
            groups.append(sorted(reached))
        seen |= reached
    return groups


def as_lists(groups):
    return [group.tolist() for group in groups]


@pytest.mark.parametrize("n", [0, 1, 2, 3, 50, 300])
@pytest.mark.parametrize("max_distance", [0, 4])
def test_equals_brute_force(n, max_distance, monkeypatch):
    bits = clumps(n, seed=n)
    expected = brute_force(bits, max_distance)
    assert as_lists(near_duplicates(bits, max_distance)) == expected
    assert n < 300 or len(expected) > 20
    monkeypatch.setattr(hash_duplicates, "_BLOCK_CELLS", 70)  # many small blocks, some of one row
    assert as_lists(near_duplicates(bits, max_distance)) == expected


@pytest.mark.parametrize("n_bits", [1, 7, 42, 64, 65, 196, 1024])
def test_any_number_of_bits(n_bits):
    bits = clumps(40, n_bits, flips=2)
    assert as_lists(near_duplicates(bits, 1)) == brute_force(bits, 1)


@pytest.mark.parametrize("n", [0, 1, 2, 3, 50, 300])
@pytest.mark.parametrize("n_bits", [8, 64])
def test_all_identical(n, n_bits):
    groups = near_duplicates(np.ones((n, n_bits), dtype=np.float32), 0)
    assert as_lists(groups) == ([list(range(n))] if n > 1 else [])


def test_one_chain_is_one_group_though_its_ends_differ():
    bits = np.tril(np.ones((9, 8)), -1)  # each one bit further than the one before
    assert as_lists(near_duplicates(bits, 1)) == [list(range(9))]
    assert near_duplicates(bits, 0) == ()


def test_everything_is_near_at_the_largest_distance():
    assert as_lists(near_duplicates(clumps(30), 64)) == [list(range(30))]


def test_groups_are_ordered_and_of_indices():
    bits = np.array([[1, 1, 1], [0, 0, 0], [1, 0, 1], [0, 0, 0], [1, 1, 1]], dtype=bool)
    groups = near_duplicates(bits, 0)
    assert as_lists(groups) == [[0, 4], [1, 3]]
    assert all(group.dtype == np.int64 for group in groups)


def test_one_pair_of_several_hashes_is_enough():
    bits = clumps(60, seed=3)
    owners = np.random.default_rng(1).integers(0, 40, 60) * 2  # some images have none
    for max_distance in (0, 3):
        assert as_lists(near_duplicates(bits, max_distance, owners=owners)) == brute_force(bits, max_distance, owners)


def test_two_hashes_of_one_image_make_no_group():
    assert near_duplicates(np.zeros((3, 8)), 0, owners=np.array([5, 5, 5])) == ()


def test_distances_equal_counting():
    bits = clumps(25, 42)
    expected = [sum(a != b for a, b in zip(row, bits[3], strict=True)) for row in bits]
    distances = hamming_distances(bits, bits[3])
    assert distances.tolist() == expected
    assert distances.dtype == np.int64
    assert distances.tolist() == np.square(bits - bits[3]).sum(axis=1).tolist()
    assert hamming_distances(bits[:0], bits[3]).shape == (0,)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: near_duplicates(np.zeros((2, 8)), -1), "max_distance=-1 should be 0 or more"),
        (lambda: near_duplicates(np.zeros(8), 1), r"shape \(8,\)"),
        (lambda: near_duplicates(np.zeros((2, 8)), 1, owners=np.array([0])), "The 2 hashes need as many owners"),
        (lambda: near_duplicates(np.zeros((2, 8)), 1, owners=np.array([0, -1])), "each 0 or more"),
        (lambda: hamming_distances(np.zeros((2, 8)), np.zeros(7)), r"shape \(7,\) cannot be compared with 8 bits"),
    ],
)
def test_what_makes_no_sense_is_said(call, message):
    with pytest.raises(ParameterError, match=message):
        call()
