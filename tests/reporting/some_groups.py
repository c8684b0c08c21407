"""Groups of a few plain pictures, each of a colour of its own, with the names that somebody mean would give them."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from imgcluster.editing.groups import groups_of
from imgcluster.keeping.final import FinalGroups
from imgcluster.pictures.collection import ImageFile, SkippedImage

__all__ = ["MEAN", "all_of_it", "color_of", "final_groups", "thumbnail", "thumbnails"]

MEAN = ("<img src=x onerror=alert(1)>", "</script><script>alert(2)</script>", "a&lt;b \u2028 'q' \"q\" ${x} $title")


def color_of(image: int) -> tuple[int, int, int]:
    """A colour that no neighbour has, and that a JPEG keeps nearly."""
    return (image * 67 % 200 + 28, image * 29 % 200 + 28, image * 113 % 200 + 28)


def thumbnail(image: int, size: tuple[int, int] = (160, 120)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, color_of(image)).save(file, "JPEG", quality=80)
    return file.getvalue()


def thumbnails(images) -> list[bytes]:
    return [thumbnail(image) for image in images]


def final_groups(labels, *, folder: Path = Path("/nowhere"), name: str = "Holidays", **changes) -> FinalGroups:
    """Image i is in group labels[i]; the last one of each group is its medoid, and the nearer the later."""
    groups = groups_of(np.array(labels, dtype=np.int32))
    labels = groups.labels
    paths = [f"in/{image:04d}.png" for image in range(len(labels))]
    paths[: len(MEAN)] = MEAN[: len(paths)]
    images = tuple(
        ImageFile(path=path, source=folder / f"{image}.png", size=100, mtime_ns=0) for image, path in enumerate(paths)
    )
    distances = np.where(labels >= 0, np.linspace(1, 0.1, len(labels)), np.nan)
    angles = np.arange(len(labels)) * 2.4
    places = (np.sqrt(np.arange(len(labels)))[:, None] * np.c_[np.cos(angles), np.sin(angles)]).astype(np.float32)
    final = FinalGroups(
        name=name,
        images=images,
        hashes=tuple(f"{image:032x}" for image in range(len(labels))),
        groups=groups,
        proposals=("",) * groups.n_groups,
        medoids=np.array([groups.members(label)[-1] for label in range(groups.n_groups)], dtype=np.int64),
        distances=distances,
        silhouettes=np.linspace(-0.2, 0.9, len(labels)),
        places=places,
        likeness="hog(cell=8)+colour:0.3",
        space="diffusion",
        method="kmeans",
        parameters={"n_clusters": groups.n_groups, "random_state": 0},
    )
    return replace(final, **changes)


def all_of_it(folder: Path = Path("/nowhere")) -> FinalGroups:
    """Three groups, one of them with more pictures than are shown at once, and everything that a report can hold."""
    from imgcluster.choosing.scan import scan_k

    labels = [0] * 130 + [1] * 20 + [2] * 3 + [-1] * 5
    points = np.random.default_rng(0).normal(size=(len(labels), 3)) + 9 * np.array(labels)[:, None]
    final = final_groups(labels, folder=folder)
    groups = replace(final.groups, names=(MEAN[0], "", ""), locked=(True, False, False), numbers=(4, 0, 2))
    return replace(
        final,
        groups=groups,
        proposals=("cat", MEAN[1], ""),
        skipped=(SkippedImage(path=MEAN[0], reason="the file is cut off"),),
        copy_of=np.where(np.arange(len(labels)) == 7, 3, -1),
        space_parameters={"n_dims": 12},
        sentence="About 3 groups. The silhouette peaks at 3 (0.81).",
        scan=scan_k(points, range(2, 7), n_references=2),
        history=(f'Named Group 5 "{MEAN[0]}"', "Moved 12 pictures from Dogs to Wolves"),
        lost=(f'Name "{MEAN[1]}": the group of 5 pictures that this was done to is not there.',),
    )
