"""Pictures from outside: found, and worked out like those of the collection, in the background."""

import threading
from pathlib import Path

from imgcluster.errors import NoImagesError
from imgcluster.features.extraction import Extraction
from imgcluster.features.options import FeatureOptions
from imgcluster.jobs import Job
from imgcluster.pictures.collection import Collection
from imgcluster.pipeline import open_collection
from imgcluster.progress import Progress, ProgressCallback
from imgcluster.stages.looking import embed_new_images, inspect_collection
from imgcluster.stages.predicting import learned_of
from imgcluster.ui.hosting import limits_of, workspace_of
from imgcluster.ui.project.grouped import Grouping
from imgcluster.ui.project.source import Source
from imgcluster.ui.register import jobs

__all__ = ["arrivals_job", "look_again"]

# So many seconds a page waits for a picture that takes a moment only.
_PATIENCE = 2.0


def arrivals_job(source: Source, grouping: Grouping, features: FeatureOptions, arrivals: Source) -> Job[Extraction]:
    """Return the job that looks at new pictures as those of the collection were looked at, started where it was not.

    Parameters
    ----------
    source : Source
        The collection's.
    grouping : Grouping
    features : FeatureOptions
        What counts as similar in the collection; no file of vectors.
    arrivals : Source
    """
    job = jobs().get(_key(grouping, arrivals)) or _start(source, grouping, features, arrivals)
    job.wait(_PATIENCE)
    return job


def look_again(arrivals: Source) -> None:
    """Forget what was worked out: the files at that place may be others now. What is the same is in the store."""
    jobs().forget(_prefix(arrivals))


def _start(source: Source, grouping: Grouping, features: FeatureOptions, arrivals: Source) -> Job[Extraction]:
    workspace, limits, home = workspace_of(arrivals), limits_of(arrivals), workspace_of(source)

    def look(progress: ProgressCallback, cancel: threading.Event) -> Extraction:
        progress(Progress(stage="Looking at the new pictures", done=0, total=0))
        place = [arrivals.location] if _is_picture(arrivals) else arrivals.location
        found = inspect_collection(
            open_collection(place, limits=limits.archive), workspace=workspace, max_pixels=limits.max_pixels
        )
        _refuse_none(found)
        learned = learned_of(grouping.features, features, workspace=home)
        try:
            return embed_new_images(
                found,
                features,
                learned=learned,
                workspace=workspace,
                max_pixels=limits.max_pixels,
                progress=progress,
                cancel=cancel,
            )
        except NoImagesError:  # damaged further inside; by now it is known how
            _refuse_none(inspect_collection(found, workspace=workspace, max_pixels=limits.max_pixels))
            raise

    return jobs().start(_key(grouping, arrivals), look)


def _is_picture(arrivals: Source) -> bool:
    """Whether a place is a single file that is no ZIP file; `open_collection` knows all others, and their faults."""
    path = Path(arrivals.location)
    return path.suffix.lower() not in (".zip", ".cbz") and path.is_file()


def _refuse_none(found: Collection) -> None:
    """Say of a picture why it cannot be used, and of many that none of them can."""
    if found.images:
        return
    path, reason = found.skipped[0].path, found.skipped[0].reason
    if len(found.skipped) == 1:
        raise NoImagesError(f"{path} cannot be used: {reason}.", hint="Try another picture.")
    raise NoImagesError(
        f"None of the {len(found.skipped):,} pictures can be used; {path}, for one: {reason}.",
        hint="Try other pictures.",
    )


def _key(grouping: Grouping, arrivals: Source) -> str:
    return f"{_prefix(arrivals)}{grouping.features.fingerprint}"


def _prefix(arrivals: Source) -> str:
    return f"{arrivals.id}/arrivals/"  # begins with the place: a visitor's uploads are forgotten with it
