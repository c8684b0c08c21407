"""Two fragments, of which the second has a button."""

import streamlit as st

from imgcluster.ui.pressing import forget_presses, pressed


@st.fragment
def other() -> None:
    st.toggle("Other", key="other")


@st.fragment
def act() -> None:
    if pressed("Act", key="act"):
        st.session_state["acted"] = st.session_state.get("acted", 0) + 1
        st.rerun()


other()
act()
st.text(f"acted {st.session_state.get('acted', 0)}")
forget_presses()
