"""What ``cluster --project`` writes: groups, map and thumbnails of a collection in one file for somebody else."""

import threading
from pathlib import Path

from imgcluster.cache import Workspace
from imgcluster.features.store import Store
from imgcluster.keeping.projects.library import new_id, now
from imgcluster.keeping.projects.project import Project
from imgcluster.keeping.projects.project_file import parts_of, save_project
from imgcluster.keeping.projects.project_groups import choices_of_method
from imgcluster.keeping.projects.project_parts import MOST_ROWS
from imgcluster.maps.options import MapOptions
from imgcluster.progress import Progress, ProgressCallback
from imgcluster.results import ImageClusters
from imgcluster.stages.grouping import fit_series, place_on_map

__all__ = ["write_project"]

_COVER = 4  # pictures of the largest groups
_MAP = MapOptions()


def write_project(
    path: Path,
    result: ImageClusters,
    *,
    is_sample: bool,
    progress: ProgressCallback | None = None,
    cancel: threading.Event | None = None,
) -> None:
    """Write the sendable file, with thumbnails from the store, and without the place of the pictures.

    With KMeans, the groups of every smaller number go with it, up to a thousand; those that were not computed yet are
    computed now. The map is the one that the app draws first.

    Raises
    ------
    Cancelled
        ``cancel`` was set; there is no file then.
    ParameterError
        What counts as similar is a file of this computer.
    ProjectError, FolderError
        It is too large, or cannot be written there.
    """
    workspace, features, method = Workspace.default(), result.features, result.method_options
    n_clusters = result.clustering.n_clusters
    scanned = () if result.scan is None else (score.k for score in result.scan.scores)
    n_rows = max([n_clusters, *scanned])
    how = {"workspace": workspace, "random_state": result.random_state, "cancel": cancel}
    if method.method == "kmeans" and n_rows <= MOST_ROWS:
        series = fit_series(result.space, n_rows, progress=progress, **how)
    else:
        series = result.clustering.labels[None][:0]
    if progress is not None:
        progress(Progress(stage="Drawing the map", done=0, total=0))
    places = place_on_map(result.space, _MAP, **how)
    with Store(workspace.store_path) as store:
        thumbnails = store.thumbnails(features.hashes)
    time = now()
    project = Project(
        id=new_id(),
        name=result.collection.name,
        kind="sample" if is_sample else "folder",
        location="",
        created=time,
        changed=time,
        features=result.options.text,
        space=result.space_options,
        n_clusters=n_clusters,
        choices=choices_of_method(method),
        paths=result.collection.paths,
        hashes=features.hashes,
        skipped=result.collection.skipped,
        cover=tuple(dict.fromkeys(features.hashes[image] for image in result.summary.medoids[:_COVER])),
    )
    parts = parts_of(features, result.space, series, images=result.collection.images, places=places)
    save_project(path, project, parts=parts, thumbnails=thumbnails, learned=result.learned, private=False)
