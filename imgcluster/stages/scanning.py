"""The scores of every number of clusters, each kept by itself."""

import functools
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing

import numpy as np

from imgcluster.backends import Backend, run_tasks
from imgcluster.cache import Workspace, cached_call, was_called
from imgcluster.choosing.one_k import KScore, score_one
from imgcluster.choosing.scan import KScan, scan_k
from imgcluster.progress import Progress, ProgressCallback
from imgcluster.spaces.space import Space
from imgcluster.version import __version__

__all__ = ["fit_k_scan", "k_scan_is_kept"]


def fit_k_scan(
    space: Space,
    ks: Sequence[int],
    *,
    series: np.ndarray,
    workspace: Workspace,
    n_references: int = 10,
    random_state: int = 0,
    progress: ProgressCallback | None = None,
    cancel: threading.Event | None = None,
    backend: Backend | None = None,
) -> KScan:
    """Return the scores of every k, each computed once for each space: a wider range computes only what is new.

    The reports to ``progress`` carry as ``partial`` the `KScan` of what is finished; cancelling keeps it. With
    ``backend``, its workers compute what is new, each k by itself.
    """
    started, computed = time.monotonic(), []
    key_of = functools.partial(_key_of_k_score, space, n_references=n_references, random_state=random_state)
    sent = [] if backend is None else [k for k in sorted({1, *ks}) if not _is_kept(workspace, key_of(k))]
    scores = _scores_from_workers(space, sent, series, n_references, random_state, backend, cancel)

    def remember(k: int, compute: Callable[[], KScore]) -> KScore:
        def compute_and_count() -> KScore:
            computed.append(k)
            score = next((score for score in scores if score.k == k), None) if k in sent else None
            return compute() if score is None else score

        return cached_call(workspace, _k_score, *key_of(k), compute_and_count, ignore=["compute"])

    def report(scan: KScan) -> None:
        if progress is not None:
            progress(
                Progress(
                    stage="Comparing numbers of groups",
                    done=len(scan.scores),
                    total=len({1, *ks}),
                    seconds=time.monotonic() - started,
                    fresh=len(computed),
                    partial=scan,
                )
            )

    with closing(scores):
        return scan_k(
            space.coordinates,
            ks,
            series=series,
            column_scales=space.column_scales,
            n_references=n_references,
            random_state=random_state,
            remember=remember,
            callback=report,
            cancel=cancel,
        )


def k_scan_is_kept(
    space: Space, ks: Sequence[int], *, workspace: Workspace, n_references: int = 10, random_state: int = 0
) -> bool:
    """Return whether `fit_k_scan` would find every k on the disk."""
    return all(_is_kept(workspace, _key_of_k_score(space, k, n_references, random_state)) for k in {1, *ks})


def _scores_from_workers(
    space: Space,
    ks: Sequence[int],
    series: np.ndarray,
    n_references: int,
    random_state: int,
    backend: Backend | None,
    cancel: threading.Event | None,
) -> Generator[KScore]:
    """Yield the scores of these k in their order, none without workers; nothing is sent before one is asked for."""
    if backend is None:
        return
    shared = (space.coordinates, space.column_scales, n_references, random_state, space.fingerprint)
    tasks = ((*shared, series[k - 1], k) for k in ks)
    yield from run_tasks(backend, score_one, tasks, in_order=True, cancel=cancel)


def _is_kept(workspace: Workspace, key: tuple[str, str, int, int, int]) -> bool:
    return was_called(workspace, _k_score, *key, None, ignore=["compute"])


def _key_of_k_score(space: Space, k: int, n_references: int, random_state: int) -> tuple[str, str, int, int, int]:
    return space.fingerprint, __version__, k, n_references, random_state


def _k_score(
    fingerprint: str, version: str, k: int, n_references: int, random_state: int, compute: Callable[[], KScore]
) -> KScore:
    return compute()
