"""``python -m imgcluster find``: the pictures of a folder that are like given ones."""

import argparse
import os
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from imgcluster.cache import Workspace
from imgcluster.commands.likeness import add_features, feature_options
from imgcluster.commands.output import ProgressBars, print_json, print_notes, skipped_as_dicts, skipped_note
from imgcluster.errors import NoImagesError
from imgcluster.finding.neighbors import METRICS
from imgcluster.keeping.export import write_similar_csv
from imgcluster.pictures.collection import Collection, ImageFile, SkippedImage
from imgcluster.pictures.finding import find_images
from imgcluster.pipeline import open_collection
from imgcluster.stages.searching import FoundImages, Search, search_images
from imgcluster.wording import counted

__all__ = ["add_find", "run"]


def add_find(parser: argparse.ArgumentParser) -> None:
    """Add the pictures to search for, where to search, and how much is shown."""
    parser.add_argument("queries", nargs="+", metavar="QUERY", help="a picture, from the folder or from anywhere else")
    parser.add_argument(
        "--in", required=True, dest="folder", metavar="FOLDER", help="a folder of pictures, or a ZIP file"
    )
    parser.add_argument(
        "--k", type=int, default=10, metavar="N", help="show so many of the nearest (default: %(default)s)"
    )
    parser.add_argument(
        "--alpha",
        type=float,
        default=0.05,
        metavar="P",
        help="and all that are nearer than chance: their p-value, adjusted for the number of pictures, is below this "
        "(default: %(default)s)",
    )
    parser.add_argument(
        "--metric", choices=METRICS, default="cosine", help="the distance of two pictures (default: %(default)s)"
    )
    parser.add_argument("--out", metavar="FILE.csv", help="write query,rank,path,distance,p_value,significant")
    add_features(parser)


def run(options: argparse.Namespace, cancel: threading.Event) -> None:
    """Search, and say what was found for each picture.

    Raises
    ------
    ImgClusterError
    """
    features = feature_options(options)
    queries = _queries(options.queries)
    collection = open_collection(options.folder)
    with ProgressBars() as report:
        search = search_images(
            collection,
            queries,
            features,
            n_neighbors=options.k,
            alpha=options.alpha,
            metric=options.metric,
            workspace=Workspace.default(),
            progress=report,
            cancel=cancel,
        )
    print_notes((*search.notes, *(f"{skipped.path}: {skipped.reason}" for skipped in search.skipped)))
    if options.out:
        paths = search.collection.paths
        write_similar_csv(Path(options.out), [(found.query.path, found.similar) for found in search.found], paths=paths)
    if options.json:
        print_json(_as_dict(search, options))
    else:
        print(_as_text(search, options))


def _queries(texts: Sequence[str]) -> Collection:
    """Return the pictures to search for, each once, under the names by which they were asked for.

    Raises
    ------
    NoImagesError
        There is none.
    """
    images: dict[str, ImageFile] = {}
    skipped: list[SkippedImage] = []
    for text in texts:
        found, name = find_images([text]), os.fsencode(text).decode(errors="replace")
        for image in found.images:
            images.setdefault(os.path.realpath(image.source), replace(image, path=name))
        skipped += [replace(image, path=name) for image in found.skipped]
    if not images:
        reasons = "; ".join(f"{image.path}: {image.reason}" for image in skipped[:3])
        raise NoImagesError(f"There is no picture to search for: {reasons}.", hint="Give the file of a picture.")
    return Collection(name="the pictures asked for", images=tuple(images.values()), skipped=tuple(skipped))


def _as_text(search: Search, options: argparse.Namespace) -> str:
    lines = []
    for found in search.found:
        lines += [*_found_lines(found, search, options), ""]
    lines += skipped_note(search.collection)
    if options.out:
        lines.append(f"Written to {options.out}.")
    return "\n".join(lines).rstrip()


def _found_lines(found: FoundImages, search: Search, options: argparse.Namespace) -> list[str]:
    paths, similar = search.collection.paths, found.similar
    where = f" (there it is {paths[found.own]}, and left out)" if found.own is not None else ""
    compared = counted(len(similar.all_distances), "picture")
    lines = [f"{found.query.path}, compared with {compared} of {search.collection.name}{where}:"]
    if not len(similar.indices):
        return [*lines, "  there is no other picture."]
    lines.append("  rank  distance   p-value")
    columns = zip(similar.indices, similar.distances, similar.p_values, similar.significant, strict=True)
    for rank, (index, distance, p_value, is_significant) in enumerate(columns, start=1):
        chance = f"{p_value:9.2g}" if similar.fit is not None else f"{'-':>9}"
        lines.append(f"  {rank:>4}  {distance:8.4f} {chance} {'*' if is_significant else ' '} {paths[index]}")
    if similar.fit is None:
        return [*lines, "  There are too few different distances to say which are near by more than chance."]
    n_significant = int(similar.significant.sum())
    return [
        *lines,
        f"  {counted(n_significant, 'picture')} nearer than chance (*: adjusted p-value below {options.alpha:g}).",
    ]


def _as_dict(search: Search, options: argparse.Namespace) -> dict[str, object]:
    paths = search.collection.paths
    return {
        "n_images": len(paths),
        "metric": options.metric,
        "alpha": options.alpha,
        "queries": [
            {
                "query": found.query.path,
                "own": paths[found.own] if found.own is not None else None,
                "n_compared": len(found.similar.all_distances),
                "distribution": found.similar.fit.name if found.similar.fit is not None else None,
                "threshold": found.similar.threshold,
                "similar": [
                    {
                        "path": paths[index],
                        "distance": distance,
                        "p_value": p_value,
                        "significant": is_significant,
                    }
                    for index, distance, p_value, is_significant in zip(
                        found.similar.indices,
                        found.similar.distances,
                        found.similar.p_values,
                        found.similar.significant,
                        strict=True,
                    )
                ],
            }
            for found in search.found
        ],
        "skipped_queries": [{"path": image.path, "reason": image.reason} for image in search.skipped],
        "skipped": skipped_as_dicts(search.collection),
        "notes": list(search.notes),
    }
