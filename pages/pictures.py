"""The screen Pictures: choose them, see what was found, start."""

import streamlit as st

from imgcluster.ui.access import hosted
from imgcluster.ui.pictures.choose import choose_folder, choose_sample, choose_upload
from imgcluster.ui.pictures.opened import show_opened
from imgcluster.ui.pictures.project_files import choose_project_file, open_named_file
from imgcluster.ui.pictures.projects import show_projects
from imgcluster.ui.pictures.storage import storage
from imgcluster.ui.project.session import current_source
from imgcluster.ui.router import ensure_frame

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

open_named_file()
source = current_source()
if source is not None:
    show_opened(source)

if hosted():
    samples, uploads = st.columns(2, gap="large")
else:
    show_projects()
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
        choose_project_file()

if not hosted():
    storage()
