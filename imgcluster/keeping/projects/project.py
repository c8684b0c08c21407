"""A project: all that was chosen and changed for one collection, so that it reopens where it was."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from imgcluster.editing.history import History
from imgcluster.pictures.collection import SkippedImage
from imgcluster.spaces.options import SpaceOptions

__all__ = ["Choice", "Project"]

Choice = bool | int | float | str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """What a person chose and changed; what was computed is not part of it.

    Attributes
    ----------
    id : str
        12 hexadecimal digits: names it in the list, in addresses and on the disk; tells nothing about the place.
    name : str
        For the screen: the folder's own until somebody names it.
    kind : str
        Of the source: "sample", "folder", "upload", "faces", or "file" where somebody sent it and the pictures are
        elsewhere.
    location : str
        The sample's name, or an absolute path. It stays on this computer: a file for others does not hold it.
    created, changed : str
        Times, ISO 8601 in UTC with seconds.
    features : str
        What counts as similar, as in `imgcluster.features.options.parse_features`.
    space : SpaceOptions
    n_clusters : int
        Groups asked for; 0 where nobody did.
    choices : mapping of str to plain values
        Everything else that was chosen on the screens: the method and its parameters, the map, its colours.
    history : History
        Edits by hand. Their images are positions in ``paths``, and after these in ``absent_paths``.
    paths, hashes : tuple of str, length n_images
        The images when it was grouped last; empty before.
    absent_paths, absent_hashes : tuple of str, length n_absent
        Images that edits are about, and that were not there then: a folder may be away for a day.
    skipped : tuple of SkippedImage
        Files of the collection that could not be used.
    cover : tuple of str
        Contents of a few typical images, for the list of projects.
    """

    id: str
    name: str
    kind: str
    location: str
    created: str
    changed: str
    features: str
    space: SpaceOptions = field(default_factory=SpaceOptions)
    n_clusters: int = 0
    choices: Mapping[str, Choice] = field(default_factory=dict)
    history: History = field(default_factory=History)
    paths: tuple[str, ...] = ()
    hashes: tuple[str, ...] = ()
    absent_paths: tuple[str, ...] = ()
    absent_hashes: tuple[str, ...] = ()
    skipped: tuple[SkippedImage, ...] = ()
    cover: tuple[str, ...] = ()

    @property
    def n_images(self) -> int:
        """Images when it was grouped last; 0 before."""
        return len(self.paths)
