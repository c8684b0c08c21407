"""Groups with names that would do harm if they were ever run, and everything else that a table can hold."""

from pathlib import Path

import numpy as np

from imgcluster.editing.edits import Lock, Merge, Move, Rename
from imgcluster.editing.groups import groups_of
from imgcluster.editing.history import History, carried_out
from imgcluster.grouping.methods import MethodOptions
from imgcluster.keeping.finishing import final_groups
from imgcluster.pictures.collection import Collection, ImageFile, SkippedImage
from imgcluster.spaces.options import SpaceOptions

__all__ = ["FOUND", "HARMFUL", "finished", "history", "some_images"]

HARMFUL = (
    "=1+1",
    "+SUM(A1:A9)",
    "-2+3",
    "@SUM(A1)",
    "\tTab",
    "\rReturn",
    "<img src=x onerror=alert(1)>",
    "http://example.org/a",
    '""" + __import__("os").system("touch /tmp/harmed") + """',
    "line\nbreak",
    "{braces} $source ${source}",
    "<r><t>made up</t></r>",
    "_x0041_",
    "bell\x07.png",
    "plain.png",
    "Ünïcode 📷.png",
)

FOUND = np.array([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 3, 3, -1], dtype=np.int32)
PLACES = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0], [10.0, 10.0], [5.0, 50.0]])


def some_images(paths):
    return tuple(
        ImageFile(path=path, source=Path("/nowhere") / str(number), size=1, mtime_ns=1)
        for number, path in enumerate(paths)
    )


def history():
    """Return a name, a union, an image moved, and a lock; the last edit was undone."""
    edits = (
        Rename(group=tuple(range(6)), name="<img src=x onerror=alert(1)>"),
        Merge(groups=((10, 11, 12), (13, 14))),
        Move(images=(0,), target=(6, 7, 8, 9)),
        Lock(group=(6, 7, 8, 9, 0)),
        Rename(group=(10, 11, 12, 13, 14), name="not any more"),
    )
    return History(edits=edits, n_done=4)


def finished(*, edited=True, paths=HARMFUL, found=FOUND, **facts):
    """Return 16 images in 4 groups, 3 after the edits."""
    n_images = len(found)
    coordinates = PLACES[found] + np.random.default_rng(0).normal(size=(n_images, 2))
    skipped = (SkippedImage(path="=cmd.png", reason="the file is empty"),)
    return final_groups(
        Collection(name="<b>holiday</b>", images=some_images(paths), skipped=skipped),
        tuple(f"{number:032x}" for number in range(n_images)),
        coordinates,
        found,
        **{
            "likeness": "hog",
            "space": SpaceOptions(method="pca", n_dims=2),
            "method": MethodOptions(n_clusters=4),
            "outcome": carried_out(groups_of(found), history()) if edited else None,
            "copy_of": np.array([-1, 0, *[-1] * (n_images - 2)]),
        }
        | facts,
    ), coordinates
