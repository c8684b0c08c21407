"""The command line: ``python -m imgcluster cluster FOLDER``."""

import argparse
import json
import signal
import sys
import threading
import warnings
from collections.abc import Sequence

from tqdm import tqdm

from imgcluster.errors import Cancelled, ImgClusterError
from imgcluster.features.extractors import DEFAULT_EXTRACTOR, available_extractors
from imgcluster.keeping.export import cluster_number
from imgcluster.pictures.samples import SAMPLES
from imgcluster.pipeline import DEFAULT_N_CLUSTERS, ImageClusters, cluster_images, open_collection
from imgcluster.progress import Progress, ProgressCallback
from imgcluster.version import __version__

__all__ = ["main"]

DONE, FAILED, CANCELLED = 0, 1, 130

EXAMPLES = """\
examples:
  python -m imgcluster cluster photos                        8 groups of the pictures in the folder "photos"
  python -m imgcluster cluster photos --k 12 --out groups.csv
  python -m imgcluster cluster holiday.zip --k 5 --json      a ZIP file works as well; it is not unpacked
  python -m imgcluster cluster --sample digits --k 10        try it without pictures of your own

Nothing is sent anywhere, and your pictures are never changed. What was computed once is kept in the user's cache
directory: a second run on the same folder takes seconds. Press Ctrl+C to stop; what is done is kept.

exit codes: 0 done, 1 an error (one sentence says which), 130 stopped by Ctrl+C
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    options = _parser().parse_args(arguments)
    warnings.filterwarnings("ignore", module="PIL")  # remarks on broken metadata of pictures that open all the same
    cancel = threading.Event()
    previous = signal.signal(signal.SIGINT, lambda number, frame: cancel.set())
    try:
        _cluster(options, cancel)
    except Cancelled as stopped:
        print(stopped, file=sys.stderr)
        return CANCELLED
    except ImgClusterError as error:
        print(f"{error} {error.hint}".strip(), file=sys.stderr)
        return FAILED
    finally:
        signal.signal(signal.SIGINT, previous)
    return DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m imgcluster",
        description="Find the groups in a folder of pictures, on your own computer.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"imgcluster {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    cluster = commands.add_parser(
        "cluster",
        help="put the pictures of a folder into groups",
        description="Put the pictures of a folder (with its sub-folders) or of a ZIP file into groups that look alike.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    names = ", ".join(extractor.name for extractor in available_extractors())
    source = cluster.add_mutually_exclusive_group(required=True)
    source.add_argument("folder", nargs="?", metavar="FOLDER", help="a folder of pictures, or a ZIP file")
    source.add_argument("--sample", choices=sorted(SAMPLES), help="a built-in sample instead of a folder")
    cluster.add_argument(
        "--k", type=int, default=DEFAULT_N_CLUSTERS, metavar="N", help="how many groups (default: %(default)s)"
    )
    cluster.add_argument(
        "--extractor",
        default=DEFAULT_EXTRACTOR,
        metavar="NAME",
        help=f"what counts as similar: {names} (default: %(default)s)",
    )
    cluster.add_argument(
        "--out",
        metavar="FILE.csv",
        help="write path,cluster,is_medoid,distance,silhouette, and the files that could not be used to skipped.csv "
        "beside it",
    )
    cluster.add_argument("--json", action="store_true", help="print the result as JSON instead of sentences")
    return parser


def _cluster(options: argparse.Namespace, cancel: threading.Event) -> None:
    collection = open_collection(options.sample or options.folder, sample=bool(options.sample))
    with _ProgressBars() as report:
        result = cluster_images(
            collection, n_clusters=options.k, extractor=options.extractor, progress=report, cancel=cancel
        )
    for note in result.notes:
        print(note, file=sys.stderr)
    if options.out:
        result.to_csv(options.out)
    print(json.dumps(_as_dict(result), indent=1, ensure_ascii=False) if options.json else _as_text(result, options.out))


def _as_text(result: ImageClusters, out: str | None) -> str:
    collection, summary = result.collection, result.summary
    lines = [f"{len(collection):,} pictures in {result.clustering.n_clusters} groups:"]
    lines += [
        f"  group {cluster_number(label):>3}  {size:>7,}  such as {collection.paths[medoid]}"
        for label, (size, medoid) in enumerate(zip(summary.sizes, summary.medoids, strict=True))
    ]
    if collection.skipped:
        lines.append(f"{len(collection.skipped):,} files could not be used:")
        shown = collection.skipped if out is None else collection.skipped[:10]
        lines += [f"  {image.path}: {image.reason}" for image in shown]
        if len(shown) < len(collection.skipped):
            lines.append(f"  ... and {len(collection.skipped) - len(shown):,} more in skipped.csv")
    if out:
        lines.append(f"Written to {out}.")
    return "\n".join(lines)


def _as_dict(result: ImageClusters) -> dict[str, object]:
    paths, summary = result.collection.paths, result.summary
    return {
        "n_images": len(paths),
        "n_clusters": result.clustering.n_clusters,
        "silhouette": round(float(result.silhouettes.values.mean()), 4),
        "clusters": [
            {"cluster": cluster_number(label), "size": int(size), "medoid": paths[medoid]}
            for label, (size, medoid) in enumerate(zip(summary.sizes, summary.medoids, strict=True))
        ],
        "images": [
            {"path": path, "cluster": cluster_number(label)}
            for path, label in zip(paths, result.clustering.labels, strict=True)
        ],
        "skipped": [{"path": image.path, "reason": image.reason} for image in result.collection.skipped],
        "notes": list(result.notes),
    }


class _ProgressBars:
    """One tqdm bar on standard error for each stage, drawn from the reports of the pipeline."""

    def __enter__(self) -> ProgressCallback:
        self._bar: tqdm | None = None
        self._stage = ""
        return self._report

    def __exit__(self, *error: object) -> None:
        self._close()

    def _report(self, progress: Progress) -> None:
        if self._bar is None or progress.stage != self._stage:
            self._close()
            self._stage = progress.stage
            self._bar = tqdm(total=progress.total, desc=progress.stage, unit="picture", file=sys.stderr, disable=None)
        self._bar.update(progress.done - self._bar.n)

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None


if __name__ == "__main__":
    sys.exit(main())
