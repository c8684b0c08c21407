"""The groups that are shown, as they are taken away: as the person named and changed them, with all that is known."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from imgcluster.choosing.scan import KScan
from imgcluster.editing.history import Outcome
from imgcluster.finding.copies.groups import CopyGroup
from imgcluster.grouping.methods import MethodOptions
from imgcluster.keeping.final import FinalGroups
from imgcluster.keeping.finishing import final_groups
from imgcluster.pictures.names import safe_name
from imgcluster.ui.background import latest_scan, resumed_k_scan
from imgcluster.ui.fingerprints import collection_key
from imgcluster.ui.groups.partition import Partition
from imgcluster.ui.how_many.data import recommendation_of
from imgcluster.ui.project.grouped import Grouping
from imgcluster.ui.project.projects import outcome_of
from imgcluster.ui.project.source import Source
from imgcluster.ui.state import chosen_features, chosen_space
from imgcluster.ui.tidy.lists import copies_of

__all__ = ["Taken", "file_stem", "taken_from"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What is taken away.

    Attributes
    ----------
    final : FinalGroups
        Without places on the map.
    key : str
        Another one for other pictures, groups, names, scores or copies.
    found : Partition
        The groups before the changes by hand.
    """

    final: FinalGroups
    key: str
    found: Partition


def taken_from(source: Source, grouping: Grouping, found: Partition, proposals: Sequence[str] = ()) -> Taken:
    """Return what is taken away of some groups.

    Parameters
    ----------
    source : Source
    grouping : Grouping
    found : Partition
        Before the changes by hand.
    proposals : sequence of str, length n_groups, optional
        What groups without a name are called, after the changes; empty where that is their number.
    """
    outcome = outcome_of(source, grouping, found)
    scan = latest_scan(resumed_k_scan(source, grouping)) if found.method == "kmeans" else None
    scan = scan if scan is not None and len(scan.scores) > 1 else None
    copies = _copy_of(len(grouping.collection), copies_of(source, grouping))
    features, space = chosen_features().text, chosen_space()
    key = _key(source, grouping, found, outcome, scan, copies, (tuple(proposals), features, space))

    def measure() -> FinalGroups:
        final = final_groups(
            replace(grouping.collection, name=source.name),
            grouping.features.hashes,
            grouping.space.coordinates,
            found.labels,
            likeness=features,
            space=space,
            method=found.options or MethodOptions(),
            outcome=outcome,
            proposals=proposals,
            copy_of=copies,
            scan=scan,
            recommendation=None if scan is None else recommendation_of(grouping, scan),
        )
        if found.options is None:  # the user's own folders, or a tree that was cut by hand
            return replace(final, method=found.method, parameters={})
        return final

    return Taken(final=_final(key, measure), key=key, found=found)


def file_stem(name: str) -> str:
    """Return a collection's name as the name of a file, without an ending."""
    return safe_name(name)[:60].strip(" .") or "groups"


def _copy_of(n_images: int, groups: Sequence[CopyGroup] | None) -> np.ndarray | None:
    """Return the best one of each picture's copies, -1 where it has none or is that itself."""
    if groups is None:
        return None
    best = np.full(n_images, -1, dtype=np.int64)
    for group in groups:
        best[[image for image in group.images if image != group.best]] = group.best
    return best


def _key(
    source: Source,
    grouping: Grouping,
    found: Partition,
    outcome: Outcome,
    scan: KScan | None,
    copies: np.ndarray | None,
    others: tuple[object, ...],
) -> str:
    digest = hashlib.blake2b(digest_size=16)
    digest.update(np.ascontiguousarray(outcome.groups.labels))
    digest.update(b"" if copies is None else np.ascontiguousarray(copies))
    known = (
        source.id,
        source.name,
        collection_key(grouping.collection),
        grouping.space.fingerprint,
        found.key,
        outcome.groups.names,
        outcome.groups.numbers,
        outcome.groups.locked,
        outcome.groups.hidden_below,
        tuple((step.said, step.done) for step in outcome.steps),
        None if scan is None else tuple(scan.ks.tolist()),
        copies is None,
        others,
    )
    digest.update(repr(known).encode())
    return digest.hexdigest()


@st.cache_resource(max_entries=4, show_spinner="Measuring how well the pictures fit")
def _final(key: str, _measure: Callable[[], FinalGroups]) -> FinalGroups:
    return _measure()
