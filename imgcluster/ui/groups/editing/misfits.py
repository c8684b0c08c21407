"""Pictures that may not belong where they are: one after the other is moved with one key, or confirmed with another."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import streamlit as st

from imgcluster.editing.advice import Misfit, may_not_belong
from imgcluster.editing.edits import Move
from imgcluster.errors import ImgClusterError
from imgcluster.jobs import Job
from imgcluster.keeping.decisions import add_fine, load_decisions, remove_fine
from imgcluster.progress import Progress, ProgressCallback
from imgcluster.stages.grouping import fit_silhouettes
from imgcluster.ui.components.gallery import gallery
from imgcluster.ui.groups.data import label_of, number_of, summary_of, texts_of
from imgcluster.ui.groups.editing.moving import members_of
from imgcluster.ui.groups.partition import Partition
from imgcluster.ui.groups.picture_view import open_picture
from imgcluster.ui.groups.waiting import wait_for
from imgcluster.ui.hosting import decisions_directory, workspace_of
from imgcluster.ui.messages import count, plain, public, show_error
from imgcluster.ui.project.grouped import Grouping
from imgcluster.ui.project.projects import edit
from imgcluster.ui.project.source import Source
from imgcluster.ui.register import jobs

__all__ = ["look_anew", "n_misfits", "show_misfits"]

_SUSPECTS, _LOOKED_AT, _PROBLEM = "suspects", "suspect", "belongs_problem"
_FINE = "belongs"  # the list in `imgcluster.keeping.decisions`
_MOST = 60

# So many seconds a page waits, rather than show that they are being looked for.
_PATIENCE = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Suspect:
    """A picture that may not belong to its group; groups by their numbers, which stay while pictures are moved."""

    image: int
    own: int
    nearest: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Suspects:
    """What was found, and for which groups: before all changes (``of``), and after those that held then (``key``)."""

    of: tuple[str, str]
    key: str
    listed: tuple[_Suspect, ...]


def n_misfits(source: Source, grouping: Grouping, partition: Partition) -> int | None:
    """Return how many are left to be looked at, None where they were not looked for yet."""
    suspects = _known(grouping, partition)
    return None if suspects is None else len(_still_open(source, grouping, partition, suspects))


def look_anew(key: str) -> None:
    """Let pictures be looked for again, where groups were changed since: what was moved changes what fits."""
    kept = st.session_state.get(_SUSPECTS)
    if kept is not None and kept.key != key:
        del st.session_state[_SUSPECTS]


def show_misfits(source: Source, grouping: Grouping, partition: Partition) -> None:
    """Show what was found, and one picture of it with what can be said of it."""
    suspects = _known(grouping, partition)
    if suspects is None:
        job = _job(source, grouping, partition)
        if not wait_for(job, key="advice"):
            return
        suspects = _keep(grouping, partition, job.result)
    still_open = _still_open(source, grouping, partition, suspects)
    _offer_confirmed(source, grouping)
    if not still_open:
        st.info("Every picture is where it fits, or you said that it belongs.", icon=":material/check_circle:")
        return
    images = [suspect.image for suspect in still_open]
    looked_at = st.session_state.get(_LOOKED_AT)
    at = images.index(looked_at) if looked_at in images else 0
    following = images[at + 1] if at + 1 < len(images) else images[at - 1]
    _show_suspect(source, grouping, partition, still_open[at], following)
    gallery(
        images,
        key="misfits-gallery",
        collection=grouping.features.fingerprint,
        texts=texts_of(grouping, partition, images),
        colors=partition.colors(partition.labels[images]),
        pressed=(images[at],),
        label="Pictures that may not belong",
        on_event=_look_at,
    )


def _show_suspect(source: Source, grouping: Grouping, partition: Partition, suspect: _Suspect, following: int) -> None:
    """Show one picture between the faces of both groups, with what can be said of it."""
    own, nearest = (label_of(partition, number) for number in (suspect.own, suspect.nearest))
    medoids = summary_of(grouping, partition).medoids
    beside = list(dict.fromkeys([int(medoids[own]), suspect.image, int(medoids[nearest])]))
    with st.container(width=420):
        gallery(
            beside,
            key="misfit-beside",
            collection=grouping.features.fingerprint,
            texts=texts_of(grouping, partition, beside),
            colors=partition.colors(partition.labels[beside]),
            pressed=(suspect.image,),
            medoids=medoids.tolist(),
            label="The picture between the most typical ones of its group and of the other",
            on_event=open_picture,
        )
    name = grouping.collection.images[suspect.image].path.rpartition("/")[2]
    st.markdown(f"{plain(name)}, in {plain(partition.name(own))}. {plain(public(suspect.reason))}")
    with st.container(horizontal=True):
        st.button(
            f"Move to {plain(partition.name(nearest))}",
            icon=":material/drive_file_move:",
            key="misfit-move",
            shortcut="m",
            type="primary",
            on_click=partial(_move, source, grouping, partition, suspect, nearest, following),
        )
        st.button(
            "It belongs",
            icon=":material/check:",
            key="misfit-belongs",
            shortcut="b",
            on_click=partial(_belongs, source, grouping, suspect, following),
        )


def _look_at(image: int) -> None:
    st.session_state[_LOOKED_AT] = image
    st.session_state["marked"] = (image,)


def _move(
    source: Source, grouping: Grouping, partition: Partition, suspect: _Suspect, label: int, following: int
) -> None:
    change = Move(images=(suspect.image,), target=members_of(partition, label))
    if edit(source, grouping, partition, change):
        _look_at(following)


def _belongs(source: Source, grouping: Grouping, suspect: _Suspect, following: int) -> None:
    try:
        add_fine(decisions_directory(source), _FINE, grouping.features.hashes[suspect.image])
    except ImgClusterError as error:
        st.session_state[_PROBLEM] = error
    else:
        _look_at(following)


def _confirmed(source: Source) -> frozenset[str]:
    """Return the contents that were said to belong; where that cannot be read, nothing was."""
    try:
        fine = load_decisions(decisions_directory(source)).fine
    except ImgClusterError:
        return frozenset()
    return frozenset(content for name, content in fine if name == _FINE)


def _offer_confirmed(source: Source, grouping: Grouping) -> None:
    """Say how many were confirmed, with the way back."""
    if (problem := st.session_state.pop(_PROBLEM, None)) is not None:
        show_error(problem)
    confirmed = sorted(_confirmed(source) & frozenset(grouping.features.hashes))
    if confirmed:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"You said of {count(len(confirmed), 'picture')} that it belongs.", width="content")
            st.button("Ask again", key="misfits-again", type="tertiary", on_click=_ask_again, args=(source, confirmed))


def _ask_again(source: Source, contents: Sequence[str]) -> None:
    try:
        for content in contents:
            remove_fine(decisions_directory(source), _FINE, content)
    except ImgClusterError as error:
        st.session_state[_PROBLEM] = error
    st.session_state.pop(_SUSPECTS, None)


def _job(source: Source, grouping: Grouping, partition: Partition) -> Job[tuple[Misfit, ...]]:
    """Return the job that looks for misfits, started when it was not yet."""
    workspace, labels = workspace_of(source), partition.labels
    confirmed, hashes, locked = _confirmed(source), grouping.features.hashes, partition.groups.locked
    settled = [
        image
        for image, label in enumerate(labels.tolist())
        if hashes[image] in confirmed or (label >= 0 and locked[label])
    ]

    def look(progress: ProgressCallback, cancel: threading.Event) -> tuple[Misfit, ...]:
        progress(Progress(stage="Looking for pictures that may not belong", done=0, total=0))
        fit = fit_silhouettes(grouping.space, labels, key=partition.key, workspace=workspace)
        return may_not_belong(
            grouping.space.coordinates, labels, fit.values, n=_MOST, settled=settled, titles=partition.names
        )

    key = f"{source.id}/misfits/{partition.key}/{grouping.space.fingerprint}/{hash(tuple(settled))}"
    job = jobs().get(key) or jobs().start(key, look)
    job.wait(_PATIENCE)
    return job


def _keep(grouping: Grouping, partition: Partition, misfits: Sequence[Misfit]) -> tuple[_Suspect, ...]:
    """Note what was found, until the groups are found anew: moving one picture is no reason to look at all again."""
    suspects = tuple(
        _Suspect(
            image=misfit.image,
            own=number_of(partition, misfit.label),
            nearest=number_of(partition, misfit.nearest),
            reason=misfit.reason,
        )
        for misfit in misfits
    )
    st.session_state[_SUSPECTS] = _Suspects(of=_found(grouping, partition), key=partition.key, listed=suspects)
    return suspects


def _known(grouping: Grouping, partition: Partition) -> tuple[_Suspect, ...] | None:
    kept = st.session_state.get(_SUSPECTS)
    return kept.listed if kept is not None and kept.of == _found(grouping, partition) else None


def _found(grouping: Grouping, partition: Partition) -> tuple[str, str]:
    """Return what names the groups before all changes."""
    return grouping.space.fingerprint, partition.key.partition("+")[0]


def _still_open(
    source: Source, grouping: Grouping, partition: Partition, suspects: Sequence[_Suspect]
) -> list[_Suspect]:
    """Return those that still are where they were, and of which nobody said that they belong."""
    confirmed, groups = _confirmed(source), partition.groups
    there = {number for number, locked in zip(groups.numbers, groups.locked, strict=True) if not locked}
    return [
        suspect
        for suspect in suspects
        if number_of(partition, partition.labels[suspect.image]) == suspect.own
        and {suspect.own, suspect.nearest} <= there
        and grouping.features.hashes[suspect.image] not in confirmed
    ]
