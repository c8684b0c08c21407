"""A small app around the pictures side by side, for the browser tests. The lines at the end say what Python knows."""

import io
import json

import streamlit as st
from PIL import Image, ImageDraw

from imgcluster.ui.components.side_by_side import Side, SideAction, SideEvent, side_by_side
from imgcluster.ui.sending import send_all

N_GROUPS = 6
KEEP = SideAction(name="keep", label="Keep this one", key=" ", pressed=False)
NOT_SAME = SideAction(name="not_same", label="Not the same", key="n")


def load(index: int) -> bytes | None:
    """Two pictures of a group have the same shape and different sizes; that of the last group cannot be shown."""
    st.session_state.loaded.append(index)
    if index >= 2 * (N_GROUPS - 1):
        return None
    image = Image.new("RGB", (600, 400) if index % 2 else (300, 200), "white")
    draw = ImageDraw.Draw(image)
    draw.text((image.width / 2, image.height / 2), str(index), fill="black", font_size=image.height // 2, anchor="mm")
    buffer = io.BytesIO()
    image.save(buffer, "JPEG")
    return buffer.getvalue()


def follow(event: SideEvent) -> None:
    state = st.session_state
    state.said.append([event.action, event.index])
    if event.index is None:
        state.at += -1 if event.action in ("previous", "back") else 1


@st.fragment
def page() -> None:
    state = st.session_state
    at = state.at
    side_by_side(
        [
            Side(
                index=index,
                content=f"c{index}",
                name=f"<i>{index}</i>.jpg",
                lines=("a line",),
                actions=(KEEP, NOT_SAME),
            )
            for index in (2 * at, 2 * at + 1)
        ],
        key="pair",
        load=load,
        scene=str(at),
        title=f"Group {at + 1} of {N_GROUPS}",
        label="Copies",
        moves=[*(("previous", "back") if at else ()), *(("next", "onward") if at + 1 < N_GROUPS else ())],
        on_event=follow,
    )
    st.code(json.dumps({"said": state.said, "loaded": state.loaded}), language=None)


send_all()
st.set_page_config(layout="wide", page_title="Side by side")
for name, value in {"at": 0, "said": [], "loaded": []}.items():
    st.session_state.setdefault(name, value)
page()
