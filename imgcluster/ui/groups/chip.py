"""A group in one line: its colour, its name, and what is to be said."""

import html

import streamlit as st

from imgcluster.ui.groups.partition import Partition

__all__ = ["show_chip"]


def show_chip(partition: Partition, label: int, words: str) -> None:
    """Show a group's dot and name with some words; names stay text."""
    dot = f"<span style='color:{partition.color(label)}'>&#9679;</span>"
    st.html(f"<p style='margin:0'>{dot} <b>{html.escape(partition.name(label))}</b>&ensp;{html.escape(words)}</p>")
