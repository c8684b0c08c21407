"""Images of a project found again, by their content, in a folder that was moved or has changed; and edits with them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from imgcluster.editing.history import History
from imgcluster.editing.positions import GONE, images_of_edit, renumbered
from imgcluster.keeping.projects.project import Project

__all__ = ["ImageMatch", "match_images", "matched_project"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageMatch:
    """Which images of a project are which of those found now.

    Attributes
    ----------
    positions : ndarray, shape (n_old,), int64
        Where each image of the project is now, those that were absent already last; -1 where it is not. No position is
        there twice.
    n_renamed : int
        Of those found, the ones under another path.
    n_changed : int
        Paths that are still there with another content, which is nowhere else: other pictures, by all that is known.
    n_missing : int
        Images whose content and path are both gone.
    n_new : int
        Images found now that are none of the project's, those with changed content included.
    """

    positions: np.ndarray
    n_renamed: int
    n_changed: int
    n_missing: int
    n_new: int

    def __post_init__(self) -> None:
        self.positions.setflags(write=False)

    @property
    def n_found(self) -> int:
        """Images of the project that are there."""
        return int(np.count_nonzero(self.positions != GONE))

    @property
    def sentence(self) -> str:
        """What was found, for the screen."""
        n_old = len(self.positions)
        found = f"{self.n_found:,} of {n_old:,} picture{'' if n_old == 1 else 's'} {_are(self.n_found)} there"
        if self.n_renamed:
            found += f", {self.n_renamed:,} of them under another name"
        others = []
        if self.n_missing:
            others.append(f"{self.n_missing:,} {_are(self.n_missing)} missing")
        if self.n_changed:
            others.append(
                f"{self.n_changed:,} {'has' if self.n_changed == 1 else 'have'} another content under the same name "
                f"and {'counts as a new picture' if self.n_changed == 1 else 'count as new pictures'}"
            )
        if n_added := self.n_new - self.n_changed:
            others.append(f"{n_added:,} {_are(n_added)} new")
        return f"{found}; {', '.join(others)}." if others else f"{found}."


def match_images(project: Project, paths: Sequence[str], hashes: Sequence[str]) -> ImageMatch:
    """Find the images of a project among others.

    An image is known by its content. Of several copies those with the same path belong together, then the first to the
    first. What has only its path in common is another picture.

    Parameters
    ----------
    project : Project
        With its paths and hashes.
    paths, hashes : sequence of str, length n_images
        Of the images found now.
    """
    by_both: dict[tuple[str, str], list[int]] = defaultdict(list)
    by_hash: dict[str, list[int]] = defaultdict(list)
    for position in reversed(range(len(paths))):  # the first comes off the end first
        by_both[hashes[position], paths[position]].append(position)
    known_paths, known_hashes = _known(project)
    positions = np.full(len(known_paths), GONE, dtype=np.int64)
    for old, key in enumerate(zip(known_hashes, known_paths, strict=True)):
        if by_both.get(key):
            positions[old] = by_both[key].pop()
    is_taken = np.zeros(len(paths), dtype=bool)
    is_taken[positions[positions != GONE]] = True
    for position in np.flatnonzero(~is_taken)[::-1].tolist():
        by_hash[hashes[position]].append(position)
    n_renamed = 0
    for old in np.flatnonzero(positions == GONE).tolist():
        if by_hash.get(known_hashes[old]):
            positions[old] = by_hash[known_hashes[old]].pop()
            is_taken[positions[old]] = True
            n_renamed += 1
    free = {paths[position] for position in np.flatnonzero(~is_taken).tolist()}
    lost = {known_paths[old] for old in np.flatnonzero(positions == GONE).tolist()}
    n_changed = len(free & lost)
    return ImageMatch(
        positions=positions,
        n_renamed=n_renamed,
        n_changed=n_changed,
        n_missing=int(np.count_nonzero(positions == GONE)) - n_changed,
        n_new=int(np.count_nonzero(~is_taken)),
    )


def matched_project(project: Project, match: ImageMatch, paths: Sequence[str], hashes: Sequence[str]) -> Project:
    """Return the project with the images found now, its edits carried over to them.

    Those that are not there, and that an edit is about, are kept as absent: when they are back, the edit holds again.
    """
    named = {image for edit in project.history.edits for images in images_of_edit(edit) for image in images}
    absent = [old for old in np.flatnonzero(match.positions == GONE).tolist() if old in named]
    positions = match.positions.copy()
    positions[absent] = len(paths) + np.arange(len(absent))
    known_paths, known_hashes = _known(project)
    return replace(
        project,
        paths=tuple(paths),
        hashes=tuple(hashes),
        absent_paths=tuple(known_paths[old] for old in absent),
        absent_hashes=tuple(known_hashes[old] for old in absent),
        history=_renumbered(project.history, positions),
    )


def _renumbered(history: History, positions: np.ndarray) -> History:
    """Return the history with its images at other positions; all images that an edit is about have one."""
    if np.array_equal(positions, np.arange(len(positions))):
        return history
    edits = (renumbered(edit, positions) for edit in history.edits)
    return replace(history, edits=tuple(edit for edit in edits if edit is not None))


def _known(project: Project) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return paths and hashes of all images of a project, those that are absent last."""
    return project.paths + project.absent_paths, project.hashes + project.absent_hashes


def _are(number: int) -> str:
    return "is" if number == 1 else "are"
