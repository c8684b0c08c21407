"""The curves of the scores over k. A click on a point chooses that k; the slider does the same by keyboard."""

from functools import partial
from typing import TYPE_CHECKING

import pandas  # noqa: F401  (plotly would take it half imported, while a job in another thread imports it)
import streamlit as st

from imgcluster import figures
from imgcluster.choosing.recommendation import Recommendation
from imgcluster.choosing.scan import KScan
from imgcluster.jobs import Job, JobState
from imgcluster.ui.clicks import clicked
from imgcluster.ui.how_many.data import asked_range, shown_scan
from imgcluster.ui.how_many.words import SCORES
from imgcluster.ui.state import choose_clusters, chosen_clusters
from imgcluster.ui.theme import is_dark

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["follow_point", "more_curves", "show_curves", "watch_curves"]

_CLICKS = "clicks_on_curves"


def show_curves(
    scan: KScan, n_clusters: int, *, most: int, recommendation: Recommendation | None = None, until: int = 0
) -> None:
    """Show elbow, silhouette and gap side by side, with room for the curves up to ``until``."""
    says = {reason.score: reason.k for reason in recommendation.reasons} if recommendation else {}
    recommended, dark = recommendation.k if recommendation else None, is_dark()
    charts = {
        "elbow": figures.elbow_figure(scan, chosen=n_clusters, knee=says.get("elbow"), dark=dark),
        "silhouette": figures.silhouette_figure(scan, chosen=n_clusters, recommended=recommended, dark=dark),
        "gap": figures.gap_figure(scan, chosen=n_clusters, suggested=says.get("gap"), dark=dark),
    }
    if until:
        end = max(until, n_clusters)
        step = next(step for step in (1, 2, 5, 10, 20) if end < 8 * step)
        for chart in charts.values():
            chart.update_xaxes(range=[0.5, end + 0.5], tickvals=None, tickmode="linear", tick0=0, dtick=step)
    _side_by_side(charts, most)


def more_curves(scan: KScan, n_clusters: int, *, most: int) -> None:
    """Show the other scores."""
    names, dark = ("stability", "davies_bouldin", "calinski_harabasz"), is_dark()
    _side_by_side({name: figures.score_figure(scan, name, chosen=n_clusters, dark=dark) for name in names}, most)


@st.fragment(run_every=1)
def watch_curves(job: Job[KScan], n_clusters: int, *, most: int) -> None:
    """Let the curves fill in while a job runs; a point can be clicked all the same."""
    if job.state is not JobState.RUNNING or chosen_clusters(most) != n_clusters:
        st.rerun()
    scan = shown_scan(job)
    if scan is not None:
        show_curves(scan, n_clusters, most=most, until=asked_range(job, scan)[1])


def follow_point(key: str, most: int) -> None:
    """Choose the k of the point that was clicked in a chart: a browser can send anything."""
    k = clicked(st.session_state.get(key))
    if k is not None and 1 <= k <= most:
        choose_clusters(k)
        # A chart remembers its points that were clicked, and takes a second click on one for taking it back. A new
        # key makes a new chart, which remembers none.
        st.session_state[_CLICKS] = st.session_state.get(_CLICKS, 0) + 1


def _side_by_side(charts: "dict[str, go.Figure]", most: int) -> None:
    for column, (score, figure) in zip(st.columns(len(charts), gap="medium"), charts.items(), strict=True):
        words, key = SCORES[score], f"{score}-{st.session_state.get(_CLICKS, 0)}"
        with column, st.container(gap="xxsmall"):
            st.markdown(f"**{words.title}**", help=words.meaning)
            st.plotly_chart(
                figure,
                key=key,
                on_select=partial(follow_point, key, most),
                selection_mode="points",
                config={"displayModeBar": False},
                alt=f"{words.title} for each number of groups",
            )
            st.caption(words.reading)
