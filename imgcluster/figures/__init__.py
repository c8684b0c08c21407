"""Charts as plotly figures: small and bare, on a transparent ground, for light and for dark.

In each figure one trace alone answers the pointer; its ``customdata`` is an int, such as the number of clusters, the
label, or the node. Plotly itself is imported when the first figure is drawn.
"""

from imgcluster.figures.curves import elbow_figure, gap_figure, score_figure, silhouette_figure
from imgcluster.figures.dendrogram import dendrogram_figure
from imgcluster.figures.density import k_distance_figure
from imgcluster.figures.distances import distance_figure
from imgcluster.figures.fits import silhouette_plot
from imgcluster.figures.tables import contingency_figure
from imgcluster.figures.training import loss_figure
from imgcluster.figures.variance import explained_variance_figure

__all__ = [
    "contingency_figure",
    "dendrogram_figure",
    "distance_figure",
    "elbow_figure",
    "explained_variance_figure",
    "gap_figure",
    "k_distance_figure",
    "loss_figure",
    "score_figure",
    "silhouette_figure",
    "silhouette_plot",
]
