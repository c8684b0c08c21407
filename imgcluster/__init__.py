"""imgcluster: find the groups in a folder of pictures.

>>> import imgcluster
>>> groups = imgcluster.cluster_images("photos")  # doctest: +SKIP
>>> groups.to_csv("groups.csv")  # doctest: +SKIP
"""

import importlib
from typing import TYPE_CHECKING, Any

from imgcluster.errors import ImgClusterError
from imgcluster.version import __version__

if TYPE_CHECKING:
    from imgcluster.backends import Backend
    from imgcluster.grouping.methods import MethodOptions
    from imgcluster.keeping.models.model_file import load_model
    from imgcluster.pipeline import build_tree, cluster_images, open_collection, predict_images, scan_images
    from imgcluster.predicting.model import ClusterModel
    from imgcluster.results import ImageClusters, ImagePredictions, ImageScan, ImageTree
    from imgcluster.spaces.options import SpaceOptions

__all__ = [
    "Backend",
    "ClusterModel",
    "ImageClusters",
    "ImagePredictions",
    "ImageScan",
    "ImageTree",
    "ImgClusterError",
    "MethodOptions",
    "SpaceOptions",
    "__version__",
    "build_tree",
    "cluster_images",
    "load_model",
    "open_collection",
    "predict_images",
    "scan_images",
]

# Where the public names live: `import imgcluster` alone stays quick.
_HOMES = {
    "Backend": "imgcluster.backends",
    "ClusterModel": "imgcluster.predicting.model",
    "ImageClusters": "imgcluster.results",
    "ImagePredictions": "imgcluster.results",
    "ImageScan": "imgcluster.results",
    "ImageTree": "imgcluster.results",
    "MethodOptions": "imgcluster.grouping.methods",
    "SpaceOptions": "imgcluster.spaces.options",
    "build_tree": "imgcluster.pipeline",
    "cluster_images": "imgcluster.pipeline",
    "load_model": "imgcluster.keeping.models.model_file",
    "open_collection": "imgcluster.pipeline",
    "predict_images": "imgcluster.pipeline",
    "scan_images": "imgcluster.pipeline",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for at first use."""
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'imgcluster' has no attribute {name!r}")
