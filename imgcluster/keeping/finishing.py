"""From what a method found, and what was changed by hand, to what is taken away."""

from collections.abc import Mapping, Sequence
from dataclasses import fields

import numpy as np

from imgcluster.choosing.recommendation import Recommendation
from imgcluster.choosing.scan import KScan
from imgcluster.choosing.wording import sentence
from imgcluster.editing.groups import groups_of
from imgcluster.editing.history import Outcome
from imgcluster.finding.summary import summarize
from imgcluster.grouping.methods import MethodOptions
from imgcluster.grouping.silhouette import silhouette_samples
from imgcluster.keeping.final import FinalGroups
from imgcluster.pictures.collection import Collection
from imgcluster.spaces.options import SpaceOptions

__all__ = ["final_groups"]


def final_groups(
    collection: Collection,
    hashes: Sequence[str],
    coordinates: np.ndarray,
    found: np.ndarray,
    *,
    likeness: str,
    space: SpaceOptions,
    method: MethodOptions,
    parameters: Mapping[str, object] | None = None,
    random_state: int = 0,
    outcome: Outcome | None = None,
    proposals: Sequence[str] = (),
    places: np.ndarray | None = None,
    copy_of: np.ndarray | None = None,
    scan: KScan | None = None,
    recommendation: Recommendation | None = None,
) -> FinalGroups:
    """Measure the groups as they are now: medoids, distances and silhouettes are those of the changed ones.

    Parameters
    ----------
    collection : Collection
    hashes : sequence of str, length n_images
    coordinates : ndarray, shape (n_images, n_dims)
        Of the space.
    found : ndarray of int, shape (n_images,)
        Labels as the method gave them: 0 to k - 1, none of them unused; -1 is noise.
    likeness : str
        What counts as similar, as in `imgcluster.features.options.parse_features`.
    space : SpaceOptions
    method : MethodOptions
    parameters : mapping of str to plain values, optional
        What the method chose itself, as `Clustering.parameters` has it.
    random_state : int, default 0
    outcome : Outcome, optional
        Of the edits that were done to ``found``; nothing was changed by default.
    proposals : sequence of str, length n_groups, optional
        Proposed names of the groups after the edits, empty where there is none.
    places : ndarray, shape (n_images, 2), optional
        Where each image is drawn on the map.
    copy_of : ndarray of int, shape (n_images,), optional
        The image of which each is a copy, -1 where it is none.
    scan : KScan, optional
    recommendation : Recommendation, optional
        What it amounts to.

    Returns
    -------
    FinalGroups

    Raises
    ------
    ParameterError
        A label between 0 and k - 1 is unused.
    """
    found = np.array(found, dtype=np.int32)
    groups = groups_of(found) if outcome is None else outcome.groups
    summary = summarize(coordinates, groups.labels)
    silhouettes = silhouette_samples(coordinates, groups.labels, random_state=random_state)
    return FinalGroups(
        name=collection.name,
        images=collection.images,
        skipped=collection.skipped,
        hashes=tuple(hashes),
        groups=groups,
        found=found,
        proposals=tuple(proposals) or ("",) * groups.n_groups,
        medoids=summary.medoids.astype(np.int64),
        distances=summary.distances.astype(np.float64),
        silhouettes=silhouettes.values.astype(np.float64),
        places=None if places is None else np.array(places[:, :2], dtype=np.float32),
        copy_of=None if copy_of is None else np.array(copy_of, dtype=np.int64),
        likeness=likeness,
        space=space.method,
        space_parameters=_chosen(space),
        method=method.method,
        parameters={**_chosen(method), **(parameters or {}), "random_state": random_state},
        sentence="" if recommendation is None else sentence(recommendation),
        scan=scan,
        history=() if outcome is None else tuple(step.said for step in outcome.steps if step.done),
        lost=() if outcome is None else tuple(step.said for step in outcome.lost),
    )


def _chosen(options: SpaceOptions | MethodOptions) -> dict[str, object]:
    """Return what differs from the defaults, by name."""
    values = {field.name: getattr(options, field.name) for field in fields(options)}
    return {
        field.name: values[field.name]
        for field in fields(options)
        if field.name != "method" and values[field.name] != field.default
    }
