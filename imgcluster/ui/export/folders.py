"""The pictures in folders by group, on one's own computer: what would be written, at work, done, and taken back."""

import contextlib
import hashlib
import threading
from functools import partial
from pathlib import Path, PurePosixPath

import streamlit as st

from imgcluster.errors import ImgClusterError
from imgcluster.jobs import Job, JobState
from imgcluster.keeping.exporting.manifest import Manifest, find_manifests
from imgcluster.keeping.exporting.plan import ExportPlan
from imgcluster.keeping.exporting.run import run_export
from imgcluster.keeping.exporting.target import TargetCheck, check_target
from imgcluster.keeping.exporting.undo import TakenBack, undo_export
from imgcluster.keeping.final import FinalGroups
from imgcluster.progress import ProgressCallback
from imgcluster.ui.export.scheme import planned
from imgcluster.ui.export.work import left_out, show_work
from imgcluster.ui.messages import count, file_size, plain, show_error
from imgcluster.ui.project.source import Source
from imgcluster.ui.register import jobs
from imgcluster.ui.typed import typed_folder

__all__ = ["offer_folders"]

_WAYS = {
    "copy": ("Copy", "Copies of the pictures, with their dates. They take as much space once more."),
    "hardlink": (
        "Hard link",
        "The same files under second names: they take no space, and need the same disk. A change to one is a change to "
        "both.",
    ),
    "symlink": ("Symbolic link", "Signposts to the pictures: they take no space, and work while these stay there."),
}


def offer_folders(source: Source, key: str, final: FinalGroups, scheme: str, *, with_outside: bool) -> None:
    """Offer to write the pictures into folders; say before what that would be, and afterwards how to undo it."""
    typed = st.text_input(
        "Folder to write into",
        key="export-folder",
        persist_state="session",
        placeholder=str(Path.home() / f"{final.name} by group"),
        help="It is made when it is not there yet. Your own pictures stay as they are: they are only read.",
    )
    how = st.segmented_control(
        "How",
        list(_WAYS),
        format_func=lambda way: _WAYS[way][0],
        default="copy",
        required=True,
        key="export-how",
        persist_state="session",
    )
    st.caption(_WAYS[how][1])
    out = typed_folder(typed)
    if out is None:
        return
    undoing = jobs().get(_undo_key(source, out))
    if show_work(undoing, key="undo-export", stopped="Some files were removed; undo it once more for the rest."):
        return
    copying = jobs().get(_copy_key(source, out))
    if show_work(copying, key="copy-folders", stopped="What had been written was removed again."):
        return
    if undoing is not None and undoing.state is JobState.DONE:
        _say_undone(undoing.result, out)
    if copying is not None and copying.state is JobState.DONE:
        _say_done(copying.result, out)
    try:
        plan = planned(key, final, scheme, how, with_outside)
        check = check_target(plan, out)
    except ImgClusterError as error:
        show_error(error)
    else:
        _say_plan(plan, check)
        verb = "Copy" if how == "copy" else "Link"
        st.button(
            f"{verb} {count(plan.n_files, 'picture')}",
            key="start-folders",
            type="primary",
            icon=":material/drive_file_move:",
            on_click=partial(_start, source, plan, out),
        )
    if _has_export(out):
        st.button(
            "Undo this export",
            key="undo-folders",
            icon=":material/undo:",
            help="Removes what the latest export wrote into this folder, and nothing that was changed since.",
            on_click=partial(_undo, source, out),
        )


def _say_plan(plan: ExportPlan, check: TargetCheck) -> None:
    folders = {str(PurePosixPath(file.path).parent) for file in plan.files} - {"."}
    where = f" in {count(len(folders), 'folder')}" if folders else ""
    size = f"{file_size(check.needed)}, " if plan.how == "copy" else ""
    st.markdown(f"**{count(plan.n_files, 'file')}**{where}: {size}{file_size(check.free)} free there.")
    if numbered := plan.n_numbered + check.n_taken:
        st.caption(f"{count(numbered, 'file')} will be numbered, because the name is taken.")
    left_out(plan.skipped)


def _say_done(manifest: Manifest, out: Path) -> None:
    written = "copied" if manifest.how == "copy" else "linked"
    st.success(f"{count(len(manifest.files), 'picture')} {written} to {plain(str(out))}.", icon=":material/check:")
    left_out(manifest.skipped)


def _say_undone(taken: TakenBack, out: Path) -> None:
    gone = f" {count(taken.n_gone, 'file')} had been removed before." if taken.n_gone else ""
    st.success(f"{count(taken.n_removed, 'file')} removed from {plain(str(out))}.{gone}", icon=":material/undo:")
    if taken.kept:
        first = f"{plain(taken.kept[0].path)}: {plain(taken.kept[0].reason)}"
        st.warning(f"{count(len(taken.kept), 'file')} left where they are, such as {first}.", icon=":material/info:")


def _start(source: Source, plan: ExportPlan, out: Path) -> Job[Manifest]:
    def write(progress: ProgressCallback, cancel: threading.Event) -> Manifest:
        return run_export(plan, out, progress=progress, cancel=cancel)

    jobs().forget(_undo_key(source, out))
    jobs().forget(_copy_key(source, out))
    return jobs().start(_copy_key(source, out), write)


def _undo(source: Source, out: Path) -> Job[TakenBack]:
    def take_back(progress: ProgressCallback, cancel: threading.Event) -> TakenBack:
        return undo_export(out, progress=progress, cancel=cancel)

    jobs().forget(_undo_key(source, out))
    jobs().forget(_copy_key(source, out))
    return jobs().start(_undo_key(source, out), take_back)


def _has_export(out: Path) -> bool:
    with contextlib.suppress(OSError, ValueError):
        return any(find_manifests(out))
    return False


def _copy_key(source: Source, out: Path) -> str:
    return f"{source.id}/export-folders/{_digest(out)}"


def _undo_key(source: Source, out: Path) -> str:
    return f"{source.id}/export-undo/{_digest(out)}"


def _digest(out: Path) -> str:
    return hashlib.blake2b(str(out).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
