"""The command line: ``python -m imgcluster COMMAND``; what each command does is in `imgcluster.commands`."""

import argparse
import signal
import sys
import threading
import warnings
from collections.abc import Sequence

from imgcluster.commands import (
    cluster,
    duplicates,
    export,
    extractors,
    faces,
    find,
    open_project,
    predict,
    scan_k,
    tree,
    unique,
)
from imgcluster.commands.likeness import add_features
from imgcluster.commands.ways import add_backend, add_linkage, add_method, add_space
from imgcluster.errors import Cancelled, ImgClusterError
from imgcluster.pictures.samples import SAMPLES
from imgcluster.pipeline import DEFAULT_K_MAX, DEFAULT_K_MIN, DEFAULT_N_REFERENCES
from imgcluster.version import __version__

__all__ = ["main"]

DONE, FAILED, CANCELLED = 0, 1, 130

EXAMPLES = """\
examples:
  python -m imgcluster cluster photos                        as many groups as fit the pictures in "photos" best
  python -m imgcluster cluster photos --k 12 --out groups.csv
  python -m imgcluster cluster holiday.zip --k 5 --json      a ZIP file works as well; it is not unpacked
  python -m imgcluster scan-k photos --out scan.csv          how well each number of groups from 2 to 30 fits
  python -m imgcluster scan-k photos --k-max 60              only the scores from 31 on are computed now
  python -m imgcluster scan-k --sample digits                try it without pictures of your own
  python -m imgcluster cluster photos --method hdbscan       tight look-alikes; what is like nothing else stays out
  python -m imgcluster cluster photos --extractor hog        by shapes; "python -m imgcluster extractors" lists all
  python -m imgcluster tree photos --out photos.newick       the tree of all pictures, for other programs
  python -m imgcluster cluster photos --model p.imgcluster   keep what the groups are like, and later
  python -m imgcluster predict --model p.imgcluster new      say where the pictures in "new" belong
  python -m imgcluster cluster photos --project p.imgcluster   everything in one file, to send or to export from:
  python -m imgcluster export p.imgcluster --folder photos --copy-to DIR --dry-run
  python -m imgcluster export p.imgcluster --xlsx groups.xlsx --html report.html
  python -m imgcluster open p.imgcluster                     the app, with it open
  python -m imgcluster find new.jpg --in photos              the pictures in "photos" that are like this one
  python -m imgcluster unique photos --out few               one picture of each group, copied to the folder "few"
  python -m imgcluster duplicates photos --copy-to clean     which pictures are copies; all others to "clean"
  python -m imgcluster faces photos --out crops              the faces in the pictures, as a folder to group
  python -m imgcluster cluster s3://bucket/photos            pictures elsewhere; more machines: docs/scaling.md
  python -m imgcluster cluster /shared/photos --backend dask --scheduler tcp://host:8786

Nothing is sent anywhere, unless you name other machines, and your pictures are never changed. What was computed once
is kept in the user's cache directory: a second run on the same folder takes seconds. Press Ctrl+C to stop; what is
done is kept, and the same command goes on from there.

exit codes: 0 done, 1 an error (one sentence says which), 130 stopped by Ctrl+C
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    options = _parser().parse_args(arguments)
    warnings.filterwarnings("ignore", module="PIL")  # remarks on broken metadata of pictures that open all the same
    cancel = threading.Event()
    previous = signal.signal(signal.SIGINT, lambda number, frame: cancel.set())
    try:
        options.run(options, cancel)
    except Cancelled as stopped:
        # An export tells itself what there is now: it does not go on, but writes anew.
        again = stopped.hint if options.run is export.run else "The same command goes on from here."
        print(stopped, again, file=sys.stderr)
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
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_cluster(commands)
    _add_scan_k(commands)
    _add_tree(commands)
    _add_predict(commands)
    _add_export(commands)
    _add_open(commands)
    _add_find(commands)
    _add_unique(commands)
    _add_duplicates(commands)
    _add_faces(commands)
    _add_extractors(commands)
    return parser


def _add_cluster(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "cluster",
        help="put the pictures of a folder into groups",
        description="Put the pictures of a folder (with its sub-folders) or of a ZIP file into groups that look alike.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=cluster.run)
    _add_source(parser)
    parser.add_argument(
        "--k",
        default="auto",
        metavar="N",
        help='how many groups; "auto" tries up to 30, takes the number that fits best and says why '
        "(default: %(default)s)",
    )
    parser.add_argument(
        "--out",
        metavar="FILE.csv",
        help="write path,cluster,is_medoid,distance,silhouette, and the files that could not be used to skipped.csv "
        "beside it",
    )
    parser.add_argument(
        "--model",
        metavar="FILE.imgcluster",
        help="write what is needed to say where new pictures belong, for the command predict; the pictures themselves "
        "are not in it",
    )
    parser.add_argument(
        "--project",
        metavar="FILE.imgcluster",
        help="write groups, map and thumbnails into one file, to send it, to open it in the app, or for the command "
        "export; the pictures themselves are not in it, and neither is where they are",
    )
    _add_json(parser)
    add_method(parser)
    add_space(parser)
    add_backend(parser)


def _add_scan_k(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "scan-k",
        help="compare numbers of groups, and say which fits",
        description="Score every number of groups (elbow, silhouette, gap statistic, Davies-Bouldin, Calinski-Harabasz,"
        " stability) and say in a sentence which fits.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=scan_k.run)
    _add_source(parser)
    parser.add_argument(
        "--k-min", type=int, default=DEFAULT_K_MIN, metavar="N", help="fewest groups to try (default: %(default)s)"
    )
    parser.add_argument(
        "--k-max", type=int, default=DEFAULT_K_MAX, metavar="N", help="most groups to try (default: %(default)s)"
    )
    parser.add_argument(
        "--references",
        type=int,
        default=DEFAULT_N_REFERENCES,
        metavar="N",
        help="collections without groups to compare with, from 1 to 50: more are slower and surer "
        "(default: %(default)s)",
    )
    parser.add_argument("--out", metavar="FILE.csv", help="write all scores, one line for each number of groups")
    _add_json(parser)
    add_backend(parser)


def _add_tree(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "tree",
        help="build the tree of a folder's pictures, from single ones to all",
        description="Join the pictures of a folder, the nearest first, to a tree; write it for other programs.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=tree.run)
    _add_source(parser)
    add_linkage(parser)
    parser.add_argument("--out", metavar="FILE", help="write it as FILE.newick (or .nwk) or FILE.json")
    _add_json(parser)
    add_space(parser)


def _add_extractors(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "extractors",
        help="list what can count as similar",
        description="List the extractors: name, length of the vector, speed, what each is good for, and what it lacks.",
    )
    parser.set_defaults(run=extractors.run)
    _add_json(parser)


def _add_predict(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "predict",
        help="say in which group new pictures belong, and which in none",
        description="Say in which group of a model each new picture belongs, how surely, and which pictures are the "
        "reason; or that it is like none of the groups. Nothing is grouped again. A model is a file that the command "
        "cluster writes with --model; it holds no pictures, and may come from another computer.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=predict.run)
    predict.add_predict(parser)
    _add_json(parser)


def _add_export(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "export",
        help="write the groups of a project: folders, tables, a report, a script",
        description="Write the groups of a project, with everything that was changed by hand: the pictures in folders "
        "or as a ZIP file, tables, a report, contact sheets, a script. Your own pictures are never changed.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=export.run)
    export.add_export(parser)


def _add_open(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "open",
        help="open a project in the app",
        description="Start the app in the browser, with a project open in it. Nobody else can reach it.",
    )
    parser.set_defaults(run=open_project.run)
    open_project.add_open(parser)


def _add_find(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "find",
        help="find the pictures that are like given ones",
        description="Find the pictures of a folder (with its sub-folders) or of a ZIP file that are like given ones: "
        "the nearest, and all that are nearer than chance.",
    )
    parser.set_defaults(run=find.run)
    find.add_find(parser)
    _add_json(parser)


def _add_unique(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "unique",
        help="copy one picture of each group, or a few that cover it",
        description="Group the pictures of a folder (with its sub-folders) or of a ZIP file, and copy the one in the "
        "middle of each group to a folder: the collection without what is like something else in it.",
    )
    parser.set_defaults(run=unique.run)
    unique.add_unique(parser)
    _add_json(parser)


def _add_duplicates(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "duplicates",
        help="find copies of the same picture",
        description="Find the pictures of a folder (with its sub-folders) or of a ZIP file that are there more than "
        "once: the same file, the same pixels in another file, or saved again, resized or cropped; and say which "
        "one to keep. Nothing is deleted.",
    )
    parser.set_defaults(run=duplicates.run)
    duplicates.add_duplicates(parser)
    _add_json(parser)


def _add_faces(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "faces",
        help="find the faces in the pictures of a folder",
        description="Cut out every face in the pictures of a folder (with its sub-folders) or of a ZIP file, with the "
        "eyes level, into a folder that can be grouped like any other.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=faces.run)
    faces.add_faces(parser)
    _add_json(parser)


def _add_source(parser: argparse.ArgumentParser) -> None:
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("folder", nargs="?", metavar="FOLDER", help="a folder of pictures, or a ZIP file")
    source.add_argument("--sample", choices=sorted(SAMPLES), help="a built-in sample instead of a folder")
    add_features(parser)


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print the result as JSON instead of sentences")


if __name__ == "__main__":
    sys.exit(main())
