"""The distance of DBSCAN: proposed from the k-distance curve, which is drawn."""

import streamlit as st

from imgcluster.grouping.density import KDistances, propose_eps
from imgcluster.ui.groups.auto import auto_slider
from imgcluster.ui.project.grouped import Grouping
from imgcluster.ui.theme import is_dark

__all__ = ["choose_eps"]


def choose_eps(grouping: Grouping, min_samples: int | None) -> float | None:
    """Show the slider and the curve; return None while the app's own value is in use."""
    proposal = _proposal(grouping.space.fingerprint, min_samples, grouping)
    highest = max(float(proposal.curve.max(initial=0.0)), 2 * proposal.eps) or 1.0
    eps = auto_slider(
        "Distance",
        key="eps",
        auto=float(proposal.eps),
        low=highest / 200,
        high=highest,
        step=highest / 200,
        format="%.3f",
        help="eps: pictures closer than this are neighbours. Larger: more pictures in fewer groups.",
    )
    with st.popover("Where the distance comes from", icon=":material/show_chart:"):
        from imgcluster.figures import k_distance_figure

        st.markdown(
            "Each picture's distance to its last needed neighbour, sorted. Where the curve bends upwards, pictures "
            "begin that have no close neighbours."
        )
        used = proposal.eps if eps is None else eps
        st.plotly_chart(
            k_distance_figure(proposal.curve, used, proposal.knee, auto=eps is None, dark=is_dark()),
            key="k-distances",
            config={"displayModeBar": False},
            alt="Distances to the last needed neighbour, sorted",
        )
    return eps


@st.cache_resource(max_entries=16, show_spinner=False)
def _proposal(fingerprint: str, min_samples: int | None, _grouping: Grouping) -> KDistances:
    return propose_eps(_grouping.space.coordinates, min_samples=min_samples)
