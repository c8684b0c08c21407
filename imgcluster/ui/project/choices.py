"""What a project keeps of the screens, and what each of their widgets takes: a file may hold anything.

A widget whose value does not suit it cannot be drawn, so that what does not is left out.
"""

from collections.abc import Mapping

from imgcluster.grouping.methods import METHODS
from imgcluster.grouping.trees.linkages import LINKAGES, METRICS
from imgcluster.keeping.projects.project import Choice
from imgcluster.maps.options import MAPS
from imgcluster.ui.groups.map_colors import COLORS

__all__ = ["KEPT", "LIMITS", "fitting_choices"]

LIMITS: Mapping[str, tuple[int, int] | tuple[float, float]] = {
    "similarity": (0, 100),
    # The widgets of these three bring it into the range that the pictures leave.
    "min_samples": (1, 10**9),
    "chosen-min_cluster_size": (2, 10**9),
    "chosen-eps": (1e-12, 1e12),
    "map_n_neighbors": (2, 200),
    "map_min_dist": (0.0, 1.0),
    "map_perplexity": (1.5, 500.0),
    "dot_scale": (0.5, 3.0),
}
"""Least and largest number of each widget that takes one; whole numbers where these are."""

_TREES = tuple(f"{linkage}-{metric}" for linkage in LINKAGES for metric in METRICS if linkage != "ward")
_WORDS = {
    "way": tuple(method.name for method in METHODS),
    "by": ("number", "similarity"),
    "map_method": tuple(each.name for each in MAPS),
    "map_colors": tuple(COLORS),
    "tree_linkage": ("ward-euclidean", *_TREES),
}
_SWITCHES = ("assign_noise", "map_3d", "landmarks")
_MAY_BE_EMPTY = ("min_samples", "map_n_neighbors", "map_min_dist", "map_perplexity")

KEPT = (*_WORDS, *_SWITCHES, *LIMITS)
"""The widgets, by their keys in the session."""


def fitting_choices(choices: Mapping[str, Choice]) -> dict[str, object]:
    """Return what the widgets take of a project's choices, by their keys in the session."""
    choices = {**_as_on_the_screens(choices), **choices}
    found = {key: number for key in LIMITS if key in choices and (number := _number(choices[key], key)) is not None}
    found |= {key: None for key in _MAY_BE_EMPTY if key in choices and choices[key] is None}
    found |= {key: choices[key] for key, words in _WORDS.items() if choices.get(key) in words}
    return found | {key: choices[key] for key in _SWITCHES if isinstance(choices.get(key), bool)}


def _as_on_the_screens(choices: Mapping[str, Choice]) -> dict[str, Choice]:
    """Return the way to group that a command wrote as what the widgets hold; a height in a tree has none of its own."""
    if "method" not in choices:
        return {}
    return {
        "way": choices["method"],
        "tree_linkage": f"{choices.get('linkage')}-{choices.get('metric')}",
        "chosen-eps": choices.get("eps"),
        "chosen-min_cluster_size": choices.get("min_cluster_size"),
    }


def _number(value: Choice, key: str) -> float | None:
    """Return a number of the type that a widget takes, None where it is none or out of its range."""
    low, high = LIMITS[key]
    kind = type(low)
    if type(value) not in (int, kind) or not low <= value <= high:
        return None
    return kind(value)
