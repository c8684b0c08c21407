"""imgcluster: find the groups in a folder of pictures.

>>> import imgcluster
>>> groups = imgcluster.cluster_images("photos")  # doctest: +SKIP
>>> groups.to_csv("groups.csv")  # doctest: +SKIP
"""

from typing import TYPE_CHECKING, Any

from imgcluster.errors import ImgClusterError
from imgcluster.version import __version__

if TYPE_CHECKING:
    from imgcluster.pipeline import ImageClusters, ImageScan, cluster_images, open_collection, scan_images

__all__ = [
    "ImageClusters",
    "ImageScan",
    "ImgClusterError",
    "__version__",
    "cluster_images",
    "open_collection",
    "scan_images",
]

_FROM_PIPELINE = frozenset({"ImageClusters", "ImageScan", "cluster_images", "open_collection", "scan_images"})


def __getattr__(name: str) -> Any:
    """Import the pipeline at first use: `import imgcluster` alone stays quick."""
    if name in _FROM_PIPELINE:
        from imgcluster import pipeline

        return getattr(pipeline, name)
    raise AttributeError(f"module 'imgcluster' has no attribute {name!r}")
