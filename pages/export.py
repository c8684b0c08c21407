"""The screen Export: the groups that were shown last, to be taken away."""

import streamlit as st

from imgcluster.ui.access import hosted
from imgcluster.ui.export.final import taken_from
from imgcluster.ui.export.folders import offer_folders
from imgcluster.ui.export.project import offer_model, offer_project, offer_script
from imgcluster.ui.export.reports import offer_report, offer_sheets, offer_zip
from imgcluster.ui.export.scheme import choose_scheme
from imgcluster.ui.export.tables import offer_tables
from imgcluster.ui.export.taken import choose_names, choose_outside, show_taken
from imgcluster.ui.groups.current import current_partition, shown_partition
from imgcluster.ui.groups.editing.names import known_names
from imgcluster.ui.guards import require_grouping
from imgcluster.ui.messages import count, plain
from imgcluster.ui.router import ensure_frame
from imgcluster.ui.state import keep_choices_of

ensure_frame()
source, grouping = require_grouping()
keep_choices_of(grouping.features.fingerprint)

with st.container(horizontal=True, vertical_alignment="center"):
    st.markdown(f"## {plain(source.name)}&ensp;:gray[{count(len(grouping.collection), 'picture')}]", width="content")
    st.caption("Your own pictures are only read: nothing is ever moved, changed or deleted.", width="content")
partition = current_partition(source, grouping)
said = st.container()
with st.container(horizontal=True):
    names = choose_names(known_names(source, grouping, partition))
    with_outside = choose_outside(partition)
taken = taken_from(source, grouping, shown_partition(source, grouping), names)
with said:
    show_taken(taken.final, partition.title)

with st.container(border=True):
    st.subheader("Tables", anchor=False)
    offer_tables(taken.final)

with st.container(border=True):
    st.subheader("Pictures by group", anchor=False)
    scheme = choose_scheme(taken.key, taken.final, with_outside=with_outside)
    if scheme is not None:
        if not hosted():
            offer_folders(source, taken.key, taken.final, scheme, with_outside=with_outside)
        offer_zip(source, taken, scheme, with_outside=with_outside)

with st.container(border=True):
    st.subheader("Report", anchor=False)
    offer_report(source, grouping, taken)

with st.container(border=True):
    st.subheader("Contact sheets", anchor=False)
    offer_sheets(source, grouping, taken, with_outside=with_outside)

with st.container(border=True):
    st.subheader("Project", anchor=False)
    offer_project(source, grouping, taken)

with st.container(border=True):
    st.subheader("Model", anchor=False)
    offer_model(source, grouping, partition, taken)

with st.container(border=True):
    st.subheader("Python script", anchor=False)
    offer_script(source, taken)
