"""What a scan scores, keeps, delivers and leaves out; its scores themselves are tested in test_scan_scores.py."""

import dataclasses
import threading

import numpy as np
import pytest
from sklearn import metrics
from some_rows import SCALES, blobs, noise, unit_rows

from imgcluster.choosing import scan as module
from imgcluster.choosing.one_k import KScore
from imgcluster.choosing.scan import scan_k
from imgcluster.errors import Cancelled, ParameterError
from imgcluster.grouping.clustering import kmeans_series

pytestmark = pytest.mark.filterwarnings("error")

NAMES = [field.name for field in dataclasses.fields(KScore)]
RANDOM = ["silhouette_reference", "silhouette_reference_std", "gap", "gap_error", "stability", "stability_std"]


def assert_same(a, b, names=NAMES):
    for one, other in zip(a.scores, b.scores, strict=True):
        for name in names:
            assert np.asarray(getattr(one, name)).tobytes() == np.asarray(getattr(other, name)).tobytes(), name
    assert a.labels.tobytes() == b.labels.tobytes()


# What is scanned, and what comes back --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ks", "scanned"),
    [([], [1]), ([1], [1]), ([5], [1, 5]), ([6, 2, 4], [1, 2, 4, 6]), ([3, 2, 3, 1, 2], [1, 2, 3]), ([20], [1, 20])],
)
@pytest.mark.parametrize("kind", [list, iter, np.array])
def test_ks_in_any_order_with_holes_and_twice(ks, scanned, kind):
    scan = scan_k(blobs(20), kind(ks), n_references=1)
    assert [score.k for score in scan.scores] == scan.ks.tolist() == scanned
    assert all(type(score.k) is int for score in scan.scores)
    assert (scan.labels.shape, scan.labels.dtype, scan.n_images) == ((len(scanned), 20), np.int16, 20)
    np.testing.assert_array_equal(scan.labels, kmeans_series(blobs(20), scanned[-1])[np.array(scanned) - 1])


def test_looking_up_scores():
    scan = scan_k(blobs(20), [2, 5], n_references=1)
    assert scan.at(5) is scan.scores[2]
    assert scan.at(3) is None
    for name in NAMES:
        if name != "silhouette_samples":
            np.testing.assert_array_equal(scan.curve(name), [getattr(score, name) for score in scan.scores])
    assert scan.curve("k").dtype == np.float64


def test_silhouette_samples_are_read_only():
    for score in scan_k(blobs(20), [2], n_references=1).scores:
        assert (score.silhouette_samples.shape, score.silhouette_samples.dtype) == ((20,), np.float32)
        with pytest.raises(ValueError, match="read-only"):
            score.silhouette_samples[0] = 0


def test_labels_are_read_only():
    assert not scan_k(blobs(20), [2], n_references=1).labels.flags.writeable


@pytest.mark.parametrize("column_scales", [None, SCALES])
def test_the_same_call_gives_the_same_bytes(column_scales):
    options = {"column_scales": column_scales, "n_references": 2, "random_state": 3}
    points = unit_rows(40, zero=0)
    assert_same(scan_k(points, [2, 7], **options), scan_k(points, [7, 2], **options))


def test_a_k_has_the_same_scores_in_any_company():
    alone, among = (scan_k(blobs(40), ks, n_references=2) for ks in ([5], range(2, 9)))
    for name in NAMES:
        assert np.array_equal(getattr(alone.at(5), name), getattr(among.at(5), name)), name


def test_a_series_that_is_given_is_used_and_changes_nothing():
    series = kmeans_series(blobs(40), 9)
    computed = scan_k(blobs(40), [2, 5], n_references=1)
    assert_same(scan_k(blobs(40), [2, 5], series=series, n_references=1), computed)
    other = np.roll(series, 1, axis=1)
    found = scan_k(blobs(40), [2, 5], series=other, n_references=1)
    np.testing.assert_array_equal(found.labels, other[[0, 1, 4]])
    assert found.at(5).silhouette == pytest.approx(metrics.silhouette_score(blobs(40), other[4]), abs=1e-5)


def test_another_seed_changes_only_what_is_drawn_at_random():
    one, other = (scan_k(blobs(40), [2, 6], n_references=2, random_state=seed) for seed in (0, 1))
    assert_same(one, other, [name for name in NAMES if name not in RANDOM])
    for name in RANDOM:
        assert getattr(one.at(6), name) != getattr(other.at(6), name), name


def test_the_coordinates_are_left_as_they_are():
    points = blobs(20)
    points.setflags(write=False)
    scan_k(points, [3], column_scales=SCALES, n_references=1)


def test_as_many_references_as_there_may_be():
    assert scan_k(blobs(4), [2], n_references=50).n_references == 50


# Keeping, delivering, stopping ---------------------------------------------------------------------------------------


class Memory:
    """A ``remember`` that keeps scores and notes what was asked and what was computed."""

    def __init__(self):
        self.kept, self.asked, self.computed = {}, [], []

    def __call__(self, k, compute):
        self.asked.append(k)
        if k not in self.kept:
            self.kept[k] = compute()
            self.computed.append(k)
        return self.kept[k]


def test_every_k_is_asked_for_once_and_only_new_ones_are_computed():
    memory = Memory()
    first = scan_k(blobs(30), [4, 2], n_references=1, remember=memory)
    assert memory.asked == memory.computed == [1, 2, 4]
    assert all(score is memory.kept[score.k] for score in first.scores)
    memory.asked.clear()
    wider = scan_k(blobs(30), [2, 3, 4, 5], n_references=1, remember=memory)
    assert memory.asked == [1, 2, 3, 4, 5]
    assert memory.computed == [1, 2, 4, 3, 5]
    assert_same(wider, scan_k(blobs(30), [2, 3, 4, 5], n_references=1))


def test_nothing_is_prepared_where_everything_is_remembered(monkeypatch):
    memory, series = Memory(), kmeans_series(blobs(30), 3)
    before = scan_k(blobs(30), [2, 3], series=series, n_references=1, remember=memory)
    for name in ("prepare_scan", "score_k", "kmeans_series"):
        monkeypatch.setattr(module, name, lambda *args, name=name, **options: pytest.fail(f"{name} was called"))
    assert_same(scan_k(blobs(30), [2, 3], series=series, n_references=1, remember=memory), before)
    assert memory.computed == [1, 2, 3]


def test_data_are_prepared_once_for_all_k(monkeypatch):
    prepared = []
    prepare = module.prepare_scan
    monkeypatch.setattr(module, "prepare_scan", lambda *args: prepared.append(1) or prepare(*args))
    scan_k(blobs(30), [2, 3, 4], n_references=1)
    assert prepared == [1]


def test_what_is_finished_is_delivered_after_each_k():
    delivered = []
    scan = scan_k(blobs(30), [2, 4, 6], n_references=1, callback=delivered.append)
    assert [partial.ks.tolist() for partial in delivered] == [[1], [1, 2], [1, 2, 4], [1, 2, 4, 6]]
    assert delivered[-1] is scan
    for partial in delivered:
        assert partial.scores == scan.scores[: len(partial.scores)]
        np.testing.assert_array_equal(partial.labels, scan.labels[: len(partial.scores)])
        assert partial.n_images == 30


def test_cancelling_keeps_what_is_finished():
    delivered, memory, cancel = [], Memory(), threading.Event()

    def deliver(partial):
        delivered.append(partial)
        if len(delivered) == 2:
            cancel.set()

    with pytest.raises(Cancelled):
        scan_k(blobs(30), [2, 3, 4], n_references=1, remember=memory, callback=deliver, cancel=cancel)
    assert [partial.ks.tolist() for partial in delivered] == [[1], [1, 2]]
    assert memory.computed == [1, 2]


def test_cancelled_after_the_last_k_the_scan_is_complete():
    cancel = threading.Event()
    scan = scan_k(blobs(9), [], n_references=1, callback=lambda _: cancel.set(), cancel=cancel)
    assert scan.ks.tolist() == [1]


@pytest.mark.parametrize("series", [None, kmeans_series(blobs(30), 3)])
def test_cancelled_before_the_start_nothing_is_computed(series):
    cancel, memory = threading.Event(), Memory()
    cancel.set()
    with pytest.raises(Cancelled):
        scan_k(blobs(30), [2, 3], series=series, remember=memory, callback=pytest.fail, cancel=cancel)
    assert memory.asked == []


@pytest.mark.parametrize("n_looks", [2, 8, 12])
def test_cancelling_while_the_references_are_drawn(n_looks):
    class AfterSomeLooks(threading.Event):
        looks = 0

        def is_set(self):
            self.looks += 1
            return self.looks > n_looks

    memory = Memory()
    series = kmeans_series(blobs(30), 2)
    with pytest.raises(Cancelled):
        scan_k(blobs(30), [2], series=series, n_references=8, remember=memory, cancel=AfterSomeLooks())
    assert (memory.asked, memory.computed) == ([1], [])


@pytest.mark.parametrize(
    ("n", "ks", "numbers"), [(5, [0, 2], "0 5"), (5, [2, 6], "6 5"), (5, [-3], "-3 5"), (1, [2], "2 1"), (0, [], "1 0")]
)
def test_a_k_that_cannot_be(n, ks, numbers):
    wrong, n_images = numbers.split()
    with pytest.raises(ParameterError, match=f"^{wrong} .* {n_images} ") as caught:
        scan_k(noise(n), ks, series=np.zeros((9, n), dtype=np.int16), callback=pytest.fail)
    assert caught.value.hint


@pytest.mark.parametrize("n_references", [-1, 0, 51])
def test_numbers_of_references_that_cannot_be(n_references):
    with pytest.raises(ParameterError, match=rf"n_references={n_references} .*\b50\b") as caught:
        scan_k(blobs(9), [2], n_references=n_references, callback=pytest.fail)
    assert caught.value.hint
