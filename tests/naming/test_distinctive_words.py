"""Which words tell groups apart, with a hand-made classifier, and the words of the built-in one."""

import numpy as np
import pytest

from imgcluster.extractors.networks.efficientnet import class_names
from imgcluster.naming.classes import imagenet_words, make_vocabulary, plain_word, word_counts
from imgcluster.naming.families import FAMILIES
from imgcluster.naming.words import log_odds_scores, word_evidence

VOCABULARY = make_vocabulary(["beagle", "pug", "tabby cat", "rose", "nail (metal)"], {"dog": (0, 1)})


def counts_of(shares, labels):
    """Each image's probabilities of the five classes as word counts, by way of a head that gives their logarithms."""
    vectors = np.asarray(shares, dtype=np.float32).reshape(len(labels), 5)
    n_groups = int(np.max(labels, initial=-1)) + 1
    counts = word_counts(vectors, labels, n_groups, vocabulary=VOCABULARY, head=lambda rows: np.log(rows + 1e-12))
    sizes = np.bincount(np.asarray(labels, dtype=np.int64) % (n_groups + 1), minlength=n_groups + 1)
    return counts, sizes


def evidence_of(shares, labels):
    return word_evidence(*counts_of(shares, labels), VOCABULARY)


def likely(*classes, certain=0.9):
    """Probabilities of an image in which the classifier sees these classes, equally."""
    row = np.full(5, (1 - certain) / (5 - len(classes)))
    row[list(classes)] = certain / len(classes)
    return row


def test_counts_are_sums_of_probabilities_by_group_with_no_group_last():
    shares = np.random.default_rng(0).dirichlet(np.ones(5), 40)
    labels = np.random.default_rng(1).integers(-1, 3, 40)
    counts, sizes = counts_of(shares, labels)
    assert VOCABULARY.words == ("beagle", "pug", "tabby cat", "rose", "nail", "dog")
    assert VOCABULARY.broader == (5, 5, -1, -1, -1, -1)
    for row, label in enumerate((0, 1, 2, -1)):
        of_classes = shares[labels == label].sum(axis=0)
        np.testing.assert_allclose(counts[row], [*of_classes, of_classes[:2].sum()], rtol=1e-5)
        assert sizes[row] == (labels == label).sum()


def test_scores_equal_the_formula_of_the_paper():
    counts, sizes = counts_of(np.random.default_rng(2).dirichlet(np.ones(5), 30), np.repeat([0, 1, -1], [7, 13, 10]))
    scores = log_odds_scores(counts, sizes)
    for label in range(2):
        for word in range(6):
            prior, all_prior = 15 * counts[:, word].sum() / 30, 15
            own, rest = counts[label, word], counts[:, word].sum() - counts[label, word]
            n_own, n_rest = sizes[label], 30 - sizes[label]
            difference = np.log((own + prior) / (n_own + all_prior - own - prior))
            difference -= np.log((rest + prior) / (n_rest + all_prior - rest - prior))
            expected = difference / np.sqrt(1 / (own + prior) + 1 / (rest + prior))
            assert scores[label, word] == pytest.approx(expected)


def test_the_distinctive_word_is_taken_and_not_the_frequent_one():
    """Roses are in every picture; cats beside them in those of the second group only."""
    labels = np.repeat([0, 1, 2], [10, 10, 20])
    shares = [likely(3)] * 10 + [[0.02, 0.02, 0.48, 0.46, 0.02]] * 10 + [likely(3)] * 20
    found = evidence_of(shares, labels)
    assert found == {}  # sure of neither, and roses are everywhere
    shares[10:20] = [[0.02, 0.02, 0.56, 0.38, 0.02]] * 10
    (evidence,) = evidence_of(shares, labels).values()
    assert evidence.names == ("Tabby cat",)
    assert evidence.reason == "The built-in network sees tabby cat in 56% of it, and in 2% of the others."


def test_many_kinds_are_called_by_their_family_and_one_kind_by_its_own_name():
    shares = [likely(0)] * 10 + [likely(1)] * 10 + [likely(3)] * 20
    labels = np.repeat([0, 1], 20)
    assert evidence_of(shares, labels)[0].names == ("Dog", "Dog, beagle", "Dog, pug")
    assert evidence_of([likely(0)] * 20 + [likely(3)] * 20, labels)[0].names == ("Beagle",)


def test_a_group_of_two_kinds_gets_both_words():
    shares = [likely(2)] * 10 + [likely(3)] * 10 + [likely(4)] * 20
    assert evidence_of(shares, np.repeat([0, 1], 20))[0].names == ("Tabby cat, rose",)
    shares[:20] = [likely(0)] * 6 + [likely(1)] * 6 + [likely(3)] * 8
    assert evidence_of(shares, np.repeat([0, 1], 20))[0].names == ("Dog, rose",)


def test_where_the_network_is_not_sure_nothing_is_said():
    rng = np.random.default_rng(3)
    vague = rng.dirichlet(np.full(5, 5.0), 60)
    assert evidence_of(vague, np.repeat([0, 1, 2], 20)) == {}


def test_one_or_two_pictures_are_too_few_and_noise_is_the_rest():
    labels = np.array([0, 1, 1, *[2] * 20, *[-1] * 20])
    shares = [likely(2), likely(4), likely(4), *[likely(3)] * 20, *[likely(0)] * 20]
    assert {label: evidence.names for label, evidence in evidence_of(shares, labels).items()} == {2: ("Rose",)}
    with_noise = [likely(2), likely(4), likely(4), *[likely(3)] * 40]
    assert evidence_of(with_noise, labels) == {}  # those in no group are roses as well


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_few_images_and_none(n):
    for labels in (np.zeros(n, dtype=np.int32), np.arange(n), np.full(n, -1)):
        found = evidence_of([likely(3)] * n, labels)
        assert all(evidence.names == ("Rose",) for evidence in found.values())
        assert found == {} or labels.max() == 0


def test_one_group_of_all_is_called_by_what_it_shows():
    evidence = evidence_of([likely(3)] * 12, np.zeros(12, dtype=np.int32))[0]
    assert evidence.names == ("Rose",) and evidence.reason == "The built-in network sees rose in 90% of it."


def test_class_names_become_plain_words():
    assert plain_word("kite (bird of prey)") == "kite"
    assert plain_word("bell or wind chime") == "bell"
    assert plain_word("cardboard box / carton") == "cardboard box"
    assert plain_word("vaulted or arched ceiling") == "vaulted ceiling"
    words = imagenet_words().words
    assert len(set(words)) == len(words)
    assert not [word for word in words if len(word) > 34 or set(word) & set("(),/") or word != word.strip()]


def test_every_class_has_its_word_and_families_hold_what_they_say():
    vocabulary, names = imagenet_words(), class_names()
    n_words = vocabulary.memberships.sum(axis=1)
    assert n_words.min() == 1 and n_words.max() == 2
    members = [number for family in FAMILIES.values() for number in family]
    assert len(members) == len(set(members))
    of_family = {word: {names[number] for number in numbers} for word, numbers in FAMILIES.items()}
    for family in ("butterfly", "fox", "lemur", "elephant", "piano", "guitar", "clock", "bear", "whale", "panda"):
        assert [name for name in of_family[family] if family not in name] in ([], ["tusker"], ["indri"]), family
    assert {"Chihuahua", "Standard Poodle"} <= of_family["dog"] and "grey wolf" not in of_family["dog"]
    assert {"tench", "pufferfish"} <= of_family["fish"] and {"rooster", "flamingo", "goose"} <= of_family["bird"]
    assert "fly" in of_family["insect"] and "harvestman" not in of_family["spider"]
    assert {"worm snake", "sidewinder rattlesnake"} <= of_family["snake"] and "triceratops" not in of_family["lizard"]
