"""``python -m imgcluster duplicates``: which pictures are copies, which to keep, and a folder without the others."""

import argparse
import threading
from dataclasses import dataclass
from pathlib import Path

from imgcluster.cache import Workspace
from imgcluster.commands.likeness import add_features, feature_options
from imgcluster.commands.output import ProgressBars, print_json, print_notes, skipped_as_dicts, skipped_note
from imgcluster.errors import ParameterError
from imgcluster.extractors.looks import ImageLooks
from imgcluster.features.options import FeatureOptions
from imgcluster.finding.copies.best import size_in_words
from imgcluster.finding.copies.groups import DEFAULT_NEAR, CopyGroup, group_copies
from imgcluster.finding.copies.pairs import EXACT, LEAST_SIMILARITY, PIXELS
from imgcluster.keeping.copying import CopiedImages, copy_images
from imgcluster.keeping.decisions import images_to_keep, load_decisions, pairs_not_same
from imgcluster.keeping.export import duplicates_table, write_duplicates_csv
from imgcluster.pictures.collection import Collection
from imgcluster.pictures.destination import check_destination
from imgcluster.pictures.home import expanded
from imgcluster.pipeline import open_collection
from imgcluster.progress import ProgressCallback
from imgcluster.stages.copies import find_copies
from imgcluster.stages.looking import embed_images, look_closely
from imgcluster.wording import counted

__all__ = ["add_duplicates", "run"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """The copies of a collection; ``n_not_same`` pairs were declared not the same, ``copied`` is what --copy-to did."""

    collection: Collection
    looks: ImageLooks
    groups: tuple[CopyGroup, ...]
    n_not_same: int
    copied: CopiedImages | None

    @property
    def left_out(self) -> tuple[int, ...]:
        """The images that a folder without copies does not need."""
        return tuple(image for group in self.groups for image in group.images if image not in group.kept)


def add_duplicates(parser: argparse.ArgumentParser) -> None:
    """Add the folder of pictures, what counts as a copy, and where the results go."""
    parser.add_argument("folder", metavar="FOLDER", help="a folder of pictures, or a ZIP file")
    parser.add_argument(
        "--near",
        type=float,
        default=DEFAULT_NEAR,
        metavar="X",
        help=f"how alike copies are, from {LEAST_SIMILARITY:g} to 1, which is the same pixels (default: %(default)s)",
    )
    parser.add_argument(
        "--out", metavar="FILE.csv", help="write group,path,kind,similarity,keep,reason,width,height,bytes"
    )
    parser.add_argument(
        "--copy-to",
        metavar="DIR",
        help="an empty or a new folder: copy all pictures there, with their sub-folders, but of each group of copies "
        "only the one to keep",
    )
    add_features(parser)


def run(options: argparse.Namespace, cancel: threading.Event) -> None:
    """Find the copies, write what was asked for, and say which there are.

    Raises
    ------
    ImgClusterError
    """
    if not LEAST_SIMILARITY <= options.near <= 1:
        raise ParameterError(
            f"--near {options.near:g} should be from {LEAST_SIMILARITY:g} to 1.",
            hint=f"Try {DEFAULT_NEAR:g}; a higher value finds fewer copies.",
        )
    features = feature_options(options)
    out = expanded(options.copy_to) if options.copy_to else None
    if out is not None:
        check_destination(out, source=expanded(options.folder))
    with ProgressBars() as report:
        collection = open_collection(options.folder)
        found, notes = _find(collection, features, near=options.near, out=out, report=report, cancel=cancel)
    unread = found.copied.skipped if found.copied is not None else ()
    print_notes((*notes, *(f"{skipped.path} was not copied: {skipped.reason}" for skipped in unread)))
    if options.out:
        write_duplicates_csv(Path(options.out), found.groups, found.collection.images, found.looks)
    if options.json:
        print_json(_as_dict(found, options.near, out))
    else:
        print(_as_text(found, options.out, out))


def _find(
    collection: Collection,
    options: FeatureOptions,
    *,
    near: float,
    out: Path | None,
    report: ProgressCallback,
    cancel: threading.Event,
) -> tuple[_Found, tuple[str, ...]]:
    workspace = Workspace.default()
    how = {"workspace": workspace, "progress": report, "cancel": cancel}
    extraction, notes = embed_images(collection, options, **how)
    collection, looks = look_closely(extraction.collection, **how)
    features = extraction.features
    if len(collection) != len(features.hashes):  # some file changed or vanished in between
        extraction, notes = embed_images(collection, options, **how)
        features = extraction.features
    pairs = find_copies(collection, features, looks, **how)
    decisions = load_decisions(workspace.directory)
    not_same = pairs_not_same(decisions, features.hashes)
    groups = group_copies(
        pairs,
        looks,
        images=collection.images,
        near=near,
        not_same=not_same,
        keep=images_to_keep(decisions, features.hashes),
    )
    found = _Found(collection=collection, looks=looks, groups=groups, n_not_same=len(not_same), copied=None)
    if out is None:
        return found, notes
    left_out = set(found.left_out)
    wanted = [(image, image.path) for index, image in enumerate(collection.images) if index not in left_out]
    copied = copy_images(wanted, out, progress=report, cancel=cancel)
    return _Found(collection=collection, looks=looks, groups=groups, n_not_same=len(not_same), copied=copied), notes


def _as_text(found: _Found, csv: str | None, out: Path | None) -> str:
    images, n_left_out = found.collection.images, len(found.left_out)
    lines = [f"No copies among {counted(len(images), 'picture')}."]
    if found.groups:
        size = size_in_words(sum(images[image].size for image in found.left_out))
        lines = [
            f"{counted(len(found.groups), 'group')} of copies among {counted(len(images), 'picture')}; "
            f"{n_left_out:,} would not be missed ({size}):"
        ]
    for number, group in enumerate(found.groups, start=1):
        for image, kind, similarity in zip(group.images, group.kinds, group.similarities, strict=True):
            said = f"keep: {group.reason}" if image == group.best else _relation(kind, similarity)
            said = "keep: you chose it" if image in group.kept and image != group.best else said
            lines.append(f"  {number if image == group.best else '':>5}  {images[image].path}  ({said})")
    if found.n_not_same:
        lines.append(f"{counted(found.n_not_same, 'pair')} that you called not the same: kept apart.")
    lines += skipped_note(found.collection)
    if csv:
        lines.append(f"Written to {csv}.")
    if found.copied is not None:
        lines.append(f"{counted(found.copied.n_copied, 'picture')} copied to {out}, leaving out {n_left_out:,}.")
    return "\n".join(lines)


def _relation(kind: int, similarity: float) -> str:
    if kind == EXACT:
        return "the same file"
    return "the same pixels" if kind == PIXELS else f"nearly the same: {int(100 * similarity)} %"


def _as_dict(found: _Found, near: float, out: Path | None) -> dict[str, object]:
    header, rows = duplicates_table(found.groups, found.collection.images, found.looks)
    copies = [dict(zip(header, row, strict=True)) for row in rows]
    return {
        "n_images": len(found.collection),
        "near": near,
        "n_groups": len(found.groups),
        "n_left_out": len(found.left_out),
        "n_not_same": found.n_not_same,
        "groups": [
            {
                "group": number,
                "similarity": round(group.similarity, 4),
                "reason": group.reason,
                "images": [copy for copy in copies if copy["group"] == number],
            }
            for number, group in enumerate(found.groups, start=1)
        ],
        "out": str(out) if found.copied is not None else None,
        "n_copied": found.copied.n_copied if found.copied is not None else None,
        "skipped": skipped_as_dicts(found.collection),
    }
