import math

import numpy as np
import pytest

from imgcluster.features.combining import combine_vectors

SCALINGS = ("hellinger", "l2", "none")
WEIGHTS = (1.0, 0.3, 5.0)


@pytest.fixture
def blocks():
    rng = np.random.default_rng(0)
    scales = ((3, 1000.0), (1, 1.0), (7, 1e-4))
    return [(rng.normal(size=(9, d)) * scale).astype(np.float32) for d, scale in scales]


def unit(row):
    length = math.sqrt(sum(x * x for x in row))
    return [x / length if length else 0.0 for x in row]


def explicit(blocks, scalings, weights):
    """One number at a time."""
    rows = []
    for index in range(len(blocks[0])):
        row = []
        for block, scaling, weight in zip(blocks, scalings, weights, strict=True):
            numbers = [float(x) for x in block[index]]
            if scaling == "hellinger":
                numbers = [math.copysign(math.sqrt(abs(x)), x) for x in numbers]
            row += [x * math.sqrt(weight / sum(weights)) for x in unit(numbers)]
        rows.append(row)
    return np.array(rows)


def test_equals_the_explicit_loop(blocks):
    joined = combine_vectors(blocks, scalings=SCALINGS, weights=WEIGHTS)
    np.testing.assert_allclose(joined, explicit(blocks, SCALINGS, WEIGHTS), atol=1e-6)
    assert joined.shape == (9, 11) and joined.dtype == np.float32 and not joined.flags.writeable


def test_rows_have_unit_length(blocks):
    joined = combine_vectors(blocks, scalings=SCALINGS, weights=WEIGHTS)
    np.testing.assert_allclose(np.linalg.norm(joined, axis=1), 1, atol=1e-6)


def test_squared_distances_add_up_by_weight(blocks):
    def squared_distances(block, scaling):
        rows = np.array([unit(row) for row in explicit([block], [scaling], [1.0])])
        return np.square(rows[:, None] - rows[None]).sum(axis=2)

    joined = combine_vectors(blocks, scalings=SCALINGS, weights=WEIGHTS).astype(np.float64)
    found = np.square(joined[:, None] - joined[None]).sum(axis=2)
    each = [weight * squared_distances(*pair) for *pair, weight in zip(blocks, SCALINGS, WEIGHTS, strict=True)]
    np.testing.assert_allclose(found, sum(each) / sum(WEIGHTS), atol=1e-5)


def test_only_the_ratio_of_the_weights_counts(blocks):
    once = combine_vectors(blocks, scalings=SCALINGS, weights=WEIGHTS)
    tenfold = combine_vectors(blocks, scalings=SCALINGS, weights=[10 * weight for weight in WEIGHTS])
    np.testing.assert_allclose(once, tenfold, atol=1e-7)


def test_a_block_of_zeros_stays_zero_and_the_others_keep_their_share(blocks):
    blocks[0][2] = 0
    joined = combine_vectors(blocks, scalings=SCALINGS, weights=WEIGHTS)
    assert not joined[2, :3].any()
    assert np.linalg.norm(joined[2]) == pytest.approx(math.sqrt(5.3 / 6.3), abs=1e-6)
    assert np.linalg.norm(joined[3]) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("n_images", [0, 1])
def test_hardly_any_images(n_images):
    joined = combine_vectors([np.ones((n_images, 4), np.float32)] * 2, scalings=["l2", "none"], weights=[1, 1])
    np.testing.assert_allclose(joined, np.full((n_images, 8), math.sqrt(1 / 8)), atol=1e-7)


def test_a_row_depends_on_its_image_alone(blocks):
    joined = combine_vectors(blocks, scalings=SCALINGS, weights=WEIGHTS)
    alone = combine_vectors([block[4:5] for block in blocks], scalings=SCALINGS, weights=WEIGHTS)
    np.testing.assert_array_equal(joined[4:5], alone)


def test_the_blocks_stay_as_they_are(blocks):
    before = [block.copy() for block in blocks]
    combine_vectors(blocks, scalings=SCALINGS, weights=WEIGHTS)
    assert all(np.array_equal(block, copy) for block, copy in zip(blocks, before, strict=True))


def test_more_rows_than_fit_into_one_block_of_work():
    block = np.random.default_rng(1).normal(size=(9000, 2)).astype(np.float32)
    joined = combine_vectors([block, block], scalings=["l2", "l2"], weights=[3, 1])
    lengths = np.linalg.norm(joined.reshape(9000, 2, 2), axis=2)
    np.testing.assert_allclose(lengths, np.tile(np.sqrt([0.75, 0.25]), (9000, 1)), atol=1e-6)
