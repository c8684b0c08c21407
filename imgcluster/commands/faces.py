"""``python -m imgcluster faces``: the faces in a folder's photos as a folder of their own."""

import argparse
import shlex
import threading
from pathlib import Path

from imgcluster.cache import Workspace
from imgcluster.commands.output import ProgressBars, print_json, print_notes
from imgcluster.faces.album import Album
from imgcluster.faces.cropping import DEFAULT_MARGIN, DEFAULT_SIZE
from imgcluster.faces.detecting import DEFAULT_CONFIDENCE, LEAST_CONFIDENCE, faces_missing
from imgcluster.faces.options import FaceOptions
from imgcluster.faces.unpacking import unpack_faces
from imgcluster.pictures.destination import check_destination
from imgcluster.pictures.home import expanded
from imgcluster.pipeline import open_collection
from imgcluster.stages.faces import find_faces
from imgcluster.wording import counted

__all__ = ["add_faces", "run"]


def add_faces(parser: argparse.ArgumentParser) -> None:
    """Add the folder of photos, the folder for the faces, and which faces are taken and how."""
    parser.add_argument("folder", metavar="FOLDER", help="a folder of pictures, or a ZIP file")
    parser.add_argument("--out", required=True, metavar="DIR", help="an empty or a new folder for the faces")
    parser.add_argument(
        "--min-confidence",
        type=float,
        default=DEFAULT_CONFIDENCE,
        metavar="X",
        help=f"how sure a find must be, from {LEAST_CONFIDENCE:g} to 1 (default: %(default)s)",
    )
    parser.add_argument(
        "--margin",
        type=float,
        default=DEFAULT_MARGIN,
        metavar="X",
        help="what is kept on each side of a face, as a share of its longer side (default: %(default)s)",
    )
    parser.add_argument(
        "--size", type=int, default=DEFAULT_SIZE, metavar="N", help="pixels along each side (default: %(default)s)"
    )


def run(options: argparse.Namespace, cancel: threading.Event) -> None:
    """Find the faces, write a crop of each, and say how to go on.

    Raises
    ------
    ImgClusterError
    """
    chosen = FaceOptions(min_confidence=options.min_confidence, margin=options.margin, size=options.size)
    out = expanded(options.out)
    check_destination(out, source=expanded(options.folder))
    if missing := faces_missing():
        raise missing.error()
    collection = open_collection(options.folder)
    with ProgressBars() as report:
        album = find_faces(collection, chosen, workspace=Workspace.default(), progress=report, cancel=cancel)
    skipped = (*collection.skipped, *album.skipped)
    if album.n_faces:
        unpack_faces(album, out, cancel=cancel)
    if options.json:
        print_json(
            {
                "n_faces": album.n_faces,
                "n_with_faces": album.n_with_faces,
                "n_images": album.n_photos,
                "out": str(out) if album.n_faces else None,
                "without": list(album.without),
                "skipped": [{"path": photo.path, "reason": photo.reason} for photo in skipped],
            }
        )
        return
    print_notes(tuple(f"{photo.path}: {photo.reason}" for photo in skipped))
    print(_as_text(album, out))


def _as_text(album: Album, out: Path) -> str:
    found = f"{counted(album.n_faces, 'face')} in {album.n_with_faces:,} of {counted(album.n_photos, 'picture')}"
    if not album.n_faces:
        return f"{found}: nothing was written."
    return (
        f"{found}, written to {out}; faces.csv says from which picture each is.\n"
        f"Group them with: python -m imgcluster cluster {shlex.quote(str(out))}"
    )
