"""Colours of clusters: one per number, stable, told apart by colour-blind eyes as far as colours can be.

The first six are Okabe and Ito's (2008, "Color Universal Design"); the others extend them to the greatest distance
from all colours before, in normal and in deuteranomalous vision (Glasbey et al. 2007, as in the package ``glasbey``:
``extend_palette(first_six, palette_size=48, colorblind_safe=True, grid_space="JCh", lightness_bounds=(38, 74),
chroma_bounds=(22, 62))``). The lightness bounds keep them legible on white and on black. Beyond some ten groups no
palette is unmistakable: on screen a group's number and name always stand beside its colour.
"""

from collections.abc import Iterable

__all__ = ["CLUSTER_COLORS", "NOISE_COLOR", "cluster_color", "cluster_colors"]

NOISE_COLOR = "#9aa0a6"

# fmt: off
CLUSTER_COLORS = (
    "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#657e02", "#be5fd6",
    "#b68a71", "#86de65", "#816b8b", "#49a99e", "#fea5fc", "#348648", "#6781b0", "#78dbe4",
    "#9a6443", "#88a719", "#9351cf", "#e9a882", "#10c682", "#d45ab8", "#3e88e4", "#e1c729",
    "#b25413", "#a0a7cf", "#098487", "#ae40a9", "#30a352", "#cfa0b7", "#03cfb9", "#a784fe",
    "#547d70", "#db894e", "#eb77e2", "#a0758a", "#9ec6fe", "#8db7a3", "#c24494", "#84ba5d",
    "#2fa1ae", "#f6ba69", "#9d8bad", "#25ea9c", "#fe81d4", "#0dc1c5", "#e4bad7", "#aad3bc",
)
# fmt: on


def cluster_color(cluster: int) -> str:
    """Return the colour of a cluster as "#rrggbb"; grey for noise (-1). Colours repeat after 48 clusters."""
    return NOISE_COLOR if cluster < 0 else CLUSTER_COLORS[cluster % len(CLUSTER_COLORS)]


def cluster_colors(clusters: Iterable[int]) -> list[str]:
    """Return the colours of several clusters, in their order."""
    return [cluster_color(cluster) for cluster in clusters]
