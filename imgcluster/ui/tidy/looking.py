"""The close look at every picture that copies and quality need: offered, at work, done."""

import threading
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import streamlit as st

from imgcluster.extractors.looks import ImageLooks, Looks
from imgcluster.features.extraction import Features
from imgcluster.features.store import Store
from imgcluster.finding.copies.pairs import CopyPairs
from imgcluster.jobs import Job, JobState
from imgcluster.pictures.collection import Collection
from imgcluster.progress import ProgressCallback
from imgcluster.stages.copies import find_copies
from imgcluster.stages.looking import look_closely
from imgcluster.ui.fingerprints import collection_key
from imgcluster.ui.hosting import limits_of, workspace_of
from imgcluster.ui.job_panel import job_panel
from imgcluster.ui.messages import count, duration
from imgcluster.ui.project.grouped import Grouping
from imgcluster.ui.project.source import Source
from imgcluster.ui.register import jobs
from imgcluster.ui.tidy.turning import place

__all__ = ["CloseLook", "close_look", "offer_close_look"]

# So many seconds a page waits for what was looked at before, rather than show that it is being read.
_PATIENCE = 2.0

# In what `place` keeps: whether there is something to look at still, so that the disk is not asked at each click.
_WAITS = "waits"


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseLook:
    """What every picture is like, and which are copies of each other.

    Attributes
    ----------
    collection : Collection
        The pictures that can be read still.
    rows : ndarray, shape (n,), int64
        Where each of them is in the collection that was grouped.
    looks : ImageLooks
    pairs : CopyPairs
        Of positions in ``collection``.
    """

    collection: Collection
    rows: np.ndarray
    looks: ImageLooks
    pairs: CopyPairs


def close_look(source: Source, grouping: Grouping) -> CloseLook | None:
    """Return what was seen; None where nobody looked yet. What an earlier run of the program saw is there at once."""
    kept = place(grouping.features.fingerprint)
    job = jobs().get(_key(source, grouping))
    if job is not None:
        kept.pop(_WAITS, None)
    elif not kept.get(_WAITS):
        kept[_WAITS] = _n_new(source, grouping) > 0
        if not kept[_WAITS]:
            job = _start(source, grouping)
            job.wait(_PATIENCE)
    return job.result if job is not None else None


def offer_close_look(source: Source, grouping: Grouping) -> None:
    """Offer to look at every picture, saying how long it takes; show how far it is."""
    job = jobs().get(_key(source, grouping))
    if job is not None:
        job_panel(job, key="close-look")
    if job is not None and job.state is JobState.RUNNING:
        return
    n_new = _n_new(source, grouping)
    st.markdown(
        "Every picture is looked at closely: how sharp and how light it is, and whether another one shows the same. "
        + (f"{count(n_new, 'picture')} to look at: {duration(n_new / Looks.rate)}." if n_new else "It is nearly done.")
    )
    st.button(
        "Look for copies and flaws" if job is None else "Go on looking",
        key="look-closely",
        type="primary",
        icon=":material/search:",
        on_click=partial(_start, source, grouping),
    )


def _start(source: Source, grouping: Grouping) -> Job[CloseLook]:
    workspace, limits = workspace_of(source), limits_of(source)

    def look(progress: ProgressCallback, cancel: threading.Event) -> CloseLook:
        collection, looks = look_closely(
            grouping.collection, workspace=workspace, max_pixels=limits.max_pixels, progress=progress, cancel=cancel
        )
        rows = _rows(grouping.collection, collection)
        pairs = find_copies(
            collection,
            _features_of(grouping.features, rows),
            looks,
            workspace=workspace,
            progress=progress,
            cancel=cancel,
        )
        return CloseLook(collection=collection, rows=rows, looks=looks, pairs=pairs)

    return jobs().start(_key(source, grouping), look)


def _rows(whole: Collection, part: Collection) -> np.ndarray:
    """Return where each image of a part is in the whole: a file may have gone since the pictures were grouped."""
    places = {path: row for row, path in enumerate(whole.paths)}
    return np.array([places[path] for path in part.paths], dtype=np.int64)


def _features_of(features: Features, rows: np.ndarray) -> Features:
    if len(rows) == len(features.hashes):
        return features
    return replace(
        features,
        vectors=features.vectors[rows],
        hashes=tuple(features.hashes[row] for row in rows),
        fingerprint=f"{features.fingerprint}/{hash(tuple(rows.tolist()))}",
    )


def _n_new(source: Source, grouping: Grouping) -> int:
    """Return how many pictures nobody has looked at closely yet."""
    with Store(workspace_of(source).store_path) as store:
        missing = store.missing(Looks.id, grouping.features.hashes)
    return sum(content in missing for content in grouping.features.hashes)


def _key(source: Source, grouping: Grouping) -> str:
    return f"{source.id}/close-look/{collection_key(grouping.collection)}/{grouping.features.fingerprint}"
