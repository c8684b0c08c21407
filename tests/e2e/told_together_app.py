"""Three fragments: one is told of first, the others have a button and a value."""

import streamlit as st

from imgcluster.ui.hearing import hear_all

hear_all()


@st.fragment
def other() -> None:
    st.toggle("Other", key="other")


@st.fragment
def act() -> None:
    if st.button("Act"):
        st.session_state["acted"] = st.session_state.get("acted", 0) + 1
        st.rerun()


@st.fragment
def value() -> None:
    st.text(f"chosen {st.toggle('Choice')}")


other()
act()
value()
st.text(f"acted {st.session_state.get('acted', 0)}")
