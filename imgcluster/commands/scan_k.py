"""``python -m imgcluster scan-k``: how well each number of groups fits, as a table, as JSON or as a CSV file."""

import argparse
import threading
from pathlib import Path

from imgcluster.choosing.scan import KScan
from imgcluster.commands.likeness import feature_options
from imgcluster.commands.output import (
    ProgressBars,
    print_json,
    print_notes,
    recommendation_as_dict,
    skipped_as_dicts,
    skipped_note,
)
from imgcluster.commands.ways import asked_backend
from imgcluster.grouping.silhouette import SilhouetteDistances
from imgcluster.keeping.export import scan_table, write_scan_csv
from imgcluster.pipeline import open_collection, scan_images
from imgcluster.results import ImageScan
from imgcluster.wording import counted

__all__ = ["run"]

# How the columns of `scan_table` are headed, in two lines, and how their numbers are written.
_COLUMNS = {
    "k": ("", "groups", "d"),
    "inertia": ("", "inertia", ".2f"),
    "distortion": ("", "distortion", ".4f"),
    "silhouette": ("", "silhouette", ".3f"),
    "silhouette_reference": ("without", "groups", ".3f"),
    "gap": ("", "gap", ".3f"),
    "gap_error": ("", "+-", ".3f"),
    "davies_bouldin": ("Davies-", "Bouldin", ".3f"),
    "calinski_harabasz": ("Calinski-", "Harabasz", ".1f"),
    "stability": ("", "stability", ".3f"),
    "stability_std": ("", "+-", ".3f"),
}


def run(options: argparse.Namespace, cancel: threading.Event) -> None:
    """Score every number of groups and say which fits.

    Raises
    ------
    ImgClusterError
    """
    features, backend = feature_options(options), asked_backend(options)
    collection = open_collection(options.sample or options.folder, sample=bool(options.sample), remote=True)
    with ProgressBars() as report:
        result = scan_images(
            collection,
            k_min=options.k_min,
            k_max=options.k_max,
            n_references=options.references,
            extractor=features,
            progress=report,
            cancel=cancel,
            backend=backend,
        )
    print_notes(result.notes)
    if options.out:
        write_scan_csv(Path(options.out), result.scan)
    if options.json:
        print_json(_as_dict(result))
    else:
        print(_as_text(result, options.out))


def _as_text(result: ImageScan, out: str | None) -> str:
    scan = result.scan
    lines = [f"{counted(scan.n_images, 'picture')}, {scan.n_distinct:,} of them different:"]
    lines += _table_lines(scan, result.recommendation.k)
    error = SilhouetteDistances.error_of(scan.n_silhouette)
    silhouettes = f"silhouettes (their mean is off by about {error:.3f})"
    samples = {silhouettes: scan.n_silhouette, "gap": scan.n_gap, "stability": scan.n_stability}
    drawn = [f"{name} {size:,}" for name, size in samples.items() if size < scan.n_images]
    if drawn:
        lines.append(f"Measured on so many pictures, drawn at random: {', '.join(drawn)}.")
    lines += skipped_note(result.collection)
    if out:
        lines.append(f"Written to {out}.")
    return "\n".join([*lines, "", result.sentence])


def _table_lines(scan: KScan, recommended: int | None) -> list[str]:
    header, rows = scan_table(scan)
    columns = [_COLUMNS[name] for name in header]
    cells = [[column[0] for column in columns], [column[1] for column in columns]]
    cells += [
        ["-" if value is None else format(value, column[2]) for value, column in zip(row, columns, strict=True)]
        for row in rows
    ]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    marks = ["", "", *("*" if row[0] == recommended else "" for row in rows)]
    return [
        f"{mark:1} {'  '.join(cell.rjust(width) for cell, width in zip(line, widths, strict=True))}".rstrip()
        for mark, line in zip(marks, cells, strict=True)
    ]


def _as_dict(result: ImageScan) -> dict[str, object]:
    scan = result.scan
    header, rows = scan_table(scan)
    return {
        "n_images": scan.n_images,
        "n_distinct": scan.n_distinct,
        "n_silhouette": scan.n_silhouette,
        "n_gap": scan.n_gap,
        "n_stability": scan.n_stability,
        "n_references": scan.n_references,
        "sentence": result.sentence,
        "recommendation": recommendation_as_dict(result.recommendation),
        "scores": [dict(zip(header, row, strict=True)) for row in rows],
        "skipped": skipped_as_dicts(result.collection),
        "notes": list(result.notes),
    }
