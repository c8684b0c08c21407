"""Controls whose value the app chooses until somebody does: marked "auto", which clearing brings back."""

import streamlit as st

__all__ = ["auto_number", "auto_slider", "clamp"]


def auto_slider(
    label: str,
    *,
    key: str,
    auto: float,
    low: float,
    high: float,
    help: str,
    step: float | None = None,
    format: str | None = None,
) -> float | None:
    """Show a slider with a button that brings the app's own value back; return None while that one is in use."""
    chosen = f"chosen-{key}"
    value = st.session_state.get(chosen)
    shown = auto if value is None else min(max(value, low), high)
    st.session_state[key] = min(max(shown, low), high)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.slider(
            f"{label} · auto" if value is None else label,
            low,
            high,
            key=key,
            help=help,
            step=step,
            format=format,
            on_change=_keep,
            args=(key, chosen),
        )
        st.button("auto", key=f"auto-{key}", disabled=value is None, on_click=_forget, args=(chosen,), width="content")
    return value


def auto_number(label: str, *, key: str, low: int, high: int, help: str) -> int | None:
    """Show a field for a whole number; empty it means that the app chooses, and None is returned."""
    clamp(key, low, max(low, high))
    return st.number_input(
        label, low, max(low, high), value=None, step=1, key=key, persist_state="session", placeholder="auto", help=help
    )


def clamp(key: str, low: float, high: float) -> None:
    """Bring what a widget remembers from other pictures into its range; out of it, Streamlit refuses to draw it."""
    value = st.session_state.get(key)
    if value is not None:
        st.session_state[key] = min(max(value, low), high)


def _keep(key: str, chosen: str) -> None:
    st.session_state[chosen] = st.session_state[key]


def _forget(chosen: str) -> None:
    st.session_state.pop(chosen, None)
