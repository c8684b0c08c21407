"""``python -m imgcluster export``: a project's groups as folders, tables, a report, a script."""

import argparse
import contextlib
import threading
from collections.abc import Sequence
from pathlib import Path

from imgcluster.cache import Workspace
from imgcluster.commands.output import ProgressBars, print_notes
from imgcluster.errors import Cancelled, ParameterError
from imgcluster.features.contents import content_hashes
from imgcluster.features.store import Store
from imgcluster.keeping.export import write_text
from imgcluster.keeping.exporting.plan import ExportPlan, plan_export
from imgcluster.keeping.exporting.run import run_export
from imgcluster.keeping.exporting.scheme import FIELDS, SCHEMES
from imgcluster.keeping.exporting.target import check_target, refuse_within
from imgcluster.keeping.exporting.undo import undo_export
from imgcluster.keeping.exporting.zipping import zip_export
from imgcluster.keeping.final import FinalGroups
from imgcluster.keeping.projects.project import Project
from imgcluster.keeping.projects.project_file import OpenedProject, load_project
from imgcluster.keeping.projects.project_groups import images_of_project, project_groups
from imgcluster.keeping.projects.sent_thumbnails import is_thumbnail
from imgcluster.keeping.script import python_script
from imgcluster.keeping.tables import write_table
from imgcluster.pictures.collection import Collection, ImageFile, SkippedImage
from imgcluster.pictures.home import expanded
from imgcluster.pictures.samples import SAMPLES
from imgcluster.pipeline import open_collection
from imgcluster.progress import ProgressCallback, raise_if_cancelled
from imgcluster.reporting.contact_sheets import write_contact_sheets
from imgcluster.reporting.embedding import Thumbnails
from imgcluster.reporting.report import write_report
from imgcluster.wording import counted

__all__ = ["add_export", "run"]

_TABLES = ("csv", "xlsx", "json")
_OF_PICTURES = ("copy_to", "zip")  # they need the pictures themselves
_OTHERS = ("html", "sheets", "script")
_ENDINGS = {name: f".{name}" for name in ("zip", *_TABLES, "html")} | {"sheets": ".pdf", "script": ".py"}
_SHOWN = 10


def add_export(parser: argparse.ArgumentParser) -> None:
    """Add the project, the folder of its pictures, and everything that can be written."""
    parser.add_argument("project", nargs="?", metavar="FILE.imgcluster", help="what the app or cluster --project wrote")
    parser.add_argument(
        "--folder",
        metavar="FOLDER",
        help="where the pictures are: a folder or a ZIP file; they are known by their content, whatever their names",
    )
    group = parser.add_argument_group("what to write (several at once if you like)")
    group.add_argument(
        "--copy-to", metavar="DIR", help="the pictures, in folders by group; your own pictures are only read"
    )
    group.add_argument("--zip", metavar="FILE.zip", help="the same as a ZIP file")
    group.add_argument(
        "--csv", metavar="FILE.csv", help="one line for each picture; groups and skipped files beside it"
    )
    group.add_argument("--xlsx", metavar="FILE.xlsx", help="the same as a workbook")
    group.add_argument("--json", metavar="FILE.json", help="the same as JSON, with parameters and versions")
    group.add_argument("--html", metavar="FILE.html", help="a report in one file that needs no network")
    group.add_argument("--sheets", metavar="FILE.pdf", help="contact sheets")
    group.add_argument("--script", metavar="FILE.py", help="a Python script that makes the groups again")
    how = parser.add_argument_group("how to copy")
    how.add_argument("--dry-run", action="store_true", help="say what --copy-to would write, and write nothing")
    how.add_argument(
        "--how", choices=("copy", "hardlink", "symlink"), default="copy", help="for --copy-to (default: %(default)s)"
    )
    how.add_argument(
        "--scheme",
        default=SCHEMES[0],
        metavar="TEXT",
        help='what files are called (default: "%(default)s"); '
        + ", ".join(f"{{{name}}} is {meaning}" for name, meaning in FIELDS.items()),
    )
    how.add_argument("--undo", metavar="DIR", help="remove what the last --copy-to wrote into DIR, and nothing else")


def run(options: argparse.Namespace, cancel: threading.Event) -> None:
    """Write what is asked for, and say of each thing that it is written as soon as it is.

    Raises
    ------
    ImgClusterError
    """
    asked = [name for name in (*_OF_PICTURES, *_TABLES, *_OTHERS) if getattr(options, name)]
    _check(options, asked)
    try:
        if options.undo:
            _undo(expanded(options.undo), cancel)
        else:
            _export(options, asked, cancel)
    except Cancelled as stopped:
        if options.undo:
            raise Cancelled("Stopped before the end.", hint="The same command removes the rest.") from stopped
        raise Cancelled(
            "Stopped. What is said to be written is there, and nothing else is.",
            hint="Start the export once more with what is missing.",
        ) from stopped


def _check(options: argparse.Namespace, asked: Sequence[str]) -> None:
    if options.undo:
        if options.project or asked or options.dry_run:
            raise ParameterError("--undo takes an export back, and nothing can be written or tried with it.")
        return
    if not options.project:
        raise ParameterError("There is no project to export.", hint="Name a file of the app, or of cluster --project.")
    if not asked:
        raise ParameterError("It is not said what to write.", hint="Such as --csv groups.csv, or --copy-to DIR.")
    if options.dry_run and asked != ["copy_to"]:
        raise ParameterError("--dry-run goes with --copy-to alone: everything else would be written.")
    if not options.folder and (needed := [name for name in asked if name in _OF_PICTURES]):
        raise ParameterError(
            f"--{needed[0].replace('_', '-')} needs the pictures, and a project does not say where they are.",
            hint="Name their folder with --folder.",
        )
    for name in asked:
        ending = _ENDINGS.get(name)
        if ending and Path(getattr(options, name)).suffix.lower() != ending:
            raise ParameterError(f"The name {getattr(options, name)} should end with {ending}.")


def _export(options: argparse.Namespace, asked: Sequence[str], cancel: threading.Event) -> None:
    final, opened = _final(options, asked, cancel)
    for name in asked:
        with ProgressBars() as report:
            raise_if_cancelled(cancel)
            files, said = _write(name, final, opened, options, report, cancel)
        print(*said, *(f"Written to {file}." for file in files), sep="\n")


def _final(
    options: argparse.Namespace, asked: Sequence[str], cancel: threading.Event
) -> tuple[FinalGroups, OpenedProject]:
    """Open the project, find its pictures, and look where everything is to be written."""
    path = expanded(options.project)
    opened = load_project(path)
    collection, hashes, roots = Collection(name=opened.project.name, images=()), (), ()
    if options.folder:
        collection = open_collection(options.folder)
        roots = tuple(folder for folder in [expanded(options.folder)] if folder.is_dir())
    for name in asked:
        _check_place(name, expanded(getattr(options, name)), project=path, roots=roots)
    if options.folder:
        hashes = _hashes(collection.images, cancel)
    images, match = images_of_project(opened, path, collection, hashes)
    final, outcome = project_groups(opened, images, roots=roots)
    if options.folder:
        print_notes((match.sentence,))
    print_notes(tuple(f"Not carried over: {step.said}" for step in outcome.lost))
    return final, opened


def _check_place(name: str, path: Path, *, project: Path, roots: Sequence[Path]) -> None:
    if _is_same(path, project):
        raise ParameterError(f"{path} is the project itself, which would be replaced.", hint="Choose another name.")
    refuse_within(path if name == "copy_to" else path.parent, roots)


def _is_same(path: Path, project: Path) -> bool:
    with contextlib.suppress(OSError, ValueError):  # there is nothing of that name; ValueError: a NUL in it
        return path.samefile(project)
    return False


def _hashes(images: Sequence[ImageFile], cancel: threading.Event) -> Sequence[str | None]:
    with ProgressBars() as report, Store(Workspace.default().store_path) as store:
        return content_hashes(images, store=store, progress=report, cancel=cancel)


def _write(
    name: str,
    final: FinalGroups,
    opened: OpenedProject,
    options: argparse.Namespace,
    report: ProgressCallback,
    cancel: threading.Event,
) -> tuple[list[Path], list[str]]:
    """Write one thing, and return the files and what there is to say."""
    path, how = expanded(getattr(options, name)), {"progress": report, "cancel": cancel}
    if name in _TABLES:
        return list(write_table(path, final)), []
    if name == "html":
        write_report(final, path, thumbnails=_thumbnails(opened), **how)
    elif name == "sheets":
        write_contact_sheets(final, path, thumbnails=_thumbnails(opened), **how)
    elif name == "script":
        sample = None if options.folder else _sample_of(opened.project)
        source = options.folder or sample or "photos"
        write_text(path, python_script(final, source=source, is_sample=sample is not None))
    else:
        plan = plan_export(final, scheme=options.scheme, how=options.how if name == "copy_to" else "copy")
        return _write_pictures(name, plan, path, is_dry=options.dry_run, **how)
    return [path], []


def _write_pictures(
    name: str,
    plan: ExportPlan,
    path: Path,
    *,
    is_dry: bool,
    progress: ProgressCallback,
    cancel: threading.Event,
) -> tuple[list[Path], list[str]]:
    if is_dry:
        check = check_target(plan, path)
        lines = [f"{counted(plan.n_files, 'file')}, {_size(plan.n_bytes)}, would be written to {path}:"]
        lines += [f"  {group.title}: {counted(group.n_files, 'file')}, {_size(group.n_bytes)}" for group in plan.groups]
        if n_numbered := plan.n_numbered + check.n_taken:
            lines.append(f"{counted(n_numbered, 'file')} would get a number, as the name is taken.")
        return [], lines + _left_out(plan.skipped)
    if name == "zip":
        return [path], _left_out(zip_export(plan, path, progress=progress, cancel=cancel))
    manifest = run_export(plan, path, progress=progress, cancel=cancel)
    said = f"{counted(len(manifest.files), 'file')}, with a list of them for --undo {path}."
    return [path], [said, *_left_out(manifest.skipped)]


def _left_out(skipped: Sequence[SkippedImage]) -> list[str]:
    """Return lines on the pictures that are not among what was written, the first ten of them by name."""
    if not skipped:
        return []
    lines = [f"{counted(len(skipped), 'picture')} could not be exported:"]
    lines += [f"  {image.path}: {image.reason}" for image in skipped[:_SHOWN]]
    return lines + ([f"  ... and {len(skipped) - _SHOWN:,} more"] if len(skipped) > _SHOWN else [])


def _undo(out: Path, cancel: threading.Event) -> None:
    with ProgressBars() as report:
        taken = undo_export(out, progress=report, cancel=cancel)
    sentences = [f"{counted(taken.n_removed, 'file')} removed from {out}."]
    if taken.n_gone:
        sentences.append(f"{counted(taken.n_gone, 'file')} had been removed before.")
    print(*sentences, *(f"  {file.path} was left: {file.reason}" for file in taken.kept), sep="\n")


def _sample_of(project: Project) -> str | None:
    """Return the name of the sample that a project is of, which its size tells: its title may have been changed."""
    samples = SAMPLES.values() if project.kind == "sample" else ()
    return next((sample.name for sample in samples if sample.n_images == project.n_images), None)


def _thumbnails(opened: OpenedProject) -> Thumbnails:
    def load(indices: Sequence[int]) -> list[bytes | None]:
        found = [opened.thumbnails.get(opened.project.hashes[index]) for index in indices]
        return [each if each is not None and is_thumbnail(each) else None for each in found]

    return load


def _size(n_bytes: int) -> str:
    return f"{n_bytes / 1e6:,.1f} MB"
