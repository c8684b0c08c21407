"""The screen Pictures: choose them, see what was found, start."""

import streamlit as st

from imgcluster.jobs import JobState
from imgcluster.ui.access import hosted
from imgcluster.ui.background import found_job, start_finding
from imgcluster.ui.job_panel import job_panel
from imgcluster.ui.messages import plain
from imgcluster.ui.pictures.choose import choose_folder, choose_sample, choose_upload
from imgcluster.ui.pictures.start import show_start
from imgcluster.ui.pictures.storage import storage
from imgcluster.ui.router import ensure_frame
from imgcluster.ui.state import current_source

ensure_frame()

st.title("Find the groups in your pictures", anchor=False)
st.markdown(
    "Choose a folder: pictures that look alike fall into groups that you see and steer. "
    + (
        "What you upload is removed when you close this page."
        if hosted()
        else "Everything happens on this computer; nothing is sent anywhere, and your pictures are never changed."
    )
)

source = current_source()
if source is not None:
    scan = found_job(source) or start_finding(source)
    with st.container(border=True):
        st.header(plain(source.name), anchor=False)
        if scan.state is not JobState.DONE:
            job_panel(scan, key="scan")
        else:
            show_start(source, scan.result)

if hosted():
    samples, uploads = st.columns(2, gap="large")
else:
    folders, samples, uploads = st.columns([5, 4, 4], gap="large")
    with folders:
        st.header("A folder of yours", anchor=False)
        choose_folder()
with samples:
    st.header("A sample", anchor=False)
    choose_sample()
with uploads:
    st.header("An upload", anchor=False)
    choose_upload(hosted=hosted())

if not hosted():
    storage()
