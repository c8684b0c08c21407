"""What Find compares with, made once and kept: the neighbours, and the model that says where new pictures belong."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import streamlit as st

from imgcluster.cache import Workspace
from imgcluster.features.extraction import Extraction
from imgcluster.features.options import FeatureOptions
from imgcluster.finding.significance import SimilarImages, similar_images
from imgcluster.keeping.export import write_predictions_csv
from imgcluster.predicting.fitting import fit_model
from imgcluster.predicting.model import ClusterModel
from imgcluster.predicting.predict import Prediction, predict
from imgcluster.stages.predicting import learned_of
from imgcluster.ui.find.subject import Subject
from imgcluster.ui.fingerprints import collection_key
from imgcluster.ui.groups.nearest import index_of
from imgcluster.ui.groups.partition import Partition
from imgcluster.ui.hosting import workspace_of
from imgcluster.ui.project.grouped import Grouping
from imgcluster.ui.project.source import Source
from imgcluster.ui.state import chosen_features

__all__ = ["fitted_model", "model_key", "model_of", "places_of", "predictions_file", "similar_to"]


def similar_to(grouping: Grouping, subject: Subject, *, metric: str, n_neighbors: int, alpha: float) -> SimilarImages:
    """Return the pictures of the collection that are most like one, or significantly near to it."""
    return _similar(grouping.features.fingerprint, subject.key, metric, n_neighbors, alpha, grouping, subject)


def model_of(source: Source, grouping: Grouping, partition: Partition) -> ClusterModel:
    """Return the model of the groups that are looked at.

    Raises
    ------
    ImgClusterError
        What counts as similar cannot be worked out for new pictures.
    """
    features = chosen_features()
    of = f"{source.id}/{source.name}/{collection_key(grouping.collection)}/{features.text}"
    return _model(of, model_key(grouping, partition), source, grouping, partition, features)


def places_of(model: ClusterModel, key: str, arrivals: Extraction, quantile: float) -> Prediction:
    """Return where new pictures belong; ``key`` is the model's, as `model_key` names it."""
    return _places(arrivals.features.fingerprint, key, quantile, model, arrivals.features.vectors)


def model_key(grouping: Grouping, partition: Partition) -> str:
    """Return what names the model of the groups that are looked at."""
    return f"{grouping.space.fingerprint}/{partition.key}"


def fitted_model(
    grouping: Grouping,
    partition: Partition,
    options: FeatureOptions,
    *,
    name: str,
    names: Sequence[str],
    workspace: Workspace,
) -> ClusterModel:
    """Return the model of some groups by their names, and of the name of their pictures, made now.

    See `model_of` for the one that is kept.
    """
    features, collection = grouping.features, grouping.collection
    return fit_model(
        name=name,
        collection_paths=collection.paths,
        features=features,
        options=options,
        space=grouping.space,
        labels=partition.labels,
        method=partition.method,
        names=names,
        learned=learned_of(features, options, workspace=workspace),
    )


def predictions_file(model: ClusterModel, arrivals: Extraction, places: Prediction) -> bytes:
    """Return where new pictures belong as a CSV file."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "new-pictures.csv"
        write_predictions_csv(path, arrivals.collection.paths, model, places)
        return path.read_bytes()


@st.cache_resource(max_entries=16, show_spinner=False)
def _similar(
    fingerprint: str,
    key: str,
    metric: str,
    n_neighbors: int,
    alpha: float,
    _grouping: Grouping,
    _subject: Subject,
) -> SimilarImages:
    asked = {"image": _subject.index} if _subject.index is not None else {"vector": _subject.vector}
    return similar_images(index_of(_grouping, metric), **asked, n_neighbors=n_neighbors, alpha=alpha)


@st.cache_resource(max_entries=2, show_spinner="Learning what the groups are like")
def _model(
    of: str,
    key: str,
    _source: Source,
    _grouping: Grouping,
    _partition: Partition,
    _options: FeatureOptions,
) -> ClusterModel:
    return fitted_model(
        _grouping,
        _partition,
        _options,
        name=_source.name,
        names=_partition.names,
        workspace=workspace_of(_source),
    )


@st.cache_resource(max_entries=4, show_spinner="Looking where they belong")
def _places(fingerprint: str, key: str, quantile: float, _model: ClusterModel, _vectors: np.ndarray) -> Prediction:
    return predict(_model, _vectors, quantile=quantile)
