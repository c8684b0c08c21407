"""What counts as similar, as the page's address names it; no address makes the program open a file."""

from imgcluster.errors import ImgClusterError
from imgcluster.features.options import FeatureOptions, parse_features

__all__ = ["features_of_link", "link_of_features"]

_LONGEST = 300


def features_of_link(text: str) -> FeatureOptions | None:
    """Return what an address asks for, None where that is nothing, nonsense, or on a file of this computer."""
    if not text or len(text) > _LONGEST:
        return None
    try:
        features = parse_features(text)
    except ImgClusterError:
        return None
    # Nor does it fetch anything: a network whose weights are not here yet has a note that says so.
    if features.names_a_file or any(extractor.note for extractor in features.extractors()):
        return None
    return features


def link_of_features(features: FeatureOptions) -> str | None:
    """Return the text for an address, None for the usual features and for those that no address can name."""
    if features == FeatureOptions() or features.names_a_file or len(features.text) > _LONGEST:
        return None
    return features.text
