"""The options of the command line that say how to group and in which space, and what they become."""

import argparse
from typing import Literal

from imgcluster.backends import Backend
from imgcluster.errors import ParameterError
from imgcluster.features.options import FeatureOptions, suiting_space
from imgcluster.grouping.methods import METHODS, MethodOptions
from imgcluster.grouping.trees.linkages import LINKAGES, METRICS
from imgcluster.spaces.options import SCALINGS, SPACES, SpaceOptions

__all__ = [
    "add_backend",
    "add_linkage",
    "add_method",
    "add_space",
    "asked_backend",
    "asked_number",
    "method_options",
    "space_options",
]


def add_method(parser: argparse.ArgumentParser) -> None:
    """Add the options of `method_options`."""
    group = parser.add_argument_group("how to group")
    group.add_argument(
        "--method",
        choices=[method.name for method in METHODS],
        default="kmeans",
        help="; ".join(f"{method.name}: {method.goal}" for method in METHODS) + " (default: %(default)s)",
    )
    add_linkage(group)
    group.add_argument("--height", type=float, metavar="H", help="agglomerative: cut the tree here, not by --k")
    group.add_argument("--eps", type=float, metavar="D", help="dbscan: pictures closer than this are neighbours")
    group.add_argument(
        "--min-samples", type=int, metavar="N", help="dbscan, hdbscan: so many neighbours make the core of a group"
    )
    group.add_argument("--min-cluster-size", type=int, metavar="N", help="hdbscan: so many pictures make a group")
    group.add_argument(
        "--assign-noise", action="store_true", help="dbscan, hdbscan: put each picture left over into the nearest group"
    )


def add_linkage(parser: argparse._ActionsContainer) -> None:
    """Add the options of a tree."""
    parser.add_argument(
        "--linkage",
        choices=LINKAGES,
        default="ward",
        help="agglomerative: how the distance of two groups is measured (default: %(default)s)",
    )
    parser.add_argument(
        "--metric", choices=METRICS, default="euclidean", help="agglomerative: and that of two pictures"
    )


def add_space(parser: argparse.ArgumentParser) -> None:
    """Add the options of `space_options`."""
    group = parser.add_argument_group("in which space")
    group.add_argument(
        "--space",
        choices=[method.name for method in SPACES],
        help="; ".join(f"{method.name}: {method.title}" for method in SPACES)
        + " (default: what suits the extractor, mostly diffusion)",
    )
    group.add_argument("--dims", type=int, metavar="N", help="its dimensions (default: what suits the space)")
    group.add_argument(
        "--scaling", choices=("auto", *SCALINGS), default="auto", help="of the features before (default: %(default)s)"
    )


def add_backend(parser: argparse.ArgumentParser) -> None:
    """Add the options of `asked_backend`."""
    group = parser.add_argument_group("on more than one machine")
    group.add_argument(
        "--backend",
        choices=["dask"],
        help="have the workers of a dask cluster look at the pictures and compare numbers of groups; see "
        "docs/scaling.md",
    )
    group.add_argument("--scheduler", metavar="ADDRESS", help="dask: where its scheduler is, such as tcp://host:8786")


def asked_backend(options: argparse.Namespace) -> Backend | None:
    """Read the options of `add_backend`, None where the work is to be done here.

    Raises
    ------
    ParameterError
        When one is given without the other, or the address makes no sense.
    """
    if options.backend is None and options.scheduler is None:
        return None
    if options.scheduler is None:
        raise ParameterError(
            f"--backend {options.backend} needs the address of a scheduler.", hint="Add --scheduler tcp://host:8786."
        )
    if options.backend is None:
        raise ParameterError("--scheduler is of use only with a backend.", hint="Add --backend dask.")
    return Backend(name=options.backend, scheduler=options.scheduler)


def asked_number(text: str) -> int | Literal["auto"]:
    """Read what ``--k`` says.

    Raises
    ------
    ParameterError
        When it is no number of groups.
    """
    if text == "auto":
        return "auto"
    if not text.isdecimal() or int(text) < 1:
        raise ParameterError(
            f"--k {text} is no number of groups.", hint='Give a number from 1 on, or "auto" for the one that fits best.'
        )
    return int(text)


def method_options(options: argparse.Namespace) -> MethodOptions:
    """Read the options of `add_method`.

    Raises
    ------
    ParameterError
        When they contradict each other.
    """
    if options.method in ("dbscan", "hdbscan") and options.k != "auto":
        raise ParameterError(
            f"--method {options.method} finds the number of groups itself, and --k {options.k} asks for one.",
            hint="Leave --k out, or choose kmeans, spherical or agglomerative.",
        )
    return MethodOptions(
        method=options.method,
        linkage=options.linkage,
        metric=options.metric,
        height=options.height,
        eps=options.eps,
        min_samples=options.min_samples,
        min_cluster_size=options.min_cluster_size,
        assign_noise=options.assign_noise,
    )


def space_options(options: argparse.Namespace, features: FeatureOptions) -> SpaceOptions:
    """Read the options of `add_space`; where no space is named, the one that suits the features.

    Raises
    ------
    ParameterError
        When they contradict each other.
    """
    return SpaceOptions(method=options.space or suiting_space(features), n_dims=options.dims, scaling=options.scaling)
