"""What the long work will need, made ready while somebody still reads what was found."""

from imgcluster.cache import Workspace
from imgcluster.features.options import FeatureOptions
from imgcluster.pictures.collection import Collection
from imgcluster.stages.looking import expected_time

__all__ = ["load_networks"]


def load_networks(found: Collection, features: FeatureOptions, *, workspace: Workspace, max_pixels: int) -> None:
    """Load what looks at the pictures, unless all of them are known already.

    Parameters
    ----------
    found : Collection
    features : FeatureOptions
        Nothing is loaded that somebody should know something about first, or that this computer lacks: that is said
        on the screen, and Start decides.
    workspace : Workspace
    max_pixels : int

    Raises
    ------
    ExtractorError, StoreError
    """
    if not len(found) or not expected_time(found, features, workspace=workspace, max_pixels=max_pixels).n_new:
        return
    for extractor in features.extractors():
        if not extractor.note and extractor.missing() is None:
            extractor.load()
