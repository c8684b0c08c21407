"""Files that are made in the background: a ZIP file of the pictures by group, the report, and contact sheets."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import streamlit as st

from imgcluster.editing.groups import NO_GROUP
from imgcluster.errors import ImgClusterError
from imgcluster.keeping.exporting.plan import ExportPlan
from imgcluster.keeping.exporting.zipping import zip_export
from imgcluster.pictures.collection import SkippedImage
from imgcluster.progress import ProgressCallback
from imgcluster.reporting.contact_sheets import write_contact_sheets
from imgcluster.reporting.report import write_report
from imgcluster.ui.distinct import distinct_titles
from imgcluster.ui.export.final import Taken, file_stem
from imgcluster.ui.export.places import map_to_draw
from imgcluster.ui.export.prepared import Offer, offer_file
from imgcluster.ui.export.scheme import planned
from imgcluster.ui.groups.data import thumbnail_loader
from imgcluster.ui.messages import count, file_size, show_error
from imgcluster.ui.project.grouped import Grouping
from imgcluster.ui.project.source import Source

__all__ = ["offer_report", "offer_sheets", "offer_zip"]

_ALL = "all"


def offer_zip(source: Source, taken: Taken, scheme: str, *, with_outside: bool) -> None:
    """Offer the pictures in their folders as one ZIP file."""
    try:
        plan = planned(taken.key, taken.final, scheme, "copy", with_outside)
    except ImgClusterError as error:
        show_error(error)
        return
    st.caption(f"The same as one file: {count(plan.n_files, 'picture')}, {file_size(plan.n_bytes)}.")

    def write(path: Path, progress: ProgressCallback, cancel: threading.Event) -> tuple[SkippedImage, ...]:
        return zip_export(plan, path, progress=progress, cancel=cancel)

    offer = Offer(
        kind="zip",
        content=(taken.key, scheme, str(with_outside), _present(plan)),
        name=f"{file_stem(taken.final.name)}.zip",
        mime="application/zip",
        button="Make the ZIP file",
        icon=":material/folder_zip:",
        help="The pictures are packed as they are. It is saved piece by piece, so it may be large.",
        write=write,
    )
    offer_file(source, offer)


def offer_report(source: Source, grouping: Grouping, taken: Taken) -> None:
    """Offer the report."""
    st.caption(
        "One HTML file that needs no network: how many groups and why, the map, every group with its pictures, and how "
        "they were found. It opens in any browser, and prints."
    )
    load, today = thumbnail_loader(source, grouping), date.today()
    map_key, draw = map_to_draw(source, grouping)

    def write(path: Path, progress: ProgressCallback, cancel: threading.Event) -> None:
        final = replace(taken.final, places=draw(progress, cancel))
        written = f"Written on {today.day} {today:%B %Y}"
        write_report(final, path, thumbnails=load, written=written, progress=progress, cancel=cancel)

    offer = Offer(
        kind="report",
        content=(taken.key, map_key, str(today)),
        name=f"{file_stem(taken.final.name)} report.html",
        mime="text/html",
        button="Make the report",
        icon=":material/article:",
        help="It holds small versions of the pictures, and their names; whoever gets it sees both.",
        write=write,
    )
    offer_file(source, offer)


def offer_sheets(source: Source, grouping: Grouping, taken: Taken, *, with_outside: bool) -> None:
    """Offer contact sheets of all groups, or of one."""
    final = taken.final
    labels = sorted(range(final.groups.n_groups), key=lambda label: -final.groups.sizes[label])
    choices = [_ALL, *labels]
    chosen = st.selectbox(
        "Contact sheets of",
        choices,
        format_func=distinct_titles(choices, lambda label: "All groups" if label == _ALL else final.title(label)),
        key="export-sheets",
        help="Pages to print, with small pictures in rows and their names beneath, as one PDF file.",
    )
    load = thumbnail_loader(source, grouping)
    wanted: Sequence[int] = [chosen] if chosen != _ALL else [*labels, *([NO_GROUP] if with_outside else [])]

    def write(path: Path, progress: ProgressCallback, cancel: threading.Event) -> None:
        write_contact_sheets(final, path, labels=wanted, thumbnails=load, progress=progress, cancel=cancel)

    title = "contact sheets" if chosen == _ALL else file_stem(final.title(chosen))
    offer = Offer(
        kind="sheets",
        content=(taken.key, str(wanted)),
        name=f"{file_stem(final.name)} {title}.pdf",
        mime="application/pdf",
        button="Make contact sheets",
        icon=":material/grid_on:",
        help="Every picture is opened for it, so it takes a while.",
        write=write,
    )
    offer_file(source, offer)


def _present(plan: ExportPlan) -> str:
    """Return what tells two plans of the same groups apart: pictures that have vanished, or were changed."""
    return f"{plan.n_files}/{plan.n_bytes}"
