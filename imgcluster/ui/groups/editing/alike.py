"""Pairs of groups that look alike, side by side, and may be merged."""

from functools import partial

import streamlit as st

from imgcluster.editing.advice import AlikePair, alike_groups
from imgcluster.editing.edits import Merge
from imgcluster.ui.components.gallery import gallery
from imgcluster.ui.groups.chip import show_chip
from imgcluster.ui.groups.data import members, summary_of, texts_of
from imgcluster.ui.groups.editing.moving import members_of
from imgcluster.ui.groups.partition import Partition
from imgcluster.ui.groups.picture_view import open_picture
from imgcluster.ui.messages import count, plain, public
from imgcluster.ui.project.grouped import Grouping
from imgcluster.ui.project.projects import edit
from imgcluster.ui.project.source import Source

__all__ = ["n_alike", "show_alike"]

_KNOWN = "n_alike"  # session state: for which groups the pairs are known, and how many there are
_FACES = 4  # pictures of each of the two


def n_alike(grouping: Grouping, partition: Partition) -> int | None:
    """Return how many pairs there are, None where they were not looked for yet."""
    of, number = st.session_state.get(_KNOWN, (None, None))
    return number if of == (grouping.space.fingerprint, partition.key) else None


def show_alike(source: Source, grouping: Grouping, partition: Partition) -> None:
    """Show the pairs, the most alike first."""
    pairs = _alike(grouping.space.fingerprint, partition.key, grouping, partition)
    st.session_state[_KNOWN] = (grouping.space.fingerprint, partition.key), len(pairs)
    if not pairs:
        st.info("There is a gap between any two groups.", icon=":material/check_circle:")
    for place, pair in enumerate(pairs):
        with st.container(border=True):
            for side, (column, label) in enumerate(zip(st.columns(2), pair.labels, strict=True)):
                with column:
                    _show_face(grouping, partition, label, key=f"alike-{place}-{side}")
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(plain(public(pair.reason)), width="content")
                groups = tuple(members_of(partition, label) for label in pair.labels)
                st.button(
                    "Merge",
                    icon=":material/merge:",
                    key=f"merge-alike-{place}",
                    on_click=partial(edit, source, grouping, partition, Merge(groups=groups)),
                )


def _show_face(grouping: Grouping, partition: Partition, label: int, *, key: str) -> None:
    show_chip(partition, label, count(int(partition.groups.sizes[label]), "picture"))
    shown = members(grouping, partition, label)[:_FACES]
    gallery(
        shown.tolist(),
        key=key,
        collection=grouping.features.fingerprint,
        texts=texts_of(grouping, partition, shown),
        colors=[partition.color(label)] * len(shown),
        medoids=summary_of(grouping, partition).medoids.tolist(),
        label=f"The most typical pictures of {partition.name(label)}",
        on_event=open_picture,
    )


@st.cache_resource(max_entries=32, show_spinner=False)
def _alike(fingerprint: str, key: str, _grouping: Grouping, _partition: Partition) -> tuple[AlikePair, ...]:
    locked = [label for label, is_locked in enumerate(_partition.groups.locked) if is_locked]
    return alike_groups(_grouping.space.coordinates, _partition.labels, locked=locked, titles=_partition.names)
