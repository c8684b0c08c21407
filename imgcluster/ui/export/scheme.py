"""What the pictures are called that are taken away: one of some schemes, or one's own."""

import streamlit as st

from imgcluster.errors import ImgClusterError
from imgcluster.keeping.exporting.plan import ExportPlan, How, plan_export
from imgcluster.keeping.exporting.scheme import FIELDS, SCHEMES
from imgcluster.keeping.final import FinalGroups
from imgcluster.ui.messages import plain, show_error

__all__ = ["choose_scheme", "planned"]

_OWN = "own"
_TITLES = dict(
    zip(
        SCHEMES,
        (
            "A folder for each group",
            "A folder for each group, with your folders in it",
            "One folder, numbered by group",
            "A folder for each group, in order",
        ),
        strict=True,
    )
)
_SECONDS_KEPT = 30  # a plan knows which pictures are there: that may change


def choose_scheme(key: str, final: FinalGroups, *, with_outside: bool) -> str | None:
    """Offer the schemes with an example, and return the chosen one; None where it has no sense, or no pictures."""
    chosen = st.selectbox(
        "What the files are called",
        [*SCHEMES, _OWN],
        format_func=lambda scheme: "Your own scheme" if scheme == _OWN else f"{_TITLES[scheme]} · {scheme}",
        key="export-scheme",
        persist_state="session",
        help="Two pictures that would get the same name are numbered; nothing is ever overwritten.",
    )
    if chosen == _OWN:
        fields = ", ".join(f"`{{{name}}}` {meaning}" for name, meaning in FIELDS.items())
        chosen = st.text_input(
            "Your own scheme",
            value=SCHEMES[0],
            key="export-own-scheme",
            persist_state="session",
            help="Text and fields in braces; a slash begins a folder.",
        )
        st.caption(fields)
    try:
        plan = planned(key, final, chosen, "copy", with_outside)
    except ImgClusterError as error:
        show_error(error)
        return None
    if not plan.files:
        st.info("None of these pictures is there.", icon=":material/hide_image:")
        return None
    st.caption(f"Such as: {plain(plan.files[0].path)}")
    return chosen


@st.cache_resource(max_entries=6, ttl=_SECONDS_KEPT, show_spinner="Looking for the pictures")
def planned(key: str, _final: FinalGroups, scheme: str, how: How, with_outside: bool) -> ExportPlan:
    """Return what would be written; ``key`` is that of the groups.

    Raises
    ------
    ParameterError
        See `imgcluster.keeping.exporting.plan.plan_export`.
    """
    return plan_export(_final, scheme=scheme, how=how, include_no_group=with_outside)
