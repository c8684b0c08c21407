"""One k by itself: the scores that a scan finds, and what is kept for the next k."""

import dataclasses
import threading

import numpy as np
import pytest
from some_rows import SCALES, blobs, unit_rows

from imgcluster.choosing import one_k
from imgcluster.choosing.one_k import KScore, prepare_scan, score_k, score_one
from imgcluster.choosing.scan import scan_k
from imgcluster.errors import Cancelled
from imgcluster.grouping.clustering import kmeans_series

SPACES = {"A": (blobs(40), None), "B": (unit_rows(30, zero=1), SCALES)}
KS = (1, 2, 5)


@pytest.fixture
def prepared(monkeypatch):
    """Return the numbers of rows that were prepared, in their order; nothing is kept at the start."""
    sizes = []

    def prepare(points, *others):
        sizes.append(len(points))
        return prepare_scan(points, *others)

    monkeypatch.setattr(one_k, "prepare_scan", prepare)
    monkeypatch.setattr(one_k, "_prepared", {})
    return sizes


def scores(name, *, n_references=2, random_state=0):
    points, scales = SPACES[name]
    series = kmeans_series(points, max(KS))
    options = (scales, n_references, random_state, name)
    return [score_one(points, *options, series[k - 1], k) for k in KS]


def assert_same(found, expected):
    for one, other in zip(found, expected, strict=True):
        for field in dataclasses.fields(KScore):
            assert np.array_equal(getattr(one, field.name), getattr(other, field.name), equal_nan=True), field.name


def test_one_k_has_the_scores_of_a_scan_whatever_space_was_before(prepared):
    for name in ("A", "B", "A"):
        points, scales = SPACES[name]
        assert_same(scores(name), scan_k(points, KS, column_scales=scales, n_references=2).scores)
        assert len(one_k._prepared) == 1
    assert prepared == [40, 30, 40]  # once for all k, and anew when another space was between


def test_other_references_or_another_seed_are_prepared_anew(prepared):
    usual = scores("A")
    assert scores("A", n_references=3)[1].gap != usual[1].gap
    assert scores("A", random_state=1)[1].gap != usual[1].gap
    assert len(prepared) == 3 and len(one_k._prepared) == 1


def test_threads_that_ask_at_once_prepare_once(prepared):
    found, ask = {}, lambda number: found.update({number: scores("A")})
    threads = [threading.Thread(target=ask, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert prepared == [40]
    assert_same(found[0], found[1])
    assert_same(found[0], found[2])


@pytest.mark.parametrize(("n", "scales"), [(1, None), (3, None), (1100, SCALES)])
def test_what_is_prepared_has_the_shapes_that_are_told(n, scales):
    data = prepare_scan(np.asarray(unit_rows(n, zero=0), dtype=np.float64), scales, 12, 0, None)
    m = min(n, 1000)
    assert data.points.shape == (n, 5) and data.gap_sample.rows.shape == data.stability_sample.shape == (m, 5)
    assert len(data.boxes) == 12 and len(data.chains) == (0 if scales is None else 10)
    assert [box.distances is not None for box in data.boxes] == [scales is None] * 10 + [False] * 2
    assert all(chain.distances is not None for chain in data.chains)
    assert [[len(half.rows) for half in pair] for pair in data.halves] == [[(m + 1) // 2, max(1, m // 2)]] * 5


def test_preparing_can_be_stopped():
    stop = threading.Event()
    stop.set()
    with pytest.raises(Cancelled):
        prepare_scan(blobs(20), None, 1, 0, stop)


def test_labels_of_other_images_are_refused():
    with pytest.raises(ValueError, match=r"."):
        score_k(prepare_scan(blobs(20), None, 1, 0, None), np.zeros(19, dtype=int), 1)
