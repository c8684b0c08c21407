"""Weights of several extractors. Their vectors are kept apart in the store, so that another weight is quick."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from imgcluster.features.options import FeaturePart
from imgcluster.ui.messages import percent, plain

__all__ = ["weight_sliders"]

_LOW, _HIGH, _STEP = 0.1, 3.0, 0.1


def weight_sliders(parts: Sequence[FeaturePart], *, key: str) -> tuple[FeaturePart, ...]:
    """Show a slider for each part, and return the parts with these weights."""
    titles = [part.extractor().title for part in parts]
    weighed = []
    for at, (part, title, place) in enumerate(zip(parts, titles, st.columns(len(parts), gap="medium"), strict=True)):
        weight = place.slider(
            f"Weight of {plain(title)}",
            min(_LOW, part.weight),
            max(_HIGH, part.weight),
            value=part.weight,
            step=_STEP,
            key=f"{key}-{at}-{part.name}",
        )
        weighed.append(replace(part, weight=round(weight, 4)))
    total = sum(part.weight for part in weighed)
    shares = ", ".join(
        f"{percent(round(100 * part.weight / total))} {plain(title)}"
        for part, title in zip(weighed, titles, strict=True)
    )
    st.caption(f"Shares of the difference between two pictures: {shares}. Nothing is looked at again.")
    return tuple(weighed)
