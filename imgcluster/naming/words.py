"""The words that tell a group from the others: not those that are most frequent in it, but most distinctive."""

from dataclasses import dataclass

import numpy as np

from imgcluster.naming.classes import Vocabulary
from imgcluster.naming.evidence import Evidence

__all__ = ["log_odds_scores", "word_evidence"]

# Shares are of n + 2 images: one or two images with a clear class are no group with one.
_UNSEEN = 2

# What the network must see in a group, as a mean probability. Where it knows nothing of what is in the pictures it is
# sure of nothing: in clusterings into 2 to 30 groups the largest share of a word is 0.14 with the digits and 0.40 with
# the drawings ("hockey puck" for discs; most are below 0.3), of a family's word 0.06 and 0.11. With the ten classes of
# Caltech photographs it is 0.61 to 0.79 where the network knows the class, 0.39 for the family of butterflies, the
# hardest, and 0.11 for faces and chandeliers, which it does not know.
_LEAST_SHARE, _LEAST_OF_FAMILY = 0.45, 0.35
_LEAST_OF_TWO, _LEAST_TOGETHER = 0.25, 0.6  # of two words for a group of two kinds: "Piano, aircraft"
_LEAST_BESIDE = 0.1  # of a word that tells two groups of dogs apart

# Of a standard normal, above which a word is no accident (5 %); and how many times as much of it there must be as in
# the others: in large groups a small difference is no accident either.
_LEAST_SCORE, _LEAST_RATIO = 1.96, 2.0

# A class has the whole family's name unless it is most of it.
_MOST_OF_FAMILY = 2 / 3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Word:
    index: int
    score: float
    share: float


def log_odds_scores(counts: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Compare how often each word is in each group and in all others: weighted log-odds with an informative prior.

    The difference of the two log-odds, each smoothed by the word's frequency in the whole collection, in standard
    deviations (Monroe, Colaresi & Quinn 2008, "Fightin' Words", equations 15, 16 and 22). The prior counts as much as a
    group of the mean size.

    Parameters
    ----------
    counts : ndarray, shape (n_groups + 1, n_words)
        See `imgcluster.naming.classes.word_counts`: the last row is for images in no group.
    sizes : ndarray, shape (n_groups + 1,)
        Images in each.

    Returns
    -------
    ndarray, shape (n_groups, n_words), float64
        About standard normal where a word is as frequent in the group as elsewhere.
    """
    tiny = 1e-9
    total, n_images = counts.sum(axis=0), sizes.sum()
    n_groups = len(counts) - 1
    size_of_prior = n_images / max(1, n_groups)
    prior = np.maximum(size_of_prior * total / max(1, n_images), tiny)
    own = counts[:-1] + prior
    rest = np.maximum(total - counts[:-1], 0) + prior
    not_own = np.maximum(sizes[:-1, None] + size_of_prior - own, tiny)
    not_rest = np.maximum(n_images - sizes[:-1, None] + size_of_prior - rest, tiny)
    difference = np.log(own / not_own) - np.log(rest / not_rest)
    return difference / np.sqrt(1 / own + 1 / rest)


def word_evidence(counts: np.ndarray, sizes: np.ndarray, vocabulary: Vocabulary) -> dict[int, Evidence]:
    """Find words for those groups in which the network sees something that it knows.

    Parameters
    ----------
    counts, sizes : ndarray
        See `log_odds_scores`.
    vocabulary : Vocabulary

    Returns
    -------
    dict of int to Evidence
        By label; groups without a clear word are not in it.
    """
    scores = log_odds_scores(counts, sizes)
    shares = counts[:-1] / (sizes[:-1, None] + _UNSEEN)
    if len(scores) == 1 and sizes[-1] == 0:
        scores = np.full_like(scores, np.inf)  # nothing to tell it from
    scores[_ratios(counts, sizes) < _LEAST_RATIO] = 0
    found = {}
    for label in range(len(scores)):
        words = [
            _Word(index=int(index), score=float(scores[label, index]), share=float(shares[label, index]))
            for index in np.flatnonzero((shares[label] >= _LEAST_BESIDE) & (scores[label] >= _LEAST_SCORE))
        ]
        words.sort(key=lambda word: (-word.score, -word.share, word.index))
        if chosen := _two_words(words, vocabulary) or _one_word(words, vocabulary):
            found[label] = _evidence(chosen, words, counts, sizes, label, vocabulary)
    return found


def _ratios(counts: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Return how many times as frequent each word is in each group as in all others, shape (n_groups, n_words)."""
    own = counts[:-1] / np.maximum(sizes[:-1, None], 1)
    n_others = sizes.sum() - sizes[:-1, None]
    others = np.maximum(counts.sum(axis=0) - counts[:-1], 0) / np.maximum(n_others, 1)
    return np.divide(own, others, out=np.full_like(own, np.inf), where=others > 0)


def _two_words(words: list[_Word], vocabulary: Vocabulary) -> list[_Word]:
    """Return two words for a group of two kinds, or nothing."""
    frequent = [word for word in words if word.share >= _LEAST_OF_TWO]
    families = {word.index for word in frequent}
    frequent = [word for word in frequent if vocabulary.broader[word.index] not in families]
    two = frequent[:2]
    return two if len(two) == 2 and sum(word.share for word in two) >= _LEAST_TOGETHER else []


def _one_word(words: list[_Word], vocabulary: Vocabulary) -> list[_Word]:
    """Return the most distinctive of the sure words, by the name of its class or of the whole family; or nothing."""
    families = set(vocabulary.broader)
    sure = [word for word in words if word.share >= (_LEAST_OF_FAMILY if word.index in families else _LEAST_SHARE)]
    if not sure:
        return []
    best = sure[0]
    by_index = {word.index: word for word in sure}
    family = by_index.get(vocabulary.broader[best.index], best)
    members = [word for word in sure if vocabulary.broader[word.index] == family.index]
    main = next((word for word in members if word.share >= _MOST_OF_FAMILY * family.share), family)
    return [main]


def _evidence(
    chosen: list[_Word],
    words: list[_Word],
    counts: np.ndarray,
    sizes: np.ndarray,
    label: int,
    vocabulary: Vocabulary,
) -> Evidence:
    name = ", ".join(vocabulary.words[word.index] for word in chosen)
    taken = {word.index for word in chosen} | {vocabulary.broader[word.index] for word in chosen}
    beside = (vocabulary.words[word.index] for word in words if word.index not in taken)
    names = (name, *(f"{name}, {other}" for other in beside if len(chosen) == 1))
    indices = [word.index for word in chosen]
    n_others = sizes.sum() - sizes[label]
    inside = counts[label, indices].sum() / sizes[label]
    reason = f"The built-in network sees {' or '.join(vocabulary.words[i] for i in indices)} in {inside:.0%} of it"
    if n_others > 0:
        outside = max(0.0, counts[:, indices].sum() - counts[label, indices].sum()) / n_others
        reason += f", and in {outside:.0%} of the others"
    return Evidence(names=tuple(each[0].upper() + each[1:] for each in names), source="words", reason=f"{reason}.")
