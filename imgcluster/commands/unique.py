"""``python -m imgcluster unique``: one picture of each group, or a few that cover it, copied to a folder."""

import argparse
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from imgcluster.choosing.wording import sentence
from imgcluster.commands.likeness import add_features, feature_options
from imgcluster.commands.output import ProgressBars, print_json, print_notes, skipped_as_dicts, skipped_note
from imgcluster.commands.ways import add_method, add_space, asked_number, method_options, space_options
from imgcluster.errors import ParameterError
from imgcluster.finding.representatives import MOST_COVERING, cover_clusters
from imgcluster.grouping.density import noise_advice
from imgcluster.keeping.copying import copy_images
from imgcluster.keeping.export import cluster_number
from imgcluster.pictures.destination import check_destination
from imgcluster.pictures.home import expanded
from imgcluster.pipeline import cluster_images, open_collection
from imgcluster.results import ImageClusters
from imgcluster.wording import counted

__all__ = ["add_unique", "run"]


@dataclass(frozen=True, slots=True)
class _Chosen:
    """One picture that stands for its group; ``copy`` is its file in the folder, None where it could not be read."""

    label: int
    image: int
    copy: str | None


def add_unique(parser: argparse.ArgumentParser) -> None:
    """Add the folder of pictures, the folder for the copies, and how many of how many groups."""
    parser.add_argument("folder", metavar="FOLDER", help="a folder of pictures, or a ZIP file")
    parser.add_argument("--out", required=True, metavar="DIR", help="an empty or a new folder for the copies")
    parser.add_argument(
        "--k", default="auto", metavar="N", help='how many groups; "auto": as many as fit best (default: %(default)s)'
    )
    parser.add_argument(
        "--per-group",
        type=int,
        default=1,
        metavar="N",
        help=f"pictures of each group, from 1 to {MOST_COVERING}: with more than one, such as show all that is in it "
        "(default: %(default)s)",
    )
    add_features(parser)
    add_method(parser)
    add_space(parser)


def run(options: argparse.Namespace, cancel: threading.Event) -> None:
    """Group the pictures, copy those that stand for the groups, and say which.

    Raises
    ------
    ImgClusterError
    """
    if not 1 <= options.per_group <= MOST_COVERING:
        raise ParameterError(f"--per-group {options.per_group} should be from 1 to {MOST_COVERING}.")
    n_clusters, method, features = asked_number(options.k), method_options(options), feature_options(options)
    space, out = space_options(options, features), expanded(options.out)
    check_destination(out, source=expanded(options.folder))
    with ProgressBars() as report:
        result = cluster_images(
            open_collection(options.folder),
            n_clusters=n_clusters,
            method=method,
            space=space,
            extractor=features,
            progress=report,
            cancel=cancel,
        )
        found = cover_clusters(
            result.space.coordinates, result.clustering.labels, result.summary.medoids, options.per_group
        )
        chosen = [(label, int(image)) for label, images in enumerate(found) for image in images]
        wanted = [
            (result.collection.images[image], _name(label, result.collection.paths[image], n_groups=len(found)))
            for label, image in chosen
        ]
        names, unread = (), ()
        if wanted:
            copied = copy_images(wanted, out, progress=report, cancel=cancel)
            names, unread = copied.names, copied.skipped
    print_notes((*result.notes, *(f"{skipped.path} was not copied: {skipped.reason}" for skipped in unread)))
    pictures = [_Chosen(label, image, name) for (label, image), name in zip(chosen, names, strict=True)]
    if options.json:
        print_json(_as_dict(result, pictures, out))
    else:
        print(_as_text(result, pictures, out))


def _name(label: int, path: str, *, n_groups: int) -> str:
    """Return the group's number, as wide as that of the last one and two digits at least, and the picture's name."""
    return f"{cluster_number(label):0{max(2, len(str(n_groups)))}} {PurePosixPath(path).name}"


def _as_text(result: ImageClusters, pictures: Sequence[_Chosen], out: Path) -> str:
    clustering, paths = result.clustering, result.collection.paths
    n_copied = sum(picture.copy is not None for picture in pictures)
    lines = [sentence(result.recommendation)] if result.recommendation is not None else []
    lines.append(
        f"{counted(len(paths), 'picture')} in {counted(clustering.n_clusters, 'group')}: "
        + (f"{counted(n_copied, 'picture')} copied to {out}." if n_copied else "nothing was written.")
    )
    for picture in pictures:
        if picture.copy is not None:
            size = int(result.summary.sizes[picture.label])
            lines.append(f"  {picture.copy}  for {counted(size, 'picture')}, from {paths[picture.image]}")
    if clustering.n_noise:
        lines.append(f"{counted(clustering.n_noise, 'picture')} in no group, unlike all groups: left out.")
    if advice := noise_advice(clustering.labels, clustering.parameters):
        lines.append(advice)
    return "\n".join([*lines, *skipped_note(result.collection)])


def _as_dict(result: ImageClusters, pictures: Sequence[_Chosen], out: Path) -> dict[str, object]:
    paths = result.collection.paths
    groups = [
        {"cluster": cluster_number(label), "size": int(size), "pictures": []}
        for label, size in enumerate(result.summary.sizes)
    ]
    for picture in pictures:
        groups[picture.label]["pictures"].append({"path": paths[picture.image], "copy": picture.copy})
    return {
        "n_images": len(paths),
        "n_clusters": result.clustering.n_clusters,
        "n_noise": result.clustering.n_noise,
        "out": str(out) if any(picture.copy is not None for picture in pictures) else None,
        "groups": groups,
        "skipped": skipped_as_dicts(result.collection),
        "notes": list(result.notes),
    }
