"""A fragment that shows one long text for each of three choices, as long as Streamlit lets the browser keep."""

import streamlit as st


@st.fragment
def chosen() -> None:
    choice = st.radio("Choice", ["first", "second", "third"])
    st.text(f"{choice} " * 10_000)


chosen()
