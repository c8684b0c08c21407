"""The sentence that a recommendation becomes, for the screen and the command line alike."""

from imgcluster.choosing.recommendation import CLEAR_EXCESS, CLEAR_STABILITY, Reason, Recommendation

__all__ = ["sentence"]

_NAMES = {"gap": "the gap statistic", "elbow": "the elbow"}


def sentence(recommendation: Recommendation) -> str:
    """Return the recommendation in plain words, with its evidence and its doubt.

    Parameters
    ----------
    recommendation : Recommendation

    Returns
    -------
    str
        Such as "7 groups. The silhouette peaks at 7 (0.61) and the gap statistic agrees; the elbow says 6. Two random
        halves of the pictures give the same groups. 5 to 9 look much alike."
    """
    if recommendation.k is None:
        return _no_number(recommendation)
    number = (
        f"{recommendation.k} groups" if recommendation.confidence == "clear" else f"About {recommendation.k} groups"
    )
    parts = (f"{number}.", _evidence(recommendation), _doubt(recommendation), _range(recommendation))
    return " ".join(part for part in parts if part)


def _no_number(recommendation: Recommendation) -> str:
    if recommendation.n_distinct == 1:
        return "No clear number of groups: there is only one picture, or all of them are the same."
    if recommendation.n_distinct <= 3:
        return f"No clear number of groups: {recommendation.n_distinct} different pictures are too few to tell."
    silhouette = next((reason for reason in recommendation.reasons if reason.score == "silhouette"), None)
    if silhouette is None or silhouette.k is None:
        return "No clear number of groups: too few numbers were tried."
    return (
        f"No clear number of groups. The best silhouette, {silhouette.value:.2f} at {silhouette.k}, is no better than "
        "pictures without any groups would give. Choose the number that serves you."
    )


def _evidence(recommendation: Recommendation) -> str:
    reasons = {reason.score: reason for reason in recommendation.reasons}
    silhouette, excess = reasons["silhouette"], reasons["excess"]
    others = [reasons[score] for score in _NAMES if _is_worth_a_word(reasons[score], recommendation)]
    agreeing = [_NAMES[reason.score] for reason in others if reason.agrees]
    text = f"The silhouette peaks at {silhouette.k} ({silhouette.value:.2f})"
    if excess.k != silhouette.k:
        text += f" but stands out most from that of pictures without groups at {excess.k}"
    if agreeing and excess.agrees:
        text += f", and {' and '.join(agreeing)} {'agrees' if len(agreeing) == 1 else 'agree'}"
    elif agreeing:
        text += f"; {' and '.join(agreeing)} {'says' if len(agreeing) == 1 else 'say'} {recommendation.k}"
    return "; ".join([text, *(_contradiction(reason) for reason in others if not reason.agrees)]) + "."


def _is_worth_a_word(reason: Reason, recommendation: Recommendation) -> bool:
    """Return whether a score says anything; the gap statistic of a diffusion map stops by chance alone."""
    return reason.k is not None and (reason.agrees or reason.score != "gap" or recommendation.reference == "box")


def _contradiction(reason: Reason) -> str:
    if reason.score == "gap" and reason.k == 1:
        return "the gap statistic sees no groups"
    return f"{_NAMES[reason.score]} says {reason.k}"


def _doubt(recommendation: Recommendation) -> str:
    if recommendation.excess < CLEAR_EXCESS:
        return (
            "The groups run into each other: the silhouette is only "
            f"{recommendation.excess:.2f} above that of pictures without groups."
        )
    if recommendation.stability >= CLEAR_STABILITY:
        return "Two random halves of the pictures give the same groups."
    return f"Two random halves of the pictures agree on the groups only in part ({recommendation.stability:.2f})."


def _range(recommendation: Recommendation) -> str:
    if recommendation.at_edge:
        return f"{recommendation.k_max} is the most that was tried, and more may fit better still: try a wider range."
    if recommendation.low == recommendation.high:
        return "No other number comes near."
    return f"{recommendation.low} to {recommendation.high} look much alike."
