"""One number of clusters out of all scores, how sure it is, and why."""

import warnings
from dataclasses import dataclass
from typing import Literal

import numpy as np

from imgcluster.choosing.one_k import MAX_SILHOUETTES
from imgcluster.choosing.scan import KScan

__all__ = [
    "CLEAR_EXCESS",
    "CLEAR_STABILITY",
    "Confidence",
    "Reason",
    "Recommendation",
    "gap_choice",
    "knee",
    "recommend",
]

Confidence = Literal["clear", "fair", "none"]

# Of the silhouette over its references: less than this is nothing, besides two standard deviations; this much is clear.
_MIN_EXCESS, CLEAR_EXCESS = 0.05, 0.15

# A k whose excess is this share of the best looks much alike.
_ALIKE = 0.93

# Agreement of halves: differences up to the first are none; from the second on it is high.
_SAME_STABILITY, CLEAR_STABILITY = 0.005, 0.9

# From this share of the columns of a diffusion map on, their number may show in the k.
_NEAR_N_DIMS = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """What one score says.

    Attributes
    ----------
    score : {"excess", "silhouette", "gap", "elbow", "stability", "davies_bouldin", "calinski_harabasz"}
        "excess" is the silhouette above that of references without clusters.
    k : int or None
        The number of clusters that it speaks for; None where it speaks for none.
    value : float
        The score at that k; nan where there is none.
    agrees : bool
        Whether that is the recommended number.
    """

    score: str
    k: int | None
    value: float
    agrees: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """How many clusters fit.

    Attributes
    ----------
    k : int or None
        None where the confidence is "none".
    low, high : int or None
        The ends of the range that looks much alike; both are k where nothing else comes near.
    confidence : {"clear", "fair", "none"}
    reasons : tuple of Reason
        One for each score, the decisive ones first.
    excess : float
        Mean silhouette minus that of references without clusters, at k, or the best there is; nan where there is none.
    stability : float
        At k; nan where there is no k.
    at_edge : bool
        Whether the range that was scanned ends before the scores have found their best.
    k_max : int
        The end of the range that was scanned.
    n_distinct : int
        Different images.
    reference : {"box", "chain"}
        See `KScan`. The gap statistic says little where it is a chain.
    """

    k: int | None
    low: int | None
    high: int | None
    confidence: Confidence
    reasons: tuple[Reason, ...]
    excess: float
    stability: float
    at_edge: bool
    k_max: int
    n_distinct: int
    reference: str


def recommend(scan: KScan) -> Recommendation:
    """Make one recommendation of all scores.

    1. The silhouette is compared with that of references without clusters: its *excess* over them. Where no k has an
       excess beyond what chance gives, there is no clear number. The best k is the smallest within one standard error.
    2. The k with nearly the best excess look much alike. Among them the excess, the gap statistic, the elbow and the
       stability each vote for one; the middle vote is the recommendation. So the gap statistic decides between
       neighbours where it can speak (separate blobs), the elbow where the gap cannot stop (diffusion maps), and neither
       does harm where it fails.
    3. The recommendation is clear where the excess is large, halves of the images agree, and few other k look alike.

    The figures behind the constants are in docs/benchmarks.md (``python -m benchmarks.choose_k``).

    Parameters
    ----------
    scan : KScan

    Returns
    -------
    Recommendation
    """
    excess = _curve(scan, "excess")
    stability = scan.curve("stability")
    best = _most_above_reference(scan)
    k_max = int(scan.ks[-1])
    if best is None or not excess[best] > _MIN_EXCESS + 2 * scan.scores[best].silhouette_reference_std:
        return Recommendation(
            k=None,
            low=None,
            high=None,
            confidence="none",
            reasons=_reasons(scan, None),
            excess=np.nan if best is None else float(excess[best]),
            stability=np.nan,
            at_edge=False,
            k_max=k_max,
            n_distinct=scan.n_distinct,
            reference=scan.reference,
        )

    alike = np.flatnonzero(excess >= _ALIKE * excess[best])
    steady = alike[stability[alike] >= np.nanmax(stability[alike], initial=-1) - _SAME_STABILITY]
    votes = [int(scan.ks[best]), *scan.ks[steady[:1]]]
    votes += [k for k in (gap_choice(scan), knee(scan)) if k in scan.ks[alike]]
    k = _middle(votes, near=votes[0])
    chosen = int(np.searchsorted(scan.ks, k))
    low, high = int(scan.ks[alike].min()), int(scan.ks[alike].max())
    at_edge = best == len(scan.ks) - 1 and k_max < scan.n_distinct
    sure = (
        excess[chosen] >= CLEAR_EXCESS,
        stability[chosen] >= CLEAR_STABILITY,
        high - low <= max(2, k / 3),
        # A diffusion map of d columns draws the silhouette's peak towards d.
        scan.reference == "box" or k < _NEAR_N_DIMS * scan.n_dims,
        not at_edge,
    )
    return Recommendation(
        k=k,
        low=low,
        high=high,
        confidence="clear" if all(sure) else "fair",
        reasons=_reasons(scan, k),
        excess=float(excess[chosen]),
        stability=float(stability[chosen]),
        at_edge=at_edge,
        k_max=k_max,
        n_distinct=scan.n_distinct,
        reference=scan.reference,
    )


def knee(scan: KScan) -> int | None:
    """Return where the inertia stops falling fast, by Kneedle (Satopaa et al. 2011); None where there is no knee."""
    from kneed import KneeLocator

    ks, inertia = scan.ks[scan.ks <= scan.n_distinct], scan.curve("inertia")[scan.ks <= scan.n_distinct]
    if len(ks) < 4 or not inertia[0] > inertia[-1]:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "no knee" is a result like others
        found = KneeLocator(ks, inertia, curve="convex", direction="decreasing").knee
    return None if found is None else int(found)


def gap_choice(scan: KScan) -> int | None:
    """Return the smallest k with gap(k) >= gap(k + 1) - s(k + 1), the rule of the gap statistic's paper.

    1 says that there are no clusters; None that the gap goes on growing to the end of the range.
    """
    gap, bound = scan.curve("gap"), scan.curve("gap") - scan.curve("gap_error")
    for here in np.flatnonzero(np.diff(scan.ks) == 1):
        if gap[here] >= bound[here + 1]:
            return int(scan.ks[here])
    return None


def _middle(votes: list[int], *, near: int) -> int:
    """Return the median of the votes; of two in the middle the one that is nearer to ``near``."""
    ordered = sorted(votes)
    middle = ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]
    return int(min(middle, key=lambda vote: abs(vote - near)))


def _reasons(scan: KScan, k: int | None) -> tuple[Reason, ...]:
    choices = {
        "excess": None if (best := _most_above_reference(scan)) is None else int(scan.ks[best]),
        "silhouette": _best(scan, "silhouette"),
        "gap": gap_choice(scan),
        "elbow": knee(scan),
        "stability": _best(scan, "stability"),
        "davies_bouldin": _best(scan, "davies_bouldin", sign=-1),
        "calinski_harabasz": _best(scan, "calinski_harabasz"),
    }
    return tuple(
        Reason(
            score=score,
            k=choice,
            value=np.nan if choice is None else float(_curve(scan, score)[np.searchsorted(scan.ks, choice)]),
            agrees=choice is not None and choice == k,
        )
        for score, choice in choices.items()
    )


def _most_above_reference(scan: KScan) -> int | None:
    """Return the index of the smallest k whose excess is within a standard error of the largest; None without any."""
    excess = _curve(scan, "excess")
    if not np.isfinite(excess).any():
        return None
    best = int(np.nanargmax(excess))
    error = scan.scores[best].silhouette_reference_std / np.sqrt(min(scan.n_references, MAX_SILHOUETTES))
    return int(np.flatnonzero(excess >= excess[best] - error)[0])


def _best(scan: KScan, score: str, *, sign: int = 1) -> int | None:
    values = sign * _curve(scan, score)
    return int(scan.ks[np.nanargmax(values)]) if np.isfinite(values).any() else None


def _curve(scan: KScan, score: str) -> np.ndarray:
    """Return what a reason is about at every k; nan where there are fewer different images than clusters."""
    if score == "excess":
        values = scan.curve("silhouette") - scan.curve("silhouette_reference")
    else:
        values = scan.curve("inertia" if score == "elbow" else score)
    return np.where(scan.ks <= scan.n_distinct, values, np.nan)
