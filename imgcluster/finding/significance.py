"""Which images are nearer than chance would have it.

One of five distributions is fitted to the distances of an image from all others, the best by Akaike's criterion (Akaike
1974, "A new look at the statistical model identification", IEEE Trans. Automatic Control 19). An image is similar when
its distance lies so far down the lower tail that not even the nearest of so many would be expected there.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from imgcluster.errors import ParameterError
from imgcluster.finding.neighbors import NeighborIndex

__all__ = ["FAMILIES", "DistanceFit", "SimilarImages", "fit_distances", "similar_images"]

# Fewer distances say nothing about their own distribution.
_FEWEST = 10

# Student's t has no closed form: it is fitted to that many order statistics, evenly spaced.
_MOST_FOR_T = 1000

# How many distances, at least, show how the lower tail falls off, and the powers that it may fall off with.
_TAIL = 50
_POWERS = (0.1, 1e4, 400)  # from, to, how many


@dataclass(frozen=True, slots=True, kw_only=True)
class DistanceFit:
    """A distribution of distances. None is below 0: what the fitted one has there is cut off.

    Attributes
    ----------
    name : {"norm", "expon", "uniform", "gamma", "t"}
    parameters : tuple of float
        As the distribution of that name in `scipy.stats` takes them.
    aic : dict of str to float
        Akaike's criterion of each family that could be fitted, the smallest is the best.
    n_distances : int
        How many it was fitted to.
    """

    name: str
    parameters: tuple[float, ...]
    aic: dict[str, float]
    n_distances: int

    def p_values(self, distances: np.ndarray) -> np.ndarray:
        """Return the lower tail of each distance: the chance of one as small. Not adjusted for how many there are."""
        family, below = self._family()
        return np.clip((family.cdf(np.maximum(distances, 0.0), *self.parameters) - below) / (1 - below), 0.0, 1.0)

    def density(self, x: np.ndarray) -> np.ndarray:
        """Return the probability density, 0 below 0."""
        family, below = self._family()
        x = np.asarray(x, dtype=np.float64)
        return np.where(x < 0, 0.0, family.pdf(x, *self.parameters) / (1 - below))

    def _family(self):
        import scipy.stats

        family = getattr(scipy.stats, self.name)
        return family, float(family.cdf(0.0, *self.parameters))


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarImages:
    """The nearest images and the significantly near ones, nearest first; of equally near ones, the earlier first.

    Attributes
    ----------
    indices : ndarray, shape (r,), int64
    distances : ndarray, shape (r,), float64
    p_values : ndarray, shape (r,), float64
        Adjusted for the number of images that were compared; NaN without a fit.
    significant : ndarray, shape (r,), bool
        Whether the adjusted p-value is below alpha.
    fit : DistanceFit or None
        Fitted to all distances but those that are far below; None where there are too few, or all are equal. Its own
        p-values are not adjusted.
    all_distances : ndarray, shape (n_compared,), float64
        Of all images, itself left out.
    threshold : float or None
        The largest significant distance; None where there is none.
    """

    indices: np.ndarray
    distances: np.ndarray
    p_values: np.ndarray
    significant: np.ndarray
    fit: DistanceFit | None
    all_distances: np.ndarray
    threshold: float | None

    def __post_init__(self) -> None:
        for array in (self.indices, self.distances, self.p_values, self.significant, self.all_distances):
            array.setflags(write=False)


def similar_images(
    index: NeighborIndex,
    *,
    image: int | None = None,
    vector: np.ndarray | None = None,
    n_neighbors: int = 10,
    alpha: float = 0.05,
) -> SimilarImages:
    """Find the images most like one of the collection, or one from outside.

    Of 32,000 images, 1,600 lie in the lower 5 % whatever they show. The p-values are therefore adjusted by the number
    of comparisons (Benjamini & Hochberg 1995, "Controlling the false discovery rate", J. R. Stat. Soc. B 57): where no
    image is really like the query, alpha is about the chance that any is called significant.

    Before that, each is the larger of two: the lower tail of the fitted distribution (see `DistanceFit`), and that of a
    power law. In m dimensions the number of points within a small distance r grows as r^m, which none of the families
    knows; m is estimated by maximum likelihood from the distances next to those in question (Levina & Bickel 2004,
    "Maximum likelihood estimation of intrinsic dimension"; Hill 1975). So a few dimensions do not make the nearest of
    evenly spread points look special.

    Near copies would widen a distribution that is fitted to them as well. What is far below a normal distribution of
    the bulk (all above the lower fence of Tukey 1977, 1.5 interquartile ranges below the quartile) is left out of it.

    Parameters
    ----------
    index : NeighborIndex
    image : int, optional
        An image of the collection, which is not compared with itself.
    vector : ndarray, shape (n_features,), optional
        The features of an image from outside, not scaled. One of the two is needed.
    n_neighbors : int, default 10
        How many of the nearest are returned whether significant or not; with 0, the significant ones only.
    alpha : float, default 0.05
        In (0, 1).

    Returns
    -------
    SimilarImages

    Raises
    ------
    ParameterError
        When neither or both of ``image`` and ``vector`` are given, or a value is out of range.
    """
    if (image is None) == (vector is None):
        raise ParameterError("One picture is needed to look for similar ones: a number or a vector, not both.")
    if not 0 < alpha < 1:
        raise ParameterError(f"alpha = {alpha} is not between 0 and 1.")
    if n_neighbors < 0:
        raise ParameterError(f"{n_neighbors} neighbours cannot be found; ask for 0 or more.")
    distances = index.distances(vector) if image is None else index.image_distances(image)
    images = np.arange(index.n_images)
    if image is not None:
        images, distances = np.delete(images, image), np.delete(distances, image)
    order = np.argsort(distances, kind="stable")
    ranked = distances[order]
    fit, p_values = _judge(ranked, alpha)
    n_significant = int(np.count_nonzero(p_values < alpha))
    shown = order[: max(n_significant, n_neighbors)]
    return SimilarImages(
        indices=images[shown],
        distances=distances[shown],
        p_values=p_values[: len(shown)],
        significant=p_values[: len(shown)] < alpha,
        fit=fit,
        all_distances=distances,
        threshold=float(ranked[n_significant - 1]) if n_significant else None,
    )


def fit_distances(distances: np.ndarray) -> DistanceFit | None:
    """Fit the normal, exponential, uniform, gamma and Student's t distribution, and take the best by AIC.

    By maximum likelihood, but for where a distribution begins: the likeliest beginning of the uniform and the
    exponential one is the smallest distance, which would make that one impossible by chance. There, the unbiased
    estimates are taken. The gamma distribution begins at 0, and can only be fitted where no distance is 0.

    Parameters
    ----------
    distances : ndarray, shape (n,)
        Not negative.

    Returns
    -------
    DistanceFit or None
        None for fewer than 10 distances, and where all are (almost) equal: there is nothing to compare with.
    """
    x = np.sort(np.asarray(distances, dtype=np.float64))
    if len(x) < _FEWEST or x[-1] - x[0] <= 1e-9 * x[-1] or x.std() <= 1e-9 * x[-1]:
        return None
    best, aic = None, {}
    for name, estimate in FAMILIES.items():
        parameters = estimate(x)
        if parameters is None:
            continue
        fit = DistanceFit(name=name, parameters=tuple(map(float, parameters)), aic=aic, n_distances=len(x))
        with np.errstate(divide="ignore"):
            criterion = 2.0 * len(parameters) - 2.0 * float(np.log(fit.density(x)).sum())
        if np.isfinite(criterion):
            aic[name] = criterion
            best = fit if best is None or criterion < aic[best.name] else best
    return best


def _judge(ranked: np.ndarray, alpha: float) -> tuple[DistanceFit | None, np.ndarray]:
    """Return the distribution of the distances that are not in question, and the adjusted p-values of all; sorted."""
    n_found = _count_far_below(ranked, alpha)
    fit = fit_distances(ranked[n_found:]) or fit_distances(ranked)
    if fit is None:
        return None, np.full(len(ranked), np.nan)
    return fit, _adjusted(np.maximum(fit.p_values(ranked), _power_law_tail(ranked, n_found)))


def _count_far_below(ranked: np.ndarray, alpha: float) -> int:
    """Count the distances that may be too small, for the bulk of the others as a normal distribution."""
    if len(ranked) < _FEWEST:
        return 0
    low, high = np.quantile(ranked, (0.25, 0.75))
    bulk = ranked[ranked >= low - 1.5 * (high - low)]
    if bulk[-1] == bulk[0]:
        return int(np.count_nonzero(ranked < bulk[0]))
    normal = DistanceFit(name="norm", parameters=_fit_norm(bulk), aic={}, n_distances=len(bulk))
    return int(np.count_nonzero(_adjusted(normal.p_values(ranked)) < alpha))


def _adjusted(p_values: np.ndarray) -> np.ndarray:
    import scipy.stats

    return scipy.stats.false_discovery_control(p_values)


def _power_law_tail(ranked: np.ndarray, n_found: int) -> np.ndarray:
    """Return the lower tail of each sorted distance, if the number within r grows as r^m up to an edge.

    The exact distances of the ``n_found`` smallest, which are in question, cannot speak for themselves. What m is, is
    told in two ways: by their number too (that they are below the next), which is sharp where they are few; and by
    those beyond them alone, which holds where they are many. Of two answers the smaller one counts, twice (Bonferroni).
    Beyond the edge, a distance has the share of those up to it.
    """
    n = len(ranked)
    n_tail = min(n_found + max(_TAIL, 2 * n_found), (n + n_found) // 2)
    n_tail = max(n_tail, min(n, n_found + _FEWEST))
    tail = np.where(ranked > 0, np.arange(1, n + 1) / n, 0.0)
    if n_tail - n_found < 2:  # all are in question
        return tail
    with np.errstate(divide="ignore"):
        falls = np.log(ranked[n_tail - 1] / ranked[:n_tail])
    tail[:n_tail] = n_tail / n * _with_their_number(falls, n_found)
    if 0 < falls[n_found] < np.inf and n_found:
        without = (n_tail - n_found) / n * _without_them(falls, n_found)
        tail[:n_tail] = np.minimum(1.0, 2 * np.minimum(tail[:n_tail], without))
    return tail


def _with_their_number(falls: np.ndarray, n_found: int) -> np.ndarray:
    """Return the mean of exp(-m * fall), where m has the gamma distribution that a flat prior of log m leads to."""
    spread = falls[n_found:].sum() + n_found * falls[n_found]
    ratios = np.divide(falls, spread, out=np.full(len(falls), np.inf), where=spread > 0)
    return np.where(falls > 0, (1 + ratios) ** -(len(falls) - n_found - 1.0), 1.0)


def _without_them(falls: np.ndarray, n_found: int) -> np.ndarray:
    """Return the same by those that are not in question, as multiples of their number.

    Their distances follow a power law that is cut off at both ends: the nearest and the farthest of them.
    """
    width, inside = falls[n_found], falls[n_found + 1 : -1]
    powers = np.geomspace(*_POWERS)
    inner = -np.expm1(-powers * width)  # the share of the law between the ends
    logs = len(inside) * (np.log(powers) - np.log(inner)) - powers * inside.sum()
    weights = np.exp(logs - logs.max())
    return np.exp(-np.multiply.outer(falls, powers)) @ (weights / weights.sum() / inner)


def _fit_norm(x: np.ndarray) -> tuple[float, ...]:
    return x.mean(), x.std()


def _fit_expon(x: np.ndarray) -> tuple[float, ...]:
    scale = (x.mean() - x[0]) * len(x) / (len(x) - 1)
    return max(0.0, x[0] - scale / len(x)), scale


def _fit_uniform(x: np.ndarray) -> tuple[float, ...]:
    beyond = (x[-1] - x[0]) / (len(x) - 1)
    return x[0] - beyond, x[-1] - x[0] + 2 * beyond


def _fit_gamma(x: np.ndarray) -> tuple[float, ...] | None:
    import scipy.stats

    return scipy.stats.gamma.fit(x, floc=0) if x[0] > 0 else None


def _fit_t(x: np.ndarray) -> tuple[float, ...]:
    """Climb from the quartiles; `scipy.stats.t.fit`, without derivatives, takes some twenty times as long."""
    from scipy.optimize import minimize
    from scipy.special import gammaln, psi

    n = min(len(x), _MOST_FOR_T)
    low, middle, high = np.quantile(x, (0.25, 0.5, 0.75))
    unit = (high - low) / 1.35 or x.std()
    y = (x[((np.arange(n) + 0.5) * len(x) / n).astype(int)] - middle) / unit
    bounds = np.array([[0.0, -10.0, -10.0], [np.log(1e3), 10.0, 10.0]])  # log df, log scale, location

    def loss(at: np.ndarray) -> tuple[float, np.ndarray]:
        inside = np.clip(at, *bounds)
        (df, scale), loc = np.exp(inside[:2]), inside[2]
        z = (y - loc) / scale
        logs, shares = np.log1p(z * z / df).mean(), (z * z / (df + z * z)).mean()
        value = gammaln((df + 1) / 2) - gammaln(df / 2) - np.log(df * np.pi) / 2 - inside[1] - (df + 1) / 2 * logs
        by_df = psi((df + 1) / 2) - psi(df / 2) - 1 / df - logs + (df + 1) / df * shares
        by_loc = (df + 1) / scale * (z / (df + z * z)).mean()
        return -value, np.where(inside == at, [-df / 2 * by_df, 1 - (df + 1) * shares, -by_loc], 0.0)

    # Not L-BFGS-B: its threads of linear algebra, for three numbers, wait for each other where the cores are busy.
    best = minimize(loss, [np.log(10.0), 0.0, 0.0], jac=True, method="BFGS").x
    log_df, log_scale, loc = np.clip(best, *bounds)
    return np.exp(log_df), middle + unit * loc, unit * np.exp(log_scale)


FAMILIES: dict[str, Callable[[np.ndarray], tuple[float, ...] | None]] = {
    "norm": _fit_norm,
    "expon": _fit_expon,
    "uniform": _fit_uniform,
    "gamma": _fit_gamma,
    "t": _fit_t,
}
