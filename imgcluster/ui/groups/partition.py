"""One way in which the pictures are grouped, as the screens show it."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from imgcluster.editing.groups import Groups, groups_of
from imgcluster.grouping.methods import MethodOptions
from imgcluster.palette import NOISE_COLOR, cluster_color
from imgcluster.ui.messages import count
from imgcluster.ui.project.grouped import Grouping

__all__ = ["Partition", "found_partition", "kmeans_partition", "plural"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """Which picture is in which group, and what the groups are called.

    Attributes
    ----------
    groups : Groups
        As a method found them, or as they were changed by hand since.
    key : str
        Names it among all partitions of one space: method and parameters, and the changes.
    title : str
        The same for the screen, such as "KMeans, 12 groups".
    method : str
        What made it, as `imgcluster.grouping.clustering.Clustering.method` names it; "folders" for one's own.
    notes : tuple of str
        What was done otherwise than usual.
    options : MethodOptions or None
        With which the same groups are found again; None where no method finds them alone.
    """

    groups: Groups
    key: str
    title: str
    method: str = "kmeans"
    notes: tuple[str, ...] = ()
    options: MethodOptions | None = None

    @property
    def labels(self) -> np.ndarray:
        """The group of each picture, shape (n_images,): 0 to n_clusters - 1; -1 is in no group."""
        return self.groups.labels

    @property
    def n_clusters(self) -> int:
        """Number of groups, "no group" not among them."""
        return self.groups.n_groups

    @property
    def n_noise(self) -> int:
        """Pictures in no group."""
        return int((self.labels < 0).sum())

    def name(self, label: int) -> str:
        """Return what a group is called: its own name, or its number, which starts at 1."""
        return self.groups.title(int(label))

    @property
    def names(self) -> list[str]:
        """The names of all groups in their order."""
        return [self.name(label) for label in range(self.n_clusters)]

    def color(self, label: int) -> str:
        """Return the colour of a group, which goes with its number: it stays when others come and go."""
        return cluster_color(self.groups.numbers[int(label)]) if label >= 0 else NOISE_COLOR

    def colors(self, labels: Iterable[int]) -> list[str]:
        """Return the colours of some groups."""
        return [self.color(label) for label in labels]


def found_partition(
    labels: np.ndarray,
    *,
    key: str,
    title: str,
    method: str = "kmeans",
    notes: tuple[str, ...] = (),
    options: MethodOptions | None = None,
) -> Partition:
    """Return the groups that a method found, before anybody changed anything; see `Partition`."""
    return Partition(groups=groups_of(labels), key=key, title=title, method=method, notes=notes, options=options)


def kmeans_partition(grouping: Grouping, n_clusters: int) -> Partition:
    """Return what KMeans made of the pictures, for any number of groups that was computed."""
    return found_partition(
        grouping.series[n_clusters - 1],
        key=f"kmeans-{n_clusters}",
        title=f"KMeans, {plural(n_clusters)}",
        options=MethodOptions(n_clusters=n_clusters),
    )


def plural(n_clusters: int) -> str:
    """Return "1 group", "12 groups"."""
    return count(n_clusters, "group")
