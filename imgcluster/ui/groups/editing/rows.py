"""The rows of the groups with what belongs to changing them: a button, the proposed name, and none that is hidden."""

from dataclasses import replace

import streamlit as st

from imgcluster.stages.naming import ProposedNames
from imgcluster.ui.components.gallery import StripEvent, strips
from imgcluster.ui.groups.data import strip_rows, thumbnail_loader
from imgcluster.ui.groups.editing.group_dialog import edit_group
from imgcluster.ui.groups.partition import Partition
from imgcluster.ui.groups.shelf import follow_strip
from imgcluster.ui.project.grouped import Grouping
from imgcluster.ui.project.source import Source

__all__ = ["editable_strips"]


def editable_strips(source: Source, grouping: Grouping, partition: Partition, proposed: ProposedNames) -> None:
    """Show the groups, each with the way to change it."""
    groups, rows = partition.groups, []
    names = dict(zip(groups.numbers, proposed.names, strict=True))
    hidden = {number for number, size in zip(groups.numbers, groups.sizes, strict=True) if size < groups.hidden_below}
    for row in strip_rows(grouping, partition):
        if row.cluster < 0:
            rows.append(row)
        elif row.cluster not in hidden:
            rows.append(replace(row, proposed=names[row.cluster], can_edit=True))
    if not rows:
        st.info("All groups are smaller than what is shown.", icon=":material/visibility_off:")
        return
    load = thumbnail_loader(source, grouping)
    strips(rows, key="strips", collection=grouping.features.fingerprint, load=load, on_event=_follow)


def _follow(event: StripEvent) -> None:
    if event.is_edit:
        edit_group(event.cluster)
    else:
        follow_strip(event)
