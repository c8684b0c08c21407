"""Pictures that are blurred, too dark, too bright, nearly one colour, very small or of an odd shape."""

from collections.abc import Sequence

import streamlit as st

from imgcluster.finding.quality import quality_flags
from imgcluster.ui.fingerprints import collection_key
from imgcluster.ui.project.grouped import Grouping
from imgcluster.ui.tidy.looking import CloseLook
from imgcluster.ui.tidy.review import Remark

__all__ = ["KINDS", "quality_remarks"]

KINDS = {
    "blurred": "Blurred",
    "dark": "Too dark",
    "bright": "Too bright",
    "flat": "Nearly one colour",
    "small": "Very small",
    "odd_shape": "Odd shape",
}


def quality_remarks(grouping: Grouping, look: CloseLook) -> Sequence[Remark]:
    """Return one remark for each picture with a flaw or more, the worst first."""
    return _remarks(collection_key(grouping.collection), grouping.features.fingerprint, len(look.rows), look)


@st.cache_resource(max_entries=8, show_spinner=False)
def _remarks(collection: str, fingerprint: str, n_seen: int, _look: CloseLook) -> list[Remark]:
    flags = {}
    for flag in quality_flags(_look.looks):
        flags.setdefault(int(_look.rows[flag.image]), []).append(flag)
    return [
        Remark(image=image, kinds=tuple(flag.kind for flag in found), reasons=tuple(flag.reason for flag in found))
        for image, found in flags.items()
    ]
