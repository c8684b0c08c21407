"""Jobs run once, report, stop when told, and turn every failure into a sentence."""

import threading

import pytest

from imgcluster.errors import FolderError
from imgcluster.jobs import Job, Jobs, JobState
from imgcluster.progress import Progress, raise_if_cancelled


def wait_for_cancel(progress, cancel):
    cancel.wait(10)
    raise_if_cancelled(cancel)


def test_result_and_last_report():
    def work(progress, cancel):
        for done in range(4):
            progress(Progress(stage="Counting", done=done, total=3))
        return 42

    job = Job(work)
    assert job.wait(10)
    assert (job.state, job.result, job.error) == (JobState.DONE, 42, None)
    assert job.progress.fraction == 1.0


def test_cancel_is_not_a_failure():
    job = Job(wait_for_cancel)
    assert job.state is JobState.RUNNING
    job.cancel()
    assert job.wait(10)
    assert (job.state, job.error, job.stopping) == (JobState.CANCELLED, None, False)


def test_own_errors_keep_their_hint():
    def work(progress, cancel):
        raise FolderError("There is no folder x.", hint="Choose another.")

    job = Job(work)
    job.wait(10)
    assert job.state is JobState.FAILED
    assert str(job.error) == "There is no folder x."
    assert job.error.hint == "Choose another."


@pytest.mark.parametrize("error", [ZeroDivisionError("by zero"), MemoryError()])
def test_foreign_errors_become_a_sentence(error, monkeypatch):
    monkeypatch.setattr(threading, "excepthook", lambda args: None)

    def work(progress, cancel):
        raise error

    job = Job(work)
    job.wait(10)
    assert job.state is JobState.FAILED
    assert job.error.hint


def test_same_key_is_never_run_twice():
    jobs = Jobs()
    calls = []

    def work(progress, cancel):
        calls.append(1)
        return len(calls)

    first = jobs.start("a", work)
    first.wait(10)
    assert jobs.start("a", work) is first
    assert len(calls) == 1
    assert jobs.get("b") is None


def test_cancelled_job_starts_again():
    jobs = Jobs()
    first = jobs.start("a", wait_for_cancel)
    assert jobs.start("a", wait_for_cancel) is first
    first.cancel()
    second = jobs.start("a", lambda progress, cancel: "new")
    assert second is not first
    second.wait(10)
    assert second.result == "new"


def test_forget_cancels_all_with_the_prefix():
    jobs = Jobs()
    forgotten = [jobs.start("a/1", wait_for_cancel), jobs.start("a/2", wait_for_cancel)]
    kept = jobs.start("b/1", wait_for_cancel)
    jobs.forget("a/")
    assert all(job.wait(10) for job in forgotten)
    assert jobs.get("a/1") is None
    assert jobs.get("b/1") is kept
    assert kept.state is JobState.RUNNING
    kept.cancel()


def test_results_asked_for_the_longest_ago_are_dropped():
    jobs = Jobs(max_ended=2)
    running = jobs.start("running", wait_for_cancel)
    for key in "abc":
        jobs.start(key, lambda progress, cancel: None).wait(10)
        jobs.get("a")
    jobs.start("d", lambda progress, cancel: None).wait(10)
    assert jobs.get("b") is None
    assert jobs.get("a") is not None
    assert jobs.get("d") is not None
    assert jobs.get("running") is running
    running.cancel()


@pytest.mark.parametrize(
    ("progress", "fraction", "rate", "left"),
    [
        (Progress(stage="s", done=0, total=0), 0.0, 0.0, None),
        (Progress(stage="s", done=50, total=100, seconds=10.0), 0.5, 5.0, 10.0),
        (Progress(stage="s", done=50, total=100, seconds=10.0, fresh=10), 0.5, 1.0, 50.0),
        (Progress(stage="s", done=50, total=100, seconds=10.0, fresh=0), 0.5, 0.0, None),
        (Progress(stage="s", done=7, total=5, seconds=1.0), 1.0, 7.0, 0.0),
    ],
)
def test_progress_figures(progress, fraction, rate, left):
    assert progress.fraction == fraction
    assert progress.rate == rate
    assert progress.seconds_left == pytest.approx(left)
