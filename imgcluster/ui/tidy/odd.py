"""The odd ones out: each beside the pictures nearest to it, and the face of its group."""

import threading

from imgcluster.finding.outliers import OddImage, odd_images
from imgcluster.jobs import Job
from imgcluster.progress import Progress, ProgressCallback
from imgcluster.stages.grouping import fit_silhouettes
from imgcluster.ui.components.side_by_side import Side
from imgcluster.ui.groups.data import summary_of
from imgcluster.ui.groups.partition import Partition
from imgcluster.ui.hosting import workspace_of
from imgcluster.ui.project.grouped import Grouping
from imgcluster.ui.project.source import Source
from imgcluster.ui.register import jobs
from imgcluster.ui.tidy.review import Remark
from imgcluster.ui.tidy.sides import side_of

__all__ = ["KINDS", "odd_job", "odd_remarks", "sides_beside"]

KINDS = {"far": "Far from all", "between": "Nearer to another group"}

# So many seconds a page waits, rather than show that they are being looked for.
_PATIENCE = 2.0


def odd_job(source: Source, grouping: Grouping, partition: Partition) -> Job[tuple[OddImage, ...]]:
    """Return the job that looks for the pictures that fit nowhere, started when it was not yet."""
    workspace = workspace_of(source)

    def look(progress: ProgressCallback, cancel: threading.Event) -> tuple[OddImage, ...]:
        progress(Progress(stage="Looking for the odd ones", done=0, total=0))
        silhouettes = fit_silhouettes(grouping.space, partition.labels, key=partition.key, workspace=workspace)
        return odd_images(grouping.space, partition.labels, silhouettes.values)

    key = f"{source.id}/odd/{partition.key}/{grouping.space.fingerprint}"
    job = jobs().get(key) or jobs().start(key, look)
    job.wait(_PATIENCE)
    return job


def odd_remarks(odd: tuple[OddImage, ...]) -> list[Remark]:
    """Return the list, the oddest first."""
    return [Remark(image=each.image, kinds=(each.kind,), reasons=(each.reason,)) for each in odd]


def sides_beside(grouping: Grouping, partition: Partition, image: int) -> list[Side]:
    """Return what an odd one is compared with: its nearest picture, and the face of its group."""
    nearest = [int(other) for other in grouping.space.neighbors[image, 1:2]]
    sides = [side_of(grouping, other, badge="Nearest to it", lines=_group(partition, other)) for other in nearest]
    label = int(partition.labels[image])
    if label >= 0:
        face = int(summary_of(grouping, partition).medoids[label])
        if face not in (image, *nearest):
            sides.append(side_of(grouping, face, badge="Typical of its group", lines=_group(partition, face)))
    return sides


def _group(partition: Partition, image: int) -> tuple[str]:
    return (partition.name(partition.labels[image]),)
