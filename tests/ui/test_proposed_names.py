"""Names that the program proposes on the screen Groups: no names until they are taken, and looked for once."""

import pytest
from edited_groups import grouped, open_group, shown, stored

from imgcluster.errors import StoreError
from imgcluster.jobs import JobState
from imgcluster.naming.proposing import Proposal
from imgcluster.stages.naming import ProposedNames
from imgcluster.ui.groups.editing import names
from imgcluster.ui.project.saving import Writer
from imgcluster.ui.register import jobs

pytestmark = pytest.mark.usefixtures("few_clusters")


@pytest.fixture
def proposals(monkeypatch):
    """Names for all groups; what is proposed for, and whether the network may look."""
    asked = []

    def propose(collection, features, groups, *, look, **rest):
        asked.append((groups.n_groups, look))
        names = [None if groups.names[label] else f"Thing <{label}>" for label in range(groups.n_groups)]
        return ProposedNames(
            proposals=tuple(
                name and Proposal(label=label, name=name, source="words", reason="It is *seen* in 9 of 10.")
                for label, name in enumerate(names)
            ),
            seconds_for_words=0 if look else 60,
        )

    monkeypatch.setattr("imgcluster.ui.groups.editing.names.propose", propose)
    return asked


def test_proposed_names_are_no_names_until_they_are_taken(proposals, visit, photos):
    groups = visit().group(photos).settle()
    assert shown(groups).names[:2] == ["Group 1", "Group 2"]
    groups.app.session_state["names-menu"] = True
    groups.run()
    assert "Group 1: **Thing <0>**. It is *seen* in 9 of 10." in groups.text
    open_group(groups, 1).click("Proposed: Thing <1>").run()
    assert shown(groups).names[:2] == ["Group 1", "Thing <1>"]
    groups.settle().click("Take all proposed names").settle()
    assert shown(groups).names == [f"Thing <{label}>" for label in range(8)]
    assert stored(groups).history.n_done == 8
    undo, redo = (groups.app.button(key) for key in ("undo-edit", "redo-edit"))
    assert undo.help == "Named 7 groups" and redo.disabled
    groups.click("Undo")
    assert shown(groups).names == ["Group 1", "Thing <1>", *(f"Group {number}" for number in range(3, 9))]
    assert groups.app.button("redo-edit").help == "Named 7 groups"
    groups.click("Redo")
    assert shown(groups).names == [f"Thing <{label}>" for label in range(8)]


def test_all_proposed_names_are_saved_at_once(proposals, visit, photos, monkeypatch):
    groups = visit().group(photos).settle()
    groups.app.session_state["names-menu"] = True
    groups.run()
    saved, save = [], Writer.save
    monkeypatch.setattr(Writer, "save", lambda writer, project: saved.append(project) or save(writer, project))
    groups.click("Take all proposed names")
    assert len(saved) == 1 and shown(groups).names == [f"Thing <{label}>" for label in range(8)]


def test_of_proposed_names_that_cannot_all_be_none_is_taken(visit, photos, monkeypatch):
    same = tuple(Proposal(label=label, name="Thing", source="words", reason="It is.") for label in range(8))
    monkeypatch.setattr(names, "propose", lambda *args, **options: ProposedNames(proposals=same))
    groups = visit().group(photos).settle()
    groups.app.session_state["names-menu"] = True
    groups.run().click("Take all proposed names")
    assert 'Another group is called "Thing" already.' in groups.text
    assert shown(groups).names[0] == "Group 1" and stored(groups).history.edits == ()


def test_looking_for_names_that_fails_is_said_and_not_begun_again(proposals, visit, photos):
    groups = visit().group(photos).settle()
    key = names._names_key(groups.app.session_state["source"], grouped(), shown(groups))
    assert key in names._known()
    names._known().clear()

    def fails(progress, cancel):
        raise StoreError("The disk is full.", hint="Make room.")

    assert jobs().start(key, fails).wait(10)
    proposals.clear()
    groups.app.session_state["names-menu"] = True
    groups.run().settle()
    assert proposals == [] and "The disk is full." in groups.text


def test_the_network_looks_when_it_is_asked(proposals, visit, photos):
    groups = visit().group(photos).settle()
    assert proposals == [(8, False)]
    groups.app.session_state["names-menu"] = True
    groups.run()
    groups.click("Let the network look, about 1 minute").settle().settle()
    assert (8, True) in proposals
    assert all(job.state is JobState.DONE for job in jobs()._jobs.values())
