"""One name for each group, never the same twice."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from imgcluster.editing.edits import Rename, apply
from imgcluster.editing.groups import groups_of
from imgcluster.naming.evidence import Evidence
from imgcluster.naming.proposing import LONGEST_PROPOSAL, propose_names


def groups(n, **names):
    found = groups_of(np.repeat(np.arange(n), 2))
    return replace(found, names=tuple(names.get(f"g{label}", "") for label in range(n)))


def evidence(*names, source="words"):
    return Evidence(names=names, source=source, reason="Because.")


def proposed(groups, *found):
    return [proposal and proposal.name for proposal in propose_names(groups, found)]


def test_the_first_kind_of_evidence_counts():
    folders, words = {1: evidence("zoo", source="folder")}, {0: evidence("Dog"), 1: evidence("Bear")}
    proposals = propose_names(groups(3), [folders, words])
    assert [each and (each.label, each.name, each.source) for each in proposals] == [
        (0, "Dog", "words"),
        (1, "zoo", "folder"),
        None,
    ]


def test_groups_that_a_person_named_are_left_alone_and_their_names_not_given_again():
    words = {label: evidence("Dog") for label in range(3)}
    assert proposed(groups(3, g1="dog"), words) == ["Dog 2", None, "Dog 3"]


def test_equal_names_are_told_apart_by_what_one_group_has_alone_or_by_a_number():
    words = {
        0: evidence("Dog", "Dog, beagle", "Dog, pug"),
        1: evidence("Dog", "Dog, beagle", "Dog, collie"),
        2: evidence("Dog", "Dog, beagle"),
        3: evidence("dog"),
        4: evidence("Cat", "Cat, tabby"),
    }
    assert proposed(groups(5), words) == ["Dog, pug", "Dog, collie", "Dog", "dog 2", "Cat"]
    folders = {0: evidence("cubs", "zoo/cubs"), 1: evidence("cubs", "park/cubs")}
    assert proposed(groups(2), folders) == ["zoo/cubs", "park/cubs"]


def test_names_do_not_look_like_those_of_groups_without_one():
    assert proposed(groups(2), {0: evidence("Group 2"), 1: evidence("no group")}) == ["Group 2 2", "no group 2"]
    found = {0: evidence("group 2"), 2: evidence("Group 9", "zoo/Group 9")}
    assert proposed(groups(3, g1="Dog"), found) == ["group 2 2", None, "zoo/Group 9"]


def test_what_cannot_be_printed_is_left_out_and_script_stays_text():
    script = "<img src=x onerror=alert(1)>"
    odd = {0: evidence("a\u202eb\x00\n c\u200b"), 1: evidence("\u202e \n", "\ud800"), 2: evidence(script)}
    assert proposed(groups(3), odd) == ["a b c", None, script]


def test_long_names_are_cut_and_stay_different():
    names = proposed(groups(3), {label: evidence("x" * 80) for label in range(3)})
    assert names == ["x" * 59 + "…", "x" * 57 + "… 2", "x" * 57 + "… 3"]
    assert {len(name) for name in names} <= {LONGEST_PROPOSAL, LONGEST_PROPOSAL - 1}


texts = st.one_of(st.text(max_size=70), st.sampled_from(["Dog", "dog", "Dog 2", "Group 1", "No group", ""]))


@given(st.data(), st.integers(0, 8))
def test_any_evidence_gives_names_that_a_person_could_have_given(data, n):
    start = groups(n, **data.draw(st.dictionaries(st.sampled_from(["g0", "g1", "g2"]), st.sampled_from(["Dog", "A"]))))
    found = [
        {label: evidence(*data.draw(st.lists(texts, max_size=3))) for label in range(n) if data.draw(st.booleans())}
        for _ in range(2)
    ]
    proposals = propose_names(start, found)
    assert len(proposals) == n and proposals == propose_names(start, found)
    names = [each.name for each in proposals if each]
    assert len({name.casefold() for name in names}) == len(names)
    assert not {name.casefold() for name in names} & {name.casefold() for name in start.names if name}
    for each in filter(None, proposals):
        assert 0 < len(each.name) <= LONGEST_PROPOSAL and each.name.isprintable() and not start.names[each.label]
        renamed, _ = apply(start, Rename(group=tuple(start.members(each.label).tolist()), name=each.name))
        assert renamed.names[each.label] == each.name
