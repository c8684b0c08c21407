"""Names that the program proposes: looked for in the background, marked as proposed, and no names until taken."""

import threading
from collections.abc import Mapping
from functools import partial

import streamlit as st

from imgcluster.editing.edits import Rename
from imgcluster.jobs import Job, JobState
from imgcluster.naming.proposing import Proposal
from imgcluster.progress import ProgressCallback, raise_if_cancelled
from imgcluster.stages.naming import ProposedNames, propose
from imgcluster.ui.fingerprints import collection_key
from imgcluster.ui.groups.editing.advice import chosen_advice
from imgcluster.ui.groups.editing.group_dialog import is_editing
from imgcluster.ui.groups.editing.moving import members_of
from imgcluster.ui.groups.partition import Partition
from imgcluster.ui.hosting import limits_of, workspace_of
from imgcluster.ui.job_panel import job_panel
from imgcluster.ui.messages import count, duration, plain, public
from imgcluster.ui.project.grouped import Grouping
from imgcluster.ui.project.projects import edit
from imgcluster.ui.project.source import Source
from imgcluster.ui.register import jobs

__all__ = ["known_names", "names_menu", "proposed_names"]

# So many seconds groups must stay before names are looked for: those that the slider passes by need none.
_PAUSE = 0.4
_MOST_KNOWN = 64
_LAST, _RUNNING = "last_proposals", "names_job"


def proposed_names(source: Source, grouping: Grouping, partition: Partition) -> ProposedNames:
    """Return the names that are proposed; until they are known, those of the groups that were there before.

    Looking for them is begun here, and the page runs again when it has ended.
    """
    words = jobs().get(_words_key(source, grouping))
    if words is not None and words.state is JobState.DONE:  # from now on there are words for all groups
        jobs().drop(words)
        _known().clear()
    key = _names_key(source, grouping, partition)
    if key not in _known():
        job = _job(source, grouping, partition)
        if job.state is JobState.RUNNING:
            _watch(job)
            return _of_before(grouping, partition)
        jobs().drop(job)
        while len(_known()) >= _MOST_KNOWN:
            _known().pop(next(iter(_known())))
        none = ProposedNames(proposals=(None,) * partition.n_clusters, notes=(str(job.error),) if job.error else ())
        _known()[key] = job.result or none
    found = _known()[key]
    sizes, numbers = partition.groups.sizes.tolist(), partition.groups.numbers
    proposals = dict(zip(zip(numbers, sizes, strict=True), found.proposals, strict=True))
    st.session_state[_LAST] = _space_key(grouping), proposals
    return found


def known_names(source: Source, grouping: Grouping, partition: Partition) -> tuple[str, ...]:
    """Return the names that are proposed, by label and empty where there is none; () where nobody looked for them."""
    found = _known().get(_names_key(source, grouping, partition))
    return () if found is None else found.names


def names_menu(source: Source, grouping: Grouping, partition: Partition, found: ProposedNames) -> None:
    """Offer to take all proposed names, and to let the network look where it has not."""
    proposals = [proposal for proposal in found.proposals if proposal is not None]
    menu = st.popover(
        "Names",
        icon=":material/label:",
        help="Names that the program proposes.",
        key="names-menu",
        on_change="rerun",
    )
    if not menu.open:
        return
    with menu:
        if proposals:
            lines = [
                f"- {plain(partition.name(each.label))}: **{plain(each.name)}**. {plain(public(each.reason))}"
                for each in proposals
            ]
            st.markdown("\n".join([f"{count(len(proposals), 'name')} proposed", "", *lines]))
        elif all(partition.groups.names):
            st.markdown("Each group has a name.")
        else:
            st.markdown("No names were found for these groups.")
        st.button(
            "Take all proposed names",
            icon=":material/done_all:",
            disabled=not proposals,
            on_click=partial(_take_all, source, grouping, partition, proposals),
        )
        for note in found.notes:
            st.caption(f":material/info: {plain(public(note))}")
        _offer_words(source, grouping, partition, found.seconds_for_words)


def _offer_words(source: Source, grouping: Grouping, partition: Partition, seconds: float) -> None:
    job = jobs().get(_words_key(source, grouping))
    if job is not None:
        job_panel(job, key="words")
    if seconds and (job is None or job.state is not JobState.RUNNING):
        st.button(
            f"Let the network look, {duration(seconds)}",
            icon=":material/visibility:",
            on_click=partial(_look, source, grouping, partition),
            help="It says what it sees in each picture; of that, what tells a group from the others becomes its name.",
        )


def _take_all(source: Source, grouping: Grouping, partition: Partition, proposals: list[Proposal]) -> None:
    names = [
        Rename(group=members_of(partition, proposal.label), name=proposal.name, with_previous=place > 0)
        for place, proposal in enumerate(proposals)
    ]
    edit(source, grouping, partition, *names)


def _job(source: Source, grouping: Grouping, partition: Partition) -> Job[ProposedNames]:
    """Return the job that looks for names, started where it was not; the one for groups that are gone is stopped.

    One that failed is not begun again by itself: it would fail for ever.
    """
    key = _names_key(source, grouping, partition)
    before = st.session_state.get(_RUNNING)
    job = jobs().get(key) or jobs().start(key, _work(source, grouping, partition, look=False, pause=_PAUSE))
    if before is not None and before is not job and before.state is JobState.RUNNING:
        jobs().drop(before)
    st.session_state[_RUNNING] = job
    return job


def _look(source: Source, grouping: Grouping, partition: Partition) -> None:
    jobs().start(_words_key(source, grouping), _work(source, grouping, partition, look=True, pause=0))


def _names_key(source: Source, grouping: Grouping, partition: Partition) -> str:
    return f"{source.id}/names/{_space_key(grouping)}/{partition.key}"


def _space_key(grouping: Grouping) -> str:
    return f"{collection_key(grouping.collection)}/{grouping.space.fingerprint}"


def _words_key(source: Source, grouping: Grouping) -> str:
    return f"{source.id}/words/{grouping.features.fingerprint}"


def _work(source: Source, grouping: Grouping, partition: Partition, *, look: bool, pause: float):
    workspace, limits = workspace_of(source), limits_of(source)

    def work(progress: ProgressCallback, cancel: threading.Event) -> ProposedNames:
        cancel.wait(pause)
        raise_if_cancelled(cancel)
        return propose(
            grouping.collection,
            grouping.features,
            partition.groups,
            workspace=workspace,
            look=look,
            max_pixels=limits.max_pixels,
            progress=progress,
            cancel=cancel,
        )

    return work


def _of_before(grouping: Grouping, partition: Partition) -> ProposedNames:
    """Return what was proposed for groups of the same number and size, which most likely are the same."""
    of, last = st.session_state.get(_LAST, ("", {}))
    known: Mapping[tuple[int, int], Proposal | None] = last if of == _space_key(grouping) else {}
    groups = partition.groups
    return ProposedNames(
        proposals=tuple(
            None if groups.names[label] else _for_label(known.get((number, size)), label)
            for label, (number, size) in enumerate(zip(groups.numbers, groups.sizes.tolist(), strict=True))
        )
    )


def _for_label(proposal: Proposal | None, label: int) -> Proposal | None:
    if proposal is None:
        return None
    return Proposal(label=label, name=proposal.name, source=proposal.source, reason=proposal.reason)


@st.fragment(run_every=1)
def _watch(job: Job[ProposedNames]) -> None:
    """Show the names as soon as they are there; not where none is seen, and a list that is open would be closed."""
    are_seen = not is_editing() and chosen_advice() is None and st.session_state.get("shelf") is None
    if job.state is not JobState.RUNNING and are_seen:
        st.rerun()


@st.cache_resource(show_spinner=False)
def _known() -> dict[str, ProposedNames]:
    return {}
