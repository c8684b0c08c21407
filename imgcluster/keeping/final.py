"""Groups as they are taken away: everything that a table, a folder, a report or a script is made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np

from imgcluster.choosing.scan import KScan
from imgcluster.editing.groups import NO_GROUP, Groups
from imgcluster.pictures.collection import ImageFile, SkippedImage

__all__ = ["FinalGroups"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FinalGroups:
    """The groups of one collection, edited or not, and how they came about.

    Attributes
    ----------
    name : str
        Of the collection.
    images : tuple of ImageFile, length n_images
    skipped : tuple of SkippedImage
        Files that could not be used.
    hashes : tuple of str, length n_images
        See `Features.hashes`.
    groups : Groups
        Labels, numbers and the names that the person gave.
    found : ndarray, shape (n_images,), int32, or None
        Labels as the method gave them, before anything was changed by hand; None where nothing was.
    proposals : tuple of str, length n_groups
        Names proposed by the program, empty where there is none.
    medoids : ndarray, shape (n_groups,), int64
        The image that stands for each group.
    distances : ndarray, shape (n_images,), float64
        To the own group's centre in the space; NaN for those in no group.
    silhouettes : ndarray, shape (n_images,), float64
        How well each image fits its group, in [-1, 1].
    places : ndarray, shape (n_images, 2), float32, or None
        Where each image is drawn on the map.
    copy_of : ndarray, shape (n_images,), int64, or None
        The image of which each is a copy, -1 where it is none; None where nobody looked for copies.
    likeness : str
        What counts as similar, as in `imgcluster.features.options.parse_features`.
    space, method : str
        Names of these, as `SpaceOptions.method` and `Clustering.method`.
    space_parameters : mapping of str to plain values
        What else was chosen of `SpaceOptions`; empty where all of it is automatic.
    parameters : mapping of str to plain values
        Of the method: ``n_clusters`` and so on, with ``random_state``.
    sentence : str
        How many groups fit, and why; empty where nobody asked.
    scan : KScan or None
        The scores behind it.
    history : tuple of str
        What was changed by hand, in sentences, oldest first.
    roots : tuple of Path
        The folders in which the images were found; empty where their paths, relative to such a folder, tell it.
    lost : tuple of str
        What of it could not be carried over to these groups, and why, in sentences, oldest first.
    """

    name: str
    images: tuple[ImageFile, ...]
    skipped: tuple[SkippedImage, ...] = ()
    hashes: tuple[str, ...]
    groups: Groups
    found: np.ndarray | None = None
    proposals: tuple[str, ...]
    medoids: np.ndarray
    distances: np.ndarray
    silhouettes: np.ndarray
    places: np.ndarray | None = None
    copy_of: np.ndarray | None = None
    likeness: str
    space: str
    method: str
    space_parameters: Mapping[str, object] = field(default_factory=dict)
    parameters: Mapping[str, object] = field(default_factory=dict)
    sentence: str = ""
    scan: KScan | None = None
    history: tuple[str, ...] = ()
    roots: tuple[Path, ...] = ()
    lost: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for array in (self.found, self.medoids, self.distances, self.silhouettes, self.places, self.copy_of):
            if array is not None:
                array.setflags(write=False)

    def title(self, label: int) -> str:
        """Return what a group is called: the name it was given, the one proposed, or its number."""
        if label == NO_GROUP or self.groups.names[label] or not self.proposals[label]:
            return self.groups.title(label)
        return self.proposals[label]

    def origin(self, label: int) -> Literal["edited", "proposed", "number"]:
        """Return where that name comes from."""
        if label != NO_GROUP and self.groups.names[label]:
            return "edited"
        return "proposed" if label != NO_GROUP and self.proposals[label] else "number"

    def number(self, label: int) -> int:
        """Return the number that people see, from 1 on; -1 for no group."""
        return self.groups.numbers[label] + 1 if label != NO_GROUP else NO_GROUP
