"""Small collections in groups, and what lies in a folder: for tests of everything that exports."""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from imgcluster.editing.groups import Groups
from imgcluster.keeping.final import FinalGroups
from imgcluster.pictures.collection import Collection
from imgcluster.pictures.finding import find_images

__all__ = ["grouped", "snapshot", "write_pictures"]


def write_pictures(folder: Path, names: Sequence[str], *, n_bytes: int = 500) -> Collection:
    """Write files that no two have the same content, and find them; no export looks at what is in them."""
    random = np.random.default_rng(len(names))
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(random.bytes(n_bytes))
        os.utime(folder / name, (1_500_000_000, 1_500_000_000))
    return find_images(folder)


def grouped(collection: Collection, labels: Sequence[int], names: Sequence[str]) -> FinalGroups:
    """Return a collection in groups of these names; an empty one stands for none."""
    n_images, n_groups = len(collection), len(names)
    groups = Groups(
        labels=np.array(labels, dtype=np.int32),
        numbers=tuple(range(n_groups)),
        names=tuple(names),
        locked=(False,) * n_groups,
    )
    return FinalGroups(
        name=collection.name,
        images=collection.images,
        hashes=("",) * n_images,
        groups=groups,
        proposals=("",) * n_groups,
        medoids=np.array([groups.members(label)[0] for label in range(n_groups)], dtype=np.int64),
        distances=np.zeros(n_images),
        silhouettes=np.zeros(n_images),
        likeness="pixels",
        space="pca",
        method="kmeans",
    )


def snapshot(folder: Path) -> dict[str, str]:
    """Return what is in a folder, hidden files too: a path for each, and what tells its content."""
    return {path.relative_to(folder).as_posix(): _content(path) for path in folder.rglob("*")}


def _content(path: Path) -> str:
    if path.is_symlink():
        return f"link to {os.readlink(path)}"  # noqa: PTH115  (as it is)
    if path.is_dir():
        return "folder"
    return f"{hashlib.sha256(path.read_bytes()).hexdigest()} {path.stat().st_mtime_ns}"
