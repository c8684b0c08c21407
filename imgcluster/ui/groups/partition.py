"""One way in which the pictures are grouped, as the screens show it."""

from dataclasses import dataclass

import numpy as np

from imgcluster.ui.background import Grouping
from imgcluster.ui.messages import count

__all__ = ["Partition", "group_name", "group_names", "kmeans_partition", "plural"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """Which picture is in which group.

    Attributes
    ----------
    labels : ndarray of int, shape (n_images,)
        0 to n_clusters - 1; -1 is in no group.
    key : str
        Names it among all partitions of one space: method and parameters.
    title : str
        The same for the screen, such as "KMeans, 12 groups".
    method : str
        What made it, as `imgcluster.grouping.clustering.Clustering.method` names it; "folders" for one's own.
    notes : tuple of str
        What was done otherwise than usual.
    """

    labels: np.ndarray
    key: str
    title: str
    method: str = "kmeans"
    notes: tuple[str, ...] = ()

    @property
    def n_clusters(self) -> int:
        """Number of groups, "no group" not among them."""
        return int(self.labels.max(initial=-1)) + 1

    @property
    def n_noise(self) -> int:
        """Pictures in no group."""
        return int((self.labels < 0).sum())


def kmeans_partition(grouping: Grouping, n_clusters: int) -> Partition:
    """Return what KMeans made of the pictures, for any number of groups that was computed."""
    return Partition(
        labels=grouping.series[n_clusters - 1],
        key=f"kmeans-{n_clusters}",
        title=f"KMeans, {plural(n_clusters)}",
    )


def plural(n_clusters: int) -> str:
    """Return "1 group", "12 groups"."""
    return count(n_clusters, "group")


def group_name(label: int) -> str:
    """Return what a cluster is called on screen: labels start at 0, groups at 1."""
    return f"Group {label + 1}" if label >= 0 else "No group"


def group_names(partition: Partition) -> list[str]:
    """Return the names of all groups in their order."""
    return [group_name(label) for label in range(partition.n_clusters)]
