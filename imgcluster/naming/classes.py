"""From the built-in network's vectors to how often each word applies to the images of each group."""

import functools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from imgcluster.extractors.networks.efficientnet import class_names, classify
from imgcluster.features.blocks import row_blocks
from imgcluster.naming.families import FAMILIES

__all__ = ["Vocabulary", "imagenet_words", "make_vocabulary", "plain_word", "word_counts"]

# What the rules below make no word of.
_BETTER = {
    "a cat having a striped coat": "striped cat",
    "fruiting spike of a cereal plant": "ear of corn",
    "tights for gymnastics, a one-piece leotard, or a sport jersey": "leotard",
    "vaulted or arched ceiling": "vaulted ceiling",
    "traffic or street sign": "street sign",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """Words for what a classifier sees.

    Attributes
    ----------
    words : tuple of str, length n_words
        Those of single classes, then those that stand for several.
    memberships : ndarray, shape (n_classes, n_words), float32
        1 where a word applies to a class, otherwise 0.
    broader : tuple of int, length n_words
        The word that stands for a class and others beside it; -1 where there is none.
    """

    words: tuple[str, ...]
    memberships: np.ndarray
    broader: tuple[int, ...]

    def __post_init__(self) -> None:
        self.memberships.setflags(write=False)


def plain_word(name: str) -> str:
    """Return the first of the names that a class has: "kite" for "kite (bird of prey)", "bell" for "bell or ..."."""
    if name in _BETTER:
        return _BETTER[name]
    name = re.sub(r"\s*\(.*?\)", "", name)
    return re.split(r"\s*/\s*|,\s*|\s+or\s+", name)[0].strip()


def make_vocabulary(names: Sequence[str], families: Mapping[str, Sequence[int]]) -> Vocabulary:
    """Put the words together: one for each class (equal names are one word), one for each family of classes.

    Parameters
    ----------
    names : sequence of str, length n_classes
    families : mapping of str to sequence of int
        Classes by the word that stands for all of them. Where it is the name of one of them as well, as "mushroom" is,
        it means them all.

    Returns
    -------
    Vocabulary
    """
    plain = [plain_word(name) for name in names]
    words = [word for word in dict.fromkeys(plain) if word not in families] + list(families)
    place = {word: number for number, word in enumerate(words)}
    memberships = np.zeros((len(names), len(words)), dtype=np.float32)
    broader = [-1] * len(words)
    for number, word in enumerate(plain):
        memberships[number, place[word]] = 1
    for family, members in families.items():
        for number in members:
            memberships[number, place[family]] = 1
            if plain[number] != family:
                broader[place[plain[number]]] = place[family]
    return Vocabulary(words=tuple(words), memberships=memberships, broader=tuple(broader))


@functools.cache
def imagenet_words() -> Vocabulary:
    """Return the words for the 1000 classes of the built-in network.

    Raises
    ------
    ExtractorError
        The package with their names is missing or damaged.
    """
    return make_vocabulary(class_names(), FAMILIES)


def word_counts(
    vectors: np.ndarray,
    labels: np.ndarray,
    n_groups: int,
    *,
    vocabulary: Vocabulary,
    head: Callable[[np.ndarray], np.ndarray] = classify,
) -> np.ndarray:
    """Add up, for each group and word, the probabilities that the word applies to an image.

    Parameters
    ----------
    vectors : ndarray, shape (n_images, n_features)
        As the network gives them, before any scaling.
    labels : ndarray of int, shape (n_images,)
        0 to n_groups - 1; -1 is in no group.
    n_groups : int
    vocabulary : Vocabulary
    head : callable, default `classify`
        From vectors to the logits of the vocabulary's classes, (n, n_classes).

    Returns
    -------
    ndarray, shape (n_groups + 1, n_words), float64
        The last row is for images in no group. None is larger than its number of images.

    Raises
    ------
    ExtractorError
        The network's weights are missing or damaged.
    """
    counts = np.zeros((n_groups + 1, len(vocabulary.words)))
    for rows, block in row_blocks(vectors):
        probabilities = _softmax(head(block))
        is_member = (np.asarray(labels)[rows] % (n_groups + 1))[None] == np.arange(n_groups + 1)[:, None]
        counts += (is_member.astype(np.float32) @ probabilities) @ vocabulary.memberships
    return counts


def _softmax(logits: np.ndarray) -> np.ndarray:
    """Return the rows' probabilities, float32."""
    odds = np.exp(logits - logits.max(axis=1, keepdims=True), dtype=np.float32)
    return odds / odds.sum(axis=1, keepdims=True)
