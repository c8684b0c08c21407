"""From new images to where they belong, by a model of an older collection."""

import threading

from imgcluster.cache import Workspace
from imgcluster.errors import ParameterError
from imgcluster.extractors.networks.conv_autoencoder import Learned
from imgcluster.extractors.networks.network import without_precision
from imgcluster.extractors.registry import kind_named
from imgcluster.features.embedding import extractor_id
from imgcluster.features.extraction import Extraction, Features
from imgcluster.features.options import FeatureOptions, parse_features
from imgcluster.features.training import find_learned
from imgcluster.pictures.collection import Collection
from imgcluster.pictures.formats import MAX_PIXELS
from imgcluster.predicting.model import ClusterModel
from imgcluster.predicting.novelty import check_quantile
from imgcluster.predicting.predict import DEFAULT_QUANTILE, Prediction, predict
from imgcluster.progress import ProgressCallback
from imgcluster.stages.looking import embed_new_images

__all__ = ["learned_of", "predict_collection"]


def learned_of(features: Features, options: FeatureOptions, *, workspace: Workspace) -> Learned | None:
    """Return what an autoencoder had learned when it made the features.

    None where no extractor was trained on the collection, and where what was learned is not kept any more.
    """
    if options.vectors or not any(kind_named(part.name).trained for part in options.parts):
        return None
    return find_learned(workspace.models, features.extractor)


def predict_collection(
    model: ClusterModel,
    collection: Collection,
    *,
    quantile: float = DEFAULT_QUANTILE,
    workspace: Workspace,
    max_pixels: int = MAX_PIXELS,
    progress: ProgressCallback | None = None,
    cancel: threading.Event | None = None,
) -> tuple[Extraction, Prediction]:
    """Say where the images of a collection belong, with features from the store or computed now.

    Parameters
    ----------
    model : ClusterModel
    collection : Collection
        New images; some of the model's own may be among them.
    quantile : float
        See `imgcluster.predicting.predict.predict`.
    workspace, max_pixels, progress, cancel
        See `imgcluster.stages.looking.embed_new_images`.

    Returns
    -------
    extraction : Extraction
        The images that could be used, and their features.
    prediction : Prediction
        Of the same images.

    Raises
    ------
    ParameterError
        The model was made with another extractor than there is now, or the quantile is out of range.
    NoImagesError, Cancelled, ExtractorError, StoreError
    """
    check_quantile(quantile)  # before an hour is spent on the features
    options = parse_features(model.features)
    ours = extractor_id(options, model.learned)
    if without_precision(ours) != without_precision(model.extractor):
        raise ParameterError(
            f"The model was made with the extractor {model.extractor}, and this program has {ours}: their vectors "
            "cannot be compared.",
            hint="Make the model again with this version of the program.",
        )
    extraction = embed_new_images(
        collection,
        options,
        learned=model.learned,
        workspace=workspace,
        max_pixels=max_pixels,
        progress=progress,
        cancel=cancel,
    )
    return extraction, predict(model, extraction.features.vectors, quantile=quantile)
