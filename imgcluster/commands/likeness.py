"""The options of the command line that say what counts as similar, and what they become."""

import argparse
from dataclasses import replace

from imgcluster.errors import ParameterError
from imgcluster.extractors.preprocessing import FITS, Preprocessing
from imgcluster.features.options import FeatureOptions, parse_features

__all__ = ["add_features", "feature_options"]


def add_features(parser: argparse.ArgumentParser) -> None:
    """Add the options of `feature_options`."""
    group = parser.add_argument_group("what counts as similar")
    group.add_argument(
        "--extractor",
        default="quick",
        metavar="NAME",
        help='such as quick, thorough, hog, "hog(cell=8)" or network+colour:0.3; the command extractors lists them '
        "(default: %(default)s)",
    )
    group.add_argument("--vectors", metavar="FILE", help="vectors made elsewhere: .npz, .npy, .csv or .parquet")
    group.add_argument("--grayscale", action="store_true", help="colours do not count")
    group.add_argument("--invert", action="store_true", help="dark becomes light first")
    group.add_argument(
        "--fit",
        choices=FITS,
        help="how a picture becomes a square: stretched, its middle alone, or with white beside it",
    )
    group.add_argument("--size", type=int, metavar="PIXELS", help="its side; a small one blurs the details away")


def feature_options(options: argparse.Namespace) -> FeatureOptions:
    """Read the options of `add_features`.

    Raises
    ------
    ExtractorError, ParameterError
        When there is no such extractor, or the options contradict each other.
    """
    features, steps = parse_features(options.extractor), Preprocessing()
    steps = replace(
        features.preprocessing,
        grayscale=options.grayscale or features.preprocessing.grayscale,
        invert=options.invert or features.preprocessing.invert,
        fit=options.fit or features.preprocessing.fit,
        size=options.size if options.size is not None else features.preprocessing.size,
    )
    if not options.vectors:
        return replace(features, preprocessing=steps)
    if options.extractor != "quick" or steps != Preprocessing():
        raise ParameterError(
            f"The vectors in {options.vectors} are made already, so no extractor and no preprocessing has a say.",
            hint="Give either --vectors, or the other options.",
        )
    return FeatureOptions(vectors=options.vectors)
