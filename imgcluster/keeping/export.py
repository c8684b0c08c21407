"""Results as files: CSVs of the images with their clusters, of the skipped files, of the scores of a scan."""

import contextlib
import csv
import math
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TextIO

import numpy as np

from imgcluster.choosing.scan import KScan
from imgcluster.errors import FolderError
from imgcluster.pictures.collection import SkippedImage

__all__ = ["cluster_number", "scan_table", "write_groups_csv", "write_scan_csv", "write_skipped_csv", "write_text"]

_SCORES = (
    "inertia",
    "distortion",
    "silhouette",
    "silhouette_reference",
    "gap",
    "gap_error",
    "davies_bouldin",
    "calinski_harabasz",
    "stability",
    "stability_std",
)


def cluster_number(label: int) -> int:
    """Return the number that people see: labels start at 0, groups at 1; noise stays -1."""
    return int(label) + 1 if label >= 0 else -1


def write_groups_csv(
    path: Path,
    *,
    paths: Sequence[str],
    labels: np.ndarray,
    medoids: np.ndarray,
    distances: np.ndarray,
    silhouettes: np.ndarray,
) -> None:
    """Write one line per image: path, cluster (1 is the first, -1 none), is_medoid, distance, silhouette.

    Parameters
    ----------
    path : Path
        The file; it is written aside and then put in place whole.
    paths : sequence of str, length n_images
    labels : ndarray of int, shape (n_images,)
    medoids : ndarray of int, shape (n_clusters,)
        Index of the medoid of each cluster; none where all is noise.
    distances : ndarray of float, shape (n_images,)
        To the own cluster's centre, in the space's units; NaN, for noise, is an empty cell.
    silhouettes : ndarray of float, shape (n_images,)
        In [-1, 1].

    Raises
    ------
    FolderError
        When the file cannot be written there.
    """
    is_medoid = np.zeros(len(paths), dtype=bool)
    is_medoid[medoids] = True
    rows = (
        (name, cluster_number(label), str(bool(medoid)).lower(), _number(distance), f"{silhouette:.4f}")
        for name, label, medoid, distance, silhouette in zip(
            paths, labels, is_medoid, distances, silhouettes, strict=True
        )
    )
    _write_csv(path, ("path", "cluster", "is_medoid", "distance", "silhouette"), rows)


def write_skipped_csv(path: Path, skipped: Iterable[SkippedImage]) -> None:
    """Write one line per file that could not be used: path, reason."""
    _write_csv(path, ("path", "reason"), ((image.path, image.reason) for image in skipped))


def scan_table(scan: KScan) -> tuple[tuple[str, ...], list[tuple[int | float | None, ...]]]:
    """Return all scores of a scan as a header and one row for each k; None where a score is not defined."""
    rows = [
        (score.k, *(value if math.isfinite(value := float(getattr(score, name))) else None for name in _SCORES))
        for score in scan.scores
    ]
    return ("k", *_SCORES), rows


def write_scan_csv(path: Path, scan: KScan) -> None:
    """Write one line per k with all its scores, as `scan_table` has them; undefined ones are empty.

    Raises
    ------
    FolderError
        When the file cannot be written there.
    """
    _write_csv(path, *scan_table(scan))


def write_text(path: Path, text: str) -> None:
    """Write a text file; it is written aside and then put in place whole.

    Raises
    ------
    FolderError
        When the file cannot be written there.
    """
    _write(path, lambda file: file.write(text))


def _number(value: float) -> str:
    return f"{value:.6g}" if math.isfinite(value) else ""


def _write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    def write(file: TextIO) -> None:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)

    _write(path, write)


def _write(path: Path, write: Callable[[TextIO], object]) -> None:
    temporary = path.with_name(f".imgcluster-{os.getpid()}-{path.name[:100]}")
    try:
        with temporary.open("w", encoding="utf-8", newline="") as file:
            write(file)
        temporary.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise FolderError(
            f"The file {path} cannot be written: {error.strerror or error}.",
            hint="Choose a folder that exists and that you may write to.",
        ) from error
