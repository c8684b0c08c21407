"""What each score is called on screen, how to read its curve, and what it says, in plain words."""

from dataclasses import dataclass

import numpy as np

from imgcluster.choosing.recommendation import Reason

__all__ = ["SCORES", "ScoreWords", "reason_line"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreWords:
    """One score in words.

    Attributes
    ----------
    title : str
        Its name.
    reading : str
        How to read its curve, in one line.
    meaning : str
        What it measures, for those who ask.
    verdict : str
        What it says of a k.
    """

    title: str
    reading: str
    meaning: str
    verdict: str


SCORES = {
    "excess": ScoreWords(
        title="Lead over no groups",
        reading="High is good: the silhouette is far above that of pictures without groups.",
        meaning="How far the silhouette is above that of as many pictures without any groups: the height of its curve "
        "over the dashed line.",
        verdict="is largest at",
    ),
    "silhouette": ScoreWords(
        title="Silhouette",
        reading="High is good, and high above the dashed line.",
        meaning="How much nearer each picture is to its own group than to the next one: 1 is perfect, 0 is on the "
        "border. The dashed line is what pictures without any groups would reach.",
        verdict="is highest at",
    ),
    "gap": ScoreWords(
        title="Gap statistic",
        reading="It stops where one more group gains no more than the bars.",
        meaning="How much tighter the groups are than those of points scattered evenly. Its answer is the first number "
        "after which one more group gains nothing; 1 means no groups.",
        verdict="stops at",
    ),
    "elbow": ScoreWords(
        title="Elbow",
        reading="Find the bend: beyond it, more groups gain little.",
        meaning="How far the pictures are from the middle of their group, squared and summed. It always falls with "
        "more groups; the bend is where it stops falling fast.",
        verdict="bends at",
    ),
    "stability": ScoreWords(
        title="Stability",
        reading="Near 1, random halves of the pictures give the same groups.",
        meaning="The pictures are halved at random and each half is grouped. 1: both halves give the same groups; 0: "
        "they are no more alike than by chance.",
        verdict="is highest at",
    ),
    "davies_bouldin": ScoreWords(
        title="Davies-Bouldin",
        reading="Low is good: groups are narrow and far apart.",
        meaning="How wide each group and its worst neighbour are, for the distance between them.",
        verdict="is lowest at",
    ),
    "calinski_harabasz": ScoreWords(
        title="Calinski-Harabasz",
        reading="High is good: groups are narrow and far apart.",
        meaning="How far apart the groups are, for how wide they are. It favours few groups.",
        verdict="is highest at",
    ),
}


def reason_line(reason: Reason) -> str:
    """Return what one score says as a line of Markdown, such as "Elbow bends at **9** (312)"."""
    words = SCORES[reason.score]
    if reason.k is None:
        return f"{words.title} gives no answer"
    return f"{words.title} {words.verdict} **{reason.k}**{_value(reason.value)}"


def _value(value: float) -> str:
    if not np.isfinite(value):
        return ""
    return f" ({value:.2f})" if abs(value) < 10 else f" ({value:,.0f})"
