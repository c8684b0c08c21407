"""The scores of every number of clusters, each kept by itself."""

import threading
import time
from collections.abc import Callable, Sequence

import numpy as np

from imgcluster.cache import Workspace, cached_call, was_called
from imgcluster.choosing.scan import KScan, KScore, scan_k
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
) -> KScan:
    """Return the scores of every k, each computed once for each space: a wider range computes only what is new.

    The reports to ``progress`` carry as ``partial`` the `KScan` of what is finished; cancelling keeps it.
    """
    started, computed = time.monotonic(), []

    def remember(k: int, compute: Callable[[], KScore]) -> KScore:
        def compute_and_count() -> KScore:
            computed.append(k)
            return compute()

        key = _key_of_k_score(space, k, n_references, random_state)
        return cached_call(workspace, _k_score, *key, compute_and_count, ignore=["compute"])

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
    keys = (_key_of_k_score(space, k, n_references, random_state) for k in {1, *ks})
    return all(was_called(workspace, _k_score, *key, None, ignore=["compute"]) for key in keys)


def _key_of_k_score(space: Space, k: int, n_references: int, random_state: int) -> tuple[str, str, int, int, int]:
    return space.fingerprint, __version__, k, n_references, random_state


def _k_score(
    fingerprint: str, version: str, k: int, n_references: int, random_state: int, compute: Callable[[], KScore]
) -> KScore:
    return compute()
