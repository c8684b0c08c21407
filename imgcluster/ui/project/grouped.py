"""What the screens show of a collection once it is grouped."""

from dataclasses import dataclass

import numpy as np

from imgcluster.features.extraction import Features
from imgcluster.pictures.collection import Collection
from imgcluster.spaces.space import Space

__all__ = ["Grouping"]


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Grouping:
    """Everything that the Groups screen shows, for every number of groups at once.

    Attributes
    ----------
    collection : Collection
    features : Features
    space : Space
    series : ndarray of int16, shape (max_clusters, n_images)
        Row k - 1 holds the labels for k groups.
    feature_notes : tuple of str
        What was done otherwise than usual until the features were there.
    """

    collection: Collection
    features: Features
    space: Space
    series: np.ndarray
    feature_notes: tuple[str, ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """All that was done otherwise than usual."""
        return (*self.feature_notes, *self.space.notes)
