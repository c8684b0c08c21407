"""The sentence: the number, its evidence, its doubt, the range."""

import numpy as np
import pytest

from imgcluster.choosing.recommendation import Reason, Recommendation
from imgcluster.choosing.wording import sentence

SCORES = ("excess", "silhouette", "gap", "elbow", "stability", "davies_bouldin", "calinski_harabasz")


def recommendation(k=7, *, said=None, **change):
    said = dict.fromkeys(SCORES, (k, 0.61)) | (said or {})
    reasons = tuple(
        Reason(score=score, k=choice, value=value, agrees=choice is not None and choice == k)
        for score, (choice, value) in said.items()
    )
    usual = {
        "low": k,
        "high": k,
        "confidence": "none" if k is None else "clear",
        "excess": 0.3,
        "stability": 0.98,
        "at_edge": False,
        "k_max": 30,
        "n_distinct": 500,
        "reference": "box",
    }
    return Recommendation(k=k, reasons=reasons, **(usual | change))


def test_all_agree():
    assert sentence(recommendation()) == (
        "7 groups. The silhouette peaks at 7 (0.61), and the gap statistic and the elbow agree. Two random halves of "
        "the pictures give the same groups. No other number comes near."
    )


def test_one_disagrees_and_a_range():
    found = recommendation(said={"elbow": (6, 12.0)}, low=5, high=9)
    assert sentence(found) == (
        "7 groups. The silhouette peaks at 7 (0.61), and the gap statistic agrees; the elbow says 6. Two random halves "
        "of the pictures give the same groups. 5 to 9 look much alike."
    )


def test_the_silhouette_itself_disagrees():
    said = {"silhouette": (20, 0.56), "excess": (6, 0.1), "gap": (1, 0.2), "elbow": (None, np.nan)}
    assert sentence(recommendation(said=said)).startswith(
        "7 groups. The silhouette peaks at 20 (0.56) but stands out most from that of pictures without groups at 6; "
        "the gap statistic sees no groups. Two"
    )
    said = {"silhouette": (8, 0.56), "excess": (8, 0.1), "elbow": (7, 3.0), "gap": (None, np.nan)}
    assert "peaks at 8 (0.56); the elbow says 7. Two" in sentence(recommendation(said=said))


def test_the_gap_statistic_of_a_diffusion_map_is_named_only_where_it_agrees():
    assert "gap" not in sentence(recommendation(said={"gap": (22, 1.0)}, reference="chain"))
    assert "gap" in sentence(recommendation(reference="chain"))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"excess": 0.08}, "run into each other: the silhouette is only 0.08 above that of pictures without groups."),
        ({"stability": 0.7}, "agree on the groups only in part (0.70)."),
        ({"at_edge": True}, "30 is the most that was tried, and more may fit better still: try a wider range."),
    ],
)
def test_doubt(change, words):
    text = sentence(recommendation(confidence="fair", **change))
    assert text.startswith("About 7 groups. ")
    assert words in text


@pytest.mark.parametrize(
    ("n_distinct", "silhouette", "words"),
    [
        (1, (None, np.nan), "there is only one picture, or all of them are the same."),
        (3, (2, 0.1), "3 different pictures are too few to tell."),
        (400, (None, np.nan), "too few numbers were tried."),
        (400, (4, 0.413), "The best silhouette, 0.41 at 4, is no better than pictures without any groups would give."),
    ],
)
def test_no_clear_number(n_distinct, silhouette, words):
    text = sentence(recommendation(None, said={"silhouette": silhouette}, n_distinct=n_distinct))
    assert text.startswith("No clear number of groups")
    assert words in text
