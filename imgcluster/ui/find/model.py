"""What Find compares with, made once and kept: the neighbours, and the model that says where new pictures belong."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import streamlit as st

from imgcluster.features.extraction import Extraction
from imgcluster.features.options import FeatureOptions
from imgcluster.finding.significance import SimilarImages, similar_images
from imgcluster.keeping.export import write_predictions_csv
from imgcluster.keeping.model_file import save_model
from imgcluster.predicting.fitting import fit_model
from imgcluster.predicting.model import ClusterModel
from imgcluster.predicting.predict import Prediction, predict
from imgcluster.stages.predicting import learned_of
from imgcluster.ui.background import Grouping
from imgcluster.ui.find.subject import Subject
from imgcluster.ui.groups.nearest import index_of
from imgcluster.ui.groups.partition import Partition, group_names
from imgcluster.ui.hosting import workspace_of
from imgcluster.ui.state import Source, chosen_features

__all__ = ["model_file", "model_key", "model_of", "places_of", "predictions_file", "similar_to"]


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
    return _model(grouping.space.fingerprint, partition.key, source, grouping, partition, chosen_features())


def places_of(model: ClusterModel, key: str, arrivals: Extraction, quantile: float) -> Prediction:
    """Return where new pictures belong; ``key`` is the model's, as `model_key` names it."""
    return _places(arrivals.features.fingerprint, key, quantile, model, arrivals.features.vectors)


def model_key(grouping: Grouping, partition: Partition) -> str:
    """Return what names the model of the groups that are looked at."""
    return f"{grouping.space.fingerprint}/{partition.key}"


def model_file(model: ClusterModel, key: str) -> bytes:
    """Return the model as a file that ``python -m imgcluster predict --model`` reads."""
    return _file(key, model)


def predictions_file(model: ClusterModel, arrivals: Extraction, places: Prediction) -> bytes:
    """Return where new pictures belong as a CSV file."""
    return _written(lambda path: write_predictions_csv(path, arrivals.collection.paths, model, places))


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
    fingerprint: str,
    key: str,
    _source: Source,
    _grouping: Grouping,
    _partition: Partition,
    _options: FeatureOptions,
) -> ClusterModel:
    features, collection = _grouping.features, _grouping.collection
    return fit_model(
        name=collection.name,
        collection_paths=collection.paths,
        features=features,
        options=_options,
        space=_grouping.space,
        labels=_partition.labels,
        method=_partition.method,
        names=group_names(_partition),
        learned=learned_of(features, _options, workspace=workspace_of(_source)),
    )


@st.cache_resource(max_entries=4, show_spinner="Looking where they belong")
def _places(fingerprint: str, key: str, quantile: float, _model: ClusterModel, _vectors: np.ndarray) -> Prediction:
    return predict(_model, _vectors, quantile=quantile)


@st.cache_resource(max_entries=1, show_spinner="Writing the file")
def _file(key: str, _model: ClusterModel) -> bytes:
    return _written(lambda path: save_model(path, _model))


def _written(write: Callable[[Path], None]) -> bytes:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "file"
        write(path)
        return path.read_bytes()
