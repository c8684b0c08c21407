"""What Find found, in sentences."""

from imgcluster.finding.significance import SimilarImages
from imgcluster.ui.groups.partition import Partition
from imgcluster.ui.messages import count, percent

__all__ = [
    "choice_in_words",
    "in_percent",
    "is_negligible",
    "none_of_these",
    "place_in_words",
    "significance_in_words",
]

_FAMILIES = {
    "norm": "normal distribution",
    "expon": "exponential distribution",
    "uniform": "uniform distribution",
    "gamma": "gamma distribution",
    "t": "Student's t distribution",
}


def in_percent(share: float) -> str:
    """Return "94 %"; never "100 %" or "0 %" of what is neither certain nor impossible."""
    if 0.99 < share < 1:
        return f"over {percent(99)}"
    if 0 < share < 0.01:
        return f"under {percent(1)}"
    return percent(round(100 * share))


def choice_in_words(probability: float) -> str:
    """Return how sure it is that an image belongs to a cluster."""
    if probability >= 0.7:
        return "clearly" if probability >= 0.9 else "probably"
    return "perhaps" if probability >= 0.4 else "hardly more than a guess"


def is_negligible(probability: float) -> bool:
    """Return whether a second answer is not worth a word."""
    return probability < 0.005


def place_in_words(partition: Partition, probability: float, runner_up: int, runner_up_probability: float) -> str:
    """Return "clearly, 94 %; otherwise Group 7, 4 %"; ``runner_up`` is a label, -1 for no group."""
    sure = f"{choice_in_words(probability)}, {in_percent(probability)}"
    if is_negligible(runner_up_probability):
        return sure
    other = partition.name(runner_up) if runner_up >= 0 else "no group"
    return f"{sure}; otherwise {other}, {in_percent(runner_up_probability)}"


def none_of_these(quantile: float) -> str:
    """Return why a picture belongs to none of the groups."""
    share = percent(round(100 * quantile))
    return f"None of these: it is farther from every picture than {share} of yours are from theirs."


def significance_in_words(similar: SimilarImages, alpha: float) -> str:
    """Return how many pictures are nearer than chance allows, or why that cannot be said."""
    if similar.fit is None:
        return "Too few pictures, or all equally far: there is no usual distance to compare with."
    n_near = int(similar.significant.sum())
    found = "No picture is" if n_near == 0 else f"{count(n_near, 'picture')} {'is' if n_near == 1 else 'are'}"
    return f"{found} nearer than chance allows (p < {alpha:g}, {_FAMILIES[similar.fit.name]})."
