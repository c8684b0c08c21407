"""How well each picture fits its group, and those that may not belong."""

import streamlit as st

from imgcluster.choosing.scan import KScan
from imgcluster.figures import silhouette_plot
from imgcluster.palette import cluster_colors
from imgcluster.ui.groups.partition import kmeans_partition
from imgcluster.ui.groups.shelf import paged_gallery
from imgcluster.ui.how_many.data import misfits, silhouettes_of
from imgcluster.ui.messages import count
from imgcluster.ui.project.grouped import Grouping
from imgcluster.ui.project.source import Source
from imgcluster.ui.theme import is_dark

__all__ = ["show_fit"]


def show_fit(source: Source, grouping: Grouping, scan: KScan, n_clusters: int) -> None:
    """Show the silhouette of every picture, and on demand those with a negative one."""
    st.header("How well each picture fits", anchor=False)
    if n_clusters == 1:
        st.caption("With one group there is no other to be nearer to.")
        return
    silhouettes = silhouettes_of(source, grouping, scan, n_clusters)
    strangers = misfits(silhouettes)
    left, right = st.columns([3, 2], gap="large", vertical_alignment="center")
    with left:
        st.plotly_chart(
            silhouette_plot(
                silhouettes,
                grouping.series[n_clusters - 1],
                colors=cluster_colors(range(n_clusters)),
                dark=is_dark(),
            ),
            key="silhouettes",
            config={"displayModeBar": False},
            alt=f"Silhouette of each picture in {n_clusters} groups, sorted inside each group",
        )
        st.caption("Each group is a hill of its pictures: to the right those that fit, left of 0 those that do not.")
    with right:
        if len(strangers) == 0:
            st.markdown("**No picture is out of place**")
            st.caption("None is nearer to another group than to its own.")
        else:
            st.markdown(f"**{count(len(strangers), 'picture')} may not belong**")
            st.caption("Nearer to another group than to their own.")
            st.toggle("Show them", key="misfits")
    if len(strangers) and st.session_state.get("misfits"):
        paged_gallery(
            grouping,
            kmeans_partition(grouping, n_clusters),
            strangers,
            key=f"misfits-{n_clusters}",
            label="Pictures that may not belong",
        )
