"""Results as files: CSVs of the images with their clusters, of the skipped files, of the scores of a scan."""

import csv
import io
import math
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import BinaryIO, TextIO

import numpy as np

from imgcluster.choosing.scan import KScan
from imgcluster.extractors.looks import ImageLooks
from imgcluster.finding.copies.groups import CopyGroup
from imgcluster.finding.copies.pairs import KIND_NAMES
from imgcluster.finding.significance import SimilarImages
from imgcluster.keeping.writing import write_aside
from imgcluster.pictures.collection import ImageFile, SkippedImage
from imgcluster.predicting.model import ClusterModel
from imgcluster.predicting.predict import Prediction

__all__ = [
    "cluster_number",
    "csv_bytes",
    "duplicates_table",
    "prediction_table",
    "scan_table",
    "write_duplicates_csv",
    "write_groups_csv",
    "write_predictions_csv",
    "write_scan_csv",
    "write_similar_csv",
    "write_skipped_csv",
    "write_text",
]

_BEGIN_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# Where lists are separated by something else than a comma, programs begin a new cell within one of ours.
_BEGIN_WITHIN = re.compile(r'([;|\t\r\n])(?="*[=+\-@＝＋－＠])')
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?(e[+-]?\d+)?")

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


def write_similar_csv(path: Path, found: Iterable[tuple[str, SimilarImages]], *, paths: Sequence[str]) -> None:
    """Write one line per similar image: query, rank (1 is the nearest), path, distance, p_value, significant.

    Where there was no distribution to compare with, the p-value is an empty cell.

    Parameters
    ----------
    path : Path
        The file; it is written aside and then put in place whole.
    found : iterable of (str, SimilarImages)
        The path of each query, and what was found for it.
    paths : sequence of str
        Of the images that the indices are of.

    Raises
    ------
    FolderError
        When the file cannot be written there.
    """
    rows = (
        (query, rank, paths[index], _number(distance), _number(p_value), str(bool(is_significant)).lower())
        for query, similar in found
        for rank, (index, distance, p_value, is_significant) in enumerate(
            zip(similar.indices, similar.distances, similar.p_values, similar.significant, strict=True), start=1
        )
    )
    _write_csv(path, ("query", "rank", "path", "distance", "p_value", "significant"), rows)


def prediction_table(
    paths: Sequence[str], model: ClusterModel, prediction: Prediction
) -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
    """Return where new images belong as a header and one row for each.

    Parameters
    ----------
    paths : sequence of str, length m
        Of the new images.
    model : ClusterModel
    prediction : Prediction
        Of the same images by that model.

    Returns
    -------
    header : tuple of str
        path, group, cluster, probability, none_of_these, runner_up, runner_up_probability, novelty, threshold, nearest,
        nearest_distance.
    rows : list of tuple
        ``group`` and ``runner_up`` are names, empty for no group; ``cluster`` is 1 for the first, -1 for none. They are
        the best answers there are, also where ``none_of_these`` is true. ``nearest`` is the path of the nearest of the
        model's images.
    """
    names = (*model.names, "")  # -1 is the last
    rows = [
        (
            path,
            names[label],
            cluster_number(label),
            float(prediction.probabilities[row]),
            bool(prediction.is_none[row]),
            names[prediction.runners_up[row]],
            float(prediction.runner_up_probabilities[row]),
            float(prediction.novelties[row]),
            float(prediction.thresholds[row]),
            model.paths[prediction.neighbors[row, 0]],
            float(prediction.neighbor_distances[row, 0]),
        )
        for row, (path, label) in enumerate(zip(paths, prediction.labels, strict=True))
    ]
    header = ("path", "group", "cluster", "probability", "none_of_these", "runner_up", "runner_up_probability")
    return (*header, "novelty", "threshold", "nearest", "nearest_distance"), rows


def write_predictions_csv(path: Path, paths: Sequence[str], model: ClusterModel, prediction: Prediction) -> None:
    """Write one line per new image with where it belongs, as `prediction_table` has it.

    Raises
    ------
    FolderError
        When the file cannot be written there.
    """
    header, rows = prediction_table(paths, model, prediction)
    _write_csv(path, header, [[_plain(value) for value in row] for row in rows])


def duplicates_table(
    groups: Sequence[CopyGroup], images: Sequence[ImageFile], looks: ImageLooks
) -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
    """Return groups of copies as a header and one row for each image in them, the best of each group first.

    Parameters
    ----------
    groups : sequence of CopyGroup
    images : sequence of ImageFile
        The collection's images, to which the indices in the groups belong.
    looks : ImageLooks
        Of the same images.

    Returns
    -------
    header : tuple of str
        group, path, kind, similarity, keep, reason, width, height, bytes.
    rows : list of tuple
        ``group`` is 1 for the first. ``kind`` says in what a file is a copy of the best (exact, pixels or near), and is
        empty for the best itself, where ``reason`` says why it is that; elsewhere that is empty.
    """
    rows = [
        (
            number,
            images[image].path,
            KIND_NAMES[kind] if image != group.best else "",
            similarity,
            image in group.kept,
            group.reason if image == group.best else "",
            int(looks.widths[image]),
            int(looks.heights[image]),
            images[image].size,
        )
        for number, group in enumerate(groups, start=1)
        for image, kind, similarity in zip(group.images, group.kinds, group.similarities, strict=True)
    ]
    return ("group", "path", "kind", "similarity", "keep", "reason", "width", "height", "bytes"), rows


def write_duplicates_csv(
    path: Path, groups: Sequence[CopyGroup], images: Sequence[ImageFile], looks: ImageLooks
) -> None:
    """Write one line per image that has copies, as `duplicates_table` has it.

    Raises
    ------
    FolderError
        When the file cannot be written there.
    """
    header, rows = duplicates_table(groups, images, looks)
    _write_csv(path, header, [[_plain(value) for value in row] for row in rows])


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Return a table as CSV in UTF-8, with no cell that a spreadsheet takes for a formula.

    Parameters
    ----------
    header : sequence of str
    rows : iterable of sequence
        None and numbers that are not finite become empty cells.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([_cell(_plain(value)) for value in row] for row in rows)
    return text.getvalue().encode("utf-8", "replace")


def write_text(path: Path, text: str) -> None:
    """Write a text file; it is written aside and then put in place whole.

    Raises
    ------
    FolderError
        When the file cannot be written there.
    """
    _write(path, lambda file: file.write(text))


def _plain(value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    return _number(value) if isinstance(value, float) else value


def _number(value: float) -> str:
    return f"{value:.6g}" if math.isfinite(value) else ""


def _write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    def write(file: TextIO) -> None:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows([_cell(value) for value in row] for row in rows)

    _write(path, write)


def _cell(value: object) -> object:
    """Return a cell that no spreadsheet takes for a formula: an apostrophe before it makes it a text (CWE-1236)."""
    if not isinstance(value, str) or _NUMBER.fullmatch(value):
        return value
    text = _BEGIN_WITHIN.sub(r"\1'", value)
    return f"'{text}" if text.startswith(_BEGIN_FORMULAS) else text


def _write(path: Path, write: Callable[[TextIO], object]) -> None:
    def write_text_to(file: BinaryIO) -> None:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="")
        write(text)
        text.detach()  # flushed, and left open for `write_aside`

    write_aside(path, write_text_to)
