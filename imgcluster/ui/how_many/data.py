"""What the screen How many groups draws, made from a scan and kept."""

import csv
import io

import numpy as np
import streamlit as st

from imgcluster.choosing.changes import Change, changes_between
from imgcluster.choosing.recommendation import Recommendation, recommend
from imgcluster.choosing.scan import KScan
from imgcluster.grouping.silhouette import SilhouetteDistances
from imgcluster.jobs import Job, JobState
from imgcluster.keeping.export import scan_table
from imgcluster.stages.grouping import fit_silhouettes
from imgcluster.ui.background import latest_scan
from imgcluster.ui.groups.partition import kmeans_partition
from imgcluster.ui.hosting import workspace_of
from imgcluster.ui.project.grouped import Grouping
from imgcluster.ui.project.source import Source

__all__ = [
    "FEWEST",
    "asked_range",
    "changes_to",
    "comparable",
    "misfits",
    "recommendation_of",
    "sample_note",
    "shown_scan",
    "silhouettes_of",
    "table_csv",
]

FEWEST = 3


def comparable(grouping: Grouping) -> bool:
    """Return whether there are enough pictures for more than one number of groups."""
    return len(grouping.collection) >= FEWEST


def shown_scan(job: Job[KScan] | None) -> KScan | None:
    """Return what a scan has found, None where it has found nothing to show: one group alone is no comparison."""
    scan = latest_scan(job)
    return scan if scan is not None and len(scan.scores) > 1 else None


def asked_range(job: Job[KScan], scan: KScan) -> tuple[int, int]:
    """Return the range that a job was asked for; of one that did not get to its end, its report says how many."""
    low = int(scan.ks[1])
    return low, int(scan.ks[-1]) if job.state is JobState.DONE else low + job.progress.total - 2


def recommendation_of(grouping: Grouping, scan: KScan) -> Recommendation:
    """Return how many groups fit."""
    return _recommendation(grouping.space.fingerprint, tuple(scan.ks.tolist()), scan.n_references, scan)


@st.cache_resource(max_entries=32, show_spinner=False)
def _recommendation(fingerprint: str, ks: tuple[int, ...], n_references: int, _scan: KScan) -> Recommendation:
    return recommend(_scan)


def changes_to(grouping: Grouping, n_clusters: int, other: int) -> tuple[Change, ...]:
    """Return what becomes of the groups when there are ``other`` of them."""
    return changes_between(grouping.series[n_clusters - 1], grouping.series[other - 1])


def silhouettes_of(source: Source, grouping: Grouping, scan: KScan, n_clusters: int) -> np.ndarray:
    """Return the silhouette of each image at one k, (n_images,) float32: from the scan where it went there."""
    score = scan.at(n_clusters)
    if score is not None:
        return score.silhouette_samples
    partition = kmeans_partition(grouping, n_clusters)
    return fit_silhouettes(grouping.space, partition.labels, key=partition.key, workspace=workspace_of(source)).values


def misfits(silhouettes: np.ndarray) -> np.ndarray:
    """Return the indices of the images that are nearer to another cluster than to their own, the worst first."""
    order = np.argsort(silhouettes, kind="stable")
    return order[: int((silhouettes < 0).sum())]


def sample_note(scan: KScan) -> str:
    """Say which scores are those of a sample; an empty text where none is."""
    error = SilhouetteDistances.error_of(scan.n_silhouette)
    samples = {
        "the gap statistic and the dashed line {}": scan.n_gap,
        "the stability {}": scan.n_stability,
        f"the silhouette, against {{}} (its mean is off by about {error:.3f})": scan.n_silhouette,
    }
    parts = [text.format(f"{size:,}") for text, size in samples.items() if size < scan.n_images]
    return f"Measured on a random sample of the {scan.n_images:,} pictures: {', '.join(parts)}." if parts else ""


def table_csv(scan: KScan) -> bytes:
    """Return all scores as a CSV file."""
    header, rows = scan_table(scan)
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()
